/*
 * What a capture may hold that should not go public unseen. Each matter is named
 * before it goes: it is published only if the user allows it.
 */
#ifndef DATASET_PUBLISH_PUBLISH_MATTER_H
#define DATASET_PUBLISH_PUBLISH_MATTER_H

#include "base/buffer.h"
#include <labelcap/capture.h>
#include <stdbool.h>
#include <stdint.h>

enum publish_matter {
    MATTER_SECRETS,   /* for decryption */
    MATTER_NAMES,     /* of hosts; texts about interfaces, hardware and programs */
    MATTER_MAC,       /* addresses of the link layer */
    MATTER_ADDRESSES, /* of the network layer */
    MATTER_PAYLOAD,   /* what follows the transport header */
    MATTER_RULES,     /* the rules file */
    MATTER_COMMENTS,  /* that labelcap did not write; custom and unknown blocks and options */
    MATTER_COUNT
};
#define MATTER_NONE MATTER_COUNT

/* One bit for each matter. */
typedef unsigned matter_set;

static inline matter_set matter_bit(enum publish_matter matter)
{
    return 1u << matter;
}

/* Those that can be left out of the blocks that hold them. */
#define MATTERS_REMOVABLE (1u << MATTER_SECRETS | 1u << MATTER_NAMES | 1u << MATTER_COMMENTS)

/* The word for an option, and what it stands for in a message. Constants. */
const char *matter_name(enum publish_matter matter);
const char *matter_description(enum publish_matter matter);

/* Appends the names, separated by `separator`. */
int matter_set_append(matter_set set, const char *separator, struct buffer *out,
                      struct lcap_error *error);

/* Reads names of `known` matters that are separated by commas. NULL: none. */
int matter_set_read(const char *names, matter_set known, matter_set *set, struct lcap_error *error);

/* The matter of an option of a block, and of a block as a whole; MATTER_NONE if it has none. */
enum publish_matter matter_of_option(uint32_t block_type, uint16_t code);
enum publish_matter matter_of_block(const struct lcap_block *block);

/* Whether packets of the link type have addresses of the link layer, or may have. */
bool matter_has_mac(const struct lcap_packet *packet);

#endif
