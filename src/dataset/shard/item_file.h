/*
 * The parts of shards that are no captures: eight bytes that say what it is, then items:
 * a kind, the number of bytes in four little-endian bytes, the bytes.
 */
#ifndef DATASET_SHARD_ITEM_FILE_H
#define DATASET_SHARD_ITEM_FILE_H

#include "base/io/input.h"
#include "base/io/output.h"

enum { ITEM_MAGIC_LEN = 8 };

struct item_writer {
    struct output *out;
};

int item_writer_open(struct item_writer *writer, const char *path, const char *magic,
                     const struct output_options *placing, struct lcap_error *error);
int item_writer_put(struct item_writer *writer, uint8_t kind, const void *bytes, size_t len,
                    struct lcap_error *error);
int item_writer_close(struct item_writer *writer, struct lcap_error *error);
/* An all-zero writer is allowed. */
void item_writer_discard(struct item_writer *writer);

struct item {
    uint8_t kind;
    const uint8_t *bytes; /* valid until the next item */
    size_t len;
};

struct item_reader {
    struct input *in;
    size_t taken; /* of the item that was passed on last */
};

/* LCAP_ERR_FORMAT: it has not that magic. Close the reader even after an error. */
int item_reader_open(struct item_reader *reader, const char *path, const char *magic,
                     struct lcap_error *error);

/* The same if very many are read at once. */
int item_reader_open_sparing(struct item_reader *reader, const char *path, const char *magic,
                             const struct input_sparing *sparing, struct lcap_error *error);

/* LCAP_ERR_FORMAT: the file is cut. */
int item_reader_next(struct item_reader *reader, struct item *item, struct lcap_error *error);

/* The error that the file is no part, or an item is not what was expected. */
int item_reader_refuse(const struct item_reader *reader, struct lcap_error *error);
void item_reader_close(struct item_reader *reader);

#endif
