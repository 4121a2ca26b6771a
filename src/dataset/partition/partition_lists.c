/* Gives groups, and so samples, a list. */
#include "dataset/partition/partition_lists.h"

#include "base/memory.h"
#include "dataset/partition/list_times.h"
#include "dataset/partition/partition_groups.h"
#include "dataset/ranked_samples.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- names ---- */

static struct partition_list *add_list(struct partition *p, uint64_t share, const char *name)
{
    struct partition_list *list = &p->lists[p->list_count++];
    *list = (struct partition_list){.share = share};
    snprintf(list->name, sizeof list->name, "%s", name);
    return list;
}

/* The thresholds of K equal folds are K times a share, rounded down. */
static uint64_t fold_share(uint64_t fold, uint64_t folds)
{
    return (fold + 1) * SHARE_WHOLE / folds - fold * SHARE_WHOLE / folds;
}

void partition_lists_name(struct partition *p)
{
    static const char *const names[SHARES] = {"train", "validation", "test"};
    const struct partition_options *options = p->options;
    for (uint32_t i = 0; i < options->folds; i++) {
        struct partition_list *fold = add_list(p, fold_share(i, options->folds), "");
        snprintf(fold->name, sizeof fold->name, "fold-%" PRIu32, i + 1);
    }
    for (uint32_t i = 0; i < SHARES && options->folds == 0; i++)
        if (options->shares[i] > 0)
            add_list(p, options->shares[i], names[i]);
    p->challenge = SPLIT_NO_LIST;
    if (options->challenge > 0) {
        p->challenge = p->list_count;
        add_list(p, 0, SPLIT_CHALLENGE);
    }
}

uint16_t partition_lists_find(const struct partition *p, const char *name)
{
    for (uint16_t i = 0; i < p->list_count; i++)
        if (strcmp(p->lists[i].name, name) == 0)
            return i;
    return SPLIT_NO_LIST;
}

/* ---- by hash ---- */

static uint16_t list_of_hash(const struct partition *p, uint64_t hash)
{
    uint64_t place = hash % SHARE_WHOLE;
    uint16_t list = 0;
    for (; place >= p->lists[list].share; list++)
        place -= p->lists[list].share;
    return list;
}

static void assign_by_hash(struct partition *p)
{
    for (uint32_t i = 0; i < p->group_count; i++)
        if (partition_group_is_free(&p->groups[i]))
            p->groups[i].list = list_of_hash(p, p->groups[i].hash);
}

/* ---- exactly ---- */

static int compare_for_dealing(const void *one, const void *other)
{
    const struct partition_group *a = *(struct partition_group *const *)one;
    const struct partition_group *b = *(struct partition_group *const *)other;
    if (a->label != b->label)
        return a->label < b->label ? -1 : 1;
    if (a->size != b->size)
        return a->size > b->size ? -1 : 1;
    if (a->hash != b->hash)
        return a->hash < b->hash ? -1 : 1;
    return a->key < b->key ? -1 : a->key > b->key;
}

/* What each list lacks, in samples times SHARE_WHOLE: after all labels so far; of this one. */
struct dealing {
    int64_t carried[MOST_FOLDS + 1], owed[MOST_FOLDS + 1];
    uint16_t lists;
};

static int64_t within(int64_t value, int64_t most)
{
    if (value > most)
        return most;
    return value < -most ? -most : value;
}

/*
 * A label evens out what the labels before it left uneven, but by no more than its own
 * largest group: a label of single samples gives each list its share of it, plus or
 * minus one, even if another label has a group that no list has room for.
 */
static void begin_label(struct dealing *dealing, const struct partition *p,
                        struct partition_group *const *groups, uint32_t count)
{
    int64_t samples = 0;
    for (uint32_t i = 0; i < count; i++)
        samples += groups[i]->size;
    for (uint16_t list = 0; list < dealing->lists; list++) {
        const int64_t share = samples * (int64_t)p->lists[list].share;
        const int64_t largest = (int64_t)groups[0]->size * SHARE_WHOLE;
        dealing->owed[list] = share + within(dealing->carried[list], largest);
        dealing->carried[list] += share;
    }
}

static void deal_to(struct dealing *dealing, struct partition_group *group, uint16_t list)
{
    group->list = list;
    dealing->owed[list] -= (int64_t)group->size * SHARE_WHOLE;
    dealing->carried[list] -= (int64_t)group->size * SHARE_WHOLE;
}

static uint16_t list_that_lacks_most(const struct dealing *dealing)
{
    uint16_t best = 0;
    for (uint16_t list = 1; list < dealing->lists; list++)
        if (dealing->owed[list] > dealing->owed[best])
            best = list;
    return best;
}

/* Groups that have a list already come first, because they count. */
static void deal_label(struct dealing *dealing, const struct partition *p,
                       struct partition_group *const *groups, uint32_t count)
{
    begin_label(dealing, p, groups, count);
    for (uint32_t i = 0; i < count; i++)
        if (groups[i]->list != SPLIT_NO_LIST)
            deal_to(dealing, groups[i], groups[i]->list);
    for (uint32_t i = 0; i < count; i++)
        if (groups[i]->list == SPLIT_NO_LIST)
            deal_to(dealing, groups[i], list_that_lacks_most(dealing));
}

