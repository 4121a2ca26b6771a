/* Opens outputs, reads the data set, and closes them. */
#include "arrays/array_pass.h"

#include "arrays/outputs/array_place.h"
#include "arrays/shards/array_part.h"
#include "arrays/shards/array_shard.h"
#include "base/io/file.h"
#include "base/io/target.h"
#include "base/io/tempfile.h"
#include "base/memory.h"
#include "base/text/text.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

const struct array_output_class *const array_formats[] = {
    &output_npy,     &output_npz,   &output_tsv, &output_csv,
    &output_parquet, &output_arrow, &output_png, NULL};
const char *const array_format_names[] = {"npy",     "npz",   "tsv", "csv",
                                          "parquet", "arrow", "png", NULL};

/* Endings of files, of which a directory would surprise whoever gave such a name. */
static bool names_other_file(const char *path)
{
    static const char *const endings[] = {".npy", ".png", ".h5", ".hdf5", ".pt", ".pth", ".pkl"};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (text_ends_in(path, strlen(path), endings[i]))
            return true;
    return false;
}

const struct array_output_class *array_format_of_name(const char *path)
{
    const struct table_class *table = table_format_of_name(path);
    if (names_other_file(path))
        return NULL;
    for (size_t i = 0; array_formats[i]; i++)
        if ((table && array_formats[i]->table == table) ||
            (!table && array_formats[i]->suffix &&
             text_ends_in(path, strlen(path), array_formats[i]->suffix)))
            return array_formats[i];
    return table ? NULL : &output_npy;
}

/* ---- outputs ---- */

/* One run: what is not described later. */
struct running {
    struct array_pass *pass;
    const char *output;
    struct array_place place; /* of directories */
    struct array_sink sink;
    struct array_shard shard;
    struct output_options placing;
    char *directory; /* for temporary files */
};

static const char *temporary_directory(const struct running *run)
{
    if (run->place.building)
        return run->place.building;
    return run->directory ? run->directory : tempfile_default_directory();
}

/* The list of an output; NULL if there is only one, for all samples. */
static const char *list_of(const struct array_pass *pass, size_t number)
{
    const bool lists = pass->lists.folder.count > 0 && pass->reading.list == SPLIT_NO_LIST;
    return lists ? pass->lists.folder.names[number] : NULL;
}

/* The length of the name of a file without its suffix, behind which .gz or .zst may follow. */
static size_t stem_len(const char *path, const char *suffix)
{
    const char *end = NULL, *at = path;
    while ((at = strstr(at, suffix)))
        end = at++;
    return end ? (size_t)(end - path) : strlen(path);
}

/* PATH, DIR/LIST of a directory, FILE-LIST.npz of a file. */
static int append_path(struct buffer *path, const struct running *run, const char *list,
                       struct lcap_error *error)
{
    const char *suffix = run->pass->options->format->suffix;
    const char *base = suffix ? run->output : run->place.building;
    const size_t stem = suffix && list ? stem_len(base, suffix) : strlen(base);
    int rc = buffer_append(path, base, stem, error);
    if (rc == LCAP_OK && list)
        rc = buffer_printf(path, error, "%s%s", suffix ? "-" : "/", list);
    return rc == LCAP_OK ? buffer_append(path, base + stem, strlen(base + stem) + 1, error) : rc;
}

/* That of a list is new, whatever the list is called. */
static int make_directory(const struct running *run, const char *path, const char *list,
                          struct lcap_error *error)
{
    if (run->pass->options->format->suffix || !list || mkdir(path, 0777) == 0)
        return LCAP_OK;
    return lcap_error_set_errno(error, errno, "%s: cannot make", path);
}

static int open_output(struct running *run, size_t number, struct lcap_error *error)
{
    struct array_pass *pass = run->pass;
    struct buffer path = {0};
    const char *list = list_of(pass, number);
    int rc = append_path(&path, run, list, error);
    if (rc == LCAP_OK)
        rc = make_directory(run, (const char *)path.data, list, error);
    const struct array_target target = {
        .class = pass->options->format,
        .settings = &pass->settings,
        .items = &pass->items,
        .path = (const char *)path.data,
        .directory = temporary_directory(run),
        .placing = &run->placing,
        .threads = pass->options->input.threads,
    };
    if (rc == LCAP_OK)
        rc = target.class->open(&pass->outputs[number], &target, error);
    buffer_release(&path);
    return rc;
}

