/*
 * The packets of one shard's share of the inputs, divided by the shares of their flows.
 *
 * A bucket, one stream of the file, has the packets of the flows of one share, or what rules
 * make of them. The last stream has all packets in order. Of most packets it has only what every
 * share must know: their time, their sample and whose they are. It has fragments as a whole,
 * because what a fragment belongs to depends on those before it.
 */
#ifndef DATASET_SHARD_PACKET_BUCKETS_H
#define DATASET_SHARD_PACKET_BUCKETS_H

#include "base/io/output.h"
#include "dataset/shard/parts.h"
#include "flow/flow_share.h"
#include <labelcap/label.h>

/* ---- writing ---- */

struct packet_buckets;

struct packet_buckets_options {
    uint32_t count; /* of the buckets */
    bool inner_tunnels;
    /*
     * For rules: what they make of each packet, in place of its bytes and its label; with its
     * captured length and the blocks between packets. NULL: not for rules.
     */
    struct lcap_labeller *labeller;
};

int packet_buckets_open(struct packet_buckets **buckets, const char *path,
                        const struct packet_buckets_options *options,
                        const struct output_options *placing, struct lcap_error *error);

/* The packets from now on are of another segment of the joint. */
int packet_buckets_begin(struct packet_buckets *buckets, struct lcap_error *error);
/* A block of the input of that number. */
int packet_buckets_add(struct packet_buckets *buckets, uint32_t input,
                       const struct lcap_block *block, struct lcap_error *error);

/* Finishes the file and frees, even on errors. */
int packet_buckets_close(struct packet_buckets *buckets, struct lcap_error *error);
/* NULL is allowed. */
void packet_buckets_discard(struct packet_buckets *buckets);

/* ---- reading ---- */

/* The bucket of one share in the files of all shards. */
struct share_packets;

/* The parts must outlive it. */
int share_packets_open(struct share_packets **packets, const struct parts *parts,
                       struct flow_share share, struct lcap_error *error);

/* A packet as one share sees it. */
struct shared_packet {
    struct lcap_packet packet; /* without bytes: its time, and for rules its captured length */
    struct lcap_label label;
    bool labelled;
    uint32_t shard;        /* that has read it */
    const uint8_t *record; /* of labeller_match_append(), in place of its bytes; or NULL */
    size_t record_len;
    bool passes;           /* it is in a flow of another share, or in none: */
    enum lcap_skip skip;   /* why */
    uint16_t unknown_type; /* as in struct header_parser */
};

/* Who takes the packets. */
struct share_taker {
    int (*packet)(void *context, const struct shared_packet *shared, struct lcap_error *error);
    /* A block between packets, of which only kind and length are known; or NULL. */
    int (*between)(void *context, const struct lcap_block *block, struct lcap_error *error);
    void *context;
    bool takes_records; /* else packets of the share must be there with their bytes */
};

/* What was read of one input. */
struct share_input {
    uint64_t packets;
    const char *damage; /* that ended it; or NULL */
};

/*
 * Passes on the packets of the input of that number. The inputs must come in their order.
 */
int share_packets_read(struct share_packets *packets, uint64_t input,
                       const struct share_taker *taker, struct share_input *read,
                       struct lcap_error *error);

/* The error that what was passed on last is not what a shard writes: LCAP_ERR_FORMAT. */
int share_packets_refuse(const struct share_packets *packets, struct lcap_error *error);
/* NULL is allowed. */
void share_packets_free(struct share_packets *packets);

#endif
