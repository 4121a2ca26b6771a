/* The tree of a path_index, for the file that builds it and the one that walks it. */
#ifndef LABEL_MATCHING_PATH_INDEX_INTERNAL_H
#define LABEL_MATCHING_PATH_INDEX_INTERNAL_H

#include "label/matching/path_index.h"

/*
 * The target of a branch: a node or, with this bit, a single accept path, whose
 * remaining conditions are checked one by one.
 */
#define TARGET_PATH 0x80000000u
#define TARGET_NONE UINT32_MAX

/* Paths that agree in all conditions on the way here. */
struct path_node {
    uint32_t rank;                             /* the lowest of its paths */
    uint32_t first_condition, condition_count; /* further ones in which they agree */
    uint32_t first_path, path_count;           /* paths that end here, by rank */
    uint32_t first_branch, branch_count;       /* for the others, by rank */
};

enum path_branch_kind {
    BRANCH_VALUE,  /* one value, in the branch itself */
    BRANCH_VALUES, /* a hash table of slots */
    BRANCH_RANGES, /* an interval tree of ranges */
};

/* Paths that differ in the required value of one expression. */
struct path_branch {
    uint32_t rank;
    uint32_t expression;
    enum path_branch_kind kind;
    uint32_t first;  /* slot or range; for BRANCH_VALUE the value */
    uint32_t size;   /* of the table minus 1; number of ranges */
    uint32_t target; /* for BRANCH_VALUE */
};

struct path_slot {
    uint32_t value;
    uint32_t target; /* TARGET_NONE = free */
};

/*
 * Sorted by `low`. The middle one of a run is the root of its tree; the runs on the
 * left and right are the subtrees.
 */
struct path_range {
    uint32_t low, high;
    uint32_t rank;
    uint32_t target;
    uint32_t highest;     /* `high` in the subtree */
    uint32_t lowest_rank; /* `rank` in the subtree */
};

/* Multiplicative hash by the golden ratio (Knuth, volume 3, section 6.4). */
static inline uint32_t slot_of(uint32_t value, uint32_t mask)
{
    return (uint32_t)((value * UINT64_C(0x9E3779B97F4A7C15)) >> 32) & mask;
}

#endif