static int open_part(struct running *run, struct lcap_error *error)
{
    struct array_pass *pass = run->pass;
    struct shard_run *shard = run->shard.run;
    const struct array_target target = {
        .class = pass->options->format,
        .settings = &pass->settings,
        .items = &pass->items,
        .path = shard->part,
        .placing = &shard->placing,
    };
    const int rc = shard_run_begin(shard, &run->placing, error);
    return rc == LCAP_OK ? array_part_open(&pass->outputs[0], &target, &run->shard.settings, error)
                         : rc;
}

static int open_outputs(struct running *run, struct lcap_error *error)
{
    struct array_pass *pass = run->pass;
    pass->output_count = list_of(pass, 0) ? pass->lists.folder.count : 1;
    pass->outputs = memory_new(pass->output_count, sizeof(struct array_output *), error);
    pass->rows = memory_new(pass->output_count, sizeof *pass->rows, error);
    int rc = pass->outputs && pass->rows ? LCAP_OK : LCAP_ERR_MEMORY;
    for (size_t i = 0; i < pass->output_count && rc == LCAP_OK; i++)
        rc = run->shard.run ? open_part(run, error) : open_output(run, i, error);
    return rc;
}

static int close_outputs(struct running *run, struct lcap_error *error)
{
    struct array_pass *pass = run->pass;
    int rc = array_labels_sort(&pass->labels, error);
    for (size_t i = 0; i < pass->output_count && rc == LCAP_OK; i++) {
        struct array_output *output = pass->outputs[i];
        pass->outputs[i] = NULL;
        pass->rows[i] = output->rows;
        rc = output->class->close(output, &pass->labels, error);
    }
    if (rc == LCAP_OK && run->place.building)
        rc = array_place_commit(&run->place, pass->options->placing.no_sync, error);
    return rc;
}

/* ---- the run ---- */

static int find_places(struct running *run, struct lcap_error *error)
{
    const struct array_pass_options *options = run->pass->options;
    if (options->format->suffix || run->shard.run) {
        run->directory =
            target_is_stream(run->output) ? NULL : tempfile_directory_of(run->output, error);
        return LCAP_OK;
    }
    /* All files of a directory are synced at once, before it gets its name. */
    run->placing.no_sync = true;
    return array_place_begin(&run->place, run->output, options->placing.overwrite, error);
}

/* Forms of text fit into tables only. */
static int check_format(const struct array_settings *settings,
                        const struct array_pass_options *options, const char *output,
                        struct lcap_error *error)
{
    const struct array_form *form = settings->form;
    const struct array_output_class *format = options->format;
    if (!format)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                              "%s: no output of arrays has this ending; expected .npz, .tsv, .csv, "
                              ".parquet, .arrow, or a directory without one",
                              output);
    if (!format->open)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                              "this build of labelcap cannot write %s: it is without %s",
                              format->name, format->lacks);
    const int rc = format->suffix ? LCAP_OK : target_check_directory_name(output, error);
    if (rc < 0)
        return rc;
    if (options->arrays.splits && !options->arrays.list && format->suffix &&
        target_is_stream(output))
        return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                              "--splits writes a file for each list: name one with -o");
    if (form->compat_is_arrow && settings->compat && format != &output_arrow)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                              "--form %s --compat is a stream of Arrow: name an output that ends "
                              "in .arrow",
                              form->name);
    if (form->fill || format->table)
        return LCAP_OK;
    return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                          "--form %s is text: name an output that ends in .tsv, .csv, .parquet "
                          "or .arrow",
                          form->name);
}

int array_pass_check(struct array_settings *settings, const struct array_pass_options *options,
                     const char *output, struct lcap_error *error)
{
    const int rc = array_settings_make(settings, &options->arrays, error);
    return rc == LCAP_OK ? check_format(settings, options, output, error) : rc;
}

