/* Chooses groups for the challenge. */
#include "dataset/partition/challenge_choice.h"

#include "base/memory.h"
#include "dataset/partition/challenge_key.h"
#include "dataset/partition/partition_lists.h"
#include <stdlib.h>

struct candidate {
    struct partition_group *group;
    uint64_t rank;
};

static int compare_candidates(const void *one, const void *other)
{
    const struct candidate *a = one, *b = other;
    if (a->group->label != b->group->label)
        return a->group->label < b->group->label ? -1 : 1;
    if (a->rank != b->rank)
        return a->rank < b->rank ? -1 : 1;
    return a->group->key < b->group->key ? -1 : a->group->key > b->group->key;
}

static uint32_t list_candidates(struct partition *p, struct candidate *candidates)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < p->group_count; i++) {
        struct partition_group *group = &p->groups[i];
        if (partition_group_is_free(group))
            candidates[count++] = (struct candidate){group, challenge_rank(p->key, group->key)};
    }
    qsort(candidates, count, sizeof *candidates, compare_candidates);
    return count;
}

static uint64_t samples_wanted(const struct partition *p)
{
    uint64_t taken = 0;
    for (uint32_t i = 0; i < partition_sample_count(p); i++)
        taken += p->samples[i].list == p->challenge;
    return taken < p->options->challenge ? p->options->challenge - taken : 0;
}

/* The share of a label grows with each of its groups; what a label cannot use, the next may. */
static uint64_t take_shares(const struct partition *p, const struct candidate *candidates,
                            uint32_t count, uint64_t wanted)
{
    uint64_t samples = 0, owed = 0, taken = 0;
    for (uint32_t i = 0; i < count; i++)
        samples += candidates[i].group->size;
    if (wanted > samples)
        wanted = samples;
    for (uint32_t first = 0, end = 0; first < count; first = end) {
        for (; end < count && candidates[end].group->label == candidates[first].group->label; end++)
            owed += candidates[end].group->size * wanted;
        for (uint32_t i = first; i < end; i++) {
            struct partition_group *group = candidates[i].group;
            if (group->size * samples > owed)
                continue;
            group->list = p->challenge;
            owed -= group->size * samples;
            taken += group->size;
        }
    }
    return taken;
}

/* What is left because groups were too large for the share of their label. */
static void fill_up(const struct partition *p, const struct candidate *candidates, uint32_t count,
                    uint64_t wanted)
{
    for (uint32_t i = 0; i < count && wanted > 0; i++) {
        struct partition_group *group = candidates[i].group;
        if (group->list != SPLIT_NO_LIST || group->size > wanted)
            continue;
        group->list = p->challenge;
        wanted -= group->size;
    }
}

int challenge_choose(struct partition *p, struct lcap_error *error)
{
    struct candidate *candidates = memory_new(p->group_count, sizeof *candidates, error);
    if (!candidates)
        return LCAP_ERR_MEMORY;
    const uint32_t count = list_candidates(p, candidates);
    const uint64_t wanted = samples_wanted(p);
    const uint64_t taken = take_shares(p, candidates, count, wanted);
    fill_up(p, candidates, count, wanted - taken);
    free(candidates);
    return LCAP_OK;
}

int challenge_check_ids(struct partition *p, struct lcap_error *error)
{
    struct idmap ids = {.ids = NULL};
    uint32_t number;
    int rc = LCAP_OK;
    for (uint32_t i = 0; i < partition_sample_count(p) && rc == LCAP_OK; i++) {
        if (p->samples[i].list != p->challenge)
            continue;
        const size_t known = ids.count;
        const uint64_t id = challenge_id(p->key, sample_registry_id(&p->registry, i));
        rc = idmap_add(&ids, id, &number, error);
        if (rc == LCAP_OK &&
            (number != known || sample_registry_find(&p->registry, id) != NO_SAMPLE))
            rc = lcap_error_set(error, LCAP_ERR_ARGUMENT,
                                "%s: gives two samples one ID: take another key",
                                p->options->challenge_key);
    }
    idmap_release(&ids);
    return rc;
}
