/* Describes a leak report, and writes its fields to a table. */
#ifndef DATASET_LEAKS_LEAK_RESULT_H
#define DATASET_LEAKS_LEAK_RESULT_H

#include "base/result.h"
#include "dataset/leaks/leak_report.h"

/* Adds the object "leaks". `report` must outlive the result. */
void leak_describe(const struct leak_report *report, struct result *result);

#endif
