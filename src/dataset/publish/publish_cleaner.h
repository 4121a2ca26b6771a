/*
 * What goes public of a capture, block by block: notes each matter that it holds,
 * leaves out what is to be removed, and cuts payload.
 *
 * Threads: a cleaner belongs to one thread at a time.
 */
#ifndef DATASET_PUBLISH_PUBLISH_CLEANER_H
#define DATASET_PUBLISH_PUBLISH_CLEANER_H

#include "base/buffer.h"
#include "dataset/publish/publish_matter.h"
#include "packet/packet_headers.h"

struct cleaner_options {
    matter_set remove;   /* of MATTERS_REMOVABLE */
    bool remove_sources; /* the comments that name the input of a packet */
    bool no_payload;     /* cut each packet behind its transport header */
    uint32_t snaplen;    /* packets will be cut to it; 0: they are not cut */
};

struct cleaner {
    const struct cleaner_options *options;
    uint64_t found[MATTER_COUNT]; /* places that hold it, and are not removed */
    struct header_parser parser;
    struct lcap_interface **interfaces; /* as they are published, by number; some NULL */
    size_t interface_count, capacity;
    struct buffer kept; /* options of the block */
};

/* `options` must outlive the cleaner. Release it even after an error. */
void cleaner_init(struct cleaner *cleaner, const struct cleaner_options *options);
void cleaner_release(struct cleaner *cleaner);

/*
 * Returns 1 and the block as it goes public, a view until the next call; 0 if it is left out;
 * or a code. Descriptions of interfaces are left out: they come with their first packet
 * (used_interfaces of a writer).
 */
int cleaner_take(struct cleaner *cleaner, const struct lcap_block *block, struct lcap_block *clean,
                 struct lcap_error *error);

#endif
