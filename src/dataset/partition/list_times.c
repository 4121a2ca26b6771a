/* Gives groups a list by time. */
#include "dataset/partition/list_times.h"

#include "base/memory.h"
#include "dataset/partition/partition_lists.h"
#include <stdlib.h>

/* The time at which each list begins. An empty list begins where the next one does. */
struct borders {
    int64_t times[MOST_FOLDS + 2];
};

static int compare_times(const void *one, const void *other)
{
    const struct partition_group *a = *(struct partition_group *const *)one;
    const struct partition_group *b = *(struct partition_group *const *)other;
    if (a->first_ns != b->first_ns)
        return a->first_ns < b->first_ns ? -1 : 1;
    return a->key < b->key ? -1 : a->key > b->key;
}

static void leave_untimed_out(struct partition *p)
{
    for (uint32_t i = 0; i < p->group_count; i++) {
        struct partition_group *group = &p->groups[i];
        if (partition_group_is_free(group) && !partition_has_time(group->first_ns, group->last_ns))
            group->left_out = LEFT_OUT_UNTIMED;
    }
}

static void begin_borders(const struct partition *p, struct borders *borders)
{
    borders->times[0] = INT64_MIN;
    for (uint16_t i = 1; i <= p->list_count; i++)
        borders->times[i] = INT64_MAX;
}

static void close_borders(const struct partition *p, struct borders *borders)
{
    for (uint16_t i = p->list_count; i-- > 1;)
        if (borders->times[i] == INT64_MAX)
            borders->times[i] = borders->times[i + 1];
}

/* ---- by shares ---- */

/* How many samples all lists up to each one have. */
static void plan_ends(const struct partition *p, uint64_t samples, uint64_t *ends)
{
    const uint64_t challenge = p->options->challenge < samples ? p->options->challenge : samples;
    const uint64_t rest = samples - challenge;
    uint64_t share = 0;
    for (uint16_t i = 0; i < p->list_count; i++) {
        share += p->lists[i].share;
        ends[i] = (rest * share + SHARE_WHOLE / 2) / SHARE_WHOLE;
    }
    if (p->challenge != SPLIT_NO_LIST)
        ends[p->challenge] = samples;
}

static void assign_in_order(const struct partition *p, struct partition_group *const *groups,
                            uint32_t count, struct borders *borders)
{
    uint64_t samples = 0, ends[MOST_FOLDS + 1];
    uint16_t list = 0;
    for (uint32_t i = 0; i < count; i++)
        samples += groups[i]->size;
    plan_ends(p, samples, ends);
    samples = 0;
    for (uint32_t i = 0; i < count; i++) {
        while (list + 1 < p->list_count && samples >= ends[list])
            list++;
        if (borders->times[list] == INT64_MAX)
            borders->times[list] = groups[i]->first_ns;
        groups[i]->list = list;
        samples += groups[i]->size;
    }
}

static int assign_by_shares(const struct partition *p, struct borders *borders,
                            struct lcap_error *error)
{
    uint32_t count = 0;
    struct partition_group **groups = memory_new(p->group_count, sizeof *groups, error);
    if (!groups)
        return LCAP_ERR_MEMORY;
    for (uint32_t i = 0; i < p->group_count; i++)
        if (partition_group_is_free(&p->groups[i]))
            groups[count++] = &p->groups[i];
    qsort(groups, count, sizeof *groups, compare_times);
    assign_in_order(p, groups, count, borders);
    free(groups);
    return LCAP_OK;
}

/* ---- by lists that are extended ---- */

static int find_borders(const struct partition *p, struct borders *borders,
                        struct lcap_error *error)
{
    int64_t ends[MOST_FOLDS + 1] = {0};
    for (uint16_t i = 0; i < p->list_count; i++)
        ends[i] = INT64_MIN;
    for (uint32_t i = 0; i < partition_sample_count(p); i++) {
        const struct partition_sample *sample = &p->samples[i];
        if (sample->list == SPLIT_NO_LIST)
            continue;
        if (sample->list > 0 && sample->first_ns < borders->times[sample->list])
            borders->times[sample->list] = sample->first_ns;
        if (sample->last_ns > ends[sample->list])
            ends[sample->list] = sample->last_ns;
    }
    close_borders(p, borders);
    for (uint16_t i = 0; i < p->list_count; i++)
        if (ends[i] >= borders->times[i + 1] && borders->times[i + 1] != INT64_MAX)
            return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                                  "%s: not in the order of time: a sample of %s is later than the "
                                  "first one of the next list",
                                  p->options->extend, p->lists[i].name);
    return LCAP_OK;
}

static int assign_between(const struct partition *p, struct borders *borders,
                          struct lcap_error *error)
{
    const int rc = find_borders(p, borders, error);
    for (uint32_t i = 0; rc == LCAP_OK && i < p->group_count; i++) {
        struct partition_group *group = &p->groups[i];
        uint16_t list = 0;
        if (!partition_group_is_free(group))
            continue;
        while (list + 1 < p->list_count && group->first_ns >= borders->times[list + 1])
            list++;
        group->list = list;
    }
    return rc;
}

/* ---- borders ---- */

static bool overlaps(const struct partition_group *group, int64_t border, uint64_t gap_ns)
{
    return border != INT64_MAX &&
           (group->last_ns >= border || (uint64_t)border - (uint64_t)group->last_ns < gap_ns);
}

static void leave_overlapping_out(struct partition *p, const struct borders *borders)
{
    for (uint32_t i = 0; i < p->group_count; i++) {
        struct partition_group *group = &p->groups[i];
        if (group->was_listed || group->list == SPLIT_NO_LIST ||
            !overlaps(group, borders->times[group->list + 1], p->options->gap_ns))
            continue;
        group->list = SPLIT_NO_LIST;
        group->left_out = LEFT_OUT_BORDER;
    }
}

int list_times_assign(struct partition *p, struct lcap_error *error)
{
    struct borders borders;
    leave_untimed_out(p);
    begin_borders(p, &borders);
    const int rc = p->options->extend ? assign_between(p, &borders, error)
                                      : assign_by_shares(p, &borders, error);
    close_borders(p, &borders);
    if (rc == LCAP_OK)
        leave_overlapping_out(p, &borders);
    return rc;
}
