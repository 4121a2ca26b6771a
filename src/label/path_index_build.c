/*
 * Builds the tree of accept paths. Sorted by their conditions, the paths that
 * share the first ones lie together: a node is a run of paths that agree in
 * all conditions so far, its branches are shorter runs.
 */
#include "label/path_index.h"
#include "label/path_index_internal.h"

#include "base/memory.h"
#include <stdlib.h>
#include <string.h>

/* The run of paths that a node stands for, and how many conditions they agree in. */
struct run {
    uint32_t begin, end;
    uint32_t depth;
};

struct build {
    struct path_index *index;
    struct run *runs; /* by node */
    size_t runs_capacity;
};

static inline bool is_range(const struct condition *c)
{
    return c->low != c->high;
}

static inline int order(uint32_t a, uint32_t b)
{
    return (a > b) - (a < b);
}

/* By expression, then values before ranges, then by value. */
static int compare_conditions(const struct condition *a, const struct condition *b)
{
    int rc = order(a->expression, b->expression);
    if (rc == 0)
        rc = order(is_range(a), is_range(b));
    if (rc == 0)
        rc = order(a->low, b->low);
    return rc ? rc : order(a->high, b->high);
}

/* By their conditions one after the other, shorter paths first, then by rank. */
static int compare_paths(const void *a_, const void *b_, void *index_)
{
    const struct accept_path *a = a_, *b = b_;
    const struct path_index *index = index_;
    const struct condition *ca = index->paths.conditions + a->first;
    const struct condition *cb = index->paths.conditions + b->first;
    int rc = 0;
    for (uint16_t i = 0; rc == 0 && i < a->count && i < b->count; i++)
        rc = compare_conditions(ca + i, cb + i);
    if (rc == 0)
        rc = order(a->count, b->count);
    return rc ? rc : order(index->ranks[a->program], index->ranks[b->program]);
}

static const struct condition *condition_at(const struct path_index *index, uint32_t path,
                                            uint32_t depth)
{
    return index->paths.conditions + index->paths.items[path].first + depth;
}

static bool same_path(const struct path_index *index, const struct accept_path *a,
                      const struct accept_path *b)
{
    return a->program == b->program && compare_paths(a, b, (void *)index) == 0;
}

/* Sorts the paths, and drops those that a program has twice. */
static void sort_paths(struct path_index *index)
{
    struct accept_paths *paths = &index->paths;
    size_t kept = 0;
    qsort_r(paths->items, paths->count, sizeof *paths->items, compare_paths, index);
    for (size_t i = 0; i < paths->count; i++) {
        if (kept == 0 || !same_path(index, &paths->items[kept - 1], &paths->items[i]))
            paths->items[kept++] = paths->items[i];
    }
    paths->count = kept;
}

static uint32_t lowest_rank(const struct path_index *index, uint32_t begin, uint32_t end)
{
    uint32_t lowest = UINT32_MAX;
    for (uint32_t i = begin; i < end; i++) {
        uint32_t rank = index->ranks[index->paths.items[i].program];
        if (rank < lowest)
            lowest = rank;
    }
    return lowest;
}

/* A node for a run of paths, or the path itself where it is alone. */
static int make_target(struct build *b, uint32_t begin, uint32_t end, uint32_t depth,
                       uint32_t *target, struct lcap_error *error)
{
    struct path_index *index = b->index;
    if (end - begin == 1) {
        struct accept_path *path = &index->paths.items[begin];
        path->first += depth;
        path->count = (uint16_t)(path->count - depth);
        *target = begin | TARGET_PATH;
        return LCAP_OK;
    }
    int rc = memory_grow((void **)&index->nodes, &index->nodes_capacity, index->node_count + 1,
                         sizeof *index->nodes, error);
    if (rc == 0)
        rc = memory_grow((void **)&b->runs, &b->runs_capacity, index->node_count + 1,
                         sizeof *b->runs, error);
    if (rc < 0)
        return rc;
    *target = (uint32_t)index->node_count++;
    b->runs[*target] = (struct run){begin, end, depth};
    return LCAP_OK;
}

/* Where the paths end that have the same condition at this depth as the first. */
static uint32_t end_of_value(const struct path_index *index, uint32_t begin, uint32_t end,
                             uint32_t depth)
{
    const struct condition *first = condition_at(index, begin, depth);
    uint32_t at = begin + 1;
    while (at < end && compare_conditions(first, condition_at(index, at, depth)) == 0)
        at++;
    return at;
}

/* Where the paths end that ask for the same expression in the same way as the first. */
static uint32_t end_of_branch(const struct path_index *index, uint32_t begin, uint32_t end,
                              uint32_t depth)
{
    const struct condition *first = condition_at(index, begin, depth);
    uint32_t at = begin + 1;
    for (; at < end; at++) {
        const struct condition *other = condition_at(index, at, depth);
        if (other->expression != first->expression || is_range(other) != is_range(first))
            break;
    }
    return at;
}

static uint32_t count_values(const struct path_index *index, uint32_t begin, uint32_t end,
                             uint32_t depth)
{
    uint32_t count = 0;
    for (; begin < end; begin = end_of_value(index, begin, end, depth))
        count++;
    return count;
}

