/* lcap_write_arrays() */
#include <labelcap/arrays.h>

#include "arrays/array_pass.h"
#include "base/memory.h"
#include "base/sized.h"
#include "dataset/runs/run.h"
#include <string.h>

/* What is written, and what was. */
struct writing {
    struct array_pass_options options;
    struct array_pass pass;
};

static void release_writing(void *found)
{
    struct writing *writing = found;
    array_pass_release(&writing->pass);
}

static int take_format(const char *name, const char *output,
                       const struct array_output_class **format, struct lcap_error *error)
{
    size_t number = 0;
    while (name && array_format_names[number] && strcmp(array_format_names[number], name) != 0)
        number++;
    *format = name ? array_formats[number] : array_format_of_name(output);
    return name && !*format
               ? lcap_error_set(error, LCAP_ERR_ARGUMENT,
                                "--format: expected npy, npz, tsv, csv, parquet, arrow or png, "
                                "found '%s'",
                                name)
               : LCAP_OK;
}

static int write_arrays(struct writing *writing, const struct lcap_run *run,
                        const struct lcap_array_options *how, struct lcap_error *error)
{
    writing->options = (struct array_pass_options){
        .arrays = *how,
        .placing = run_placing(run),
        .input = run_input(run),
        .shard = {how->shard, how->shards},
    };
    int rc = shard_check(writing->options.shard, error);
    if (rc == LCAP_OK)
        rc = take_format(how->format, run->output, &writing->options.format, error);
    return rc == LCAP_OK ? array_pass_run(&writing->pass, run->inputs[0], run->output,
                                          &writing->options, error)
                         : rc;
}

int lcap_write_arrays(const struct lcap_run *run, const struct lcap_array_options *options,
                      struct lcap_result **result, struct lcap_error *error)
{
    struct lcap_run taken;
    struct lcap_array_options how;
    struct result description;
    int rc = sized_take(&how, sizeof how, options, "lcap_array_options", error);
    if (rc == LCAP_OK)
        rc = run_take(&taken, run, true, 1, 1, error);
    struct writing *writing = rc == LCAP_OK ? memory_new(1, sizeof *writing, error) : NULL;
    if (!writing)
        return rc < 0 ? rc : LCAP_ERR_MEMORY;
    rc = write_arrays(writing, &taken, &how, error);
    result_begin(&description, error);
    if (rc == LCAP_OK)
        array_describe(&writing->pass, taken.output, &description);
    return run_finish(rc, &description, writing, release_writing, result, error);
}
