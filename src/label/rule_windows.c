/*
 * Shadowed rules.
 *
 * Rules with the same filter, file and kind form a group. The bounds of all windows of a
 * group divide time into cells; the rules, in file order, paint the cells of their
 * windows that are still blank. Each cell remembers where the next blank one is
 * (union-find), so painting all rules costs little more than sorting the bounds. A
 * rule whose window has no blank cell is shadowed.
 */
#include "label/rule_windows.h"

#include "base/idmap.h"
#include "base/memory.h"
#include <inttypes.h>
#include <stdlib.h>

/*
 * The groups that may shadow a rule: with its filter or none, its file or none, and of
 * its kind or that without EACH. Rules with EACH leave packets to later rules that have no
 * such flow, host or window, so they shadow only their own kind. Rules with SCOPE shadow
 * only those that test the same flows: the flow of a packet that matches a filter may have
 * begun with one that does not.
 *
 * The other way round, a rule without SCOPE takes single packets from one with it, but not
 * whole flows, unless it takes everything: that is one group more.
 */
#define SHADING_GROUPS 9

/*
 * Rules of different groups may cover a window piece by piece. Chains longer than
 * this are not followed: nobody writes them, and the time for crafted ones stays
 * bounded. (The report after the run still shows that the rule matched nothing.)
 */
#define CHAIN_MAX 64

struct cell {
    uint32_t group;
    uint32_t painter; /* the rule that painted it; NO_RULE = blank */
    int64_t from;     /* its first nanosecond; it ends before the next cell of the group */
    size_t next;      /* a cell on the way to the next blank one; itself while blank */
};

struct group {
    size_t first, end; /* its cells */
    uint32_t
        painter; /* its first rule without a window: covers all times, and packets without a time */
};

struct windows {
    const struct lcap_rules *rules;
    struct idmap places;  /* pairs of filter and file, by themselves */
    struct idmap numbers; /* of the groups, by place and kind */
    struct group *groups;
    struct cell *cells;
    size_t cell_count;
};

static uint64_t pair_of(uint32_t high, uint32_t low)
{
    return (uint64_t)high << 32 | low;
}

static void add_cell(struct windows *w, uint32_t group, int64_t from)
{
    w->cells[w->cell_count++] = (struct cell){.group = group, .painter = NO_RULE, .from = from};
}

/* A rule for a file that is not an input neither labels anything nor shadows others. */
static bool is_dead(const struct lcap_rule *rule)
{
    return rule->file_index == LCAP_NO_FILE;
}

/* Numbers the groups and divides time at the bounds of their windows. */
static int collect_groups(struct windows *w, struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (size_t i = 0; rc == 0 && i < w->rules->count; i++) {
        const struct lcap_rule *rule = &w->rules->items[i];
        if (is_dead(rule))
            continue;
        size_t known = w->numbers.count;
        uint32_t place = 0, group = 0;
        rc = idmap_add(&w->places, pair_of(rule->filter, rule->file_index), &place, error);
        if (rc == 0)
            rc = idmap_add(&w->numbers, pair_of(place, rule->kind), &group, error);
        if (rc < 0)
            break;
        if (group == known)
            w->groups[group].painter = NO_RULE;
        if (rule->has_window)
            add_cell(w, group, rule->start_ns);
        if (rule->has_window && rule->end_ns != INT64_MAX)
            add_cell(w, group, rule->end_ns + 1);
    }
    return rc;
}

static int compare_cells(const void *a, const void *b)
{
    const struct cell *x = a, *y = b;
    if (x->group != y->group)
        return x->group < y->group ? -1 : 1;
    return (x->from > y->from) - (x->from < y->from);
}

/* Sorts the cells, removes duplicates and assigns them to the groups. */
static void order_cells(struct windows *w)
{
    size_t kept = 0;
    if (w->cell_count > 0)
        qsort(w->cells, w->cell_count, sizeof *w->cells, compare_cells);
    for (size_t i = 0; i < w->cell_count; i++) {
        if (kept > 0 && compare_cells(&w->cells[kept - 1], &w->cells[i]) == 0)
            continue;
        struct group *group = &w->groups[w->cells[i].group];
        if (group->end == 0)
            group->first = kept;
        w->cells[kept] = w->cells[i];
        w->cells[kept].next = kept;
        group->end = ++kept;
    }
    w->cell_count = kept;
}

/* The first blank cell from `cell` on, or the end of the group; shortens the path to it. */
static size_t find_blank(struct windows *w, const struct group *group, size_t cell)
{
    while (cell < group->end && w->cells[cell].next != cell) {
        size_t next = w->cells[cell].next;
        if (next < group->end)
            w->cells[cell].next = w->cells[next].next;
        cell = next;
    }
    return cell;
}

/* The cell of this moment, or the end of the group if it is before the first cell. */
static size_t cell_at(const struct windows *w, const struct group *group, int64_t ns)
{
    size_t low = group->first, high = group->end;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (w->cells[middle].from <= ns)
            low = middle + 1;
        else
            high = middle;
    }
    return low > group->first ? low - 1 : group->end;
}

static uint32_t painter_at(const struct windows *w, const struct group *group, int64_t ns)
{
    if (group->painter != NO_RULE)
        return group->painter;
    size_t cell = cell_at(w, group, ns);
    return cell < group->end ? w->cells[cell].painter : NO_RULE;
}

