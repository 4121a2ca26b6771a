/*
 * The part of a shard of `flows`: the settings of the run, and for each group of inputs
 * the rows of the shard's flows, in the order in which they have ended, and what was
 * counted.
 *
 * The file begins with "lcaprows". Then come items: a kind, the number of bytes in four
 * little-endian bytes, the bytes.
 */
#ifndef TABULATE_SHARDS_ROWS_PART_H
#define TABULATE_SHARDS_ROWS_PART_H

#include "base/io/output.h"
#include "tabulate/group_reader.h"
#include "tabulate/shards/row_record.h"

/* ---- writing ---- */

struct rows_part;

int rows_part_open(struct rows_part **part, const char *path, const struct buffer *settings,
                   const struct output_options *placing, struct lcap_error *error);
int rows_part_begin_group(struct rows_part *part, const struct input_group *group,
                          struct lcap_error *error);

/* Where the rows of the group go. */
struct row_target rows_part_target(struct rows_part *part);
/* `inputs`: those of the group. */
int rows_part_end_group(struct rows_part *part, const struct group_result *result, size_t inputs,
                        struct lcap_error *error);

/* Finishes the file and frees, even on errors. */
int rows_part_close(struct rows_part *part, struct lcap_error *error);
/* NULL is allowed. */
void rows_part_discard(struct rows_part *part);

/* ---- reading ---- */

enum rows_item_kind {
    ROWS_SETTINGS = 'S',
    ROWS_GROUP = 'G', /* its name and metadata, each with a NUL; no metadata: nothing at all */
    ROWS_ROW = 'R',
    ROWS_DAMAGE = 'D', /* a text, with a NUL */
    ROWS_END = 'E',    /* of a group */
    ROWS_LAST = 'Z',   /* of the part */
};

struct rows_item {
    enum rows_item_kind kind;
    const uint8_t *bytes; /* valid until the next item */
    size_t len;
};

struct rows_reader;

int rows_reader_open(struct rows_reader **reader, const char *path, struct lcap_error *error);

/* LCAP_ERR_FORMAT: the file is no part of flows, or cut. */
int rows_reader_next(struct rows_reader *reader, struct rows_item *item, struct lcap_error *error);

/* The error that an item is not what was expected. */
int rows_reader_refuse(const struct rows_reader *reader, struct lcap_error *error);
void rows_reader_free(struct rows_reader *reader);

/* What a part says of a group. */
struct rows_end {
    struct lcap_flow_counts counts;
    uint64_t read, damaged, skipped; /* inputs */
};

bool rows_end_read(const struct rows_item *item, struct rows_end *end);

#endif
