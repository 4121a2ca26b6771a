/* Walks the tree of accept paths with a packet. */
#include "label/matching/path_index.h"

#include "label/matching/path_index_internal.h"

struct visit {
    const struct path_index *index;
    const struct lcap_packet *packet;
    path_candidate *candidate;
    void *context;
    uint32_t below;
    struct path_reads reads;
};

static inline bool evaluate(struct visit *v, uint32_t expression, uint32_t *value)
{
    path_reads_note(&v->reads, expression);
    return expression_value(&v->index->paths.expressions, expression, v->packet, value);
}

/*
 * NOLINTBEGIN(misc-no-recursion): each level uses up a condition, and a path has at
 * most PATH_MAX_CONDITIONS
 */
static void visit_target(struct visit *v, uint32_t target);

static inline bool meets_conditions(struct visit *v, uint32_t first, uint32_t count)
{
    const struct accept_paths *paths = &v->index->paths;
    for (uint32_t i = first; i < first + count; i++) {
        const struct condition *c = accept_paths_condition(paths, i);
        uint32_t value;
        if (!evaluate(v, c->expression, &value) || !condition_met(c, value))
            return false;
    }
    return true;
}

static inline void visit_path(struct visit *v, const struct accept_path *path)
{
    if (path->rank < v->below && meets_conditions(v, path->first, path->count + path->checks))
        v->below = v->candidate(v->context, path->program, path->complete, v->packet, v->below);
}

static void visit_values(struct visit *v, const struct path_branch *branch, uint32_t value)
{
    const struct path_slot *slots = v->index->slots + branch->first;
    uint32_t at = slot_of(value, branch->size);
    while (slots[at].target != TARGET_NONE) {
        if (slots[at].value == value) {
            visit_target(v, slots[at].target);
            return;
        }
        at = (at + 1) & branch->size;
    }
}

/*
 * The ranges that contain the value. Skips subtrees that end before it, begin after
 * it, or have too high a rank.
 */
static void visit_ranges(struct visit *v, const struct path_branch *branch, uint32_t value)
{
    const struct path_range *ranges = v->index->ranges + branch->first;
    struct {
        uint32_t begin, end;
    } open[64]; /* at most one more per level, of 32 */
    int count = 0;
    open[count].begin = 0;
    open[count++].end = branch->size;
    while (count > 0) {
        count--;
        uint32_t begin = open[count].begin, end = open[count].end;
        if (begin == end)
            continue;
        uint32_t middle = begin + (end - begin) / 2;
        const struct path_range *range = &ranges[middle];
        if (range->highest < value || range->lowest_rank >= v->below)
            continue;
        if (range->low <= value) {
            open[count].begin = middle + 1;
            open[count++].end = end;
            if (value <= range->high && range->rank < v->below)
                visit_target(v, range->target);
        }
        open[count].begin = begin;
        open[count++].end = middle;
    }
}

static inline void visit_branch(struct visit *v, const struct path_branch *branch)
{
    uint32_t value;
    if (!evaluate(v, branch->expression, &value))
        return;
    switch (branch->kind) {
    case BRANCH_VALUE:
        if (value == branch->first)
            visit_target(v, branch->target);
        break;
    case BRANCH_VALUES:
        visit_values(v, branch, value);
        break;
    case BRANCH_RANGES:
        visit_ranges(v, branch, value);
        break;
    }
}

static void visit_node(struct visit *v, const struct path_node *node)
{
    if (node->rank >= v->below ||
        !meets_conditions(v, node->first_condition, node->condition_count))
        return;
    const struct accept_path *path = v->index->paths.items + node->first_path;
    const struct accept_path *last_path = path + node->path_count;
    for (; path < last_path && path->rank < v->below; path++)
        visit_path(v, path);
    if (node->branch_count == 0)
        return;
    const struct path_branch *branch = v->index->branches + node->first_branch;
    const struct path_branch *last_branch = branch + node->branch_count;
    for (; branch < last_branch && branch->rank < v->below; branch++)
        visit_branch(v, branch);
}

static void visit_target(struct visit *v, uint32_t target)
{
    if (target & TARGET_PATH)
        visit_path(v, &v->index->paths.items[target & ~TARGET_PATH]);
    else
        visit_node(v, &v->index->nodes[target]);
}

/* NOLINTEND(misc-no-recursion) */

uint32_t path_index_walk(const struct path_index *index, const struct lcap_packet *packet,
                         uint32_t below, path_candidate *candidate, void *context,
                         struct path_reads *reads)
{
    struct visit visit = {.index = index,
                          .packet = packet,
                          .candidate = candidate,
                          .context = context,
                          .below = below};
    if (index->root != TARGET_NONE)
        visit_target(&visit, index->root);
    path_reads_add(reads, &visit.reads);
    return visit.below;
}
