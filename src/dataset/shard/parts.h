/*
 * The parts of all shards of a run, by their joints. Before anything is merged they are
 * checked: none is missing, double, cut, changed or of another run, and each shard has
 * begun where the one before has ended.
 */
#ifndef DATASET_SHARD_PARTS_H
#define DATASET_SHARD_PARTS_H

#include "base/io/input.h"
#include "dataset/shard/joint.h"

struct part {
    const char *path;
    struct joint joint;
};

/* In the order of the shards. An all-zero struct has none. */
struct parts {
    struct part *items;
    size_t count;
    char **paths; /* of parts_read_beside() */
    size_t path_count;
};

/* Reads the joints. The paths must outlive the parts, which are released even after an error. */
int parts_read(struct parts *parts, const char *const *paths, size_t count,
               struct lcap_error *error);

/*
 * Whether they belong together, by their joints, and are as long as they were.
 * LCAP_ERR_FORMAT names the first part that is not in order, and says what can be done.
 */
int parts_check_joints(struct parts *parts, struct lcap_error *error);

/*
 * Reads the joints of all shards of `command` that are beside the output, and checks them as
 * parts_check_joints() does.
 */
int parts_read_beside(struct parts *parts, uint32_t shards, const char *command, const char *output,
                      struct lcap_error *error);

/* Whether every byte is as it was: for parts whose checksum is not taken while they are read. */
int parts_check_bytes(const struct parts *parts, unsigned threads, struct lcap_error *error);

/* The same for one part, and by a checksum that was taken while all of it was read. */
int part_check_bytes(const struct part *part, struct lcap_error *error);
int part_check_checksum(const struct part *part, uint32_t checksum, struct lcap_error *error);

/*
 * How to read so many parts at once: in pieces so short that memory does not grow with the parts;
 * and no part stays open if the process may not open them all.
 */
struct input_sparing parts_sparing(size_t count);

/* How many files a merge opens besides the parts, at most. */
#define PARTS_OTHER_FILES 32

/* LCAP_ERR_FORMAT: the segments of the joint do not cover the part; the one that ends at `at`. */
int parts_refuse_cover(const struct part *part, uint64_t at, struct lcap_error *error);

void parts_release(struct parts *parts);

#endif
