/*
 * Writing structs in Thrift's compact protocol, the form of Parquet's headers:
 * https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
 */
#ifndef TABLE_THRIFT_COMPACT_H
#define TABLE_THRIFT_COMPACT_H

#include "base/buffer.h"
#include <stdbool.h>

/* The deepest nesting of structs in Parquet is 5: a logical type in the schema has 4. */
#define THRIFT_DEPTH 8

/* Instead of the number of a field: an element of a list. */
#define THRIFT_ELEMENT 0

enum thrift_type { THRIFT_I32 = 5, THRIFT_BINARY = 8, THRIFT_STRUCT = 12 };

/* A struct being written. All zero but for `error`: nothing so far. */
struct thrift {
    struct buffer bytes;
    struct lcap_error *error;
    int rc; /* of the first failure; what follows one is ignored */
    unsigned depth;
    int last[THRIFT_DEPTH]; /* the field written last at each depth */
};

void thrift_i8(struct thrift *t, int field, int8_t value);
void thrift_i32(struct thrift *t, int field, int32_t value);
void thrift_i64(struct thrift *t, int field, int64_t value);
void thrift_bool(struct thrift *t, int field, bool value);
void thrift_binary(struct thrift *t, int field, const void *bytes, size_t len);
void thrift_text(struct thrift *t, int field, const char *text);
/* `count` elements follow. */
void thrift_list(struct thrift *t, int field, enum thrift_type type, size_t count);
/* The fields of a struct follow, then thrift_end(). The outermost struct has only the end. */
void thrift_begin(struct thrift *t, int field);
void thrift_end(struct thrift *t);
/* Elements of a list that were written elsewhere. */
void thrift_copy(struct thrift *t, const struct buffer *elements);

#endif
