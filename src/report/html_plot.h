/* Tables drawn as pictures, in SVG. */
#ifndef REPORT_HTML_PLOT_H
#define REPORT_HTML_PLOT_H

#include "base/buffer.h"
#include "base/result.h"

/* Appends the picture of a table; see enum result_plot. Nothing for RESULT_PLOT_NONE. */
int html_plot_append(struct buffer *out, const struct result_item *item, struct lcap_error *error);

#endif
