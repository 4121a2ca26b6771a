/* Tables, one or many. */
#include "tabulate/table_files.h"

#include "base/buffer.h"
#include "base/intern.h"
#include "base/io/file.h"
#include "base/io/target.h"
#include "base/memory.h"
#include "base/number/number.h"
#include "base/text/text.h"
#include "capture/capture_name.h"
#include "features/profile.h"
#include "tabulate/waiting_rows.h"
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct table_files {
    const struct table_plan *plan;
    struct table *table;        /* the one that is open */
    uint64_t rows;              /* in it */
    struct waiting_rows *parts; /* with a table for each part: rows that wait for their table */
    struct intern *names;       /* of the files in the directory, so that none is written twice */
    uint32_t *uses;             /* how often each has been requested */
    size_t uses_count, uses_capacity;
    char **paths; /* of the table of each part */
    size_t paths_count, paths_capacity;
    size_t begun; /* files */
};

/* The suffixes of file names. */
static const char *suffix_of(const struct table_plan *plan)
{
    if (plan->flow.compat && plan->schema.format == &table_jsonl)
        return ".json"; /* pcap2json's choice */
    return plan->schema.format->suffixes[0];
}

static int open_table(struct table_files *files, const char *path, struct lcap_error *error)
{
    const struct table_plan *plan = files->plan;
    const struct table_options options = {
        .overwrite = plan->options->overwrite,
        .no_sync = plan->options->no_sync,
        .append = plan->options->append,
        .split = plan->options->split,
        .profile = plan->flow.profile->name,
        .threads = (unsigned)plan->options->jobs,
        .tmpdir = plan->flow.tmpdir,
    };
    files->rows = 0;
    files->begun++;
    return table_open(&files->table, path, &plan->schema, &options, error);
}

/* No table may overwrite another output or an input. */
static int check_place(const struct tabulate_options *options, const char *path,
                       struct lcap_error *error)
{
    const struct output_place table = {.what = "the table", .path = path};
    int rc = LCAP_OK;
    for (size_t i = 0; i < options->other_count && rc == LCAP_OK; i++)
        rc = output_place_check_pair(&table, &options->others[i], error);
    return rc == LCAP_OK ? sources_check_output(options->sources, path, error) : rc;
}

/* If a file cannot be put into place, the run ends before its rows are computed. */
static int check_free(const struct table_files *files, const char *path, struct lcap_error *error)
{
    const struct tabulate_options *options = files->plan->options;
    const int rc = check_place(options, path, error);
    return rc < 0 || options->overwrite || options->append ? rc : target_check_free(path, error);
}

static int close_table(struct table_files *files, struct lcap_error *error)
{
    struct table *table = files->table;
    files->table = NULL;
    return table ? table_close(table, error) : LCAP_OK;
}

