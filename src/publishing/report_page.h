/* Writes what a data set looks like as a web page. */
#ifndef PUBLISHING_REPORT_PAGE_H
#define PUBLISHING_REPORT_PAGE_H

#include "base/io/output.h"
#include "base/result.h"

int report_page_write(const struct result *result, const char *title, const char *path,
                      const struct output_options *placing, struct lcap_error *error);

/* The same with the last name of the path of a data set as the title. */
int report_page_of_dataset(const struct result *result, const char *dataset, const char *path,
                           const struct output_options *placing, struct lcap_error *error);

#endif
