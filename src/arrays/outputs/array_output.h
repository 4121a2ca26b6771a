/*
 * Where arrays go. Encoding rows and writing them are two steps: several threads may
 * encode batches at once, one writes them in order.
 */
#ifndef ARRAYS_OUTPUTS_ARRAY_OUTPUT_H
#define ARRAYS_OUTPUTS_ARRAY_OUTPUT_H

#include "arrays/array_batch.h"
#include "arrays/array_labels.h"
#include "base/io/output.h"
#include "table/table.h"

/* The beginning of every output. */
struct array_output {
    const struct array_output_class *class;
    const struct array_settings *settings;
    const struct array_items *items;
    uint64_t rows; /* written */
};

/* What an output is opened with; all of it outlives the output, but for the path. */
struct array_target {
    const struct array_output_class *class;
    const struct array_settings *settings;
    const struct array_items *items;
    const char *path;      /* where it is made, which is not always its final place */
    const char *directory; /* for temporary files */
    const struct output_options *placing;
    unsigned threads; /* that pack, the caller's included; 0: only that one */
};

struct array_output_class {
    const char *name;
    const char *suffix;              /* of file names; NULL: a directory */
    const char *lacks;               /* without `open`: the library that this build does without */
    const struct table_class *table; /* of tables */
    /* Sets *output only on success. */
    int (*open)(struct array_output **output, const struct array_target *target,
                struct lcap_error *error);
    /* Encodes a row at the end of `encoded`. Several threads may run it at once. */
    int (*encode)(const struct array_output *output, const struct array_row *row,
                  struct array_encoded *encoded, struct lcap_error *error);
    int (*write)(struct array_output *output, const struct array_encoded *encoded,
                 struct lcap_error *error);
    /* Whether rows of unknown origin are what `encode` makes; NULL: parts cannot have them. */
    bool (*check)(const struct array_output *output, const struct array_encoded *encoded);
    /* Finishes and frees the output, even on errors. */
    int (*close)(struct array_output *output, const struct array_labels *labels,
                 struct lcap_error *error);
    /* Removes what was written, and frees. NULL is allowed. */
    void (*discard)(struct array_output *output);
};

/* In the order of the help; the first one is the default. */
extern const struct array_output_class output_npy, output_npz, output_tsv, output_csv,
    output_parquet, output_arrow, output_png;

/* Encodes a row, or all that are packed, for their outputs; the status of the batch says whether
 * that went well. */
void array_outputs_encode_row(struct array_output *const *outputs, const struct array_row *row,
                              struct array_batch *batch);
void array_outputs_encode(struct array_output *const *outputs, struct array_batch *batch);

/* Writes what was encoded. */
int array_outputs_write(struct array_output *const *outputs, const struct array_batch *batch,
                        struct lcap_error *error);

/* The encoder of the outputs that hold arrays: a buffer for each of them. */
int array_output_encode_items(const struct array_output *output, const struct array_row *row,
                              struct array_encoded *encoded, struct lcap_error *error);

/* The `check` of such outputs. */
bool array_output_check_items(const struct array_output *output,
                              const struct array_encoded *encoded);

#endif
