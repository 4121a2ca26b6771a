/*
 * Builds the tree of accept paths. When paths are sorted by their conditions, those
 * that share the first ones are adjacent: a node is a run of paths that agree in
 * all conditions so far, and its branches are shorter runs. Nodes are stored in the
 * order in which a packet visits them.
 */
#include "label/matching/path_index.h"
#include "label/matching/path_index_internal.h"

#include "base/memory.h"
#include <stdlib.h>
#include <string.h>

/* Paths [begin, end) that agree in their first `depth` conditions. */
struct run {
    uint32_t begin, end;
    uint32_t depth;
};

static inline int order(uint32_t a, uint32_t b)
{
    return (a > b) - (a < b);
}

static inline bool is_range(const struct condition *c)
{
    return c->low != c->high;
}

/* By expression, then values before ranges, then by value; of a set, so equal ones are the same. */
static int compare_conditions(const struct condition *a, const struct condition *b)
{
    if (a == b)
        return 0;
    int rc = order(a->expression, b->expression);
    if (rc == 0)
        rc = order(is_range(a), is_range(b));
    if (rc == 0)
        rc = order(a->low, b->low);
    return rc ? rc : order(a->high, b->high);
}

/* By their conditions in turn, shorter paths first, then by rank. */
static int compare_paths(const void *a_, const void *b_, void *paths_)
{
    const struct accept_path *a = a_, *b = b_;
    const struct accept_paths *paths = paths_;
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < a->count && i < b->count; i++)
        rc = compare_conditions(accept_paths_condition(paths, a->first + i),
                                accept_paths_condition(paths, b->first + i));
    if (rc == 0)
        rc = order(a->count, b->count);
    if (rc == 0)
        rc = order(a->rank, b->rank);
    return rc ? rc : order(a->program, b->program);
}

/*
 * So many conditions are in no cache, however they are arranged, and a second copy
 * would cost more memory than all else at that moment.
 */
#define ARRANGED_MOST ((size_t)1 << 22)

/* Stores the conditions in the order of the paths, so that what is read together is adjacent. */
static int arrange_conditions(struct accept_paths *paths, struct lcap_error *error)
{
    if (paths->condition_count > ARRANGED_MOST)
        return LCAP_OK;
    uint32_t *arranged = memory_new(paths->condition_count, sizeof *arranged, error);
    if (!arranged)
        return LCAP_ERR_MEMORY;
    uint32_t next = 0;
    for (size_t i = 0; i < paths->count; i++) {
        struct accept_path *path = &paths->items[i];
        uint32_t count = path->count + path->checks;
        if (count)
            memcpy(arranged + next, paths->conditions + path->first, count * sizeof *arranged);
        path->first = next;
        next += count;
    }
    free(paths->conditions);
    paths->conditions = arranged;
    paths->condition_count = next;
    return LCAP_OK;
}

/*
 * Sorts the paths. Those of one program that differ only in further checks become
 * one, for which the program must be run.
 */
static int sort_paths(struct accept_paths *paths, struct lcap_error *error)
{
    size_t kept = 1;
    qsort_r(paths->items, paths->count, sizeof *paths->items, compare_paths, paths);
    for (size_t i = 1; i < paths->count; i++) {
        struct accept_path *last = &paths->items[kept - 1];
        if (compare_paths(last, &paths->items[i], paths) != 0) {
            paths->items[kept++] = paths->items[i];
        } else {
            last->complete = false;
            last->checks = 0;
        }
    }
    paths->count = kept;
    return arrange_conditions(paths, error);
}

static uint32_t lowest_rank(const struct path_index *index, struct run run)
{
    uint32_t lowest = UINT32_MAX;
    for (uint32_t i = run.begin; i < run.end; i++) {
        if (index->paths.items[i].rank < lowest)
            lowest = index->paths.items[i].rank;
    }
    return lowest;
}

/* The first condition in which the paths of the run may differ. */
static const struct condition *condition_of(const struct path_index *index, struct run run,
                                            uint32_t path)
{
    return accept_paths_condition(&index->paths, index->paths.items[path].first + run.depth);
}

/* The paths at the beginning of the run that have the same condition as the first. */
static struct run value_run(const struct path_index *index, struct run run)
{
    const struct condition *first = condition_of(index, run, run.begin);
    uint32_t end = run.begin + 1;
    while (end < run.end && condition_of(index, run, end) == first)
        end++;
    return (struct run){run.begin, end, run.depth + 1};
}

