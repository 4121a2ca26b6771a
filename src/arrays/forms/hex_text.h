/* Bytes as hexadecimal text, for the forms of language models. */
#ifndef ARRAYS_FORMS_HEX_TEXT_H
#define ARRAYS_FORMS_HEX_TEXT_H

#include "arrays/array_form.h"

/* Writes the four digits of two bytes and a space for each `step` bytes, as long as two are left;
 * returns what follows them. */
char *hex_text_groups(char *out, struct array_bytes bytes, uint32_t step);

/* The number of a label, in the order in which labels first come; and the label. */
struct lcap_cell hex_text_label_number(const struct array_row *row);
struct lcap_cell hex_text_label(const struct array_row *row);

/* The columns of a form of pairs. */
enum { HEX_TEXT_COLUMNS = 3 };
extern const struct lcap_column hex_text_columns[HEX_TEXT_COLUMNS];

/* The bytes of a packet that a form reads. */
typedef struct array_bytes hex_text_part(const struct array_settings *settings,
                                         const struct array_packet *packet);

/*
 * Sets the cells of these columns. The text has for each packet `before` and all pairs of
 * adjacent bytes of its part: "b0b1 b1b2 b2b3 ", as ET-BERT and TrafficFormer read it.
 */
int hex_text_pairs(const struct array_settings *settings, const struct array_row *row,
                   hex_text_part *part, const char *before, struct arena *texts,
                   struct lcap_cell *cells, struct lcap_error *error);

/* Completes the settings of a form of pairs, of which a packet has at most `pairs`. */
void hex_text_settle(struct array_settings *settings, uint32_t pairs);

#endif
