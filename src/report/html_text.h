/* Text in HTML and in SVG. */
#ifndef REPORT_HTML_TEXT_H
#define REPORT_HTML_TEXT_H

#include "base/buffer.h"
#include "base/result.h"

/* Appends text so that it is text in elements and in quoted attributes. */
int html_append(struct buffer *out, const char *text, size_t len, struct lcap_error *error);
int html_append_string(struct buffer *out, const char *text, struct lcap_error *error);

/*
 * A value as for people, with its unit, such as "1,024" or "0.000020 s". Long text is shortened,
 * and characters that would change how the page is read are escaped.
 */
int html_append_value(struct buffer *out, const struct result_value *value,
                      struct lcap_error *error);

#endif