static uint32_t list_groups_to_deal(const struct partition *p, struct partition_group **groups)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < p->group_count; i++) {
        struct partition_group *group = &p->groups[i];
        const bool is_challenge = group->list != SPLIT_NO_LIST && group->list == p->challenge;
        if (!group->torn && !group->left_out && !is_challenge)
            groups[count++] = group;
    }
    qsort(groups, count, sizeof *groups, compare_for_dealing);
    return count;
}

static int assign_exactly(struct partition *p, struct lcap_error *error)
{
    struct dealing dealing = {.lists = p->list_count};
    struct partition_group **groups = memory_new(p->group_count, sizeof *groups, error);
    if (!groups)
        return LCAP_ERR_MEMORY;
    dealing.lists -= p->challenge != SPLIT_NO_LIST;
    const uint32_t count = list_groups_to_deal(p, groups);
    for (uint32_t first = 0, end = 0; first < count; first = end) {
        while (end < count && groups[end]->label == groups[first]->label)
            end++;
        deal_label(&dealing, p, groups + first, end - first);
    }
    free(groups);
    return LCAP_OK;
}

/* ---- samples ---- */

static void spread_to_samples(struct partition *p)
{
    for (uint32_t i = 0; i < p->group_count; i++) {
        const struct partition_group *group = &p->groups[i];
        for (uint32_t j = 0; j < group->size && !group->torn; j++) {
            struct partition_sample *sample = &p->samples[group->members[j]];
            sample->list = group->list;
            sample->left_out = group->left_out;
        }
    }
}

/* What is in the list already stays if it can. */
static size_t rank_train(const struct partition *p, struct ranked_sample *ranked)
{
    const uint16_t train = partition_lists_find(p, "train");
    size_t count = 0;
    for (uint32_t i = 0; i < partition_sample_count(p); i++) {
        const struct partition_sample *sample = &p->samples[i];
        const uint64_t id = sample_registry_id(&p->registry, i);
        if (sample->list == train)
            ranked[count++] =
                (struct ranked_sample){sample->label, i, !sample->was_listed,
                                       partition_hash("balance", p->options->seed, id), id};
    }
    ranked_samples_sort(ranked, count);
    return count;
}

static size_t smallest_label(const struct ranked_sample *ranked, size_t count)
{
    size_t smallest = SIZE_MAX;
    for (size_t first = 0, end = 0; first < count; first = end) {
        end = ranked_samples_end(ranked, count, first);
        if (end - first < smallest)
            smallest = end - first;
    }
    return smallest;
}

static int balance_train(struct partition *p, struct lcap_error *error)
{
    struct ranked_sample *ranked = memory_new(partition_sample_count(p), sizeof *ranked, error);
    if (!ranked)
        return LCAP_ERR_MEMORY;
    const size_t count = rank_train(p, ranked);
    const size_t most = smallest_label(ranked, count);
    for (size_t first = 0, end = 0; first < count; first = end) {
        end = ranked_samples_end(ranked, count, first);
        for (size_t i = first; i < end; i++) {
            if (i - first < most)
                continue;
            p->samples[ranked[i].sample].list = SPLIT_NO_LIST;
            p->samples[ranked[i].sample].left_out = LEFT_OUT_BALANCE;
        }
    }
    free(ranked);
    return LCAP_OK;
}

/* ---- the whole ---- */

static void count_sample(struct partition *p, const struct partition_sample *sample)
{
    p->counts.left_out[sample->left_out]++;
    if (sample->list == SPLIT_NO_LIST)
        return;
    p->lists[sample->list].samples++;
    p->lists[sample->list].packets += sample->packets;
    p->label_counts[(size_t)sample->label * p->list_count + sample->list]++;
}

static int count_lists(struct partition *p, struct lcap_error *error)
{
    p->label_counts =
        memory_new((size_t)p->label_count * p->list_count, sizeof *p->label_counts, error);
    if (!p->label_counts)
        return LCAP_ERR_MEMORY;
    for (uint32_t i = 0; i < partition_sample_count(p); i++)
        count_sample(p, &p->samples[i]);
    for (uint32_t i = 0; i < p->group_count; i++)
        if (p->groups[i].list != SPLIT_NO_LIST)
            p->lists[p->groups[i].list].groups++;
    return LCAP_OK;
}

int partition_lists_assign(struct partition *p, struct lcap_error *error)
{
    int rc = LCAP_OK;
    if (p->options->method == PARTITION_BY_HASH)
        assign_by_hash(p);
    else if (p->options->method == PARTITION_EXACTLY)
        rc = assign_exactly(p, error);
    else
        rc = list_times_assign(p, error);
    if (rc == LCAP_OK)
        spread_to_samples(p);
    if (rc == LCAP_OK && p->options->balance_train)
        rc = balance_train(p, error);
    return rc == LCAP_OK ? count_lists(p, error) : rc;
}
