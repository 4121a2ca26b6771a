/* JSON strings, and numbers as pandas writes them: for tables of many cells. */
#ifndef TABLE_JSON_TEXT_H
#define TABLE_JSON_TEXT_H

#include "base/buffer.h"
#include <stdbool.h>

/*
 * Appends `text` in quotes, what RFC 8259 section 7 asks for escaped; bytes that
 * are no UTF-8 become U+FFFD. `pandas`: with '/' and all that is not ASCII escaped
 * too. Leaves room for two bytes more.
 */
int json_text_append(struct buffer *out, const char *text, size_t len, bool pandas,
                     struct lcap_error *error);

/*
 * A finite number as to_json() of pandas 1.5 writes it, without a NUL: ten
 * decimals without the zeros at their end. Returns the length, below NUMBER_TEXT.
 */
size_t json_pandas_real(double value, char *out);

#endif
