/*
 * The part of a check: what one shard has seen, as items. That of the first shard begins
 * with the options, the sources, and the paths of the inputs that packets came from. Of each input
 * that a shard reads there are its beginning, the outlines of its blocks, each behind what was seen
 * in its bytes, and its end.
 */
#ifndef DATASET_CHECK_CHECK_PART_H
#define DATASET_CHECK_CHECK_PART_H

#include "dataset/check/check_pass.h"
#include "dataset/shard/item_file.h"

/* Kinds of items, besides those of outlines. */
enum {
    CHECK_PART_HEAD = 'H',
    CHECK_PART_SOURCE = 'S',
    CHECK_PART_PATH = 'P',
    CHECK_PART_INPUT = 'I',
    CHECK_PART_LOOK = 'L', /* not of blocks in which nothing was seen */
    CHECK_PART_INPUT_END = 'E',
    CHECK_PART_END = 'Z',
};

extern const char check_part_magic[];

/* ---- the run ---- */

struct check_part_head {
    struct check_pass_options options; /* as far as they decide what is found */
    const char *files; /* the hashes of those that they name; see shard_name_files() */
    uint64_t skipped_links;
};

int check_part_put_head(struct buffer *out, const struct check_part_head *head,
                        struct lcap_error *error);

/* Its texts are views of the bytes. False: it is none. */
bool check_part_take_head(const struct buffer *bytes, struct check_part_head *head);

int check_part_put_source(struct item_writer *file, const struct source *source,
                          struct lcap_error *error);

/* Adds the source. LCAP_ERR_FORMAT, without a text: it is none. */
int check_part_take_source(const struct item *item, struct sources *sources,
                           struct lcap_error *error);

/* Paths of inputs that packets came from. */
int check_part_put_paths(struct item_writer *file, const struct intern *paths,
                         struct lcap_error *error);
int check_part_take_path(const struct item *item, struct intern *paths, struct lcap_error *error);

/* ---- inputs ---- */

/* Their numbers are those of the sources. */
int check_part_put_input(struct item_writer *file, size_t number, struct lcap_error *error);
bool check_part_take_input(const struct item *item, uint64_t *number);

/* What packets must bring along. */
struct check_needs {
    bool content; /* for duplicates: of labelled ones with a time */
    bool facts;   /* for leaks: of labelled ones */
    bool match;   /* of rules */
};
struct check_needs check_part_needs(const struct check_pass_options *options,
                                    const struct check_rules *rules);
struct check_needs check_part_needs_of(const struct check_needs *needs,
                                       const struct lcap_block *block);

/* `item` is room for it. */
int check_part_put_look(struct item_writer *file, struct buffer *item,
                        const struct check_look *look, struct lcap_error *error);

/* What a look points to, released by check_look_store_release(). */
struct check_look_store {
    uint8_t content[HASH_WIDE_LEN];
    struct packet_facts facts;
    struct buffer record;
    struct check_match match;
};
void check_look_store_release(struct check_look_store *store);

/* LCAP_ERR_FORMAT, without a text: it is none. */
int check_part_take_look(const struct item *item, struct check_look *look,
                         struct check_look_store *store, struct lcap_error *error);

/* What a shard tells of an input besides its blocks. */
struct check_part_end {
    bool opened; /* as in struct input_outcome, and so is: */
    int status;
    bool other_format; /* it is no pcapng */
    struct lcap_odd_times odd_times;
    const char *damage; /* "" if there is none */
};

int check_part_put_end(struct item_writer *file, const struct check_part_end *end,
                       struct lcap_error *error);
/* Its text is a view of the item. */
bool check_part_take_end(const struct item *item, struct check_part_end *end);

#endif
