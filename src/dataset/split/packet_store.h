/*
 * Packets packed into bytes for a sorter, and unpacked again while their reader
 * still exists. Not a file format.
 */
#ifndef DATASET_SPLIT_PACKET_STORE_H
#define DATASET_SPLIT_PACKET_STORE_H

#include <labelcap/capture.h>

size_t packet_packed_size(const struct lcap_packet *packet);

/* Writes packet_packed_size() bytes. */
void packet_pack(const struct lcap_packet *packet, uint8_t *at);

/* A view into `bytes`; its interface is that of `reader`. */
struct lcap_packet packet_unpack(const uint8_t *bytes, const struct lcap_reader *reader);

#endif
