/* Writes the arrays of a data set. */
#ifndef ARRAYS_ARRAY_PASS_H
#define ARRAYS_ARRAY_PASS_H

#include "arrays/array_reading.h"
#include "arrays/array_settings.h"
#include "arrays/shards/array_merge.h"
#include "base/result.h"

struct array_pass_options {
    struct lcap_array_options arrays; /* its threads are those of `input` */
    const struct array_output_class *format;
    struct output_options placing;
    struct input_options input;
    struct shard shard;               /* only its part is written; count 0: all */
    const struct array_merge *merged; /* the rows are those of these parts; NULL: of a data set */
};

struct array_pass {
    const struct array_pass_options *options;
    struct array_settings settings;
    struct array_items items;
    struct array_labels labels;
    struct split_lists lists;
    struct array_output **outputs; /* NULL once they are closed */
    size_t output_count;
    uint64_t *rows; /* of each output */
    struct array_collector collector;
    struct array_reading reading;
    bool is_done; /* the part of the shard was there already */
};

/* The format that the name of an output asks for: by its suffix, or without one a directory of
 * .npy; NULL if it is that of another table. */
const struct array_output_class *array_format_of_name(const char *path);
/* The format of that name, or NULL; and all of them, with NULL at the end. */
extern const char *const array_format_names[];
extern const struct array_output_class *const array_formats[];

/* LCAP_ERR_ARGUMENT: options that do not go together, or not with the output. */
int array_pass_check(struct array_settings *settings, const struct array_pass_options *options,
                     const char *output, struct lcap_error *error);

/* Release the pass even after an error. */
int array_pass_run(struct array_pass *pass, const char *dataset, const char *output,
                   const struct array_pass_options *options, struct lcap_error *error);
void array_pass_release(struct array_pass *pass);

void array_describe(const struct array_pass *pass, const char *output, struct result *result);

#endif
