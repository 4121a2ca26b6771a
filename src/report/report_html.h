/* A description as one HTML page, which needs nothing but itself. */
#ifndef REPORT_REPORT_HTML_H
#define REPORT_REPORT_HTML_H

#include "base/result.h"
#include "report/report_sink.h"

/*
 * The page has a Content-Security-Policy by which it loads nothing and runs only its own
 * script, and it can be read without that. Everything from the description is escaped, and
 * texts are shortened to EXCERPT_TEXT bytes. The same description makes the same bytes.
 */
int report_html(const struct result *result, const char *title, const struct report_sink *sink,
                struct lcap_error *error);

#endif