/* Those that require a value, or a range, of the same expression as the first. */
static struct run branch_run(const struct path_index *index, struct run run)
{
    const struct condition *first = condition_of(index, run, run.begin);
    uint32_t end = run.begin + 1;
    for (; end < run.end; end++) {
        const struct condition *other = condition_of(index, run, end);
        if (other->expression != first->expression || is_range(other) != is_range(first))
            break;
    }
    return (struct run){run.begin, end, run.depth};
}

typedef struct run run_part(const struct path_index *index, struct run run);

/* The number of parts of a kind in the run. */
static uint32_t count_parts(const struct path_index *index, struct run run, run_part *part)
{
    uint32_t count = 0;
    for (; run.begin < run.end; run.begin = part(index, run).end)
        count++;
    return count;
}

/*
 * NOLINTBEGIN(misc-no-recursion): each level uses up a condition, and paths that
 * agree in all of PATH_MAX_CONDITIONS end at one node
 */
static int make_target(struct path_index *index, struct run run, uint32_t *target,
                       struct lcap_error *error);

static int make_slots(struct path_index *index, struct path_branch *branch, struct run run,
                      uint32_t count, struct lcap_error *error)
{
    uint32_t capacity = 4;
    while (capacity < 2 * count)
        capacity *= 2;
    int rc = memory_grow((void **)&index->slots, &index->slots_capacity,
                         index->slot_count + capacity, sizeof *index->slots, error);
    if (rc < 0)
        return rc;
    size_t first = index->slot_count;
    branch->kind = BRANCH_VALUES;
    branch->first = (uint32_t)first;
    branch->size = capacity - 1;
    index->slot_count += capacity;
    memset(index->slots + first, 0xFF, capacity * sizeof *index->slots); /* TARGET_NONE */
    for (struct run part; rc == 0 && run.begin < run.end; run.begin = part.end) {
        part = value_run(index, run);
        uint32_t target = TARGET_NONE, value = condition_of(index, run, run.begin)->low;
        uint32_t at = slot_of(value, branch->size);
        while (index->slots[first + at].target != TARGET_NONE)
            at = (at + 1) & branch->size;
        rc = make_target(index, part, &target, error);
        index->slots[first + at] = (struct path_slot){value, target};
    }
    return rc;
}

/* Updates all subtrees that contain the range at `number` of `count`. */
static void note_in_subtrees(struct path_range *ranges, uint32_t number, uint32_t count)
{
    uint32_t begin = 0, end = count, middle;
    do {
        middle = begin + (end - begin) / 2;
        if (ranges[middle].highest < ranges[number].high)
            ranges[middle].highest = ranges[number].high;
        if (ranges[middle].lowest_rank > ranges[number].rank)
            ranges[middle].lowest_rank = ranges[number].rank;
        if (number < middle)
            end = middle;
        else
            begin = middle + 1;
    } while (middle != number);
}

static int make_ranges(struct path_index *index, struct path_branch *branch, struct run run,
                       uint32_t count, struct lcap_error *error)
{
    int rc = memory_grow((void **)&index->ranges, &index->ranges_capacity,
                         index->range_count + count, sizeof *index->ranges, error);
    if (rc < 0)
        return rc;
    size_t first = index->range_count, at = first;
    branch->kind = BRANCH_RANGES;
    branch->first = (uint32_t)first;
    branch->size = count;
    index->range_count += count;
    for (struct run part; rc == 0 && run.begin < run.end; run.begin = part.end, at++) {
        part = value_run(index, run);
        const struct condition *c = condition_of(index, run, run.begin);
        uint32_t target = TARGET_NONE, low = c->low, high = c->high;
        uint32_t rank = lowest_rank(index, part);
        rc = make_target(index, part, &target, error);
        index->ranges[at] = (struct path_range){low, high, rank, target, 0, UINT32_MAX};
    }
    for (uint32_t i = 0; rc == 0 && i < count; i++)
        note_in_subtrees(index->ranges + first, i, count);
    return rc;
}

