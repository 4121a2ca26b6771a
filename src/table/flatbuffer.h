/*
 * Writing FlatBuffers (https://flatbuffers.dev/internals/), the form of Arrow's messages: from
 * the front, so that what a table refers to is written after it.
 */
#ifndef TABLE_FLATBUFFER_H
#define TABLE_FLATBUFFER_H

#include "base/buffer.h"

/* The most fields of a table in Arrow: Field has 7. */
#define FLAT_FIELDS 8

/* All zero but for `error`: nothing so far. */
struct flatbuffer {
    struct buffer bytes;
    struct lcap_error *error;
    int rc; /* of the first failure; what follows one is ignored */
};

/* A field of a table: its size, 0 if it is not there, and its value, 0 if it refers to something
 * that flat_refer() sets. */
struct flat_field {
    unsigned size;
    uint64_t value;
};
#define FLAT_REFERENCE                                                                             \
    {                                                                                              \
        4, 0                                                                                       \
    }

/* The root refers to the first table. */
void flat_begin(struct flatbuffer *f);

/* Writes a table, to which the reference at `from` is set; `at`: where its fields are. */
void flat_table(struct flatbuffer *f, size_t from, const struct flat_field *fields, size_t count,
                size_t at[FLAT_FIELDS]);
void flat_text(struct flatbuffer *f, size_t from, const char *text);
/* Returns where the items are: `count` of `size` bytes, 4 of references or 16 of structs. */
size_t flat_vector(struct flatbuffer *f, size_t from, size_t count, unsigned size);
void flat_store(struct flatbuffer *f, size_t at, unsigned size, uint64_t value);

#endif
