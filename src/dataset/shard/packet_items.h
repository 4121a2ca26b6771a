/*
 * The items of the stream of all packets: a byte with the kind and flags; of a packet
 * the step from the time before, the number of its sample and its captured length, as the
 * flags say; then what the kind needs.
 */
#ifndef DATASET_SHARD_PACKET_ITEMS_H
#define DATASET_SHARD_PACKET_ITEMS_H

enum packets_item {
    PACKETS_SEGMENT = 1, /* another one begins */
    PACKETS_SAMPLE,      /* a length; the sampleID and metadata */
    PACKETS_BUCKET,      /* of a packet: its bucket, which has its bytes */
    PACKETS_SKIPPED,     /* of one in no flow: why, and its unknown type */
    PACKETS_WHOLE,       /* of a fragment: its bytes */
    PACKETS_MATCHED, /* of a packet: its bucket, which has a length, and what rules make of it */
    PACKETS_BETWEEN, /* of another block: 0 for one that begins a section; or its length + 1 */
};

/* Flags of packets. */
enum { PACKETS_TIME = 0x10, PACKETS_LABEL = 0x20, PACKETS_LENGTH = 0x40, PACKETS_KIND = 0x0F };

/*
 * The bytes of a packet: its link type and flags in one number, its length, its captured
 * length, that of its options if it has some, then these, then what was captured.
 */
enum { BYTES_NANOSECONDS = 1, BYTES_OPTIONS = 2, BYTES_BIG_ENDIAN = 4, BYTES_LINKTYPE_SHIFT = 3 };

/* An item without its text or bytes is not longer. */
enum { PACKETS_ITEM_MOST = 64 };

#endif
