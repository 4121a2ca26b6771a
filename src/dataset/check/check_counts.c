/* Collects the paths in source comments in shards: for each input that a shard reads, its number
 * and the paths. */
#include "dataset/check/check_counts.h"

#include "dataset/check/check_inputs.h"
#include "dataset/check/check_part.h"
#include "dataset/shard/counted.h"

static const char counts_magic[] = "lcapcnts";

/* ---- writing ---- */

struct counting {
    const struct sources *sources;
    const struct check_pass_options *options;
    struct shard_run *run;
    struct item_writer file;
};

static int walk(struct counting *counting, size_t number, struct intern *paths,
                struct lcap_error *error)
{
    const struct source *source = &counting->sources->items[number];
    struct input_pass input;
    int rc =
        input_pass_open(&input, source->path, source->walked, &counting->options->input, error);
    input.number = number;
    if (rc == LCAP_OK)
        rc = shard_run_walk(counting->run, number, &input, check_inputs_note, paths, error);
    input_pass_close(&input);
    return rc;
}

static int count_input(struct counting *counting, size_t number, struct lcap_error *error)
{
    struct intern *paths = NULL;
    int rc = intern_new(&paths, error);
    if (rc == LCAP_OK)
        rc = walk(counting, number, paths, error);
    if (rc == LCAP_OK)
        rc = check_part_put_input(&counting->file, number, error);
    if (rc == LCAP_OK)
        rc = check_part_put_paths(&counting->file, paths, error);
    intern_free(paths);
    return rc;
}

static int write_part(struct counting *counting, const struct check_shard *shard,
                      struct lcap_error *error)
{
    struct shard_run *run = counting->run;
    int rc = shard_run_begin(run, &shard->placing, error);
    if (rc == LCAP_OK)
        rc = item_writer_open(&counting->file, run->part, counts_magic, &run->placing, error);
    for (size_t i = 0; i < counting->sources->count && rc == LCAP_OK; i++)
        if (shard_run_has(run, i))
            rc = count_input(counting, i, error);
    if (rc == LCAP_OK)
        rc = item_writer_put(&counting->file, CHECK_PART_END, "", 0, error);
    if (rc == LCAP_OK)
        rc = item_writer_close(&counting->file, error);
    return rc == LCAP_OK ? shard_run_finish(run, error) : rc;
}

int check_counts_run(const struct sources *sources, const struct check_pass_options *options,
                     const struct check_shard *shard, bool *is_done, struct lcap_error *error)
{
    struct counting counting = {.sources = sources, .options = options};
    int rc = counted_begin(&counting.run, shard->shard, CHECK_COUNTS_COMMAND, shard->output,
                           sources, error);
    *is_done = rc == LCAP_OK && shard_run_is_done(counting.run);
    if (rc == LCAP_OK && !*is_done)
        rc = write_part(&counting, shard, error);
    item_writer_discard(&counting.file);
    shard_run_free(counting.run);
    return rc;
}

/* ---- reading ---- */

/* Whether one process would have read that input so far. */
static bool counts(const struct joint *joint, uint64_t number)
{
    for (size_t i = 0; i < joint->segment_count; i++)
        if (joint->segments[i].input == number)
            return !joint->segments[i].left_out;
    return false;
}

static int take_paths(struct item_reader *file, const struct joint *joint, struct intern *paths,
                      struct lcap_error *error)
{
    struct item item;
    uint64_t number;
    bool counted = false;
    int rc = item_reader_next(file, &item, error);
    for (; rc == LCAP_OK && item.kind != CHECK_PART_END; rc = item_reader_next(file, &item, error))
        if (item.kind == CHECK_PART_INPUT && check_part_take_input(&item, &number))
            counted = counts(joint, number);
        else if (item.kind != CHECK_PART_PATH)
            return item_reader_refuse(file, error);
        else if (counted && check_part_take_path(&item, paths, error) < 0)
            return LCAP_ERR_MEMORY;
    return rc;
}

static int read_part(const struct part *part, struct intern *paths, struct lcap_error *error)
{
    struct item_reader file;
    int rc = part_check_bytes(part, error);
    if (rc < 0)
        return rc;
    rc = item_reader_open(&file, part->path, counts_magic, error);
    if (rc == LCAP_OK)
        rc = take_paths(&file, &part->joint, paths, error);
    item_reader_close(&file);
    return rc;
}

int check_counts_take(struct shard_run *run, const struct sources *sources,
                      const struct check_shard *shard, struct intern *paths,
                      struct lcap_error *error)
{
    struct parts parts;
    int rc =
        counted_read(&parts, shard->shard, CHECK_COUNTS_COMMAND, shard->output, sources, error);
    for (size_t i = 0; i < parts.count && rc == LCAP_OK; i++)
        rc = read_part(&parts.items[i], paths, error);
    if (rc == LCAP_OK)
        counted_go_on(run, &parts);
    parts_release(&parts);
    return rc < 0 ? lcap_error_prefix(error,
                                      "rules with EACH that ask for inputs (FILE, EACH:file, "
                                      "EACH:packet) need a run of all shards with --count-packets "
                                      "first: ")
                  : rc;
}
