/*
 * Blocks of a capture without what packets hold, as items of a part: enough for whoever
 * asks where blocks are, whose packets are, and when, but not what is in them.
 */
#ifndef DATASET_SHARD_BLOCK_OUTLINE_H
#define DATASET_SHARD_BLOCK_OUTLINE_H

#include "base/buffer.h"
#include "dataset/shard/item_file.h"
#include <labelcap/capture.h>

/* Kinds of items. */
enum { OUTLINE_BLOCK = 'B', OUTLINE_KNOWN = 'K' /* an interface described before the part */ };

/* ---- writing ---- */

/* All zero at the beginning of a part. */
struct outline_writer {
    struct item_writer *file; /* the caller's */
    struct buffer item;
    struct lcap_position last;
    int64_t last_ns;
};

/* `next`: where the block ends, as a reader tells. */
int outline_writer_block(struct outline_writer *writer, uint8_t kind,
                         const struct lcap_block *block, const struct lcap_position *next,
                         struct lcap_error *error);
void outline_writer_release(struct outline_writer *writer);

/* ---- reading ---- */

/* All zero at the beginning of a part. */
struct outline_reader {
    struct lcap_interface *interfaces; /* by number */
    char **names;                      /* of them */
    size_t count, capacity, name_capacity;
    struct lcap_position last;
    int64_t last_ns;
};

/*
 * Sets *block to the block of an item, which has no body, no bytes of packets and no
 * offset, and *next to where it ends. Valid until the next. LCAP_ERR_FORMAT, without a
 * text: it is none.
 */
int outline_reader_block(struct outline_reader *reader, const struct item *item,
                         struct lcap_block *block, struct lcap_position *next,
                         struct lcap_error *error);
void outline_reader_release(struct outline_reader *reader);

#endif
