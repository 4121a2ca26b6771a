/* Merges the rows of arrays. */
#include "shard/arrays_merge.h"

#include "arrays/array_pass.h"
#include <string.h>

/* The format of the shards, in which the rows are. */
static int find_format(const struct array_merge *merge, const char *output,
                       const struct array_output_class **format, struct lcap_error *error)
{
    const struct array_output_class *named = array_format_of_name(output);
    size_t i = 0;
    while (array_formats[i] && strcmp(array_formats[i]->name, merge->format) != 0)
        i++;
    *format = array_formats[i];
    if (!*format || !(*format)->check)
        return lcap_error_set(error, LCAP_ERR_FORMAT,
                              "the parts are arrays of a format that this version does not know");
    if (named == *format || named == array_formats[0])
        return LCAP_OK;
    return lcap_error_set(
        error, LCAP_ERR_ARGUMENT,
        "%s: the shards wrote rows of %s, as their own -o asked: name an output of that format",
        output, merge->format);
}

static int write_arrays(struct part_merge_result *result, const char *output,
                        const struct part_merge_options *options, struct lcap_error *error)
{
    const struct array_merge *merge = &result->arrays.merge;
    const struct joint *first = &merge->parts->items[0].joint;
    const char *dataset = first->segment_count > 0 ? first->segments[0].path : "";
    struct array_pass_options *writing = &result->arrays.options;
    *writing = (struct array_pass_options){
        .arrays = merge->options,
        .placing = options->placing,
        .input = {.listener = options->listener},
        .merged = merge,
    };
    const int rc = find_format(merge, output, &writing->format, error);
    return rc == LCAP_OK ? array_pass_run(&result->arrays.pass, dataset, output, writing, error)
                         : rc;
}

int arrays_merge_run(const char *output, const struct part_merge_options *options,
                     struct part_merge_result *result, struct lcap_error *error)
{
    const int rc = array_merge_begin(&result->arrays.merge, &result->parts, error);
    return rc == LCAP_OK ? write_arrays(result, output, options, error) : rc;
}

void arrays_merge_release(struct part_merge_result *result)
{
    array_pass_release(&result->arrays.pass);
    array_merge_release(&result->arrays.merge);
}
