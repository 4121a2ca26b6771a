/*
 * Encodes the blocks of any reader as the bytes of one pcapng section.
 *
 * Packets and other blocks are encoded where the caller wants them: directly into
 * an output, or into the slab of a sorter. Section header and interface
 * descriptions are collected in `head`, because a sorted file needs all of them in
 * front; a streaming writer writes the new part of it before each block.
 *
 * libpcap refuses to read on if the snap lengths of a file differ, or a packet is
 * longer than its own. So all interfaces have the snap length of the first one, as
 * long as the others have the same and no packet is longer. Then it is lifted: set
 * to "no limit" in `head`, from where a streaming writer corrects what it has
 * written. But a Simple Packet Block that is cut tells its captured length by the
 * snap length alone: once there is one, the snap length stays.
 */
#ifndef CAPTURE_ENCODER_H
#define CAPTURE_ENCODER_H

#include "base/buffer.h"
#include "capture/parts/encoded_packets.h"
#include "capture/parts/part_reader.h"
#include <labelcap/capture.h>

/* A timestamp that no packet has. */
#define ENCODER_NO_TIME UINT64_MAX

struct encoder_options {
    bool unlimited_snaplen;
    bool pcapml_times;
    bool used_interfaces;  /* describe an interface with its first packet; no statistics before */
    uint32_t most_snaplen; /* cuts packets; 0 = no limit */
    bool part;             /* of an output, which is read by us alone: interfaces keep their snap
                              lengths, and packets without a time get ENCODER_NO_TIME */
};

struct encoder {
    struct encoder_options options;
    struct buffer head;   /* section header and interface blocks so far; empty before the first */
    bool big_endian;      /* of the section; decided by the first block */
    uint32_t snaplen;     /* of all interfaces in `head` */
    bool snaplens_lifted; /* those in `head` have become `snaplen` after they were appended */
    struct lcap_losses losses;
    struct encoder_state *state;
};

int encoder_init(struct encoder *e, const struct encoder_options *options,
                 struct lcap_error *error);
void encoder_release(struct encoder *e);

/* The following blocks come from another reader: interface numbers restart. */
void encoder_source(struct encoder *e);

/* The same, but they go on in the section of the last one: numbers of processes do not restart. */
void encoder_continue(struct encoder *e);

/* Encodes a section or interface block: only `head` changes. */
int encoder_describe(struct encoder *e, const struct lcap_block *block, struct lcap_error *error);

/* Makes an empty section header if nothing has been encoded yet. */
int encoder_finish(struct encoder *e, struct lcap_error *error);

/* The plan of the block for a packet. */
struct packet_plan {
    bool simple; /* a Simple Packet Block; an enhanced one otherwise */
    bool swaps_header;
    uint32_t size; /* of the block */
    uint32_t interface_id;
    uint32_t caplen; /* bytes of the packet that are written */
    uint64_t timestamp;
    uint32_t options_len;         /* with opt_endofopt; 0 without options */
    const struct lcap_edit *edit; /* the new comments; NULL: there are none */
    const uint8_t *own; /* options that the packet keeps; of the packet, or of the scratch, which
                           holds them until its next plan */
    uint32_t own_len;
};

/* Plans the block of a packet; describes its interface first if needed. The plan is valid as long
 * as packet and edit. */
int encoder_plan_packet(struct encoder *e, const struct lcap_packet *packet,
                        const struct lcap_edit *edit, struct packet_plan *plan,
                        struct lcap_error *error);

/* Whether encoder_plan_packet() would change nothing else, and so encoder_append_alone() appends
 * the block of the packet. */
bool encoder_plans_alone(const struct encoder *e, const struct lcap_packet *packet);
int encoder_append_alone(const struct encoder *e, const struct plan_scratch *scratch,
                         const struct lcap_packet *packet, const struct lcap_edit *edit,
                         struct buffer *blocks, struct lcap_error *error);

/* The size of a block that the encoder has made. */
uint32_t encoder_size_of(const struct encoder *e, const uint8_t *block);

/* Writes the packet as planned: plan->size bytes. */
void encoder_put_packet(const struct encoder *e, const struct lcap_packet *packet,
                        const struct packet_plan *plan, uint8_t *at);

/*
 * Whether the block of a packet would be written as it stands, but for the number of its
 * interface, which *id gets. The block is as it came from its reader, with that interface
 * or another description of it. False, too, for the first packet of an interface.
 */
bool encoder_copies(const struct encoder *e, const struct lcap_block *block, uint32_t *id);

/* The same for a packet of a part, of which all but the number was encoded already. */
bool encoder_copies_part(const struct encoder *e, const struct part_packet *packet,
                         const struct lcap_interface *interface, uint32_t *id);

/*
 * Appends any other block (names, secrets, statistics, unknown) to `out`; appends
 * nothing, and counts it in `losses`, if it cannot be written.
 */
int encoder_append_block(struct encoder *e, const struct lcap_block *block, struct buffer *out,
                         struct lcap_error *error);

#endif
