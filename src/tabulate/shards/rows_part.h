/*
 * The part of a shard of `flows`: the settings of the run, and for each group of inputs
 * the rows of the shard's flows, in the order in which they have ended, and what was
 * counted.
 */
#ifndef TABULATE_SHARDS_ROWS_PART_H
#define TABULATE_SHARDS_ROWS_PART_H

#include "dataset/shard/item_file.h"
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

/* What the file begins with. */
extern const char rows_part_magic[ITEM_MAGIC_LEN + 1];

/* What a part says of a group. */
struct rows_end {
    struct lcap_flow_counts counts;
    uint64_t read, damaged, skipped; /* inputs */
};

bool rows_end_read(const struct item *item, struct rows_end *end);

#endif
