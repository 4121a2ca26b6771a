/* Values formatted for people. */
#ifndef REPORT_TEXT_VALUE_H
#define REPORT_TEXT_VALUE_H

#include "base/buffer.h"
#include "base/result.h"

/* Text is made safe for terminals. Values come without their unit. */
int text_value_append(struct buffer *out, const struct result_value *value,
                      struct lcap_error *error);

/* The unit of a kind: "s", "%", or "" if it has none. */
const char *text_value_unit(enum result_kind kind);

#endif
