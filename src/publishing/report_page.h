/* Writes what a data set looks like as a web page. */
#ifndef PUBLISHING_REPORT_PAGE_H
#define PUBLISHING_REPORT_PAGE_H

#include "base/io/output.h"
#include "base/result.h"

int report_page_write(const struct result *result, const char *title, const char *path,
                      const struct output_options *placing, struct lcap_error *error);

#endif