/* Up to where the group has painted without a gap from `ns`, which it has painted. */
static int64_t painted_until(struct windows *w, const struct group *group, int64_t ns)
{
    if (group->painter != NO_RULE)
        return INT64_MAX;
    size_t blank = find_blank(w, group, cell_at(w, group, ns));
    return blank < group->end ? w->cells[blank].from - 1 : INT64_MAX;
}

static void paint(struct windows *w, struct group *group, uint32_t number)
{
    const struct lcap_rule *rule = &w->rules->items[number];
    if (group->painter != NO_RULE)
        return;
    if (!rule->has_window) {
        group->painter = number;
        return;
    }
    size_t cell = find_blank(w, group, cell_at(w, group, rule->start_ns));
    while (cell < group->end && w->cells[cell].from <= rule->end_ns) {
        w->cells[cell].painter = number;
        w->cells[cell].next = cell + 1;
        cell = find_blank(w, group, cell + 1);
    }
}

/* NULL: no rule is in it. */
static struct group *find_group(const struct windows *w, uint32_t filter, uint32_t file,
                                uint32_t kind)
{
    const uint32_t place = idmap_find(&w->places, pair_of(filter, file));
    if (place == IDMAP_NONE)
        return NULL;
    const uint32_t group = idmap_find(&w->numbers, pair_of(place, kind));
    return group == IDMAP_NONE ? NULL : &w->groups[group];
}

/* The group of rules that take everything, once there is one. */
static struct group *find_everything(const struct windows *w)
{
    struct group *group = find_group(w, NO_FILTER, ANY_FILE, PLAIN_KIND);
    return group && group->painter != NO_RULE ? group : NULL;
}

/* The groups whose earlier rules may take packets away from `rule`; its own comes first. */
static size_t shading_groups(const struct windows *w, const struct lcap_rule *rule,
                             struct group *groups[SHADING_GROUPS])
{
    const uint32_t filters[] = {rule->filter, NO_FILTER};
    const uint32_t files[] = {rule->file_index, ANY_FILE};
    const struct distinct_kind *kind = &w->rules->kinds[rule->kind];
    const uint32_t kinds[] = {rule->kind, kind->without_each};
    const int pairs = kinds[0] == kinds[1] ? 4 : 8;
    size_t count = 0;
    for (int i = 0; i < pairs; i++) {
        struct group *group = find_group(w, filters[i / 2 % 2], files[i % 2], kinds[i / 4]);
        if (group)
            groups[count++] = group;
    }
    struct group *everything = kind->kind.scope_ns ? find_everything(w) : NULL;
    if (everything)
        groups[count++] = everything;
    return count;
}

/* The rule that takes a packet without a time, or NO_RULE. */
static uint32_t timeless_cover(struct group *const *groups, size_t count)
{
    uint32_t painter = NO_RULE;
    for (size_t i = 0; i < count; i++)
        if (groups[i]->painter < painter)
            painter = groups[i]->painter;
    return painter;
}

/* Whether the whole window is painted, and by whom at its first and last moment. */
static bool is_covered(struct windows *w, const struct lcap_rule *rule, struct group *const *groups,
                       size_t count, uint32_t *first, uint32_t *last)
{
    int64_t ns = rule->start_ns;
    for (int link = 0; link < CHAIN_MAX; link++) {
        const struct group *widest = NULL;
        int64_t until = 0;
        for (size_t i = 0; i < count; i++) {
            if (painter_at(w, groups[i], ns) == NO_RULE)
                continue;
            int64_t end = painted_until(w, groups[i], ns);
            if (!widest || end > until) {
                widest = groups[i];
                until = end;
            }
        }
        if (!widest)
            return false;
        if (link == 0)
            *first = painter_at(w, widest, ns);
        *last = painter_at(w, widest, rule->end_ns);
        if (until >= rule->end_ns)
            return true;
        ns = until + 1;
    }
    return false;
}

static int warn_if_shadowed(struct windows *w, struct lcap_rules *rules, uint32_t number,
                            struct lcap_error *error)
{
    struct lcap_rule *rule = &rules->items[number];
    struct group *groups[SHADING_GROUPS];
    size_t count = shading_groups(w, rule, groups);
    uint32_t first, last;
    if (rule->has_window) {
        rule->shadowed = is_covered(w, rule, groups, count, &first, &last);
    } else {
        first = last = timeless_cover(groups, count);
        rule->shadowed = first != NO_RULE;
    }
    paint(w, groups[0], number);
    if (!rule->shadowed)
        return LCAP_OK;
    if (first == last)
        return rules_warn(rules, error, rule->line,
                          "shadowed by line %" PRIu64 ", which takes every packet it could label",
                          rules->items[first].line);
    return rules_warn(rules, error, rule->line,
                      "shadowed by earlier lines, which take every packet it could label: "
                      "line %" PRIu64 " at its start, line %" PRIu64 " at its end",
                      rules->items[first].line, rules->items[last].line);
}

int rule_windows_warn(struct lcap_rules *rules, struct lcap_error *error)
{
    struct windows w = {.rules = rules};
    w.groups = memory_new(rules->count, sizeof *w.groups, error);
    w.cells = memory_new(rules->count, 2 * sizeof *w.cells, error);
    int rc = w.groups && w.cells ? collect_groups(&w, error) : LCAP_ERR_MEMORY;
    if (rc == 0)
        order_cells(&w);
    for (size_t i = 0; rc == 0 && i < rules->count; i++)
        if (!is_dead(&rules->items[i]))
            rc = warn_if_shadowed(&w, rules, (uint32_t)i, error);
    idmap_release(&w.numbers);
    idmap_release(&w.places);
    free(w.groups);
    free(w.cells);
    return rc;
}
