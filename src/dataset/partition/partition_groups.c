/* Makes groups of samples. */
#include "dataset/partition/partition_groups.h"

#include "base/memory.h"
#include <inttypes.h>
#include <labelcap/label.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint64_t partition_hash(const char *purpose, uint64_t seed, uint64_t id)
{
    char text[64];
    const int len = snprintf(text, sizeof text, "%s %" PRIu64 " %" PRIu64, purpose, seed, id);
    return lcap_sample_id(text, (size_t)len);
}

struct member {
    uint64_t key; /* of its group */
    uint64_t id;
    uint32_t label;
    uint32_t sample;
};

/* A group is a run of members; in it, so is a label. */
static int compare_members(const void *one, const void *other)
{
    const struct member *a = one, *b = other;
    if (a->key != b->key)
        return a->key < b->key ? -1 : 1;
    if (a->label != b->label)
        return a->label < b->label ? -1 : 1;
    return a->id < b->id ? -1 : a->id > b->id;
}

static void list_members(const struct partition *p, struct member *members)
{
    for (uint32_t i = 0; i < partition_sample_count(p); i++) {
        const uint32_t root = sample_joins_root(&p->joins, i);
        members[i] = (struct member){sample_registry_id(&p->registry, root),
                                     sample_registry_id(&p->registry, i), p->samples[i].label, i};
    }
    qsort(members, partition_sample_count(p), sizeof *members, compare_members);
}

static uint32_t count_groups(const struct member *members, uint32_t count)
{
    uint32_t groups = 0;
    for (uint32_t i = 0; i < count; i++)
        groups += i == 0 || members[i].key != members[i - 1].key;
    return groups;
}

/* The label of most of its samples, the first one of several. */
static uint32_t label_of(const struct partition *p, const struct partition_group *group)
{
    uint32_t best = 0, most = 0, run = 0;
    for (uint32_t i = 0; i < group->size; i++) {
        const uint32_t label = p->samples[group->members[i]].label;
        run = i > 0 && p->samples[group->members[i - 1]].label == label ? run + 1 : 1;
        if (run > most) {
            most = run;
            best = label;
        }
    }
    return best;
}

static void finish_group(struct partition *p, struct partition_group *group)
{
    group->label = label_of(p, group);
    group->hash = partition_hash("partition", p->options->seed, group->key);
    for (uint32_t i = 0; i < group->size; i++) {
        const struct partition_sample *sample = &p->samples[group->members[i]];
        if (sample->first_ns < group->first_ns)
            group->first_ns = sample->first_ns;
        if (sample->last_ns > group->last_ns)
            group->last_ns = sample->last_ns;
    }
    if (group->size > p->counts.largest)
        p->counts.largest = group->size;
}

static void fill_groups(struct partition *p, const struct member *members)
{
    const uint32_t count = partition_sample_count(p);
    struct partition_group *group = p->groups;
    for (uint32_t i = 0; i < count; i++) {
        if (i == 0 || members[i].key != members[i - 1].key)
            group[p->group_count++] = (struct partition_group){.key = members[i].key,
                                                               .first_ns = INT64_MAX,
                                                               .last_ns = INT64_MIN,
                                                               .members = p->members + i,
                                                               .list = SPLIT_NO_LIST};
        p->members[i] = members[i].sample;
        group[p->group_count - 1].size++;
    }
    for (uint32_t i = 0; i < p->group_count; i++)
        finish_group(p, &group[i]);
}

int partition_groups_make(struct partition *partition, struct lcap_error *error)
{
    const uint32_t count = partition_sample_count(partition);
    struct member *members = memory_new(count, sizeof *members, error);
    if (members)
        list_members(partition, members);
    const uint32_t groups = members ? count_groups(members, count) : 0;
    partition->groups = memory_new(groups, sizeof *partition->groups, error);
    partition->members = memory_new(count, sizeof *partition->members, error);
    const bool good = members && partition->groups && partition->members;
    if (good)
        fill_groups(partition, members);
    free(members);
    return good ? LCAP_OK : LCAP_ERR_MEMORY;
}
