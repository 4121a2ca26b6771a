/*
 * Finds the programs that may accept a packet without running them all: a tree over
 * the conditions of their accept paths. A node evaluates a few expressions and
 * continues where a condition on them is met; any number of programs that look at
 * the same fields in the same way share the evaluation.
 */
#ifndef LABEL_MATCHING_PATH_INDEX_H
#define LABEL_MATCHING_PATH_INDEX_H

#include "label/matching/accept_paths.h"

struct path_index {
    struct accept_paths paths;
    struct path_node *nodes;
    struct path_branch *branches;
    struct path_slot *slots;
    struct path_range *ranges;
    size_t node_count, nodes_capacity;
    size_t branch_count, branches_capacity;
    size_t slot_count, slots_capacity;
    size_t range_count, ranges_capacity;
    uint32_t root;
};

/* Takes over `paths` and leaves it empty. */
int path_index_build(struct path_index *index, struct accept_paths *paths,
                     struct lcap_error *error);
void path_index_release(struct path_index *index);

/* Which of the first expressions of an index a walk has evaluated, by number. */
#define PATH_READS 256u
struct path_reads {
    uint64_t bits[PATH_READS / 64];
};

static inline void path_reads_note(struct path_reads *reads, uint32_t expression)
{
    reads->bits[expression % PATH_READS / 64] |= UINT64_C(1) << expression % 64;
}

static inline bool path_reads_has(const struct path_reads *reads, uint32_t expression)
{
    return reads->bits[expression / 64] >> expression % 64 & 1;
}

static inline bool path_reads_include(const struct path_reads *reads,
                                      const struct path_reads *others)
{
    uint64_t missing = 0;
    for (size_t i = 0; i < PATH_READS / 64; i++)
        missing |= others->bits[i] & ~reads->bits[i];
    return missing == 0;
}

static inline void path_reads_add(struct path_reads *reads, const struct path_reads *others)
{
    for (size_t i = 0; i < PATH_READS / 64; i++)
        reads->bits[i] |= others->bits[i];
}

/*
 * Examines a program that accepts the packet, if `certain`, or may accept it.
 * Returns the rank below which programs are examined from now on: `below`, or a
 * lower one.
 */
typedef uint32_t path_candidate(void *context, uint32_t program, bool certain,
                                const struct lcap_packet *packet, uint32_t below);

/* Calls `candidate` for every program of a rank below `below` that accepts the packet, and for some
 * that do not. Returns what the last call returned. Adds to `reads` what was evaluated. */
uint32_t path_index_walk(const struct path_index *index, const struct lcap_packet *packet,
                         uint32_t below, path_candidate *candidate, void *context,
                         struct path_reads *reads);

#endif