static int fill_slots(struct build *b, struct path_branch *branch, const struct run *run,
                      uint32_t count, struct lcap_error *error)
{
    struct path_index *index = b->index;
    uint32_t capacity = 4;
    while (capacity < 2 * count)
        capacity *= 2;
    int rc = memory_grow((void **)&index->slots, &index->slots_capacity,
                         index->slot_count + capacity, sizeof *index->slots, error);
    if (rc < 0)
        return rc;
    branch->kind = BRANCH_VALUES;
    branch->first = (uint32_t)index->slot_count;
    branch->size = capacity - 1;
    struct path_slot *slots = index->slots + branch->first;
    index->slot_count += capacity;
    memset(slots, 0xFF, capacity * sizeof *slots); /* TARGET_NONE */
    for (uint32_t at = run->begin, next; rc == 0 && at < run->end; at = next) {
        next = end_of_value(index, at, run->end, run->depth);
        uint32_t value = condition_at(index, at, run->depth)->low;
        uint32_t slot = slot_of(value, branch->size);
        while (slots[slot].target != TARGET_NONE)
            slot = (slot + 1) & branch->size;
        slots[slot].value = value;
        rc = make_target(b, at, next, run->depth + 1, &slots[slot].target, error);
    }
    return rc;
}

/* Sets `highest` of the tree over `count` ranges; twice the work of one pass a level. */
static void set_highest(struct path_range *ranges, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        uint32_t begin = 0, end = count;
        for (;;) {
            uint32_t middle = begin + (end - begin) / 2;
            if (ranges[middle].highest < ranges[i].high)
                ranges[middle].highest = ranges[i].high;
            if (middle == i)
                break;
            if (i < middle)
                end = middle;
            else
                begin = middle + 1;
        }
    }
}

static int fill_ranges(struct build *b, struct path_branch *branch, const struct run *run,
                       uint32_t count, struct lcap_error *error)
{
    struct path_index *index = b->index;
    int rc = memory_grow((void **)&index->ranges, &index->ranges_capacity,
                         index->range_count + count, sizeof *index->ranges, error);
    if (rc < 0)
        return rc;
    branch->kind = BRANCH_RANGES;
    branch->first = (uint32_t)index->range_count;
    branch->size = count;
    struct path_range *range = index->ranges + branch->first;
    index->range_count += count;
    for (uint32_t at = run->begin, next; rc == 0 && at < run->end; at = next, range++) {
        next = end_of_value(index, at, run->end, run->depth);
        const struct condition *c = condition_at(index, at, run->depth);
        *range = (struct path_range){.low = c->low, .high = c->high};
        rc = make_target(b, at, next, run->depth + 1, &range->target, error);
    }
    set_highest(index->ranges + branch->first, count);
    return rc;
}

static int make_branch(struct build *b, const struct run *run, struct lcap_error *error)
{
    struct path_index *index = b->index;
    const struct condition *first = condition_at(index, run->begin, run->depth);
    struct path_branch branch = {.rank = lowest_rank(index, run->begin, run->end),
                                 .expression = first->expression};
    uint32_t count = count_values(index, run->begin, run->end, run->depth);
    int rc = memory_grow((void **)&index->branches, &index->branches_capacity,
                         index->branch_count + 1, sizeof *index->branches, error);
    if (rc < 0)
        return rc;
    if (is_range(first)) {
        rc = fill_ranges(b, &branch, run, count, error);
    } else if (count > 1) {
        rc = fill_slots(b, &branch, run, count, error);
    } else {
        branch.kind = BRANCH_VALUE;
        branch.first = first->low;
        rc = make_target(b, run->begin, run->end, run->depth + 1, &branch.target, error);
    }
    index->branches[index->branch_count++] = branch;
    return rc;
}

static int compare_branches(const void *a_, const void *b_)
{
    const struct path_branch *a = a_, *b = b_;
    return order(a->rank, b->rank);
}

/* Paths that end here come first in the run; the others make branches. */
static int expand(struct build *b, uint32_t number, struct lcap_error *error)
{
    struct path_index *index = b->index;
    struct run run = b->runs[number];
    uint32_t at = run.begin;
    int rc = LCAP_OK;
    while (at < run.end && index->paths.items[at].count == run.depth)
        index->paths.items[at++].count = 0;
    struct path_node node = {.rank = lowest_rank(index, run.begin, run.end),
                             .first_path = run.begin,
                             .path_count = at - run.begin,
                             .first_branch = (uint32_t)index->branch_count};
    for (uint32_t next; rc == 0 && at < run.end; at = next) {
        next = end_of_branch(index, at, run.end, run.depth);
        rc = make_branch(b, &(struct run){at, next, run.depth}, error);
    }
    node.branch_count = (uint32_t)index->branch_count - node.first_branch;
    if (node.branch_count > 1)
        qsort(index->branches + node.first_branch, node.branch_count, sizeof *index->branches,
              compare_branches);
    index->nodes[number] = node;
    return rc;
}

int path_index_build(struct path_index *index, struct accept_paths *paths, const uint32_t *ranks,
                     struct lcap_error *error)
{
    struct build build = {.index = index};
    int rc = LCAP_OK;
    *index = (struct path_index){.paths = *paths, .ranks = ranks, .root = TARGET_NONE};
    *paths = (struct accept_paths){0};
    if (index->paths.count >= TARGET_PATH)
        rc = lcap_error_set(error, LCAP_ERR_MEMORY, "rules with more than 2^31 accept paths");
    if (rc == 0)
        sort_paths(index);
    if (rc == 0 && index->paths.count > 0)
        rc = make_target(&build, 0, (uint32_t)index->paths.count, 0, &index->root, error);
    for (uint32_t node = 0; rc == 0 && node < index->node_count; node++)
        rc = expand(&build, node, error);
    free(build.runs);
    if (rc < 0)
        path_index_release(index);
    return rc;
}

void path_index_release(struct path_index *index)
{
    accept_paths_release(&index->paths);
    free(index->nodes);
    free(index->branches);
    free(index->slots);
    free(index->ranges);
    *index = (struct path_index){.root = TARGET_NONE};
}