static int make_branch(struct path_index *index, struct run run, struct path_branch *branch,
                       struct lcap_error *error)
{
    const struct condition *first = condition_of(index, run, run.begin);
    uint32_t count = count_parts(index, run, value_run);
    branch->rank = lowest_rank(index, run);
    branch->expression = first->expression;
    if (is_range(first))
        return make_ranges(index, branch, run, count, error);
    if (count > 1)
        return make_slots(index, branch, run, count, error);
    branch->kind = BRANCH_VALUE;
    branch->first = first->low;
    run.depth++;
    return make_target(index, run, &branch->target, error);
}

static int compare_branches(const void *a_, const void *b_)
{
    const struct path_branch *a = a_, *b = b_;
    return order(a->rank, b->rank);
}

static int make_branches(struct path_index *index, struct path_node *node, struct run run,
                         struct lcap_error *error)
{
    uint32_t count = count_parts(index, run, branch_run);
    size_t at = index->branch_count;
    int rc = memory_grow((void **)&index->branches, &index->branches_capacity, at + count,
                         sizeof *index->branches, error);
    if (rc < 0)
        return rc;
    node->first_branch = (uint32_t)at;
    node->branch_count = count;
    index->branch_count += count;
    for (struct run part; rc == 0 && run.begin < run.end; run.begin = part.end) {
        struct path_branch branch = {.target = TARGET_NONE};
        part = branch_run(index, run);
        rc = make_branch(index, part, &branch, error);
        index->branches[at++] = branch;
    }
    if (count > 1)
        qsort(index->branches + node->first_branch, count, sizeof *index->branches,
              compare_branches);
    return rc;
}

/*
 * The number of further conditions that all paths of the run share: that of the
 * first and the last.
 */
static uint32_t count_shared(const struct path_index *index, struct run run)
{
    const struct accept_path *first = &index->paths.items[run.begin];
    const struct accept_path *last = &index->paths.items[run.end - 1];
    const uint32_t *a = index->paths.conditions + first->first;
    const uint32_t *b = index->paths.conditions + last->first;
    uint32_t depth = run.depth;
    while (depth < first->count && depth < last->count && a[depth] == b[depth])
        depth++;
    return depth - run.depth;
}

/* Paths that end at this node come first in the run; the others become branches. */
static int make_node(struct path_index *index, struct run run, uint32_t *target,
                     struct lcap_error *error)
{
    struct path_node node = {.rank = lowest_rank(index, run),
                             .first_condition = index->paths.items[run.begin].first + run.depth,
                             .condition_count = count_shared(index, run),
                             .first_path = run.begin};
    int rc = memory_grow((void **)&index->nodes, &index->nodes_capacity, index->node_count + 1,
                         sizeof *index->nodes, error);
    if (rc < 0)
        return rc;
    *target = (uint32_t)index->node_count++;
    run.depth += node.condition_count;
    for (; run.begin < run.end && index->paths.items[run.begin].count == run.depth; run.begin++) {
        index->paths.items[run.begin].first += run.depth;
        index->paths.items[run.begin].count = 0;
        node.path_count++;
    }
    rc = make_branches(index, &node, run, error);
    index->nodes[*target] = node;
    return rc;
}

/* A node for these paths, or the path itself if there is only one. */
static int make_target(struct path_index *index, struct run run, uint32_t *target,
                       struct lcap_error *error)
{
    if (run.end - run.begin > 1)
        return make_node(index, run, target, error);
    struct accept_path *path = &index->paths.items[run.begin];
    path->first += run.depth;
    path->count = (uint16_t)(path->count - run.depth);
    *target = run.begin | TARGET_PATH;
    return LCAP_OK;
}

/* NOLINTEND(misc-no-recursion) */

int path_index_build(struct path_index *index, struct accept_paths *paths, struct lcap_error *error)
{
    int rc = LCAP_OK;
    *index = (struct path_index){.paths = *paths, .root = TARGET_NONE};
    *paths = (struct accept_paths){0};
    condition_set_close(&index->paths.distinct);
    if (index->paths.count >= TARGET_PATH)
        rc = lcap_error_set(error, LCAP_ERR_MEMORY, "rules with more than 2^31 accept paths");
    if (rc == 0 && index->paths.count > 0) {
        rc = sort_paths(&index->paths, error);
        if (rc == 0)
            rc = make_target(index, (struct run){0, (uint32_t)index->paths.count, 0}, &index->root,
                             error);
    }
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
