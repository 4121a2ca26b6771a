/* Describes how two labellings differ, and writes the table of labels. */
#ifndef DATASET_COMPARE_COMPARE_RESULT_H
#define DATASET_COMPARE_COMPARE_RESULT_H

#include "base/io/output.h"
#include "base/result.h"
#include "dataset/compare/compare_pass.h"

/* `found` must outlive the result. */
void compare_describe(const struct compare_pass_result *found, struct result *result);

/* Writes a row for each label; see result_file.h. */
int compare_write_table(const struct compare_pass_result *found, const char *path,
                        const struct output_options *options, struct lcap_error *error);

#endif