static int prepare(struct running *run, const char *dataset, struct lcap_error *error)
{
    struct array_pass *pass = run->pass;
    const struct array_pass_options *options = pass->options;
    const char *const inputs[] = {dataset, options->arrays.splits};
    int rc = array_pass_check(&pass->settings, options, run->output, error);
    if (rc == LCAP_OK)
        rc = file_check_not_input(run->output, &dataset, 1, error);
    if (rc == LCAP_OK)
        rc = file_check_not_within(run->output, inputs, sizeof inputs / sizeof *inputs, error);
    if (rc == LCAP_OK)
        rc = array_lists_read(&pass->lists, &pass->reading.list, &options->arrays, error);
    if (rc == LCAP_OK)
        rc = array_labels_init(&pass->labels, error);
    if (rc == LCAP_OK)
        rc = array_shard_begin(&run->shard, options, dataset, run->output, error);
    if (rc == LCAP_OK)
        rc = find_places(run, error);
    if (rc == LCAP_OK)
        array_items_of(&pass->settings, &pass->items);
    return rc;
}

static int read_all(struct running *run, const char *dataset, struct lcap_error *error)
{
    struct array_pass *pass = run->pass;
    int rc = array_sink_init(&run->sink, &pass->settings, pass->outputs, pass->output_count,
                             pass->options->input.threads, error);
    if (rc == LCAP_OK)
        rc = array_collector_init(&pass->collector, &pass->settings, &run->sink, ARRAY_MEMORY,
                                  temporary_directory(run), error);
    pass->collector.keeps_flows = run->shard.run;
    pass->reading.dataset = dataset;
    pass->reading.catalogue = pass->options->arrays.catalogue;
    pass->reading.input = &pass->options->input;
    pass->reading.lists =
        list_of(pass, 0) || pass->reading.list != SPLIT_NO_LIST ? &pass->lists : NULL;
    pass->reading.collector = &pass->collector;
    pass->reading.labels = &pass->labels;
    pass->reading.shard = run->shard.run;
    if (rc == LCAP_OK)
        rc = array_reading_run(&pass->reading, error);
    ordered_copy_release(&pass->reading.copy);
    if (rc == LCAP_OK)
        rc = array_sink_finish(&run->sink, error);
    array_sink_release(&run->sink);
    return rc;
}

static int merge_all(struct array_pass *pass, const char *dataset, struct lcap_error *error)
{
    const struct array_merge *merged = pass->options->merged;
    struct input_pass input = {.options = &pass->options->input, .outcome.name = dataset};
    pass->reading.dataset = dataset;
    pass->reading.collector = &pass->collector;
    pass->reading.input = &pass->options->input;
    array_merge_outcome(merged, &input.outcome);
    input_pass_settle(&input, &pass->reading.inputs);
    const int rc = array_reading_note_catalogue(&pass->reading, error);
    return rc == LCAP_OK
               ? array_merge_rows(merged, pass->outputs[0], &pass->labels, &pass->collector, error)
               : rc;
}

static int write_all(struct running *run, const char *dataset, struct lcap_error *error)
{
    struct array_pass *pass = run->pass;
    int rc = open_outputs(run, error);
    if (rc == LCAP_OK)
        rc =
            pass->options->merged ? merge_all(pass, dataset, error) : read_all(run, dataset, error);
    if (rc == LCAP_OK && run->shard.run)
        rc = array_part_note(pass->outputs[0], &pass->collector, error);
    else if (rc == LCAP_OK)
        rc = array_reading_check_rows(&pass->reading, error);
    if (rc == LCAP_OK)
        rc = close_outputs(run, error);
    return rc == LCAP_OK && run->shard.run ? shard_run_finish(run->shard.run, error) : rc;
}

int array_pass_run(struct array_pass *pass, const char *dataset, const char *output,
                   const struct array_pass_options *options, struct lcap_error *error)
{
    struct running run = {.pass = pass, .output = output, .placing = options->placing};
    *pass = (struct array_pass){.options = options, .reading.list = SPLIT_NO_LIST};
    int rc = prepare(&run, dataset, error);
    pass->is_done = rc == LCAP_OK && run.shard.run && shard_run_is_done(run.shard.run);
    if (rc == LCAP_OK && !pass->is_done)
        rc = write_all(&run, dataset, error);
    for (size_t i = 0; pass->outputs && i < pass->output_count; i++)
        if (pass->outputs[i])
            pass->outputs[i]->class->discard(pass->outputs[i]);
    array_shard_release(&run.shard);
    if (run.place.building)
        tempfile_name_final(run.place.building, run.place.path, error);
    array_place_release(&run.place);
    free(run.directory);
    return rc;
}

void array_pass_release(struct array_pass *pass)
{
    array_collector_release(&pass->collector);
    array_labels_release(&pass->labels);
    split_lists_release(&pass->lists);
    free(pass->outputs);
    free(pass->rows);
}
