/* JSON strings, and numbers as pandas writes them, for tables of many cells. */
#ifndef TABLE_JSON_TEXT_H
#define TABLE_JSON_TEXT_H

#include "base/buffer.h"
#include <stdbool.h>

/*
 * Appends `text` in quotes, escaped as in RFC 8259 section 7; bytes that are not
 * UTF-8 become U+FFFD. `pandas`: '/' and non-ASCII characters are escaped, too.
 * Leaves room for two more bytes.
 */
int json_text_append(struct buffer *out, const char *text, size_t len, bool pandas,
                     struct lcap_error *error);

/*
 * A finite number as to_json() of pandas 1.5 writes it, without a NUL: ten decimals
 * without trailing zeros. Returns the length, below NUMBER_TEXT.
 */
size_t json_pandas_real(double value, char *out);

#endif
