/* Reads a CSV file of samples and their labels: answers, or what a model predicts. */
#ifndef DATASET_SCORE_LABEL_LIST_H
#define DATASET_SCORE_LABEL_LIST_H

#include <labelcap/error.h>
#include <stddef.h>
#include <stdint.h>

struct label_line {
    uint64_t sample_id;
    const char *label; /* not empty; NUL-terminated */
    size_t label_len;
    double probability; /* from 0 to 1; negative without this column */
    const char *split;  /* NUL-terminated; NULL without this column */
    uint32_t line;
};

/* Takes a line; returns 0 or a negative code, with an error that need not name the line. */
typedef int label_line_taker(void *context, const struct label_line *line,
                             struct lcap_error *error);

enum label_list_kind { LABEL_LIST_TRUTH, LABEL_LIST_PREDICTIONS };

/*
 * Passes on the lines of `path` ("-": standard input). Its columns are sample_id, then
 * label or metadata, then, in predictions that have it, probability; a header with these
 * names may stand first. Behind a header, a truth may have more columns, as the
 * samples.csv of a published set; `split` counts, others do not.
 * LCAP_ERR_FORMAT names the place of what is wrong.
 */
int label_list_read(const char *path, enum label_list_kind kind, label_line_taker *take,
                    void *context, struct lcap_error *error);

#endif
