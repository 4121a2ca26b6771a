/* Describes a leak report, and writes its fields to a table. */
#ifndef DATASET_LEAKS_LEAK_RESULT_H
#define DATASET_LEAKS_LEAK_RESULT_H

#include "base/io/output.h"
#include "base/result.h"
#include "dataset/leaks/leak_report.h"

/* Adds the object "leaks". `report` must outlive the result. */
void leak_describe(const struct leak_report *report, struct result *result);

/* Writes a row for each field; see result_file.h. */
int leak_write_table(const struct leak_report *report, const char *path,
                     const struct output_options *options, struct lcap_error *error);

#endif
