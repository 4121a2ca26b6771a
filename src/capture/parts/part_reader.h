/* Reads parts of shards, which are plain files that we wrote, perhaps very many at once. */
#ifndef CAPTURE_PARTS_PART_READER_H
#define CAPTURE_PARTS_PART_READER_H

#include "base/io/input.h"
#include <labelcap/capture.h>
#include <stdbool.h>

/* `sparing`: if it is one of very many; or NULL. */
int part_reader_open(struct lcap_reader **reader, const char *path,
                     const struct input_sparing *sparing, struct lcap_error *error);

/* A packet of a part whose block can be copied. */
struct part_packet {
    const uint8_t *block; /* all of it; valid until the next call on the reader */
    uint32_t size;
    uint32_t caplen;
    bool big_endian;
    const struct lcap_interface *interface;
    int64_t time_ns;
    const char *comment; /* the first; NULL: it has no options */
    uint32_t comment_len;
};

/*
 * Whether the next block is such a packet: an Enhanced Packet Block that is in memory,
 * as the encoder of a shard writes it, with no option before a comment, and whole options. All
 * other blocks are left to lcap_reader_next(), which also reads on. What the options say is not
 * checked: a shard has checked it, and the checksum of the part shows that nothing has changed.
 */
bool part_reader_look(const struct lcap_reader *reader, struct part_packet *packet);

/* Goes past it. */
void part_reader_skip(struct lcap_reader *reader, const struct part_packet *packet);

/* At the end of the part: the CRC-32 of all its bytes. */
uint32_t part_reader_checksum(const struct lcap_reader *reader);

#endif
