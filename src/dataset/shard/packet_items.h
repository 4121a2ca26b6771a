/*
 * The items of the stream of all packets: a byte with the kind and flags; of a packet
 * the step from the time before and the number of its sample, as the flags say; then
 * what the kind needs.
 */
#ifndef DATASET_SHARD_PACKET_ITEMS_H
#define DATASET_SHARD_PACKET_ITEMS_H

enum packets_item {
    PACKETS_SEGMENT = 1, /* another one begins */
    PACKETS_SAMPLE,      /* a length; the sampleID and metadata */
    PACKETS_BUCKET,      /* of a packet: its bucket, which has its bytes */
    PACKETS_SKIPPED,     /* of one in no flow: why, and its unknown type */
    PACKETS_WHOLE,       /* of a fragment: its bytes */
};

/* Flags of packets. */
enum { PACKETS_TIME = 0x10, PACKETS_LABEL = 0x20, PACKETS_KIND = 0x0F };

/* An item without its text or bytes is not longer. */
enum { PACKETS_ITEM_MOST = 64 };

#endif
