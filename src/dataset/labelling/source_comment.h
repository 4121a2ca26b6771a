/*
 * The comment that tells from which input a packet comes: `source=PATH`, the second
 * comment of a labelled packet.
 */
#ifndef DATASET_LABELLING_SOURCE_COMMENT_H
#define DATASET_LABELLING_SOURCE_COMMENT_H

#include <labelcap/packet.h>
#include <stdbool.h>

#define SOURCE_COMMENT "source="

/* Whether the second comment of a packet is one, behind a label; *path is not terminated. */
bool source_comment_find(const struct lcap_packet *packet, const char **path, size_t *len);

#endif