/* An existing directory is used as it is. */
static int make_directory(const char *path, struct lcap_error *error)
{
    struct stat st;
    if (mkdir(path, 0777) == 0)
        return LCAP_OK;
    if (errno == EEXIST && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        return LCAP_OK;
    if (errno == EEXIST)
        return lcap_error_set(error, LCAP_ERR_IO, "%s: is a file, not a directory", path);
    return lcap_error_set_errno(error, errno, "%s: cannot create the directory", path);
}

/*
 * The name of the file after `number` - 1 others: FILE-2.csv; NetFlowMeter appends
 * the number of the file to its whole name.
 */
static int numbered_path(const struct table_files *files, uint64_t number, struct buffer *path,
                         struct lcap_error *error)
{
    const char *first = files->plan->options->output;
    if (number == 1)
        return buffer_printf(path, error, "%s%c", first, '\0');
    if (files->plan->flow.compat)
        return buffer_printf(path, error, "%s%" PRIu64 "%c", first, number - 1, '\0');
    const char *name = file_base_name(first);
    const char *dot = strchr(name + (*name == '.'), '.');
    const size_t stem = dot ? (size_t)(dot - first) : strlen(first);
    return buffer_printf(path, error, "%.*s-%" PRIu64 "%s%c", (int)stem, first, number,
                         first + stem, '\0');
}

static int open_numbered(struct table_files *files, uint64_t number, struct lcap_error *error)
{
    struct buffer path = {0};
    int rc = numbered_path(files, number, &path, error);
    if (rc == LCAP_OK)
        rc = open_table(files, (const char *)path.data, error);
    buffer_release(&path);
    return rc;
}

static int check_numbered(const struct table_files *files, uint64_t number,
                          struct lcap_error *error)
{
    struct buffer path = {0};
    int rc = numbered_path(files, number, &path, error);
    if (rc == LCAP_OK)
        rc = check_free(files, (const char *)path.data, error);
    buffer_release(&path);
    return rc;
}

/* Finishes the current file, if any, and begins the next one. */
static int open_next(struct table_files *files, struct lcap_error *error)
{
    int rc = close_table(files, error);
    if (rc == LCAP_OK)
        rc = open_numbered(files, files->begun + 1, error);
    if (rc == LCAP_OK && files->plan->options->rows_per_file)
        rc = check_numbered(files, files->begun + 1, error);
    return rc;
}

/* The part for a file name: inputs without suffixes of captures, protocols in lower case. */
static int append_part_name(const struct table_files *files, const char *part, struct buffer *name,
                            struct lcap_error *error)
{
    enum { LONGEST_PART = 180 };
    const bool input = files->plan->options->layout == LAYOUT_INPUT;
    const size_t len = input ? capture_name_stem(part) : strlen(part);
    const size_t start = name->len;
    const int rc = text_append_file_name(name, part, len, LONGEST_PART, error);
    for (size_t i = start; files->plan->options->layout == LAYOUT_PROTOCOL && i < name->len; i++)
        name->data[i] = (uint8_t)tolower(name->data[i]);
    return rc;
}

/* NAME_part.csv; input_flows.csv with a file for each input; sampleID.csv for each sample;
 * NAME_tcp_flows.csv as NexusFlowMeter splits by protocol. */
static int append_file_name(struct table_files *files, const char *part, struct buffer *name,
                            struct lcap_error *error)
{
    const struct table_plan *plan = files->plan;
    const char *prefix = plan->options->name ? plan->options->name : "flows";
    const bool numbered = table_plan_numbers_classes(plan);
    int rc = LCAP_OK;
    if (plan->options->layout != LAYOUT_INPUT &&
        (plan->options->layout != LAYOUT_SAMPLE || plan->options->name))
        rc = text_append_file_name(name, prefix, strlen(prefix), 64, error);
    if (rc == LCAP_OK && name->len && !numbered)
        rc = buffer_append_text(name, "_", error);
    if (rc == LCAP_OK)
        rc = append_part_name(files, part, name, error);
    const bool as_split = plan->flow.compat && plan->options->layout == LAYOUT_PROTOCOL;
    if (rc == LCAP_OK && (plan->options->layout == LAYOUT_INPUT || as_split))
        rc = buffer_append_text(name, "_flows", error);
    return rc;
}

/* How often the name has been requested; *number is its number. */
static int note_name(struct table_files *files, const struct buffer *name, uint32_t *number,
                     struct lcap_error *error)
{
    struct buffer folded = {0};
    int rc = text_append_lower(&folded, (const char *)name->data, name->len, error);
    if (rc == LCAP_OK)
        rc = intern_add(files->names, folded.data, folded.len, number, error);
    buffer_release(&folded);
    if (rc == LCAP_OK)
        rc = memory_grow((void **)&files->uses, &files->uses_capacity, *number + 1,
                         sizeof *files->uses, error);
    if (rc == LCAP_OK && *number == files->uses_count)
        files->uses[files->uses_count++] = 0;
    if (rc == LCAP_OK)
        files->uses[*number]++;
    return rc;
}

/* A unique name: two parts may be called the same once they are made safe. */
static int make_unique(struct table_files *files, struct buffer *name, struct lcap_error *error)
{
    const size_t stem_len = name->len;
    uint32_t stem, number;
    int rc = note_name(files, name, &stem, error);
    number = stem;
    while (rc == LCAP_OK && files->uses[number] > 1) {
        name->len = stem_len;
        rc = buffer_printf(name, error, "-%" PRIu32, files->uses[stem]);
        if (rc == LCAP_OK)
            rc = note_name(files, name, &number, error);
        if (rc == LCAP_OK && files->uses[number] > 1)
            files->uses[stem]++;
    }
    return rc;
}

static int make_path(struct table_files *files, const char *part, struct buffer *path,
                     struct lcap_error *error)
{
    struct buffer name = {0};
    int rc = append_file_name(files, part, &name, error);
    if (rc == LCAP_OK)
        rc = make_unique(files, &name, error);
    if (rc == LCAP_OK)
        rc = buffer_printf(path, error, "%s/%.*s%s", files->plan->options->output, (int)name.len,
                           (const char *)name.data, suffix_of(files->plan));
    buffer_release(&name);
    return rc;
}

/* Decides where the table of a new part goes. */
static int add_path(struct table_files *files, const char *part, struct lcap_error *error)
{
    struct buffer path = {0};
    int rc = make_path(files, part, &path, error);
    if (rc == LCAP_OK)
        rc = memory_grow((void **)&files->paths, &files->paths_capacity, files->paths_count + 1,
                         sizeof *files->paths, error);
    char *copy = rc == LCAP_OK ? memory_copy_text((const char *)path.data, path.len, error) : NULL;
    buffer_release(&path);
    if (!copy)
        return rc < 0 ? rc : LCAP_ERR_MEMORY;
    files->paths[files->paths_count++] = copy;
    return check_free(files, copy, error);
}

static int append_to_part(struct table_files *files, const char *part, const void *encoded,
                          size_t len, struct lcap_error *error)
{
    int rc = waiting_rows_append(files->parts, part, encoded, len, error);
    if (rc == LCAP_OK && waiting_rows_count(files->parts) > files->paths_count)
        rc = add_path(files, part, error);
    return rc;
}

/* pcap2json writes a file for every class, even without rows. */
static int add_classes(struct table_files *files, struct lcap_error *error)
{
    const struct table_plan *plan = files->plan;
    char number[U64_TEXT];
    int rc = LCAP_OK;
    for (size_t i = 0; i < plan->groups.class_count && rc == LCAP_OK; i++) {
        number_from_unsigned(i, number);
        rc = append_to_part(files, number, "", 0, error);
    }
    return rc;
}

static int open_one(struct table_files *files, struct lcap_error *error)
{
    const struct tabulate_options *options = files->plan->options;
    const int rc = check_place(options, options->output, error);
    return rc == LCAP_OK ? open_next(files, error) : rc;
}

static int open_directory(struct table_files *files, struct lcap_error *error)
{
    const struct table_plan *plan = files->plan;
    int rc = make_directory(plan->options->output, error);
    if (rc == LCAP_OK)
        rc = waiting_rows_new(&files->parts, plan->flow.memory, plan->flow.tmpdir, error);
    if (rc == LCAP_OK)
        rc = intern_new(&files->names, error);
    if (rc == LCAP_OK && table_plan_numbers_classes(plan))
        rc = add_classes(files, error);
    return rc;
}

int table_files_open(struct table_files **files, const struct table_plan *plan,
                     struct lcap_error *error)
{
    struct table_files *new = memory_new(1, sizeof *new, error);
    if (!new)
        return LCAP_ERR_MEMORY;
    new->plan = plan;
    const int rc =
        plan->options->layout == LAYOUT_ONE ? open_one(new, error) : open_directory(new, error);
    if (rc == LCAP_OK)
        *files = new;
    else
        table_files_discard(new);
    return rc;
}

int table_files_append(struct table_files *files, const char *part, uint64_t rows,
                       const void *encoded, size_t len, struct lcap_error *error)
{
    if (files->parts)
        return append_to_part(files, part, encoded, len, error);
    const uint64_t limit = files->plan->options->rows_per_file;
    int rc = LCAP_OK;
    if (limit && rows && files->rows >= limit)
        rc = open_next(files, error);
    files->rows += rows;
    return rc == LCAP_OK ? table_append(files->table, encoded, len, error) : rc;
}

static int append_piece(void *context, const char *part, const void *bytes, size_t len,
                        struct lcap_error *error)
{
    struct table_files *files = context;
    (void)part;
    return table_append(files->table, bytes, len, error);
}

static int write_part(struct table_files *files, size_t index, struct lcap_error *error)
{
    int rc = open_table(files, files->paths[index], error);
    if (rc == LCAP_OK)
        rc = waiting_rows_read(files->parts, index, append_piece, files, error);
    return rc == LCAP_OK ? close_table(files, error) : rc;
}

int table_files_close(struct table_files *files, size_t *count, struct lcap_error *error)
{
    int rc = close_table(files, error);
    for (size_t i = 0; files->parts && i < waiting_rows_count(files->parts) && rc == LCAP_OK; i++)
        rc = write_part(files, i, error);
    *count = files->begun;
    table_files_discard(files);
    return rc;
}

void table_files_discard(struct table_files *files)
{
    if (!files)
        return;
    table_discard(files->table);
    waiting_rows_free(files->parts);
    intern_free(files->names);
    free(files->uses);
    for (size_t i = 0; i < files->paths_count; i++)
        free(files->paths[i]);
    free(files->paths);
    free(files);
}
