/*
 * Rows have the number of their label, in y or in a column of a text form. Labels are numbered as
 * they come: in a part, as they come to its shard; in the output, as they come in all parts.
 */
#ifndef ARRAYS_SHARDS_ARRAY_RENUMBER_H
#define ARRAYS_SHARDS_ARRAY_RENUMBER_H

#include "arrays/outputs/array_output.h"

/* After the bytes of a row: how many they are. */
int array_renumber_note(struct array_encoded *encoded, size_t len, struct lcap_error *error);

/*
 * Replaces the numbers of labels in y, or in the rows of a table, which have passed the `check` of
 * the output. LCAP_ERR_FORMAT, without a text: there is none, or no label of that number.
 */
int array_renumber(const struct array_output *output, struct array_encoded *encoded,
                   const uint32_t *numbers, size_t count, struct lcap_error *error);

#endif
