/*
 * The work of a labeller in two steps. What rules make of a packet by itself is found where
 * its bytes are, in any order, and recorded. A labeller that needs no bytes then takes the
 * records in the order of the packets, and puts them into flows. Both have the same rules.
 */
#ifndef LABEL_LABELLER_LABELLER_MATCH_H
#define LABEL_LABELLER_LABELLER_MATCH_H

#include "base/buffer.h"
#include <labelcap/label.h>

/*
 * Appends the record of a packet of this file. Returns 1, and appends nothing, for a fragment:
 * it must be labelled with its bytes, for its ports may be in another one.
 */
int labeller_match_append(struct lcap_labeller *labeller, uint32_t file,
                          const struct lcap_packet *packet, struct buffer *out,
                          struct lcap_error *error);

/*
 * Like lcap_labeller_label(), but by a record; calls of both may be mixed. LCAP_ERR_FORMAT,
 * without a text: no packet of this file can have that record.
 */
int labeller_label_matched(struct lcap_labeller *labeller, uint32_t file,
                           const struct lcap_packet *packet, const uint8_t *record, size_t len,
                           const struct lcap_sample **sample, struct lcap_error *error);

#endif
