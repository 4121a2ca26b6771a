/* A description as a file: as text, JSON or a web page. */
#ifndef REPORT_REPORT_FILE_H
#define REPORT_REPORT_FILE_H

#include "base/io/output.h"
#include "base/result.h"

/* All of these close `out`, even on errors. */

/* `width` as in report_text(). */
int report_file_text(const struct result *result, size_t width, struct output *out,
                     struct lcap_error *error);

int report_file_page(const struct result *result, const char *title, struct output *out,
                     struct lcap_error *error);

/* Does nothing if `out` is NULL. */
int report_file_json(const struct result *result, struct output *out, struct lcap_error *error);

#endif
