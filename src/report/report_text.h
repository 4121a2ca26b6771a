/* A description as text for people. */
#ifndef REPORT_REPORT_TEXT_H
#define REPORT_REPORT_TEXT_H

#include "base/result.h"
#include "report/report_sink.h"

/*
 * Lines end before column `width`; 0 means no limit. Text is broken into lines,
 * cells of tables are cut, and columns for which there is no room are left out. The
 * rows of a table are made twice, first to measure them.
 */
int report_text(const struct result *result, size_t width, const struct report_sink *sink,
                struct lcap_error *error);

#endif
