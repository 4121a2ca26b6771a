/* Tables of a description as text. */
#ifndef REPORT_TEXT_ROWS_H
#define REPORT_TEXT_ROWS_H

#include "base/result.h"
#include "report/report_sink.h"

/* Appends the heads and rows, and flushes long text. `width` as in report_text(). */
int text_rows_append(struct buffer *out, const struct result_table *table, size_t width,
                     const struct report_sink *sink, struct lcap_error *error);

#endif
