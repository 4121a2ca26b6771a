/* Takes lists over. */
#include "dataset/partition/list_extension.h"

#include "base/memory.h"
#include "dataset/partition/challenge_key.h"
#include "dataset/partition/extension_options.h"
#include "dataset/partition/partition_lists.h"
#include <inttypes.h>
#include <stdlib.h>

/* By number of the old list: that of ours. */
struct extension {
    struct split_lists old;
    uint16_t *ours;
    uint16_t challenge; /* the old one, or SPLIT_NO_LIST */
    uint64_t challenged;
};

static int match_lists(const struct partition *p, struct extension *extension,
                       struct lcap_error *error)
{
    const struct split_folder *folder = &extension->old.folder;
    extension->challenge = SPLIT_NO_LIST;
    extension->ours = memory_new(folder->count, sizeof *extension->ours, error);
    if (!extension->ours)
        return LCAP_ERR_MEMORY;
    for (uint16_t i = 0; i < folder->count; i++) {
        extension->ours[i] = partition_lists_find(p, folder->names[i]);
        if (extension->ours[i] == SPLIT_NO_LIST)
            return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                                  "%s/%s.csv: the new lists have none of this name: give the "
                                  "options that made it",
                                  folder->path, folder->names[i]);
        if (extension->ours[i] == p->challenge)
            extension->challenge = i;
    }
    return LCAP_OK;
}

/* A sample of the challenge is listed under its other ID. */
static uint16_t old_list_of(const struct partition *p, struct extension *extension, uint64_t id)
{
    if (extension->challenge != SPLIT_NO_LIST &&
        split_lists_of(&extension->old, challenge_id(p->key, id)) == extension->challenge) {
        extension->challenged++;
        return p->challenge;
    }
    const uint16_t list = split_lists_of(&extension->old, id);
    return list == SPLIT_NO_LIST ? list : extension->ours[list];
}

static void take_over(struct partition *p, struct extension *extension)
{
    for (uint32_t i = 0; i < partition_sample_count(p); i++) {
        struct partition_sample *sample = &p->samples[i];
        sample->list = old_list_of(p, extension, sample_registry_id(&p->registry, i));
        sample->was_listed = sample->list != SPLIT_NO_LIST;
        p->counts.were_listed += sample->was_listed;
    }
    p->counts.gone = extension->old.ids.count - p->counts.were_listed;
}

static int check_key(const struct partition *p, const struct extension *extension,
                     struct lcap_error *error)
{
    if (extension->challenge == SPLIT_NO_LIST || extension->challenged > 0)
        return LCAP_OK;
    return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                          "%s: no sample of the data set has an ID of " SPLIT_CHALLENGE
                          ".csv under the key in %s: it was made with another key",
                          p->options->extend, p->options->challenge_key);
}

/* ---- groups ---- */

/* Members of a group: the first one of a list, the first of another list, and the first new one. */
struct mixture {
    uint32_t one, other, new_one;
};

static struct mixture mixture_of(const struct partition *p, const struct partition_group *group)
{
    struct mixture mixture = {NO_SAMPLE, NO_SAMPLE, NO_SAMPLE};
    for (uint32_t i = 0; i < group->size; i++) {
        const uint32_t member = group->members[i];
        const uint16_t list = p->samples[member].list;
        if (list == SPLIT_NO_LIST && mixture.new_one == NO_SAMPLE)
            mixture.new_one = member;
        if (list == SPLIT_NO_LIST)
            continue;
        if (mixture.one == NO_SAMPLE)
            mixture.one = member;
        else if (mixture.other == NO_SAMPLE && list != p->samples[mixture.one].list)
            mixture.other = member;
    }
    return mixture;
}

static uint64_t id_of(const struct partition *p, uint32_t sample)
{
    return sample_registry_id(&p->registry, sample);
}

static const char *list_name(const struct partition *p, uint32_t sample)
{
    return p->lists[p->samples[sample].list].name;
}

static int name_torn(const struct partition *p, const struct mixture *mixture,
                     struct lcap_error *error)
{
    return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                          "%s: samples %" PRIu64 " of %s and %" PRIu64
                          " of %s belong together: the lists were made with other groups",
                          p->options->extend, id_of(p, mixture->one), list_name(p, mixture->one),
                          id_of(p, mixture->other), list_name(p, mixture->other));
}

static int name_conflict(const struct partition *p, const struct mixture *mixture,
                         struct lcap_error *error)
{
    return lcap_error_set(
        error, LCAP_ERR_ARGUMENT,
        "the new sample %" PRIu64 " joins samples %" PRIu64 " of %s and %" PRIu64 " of %s",
        id_of(p, mixture->new_one), id_of(p, mixture->one), list_name(p, mixture->one),
        id_of(p, mixture->other), list_name(p, mixture->other));
}

static void leave_new_out(struct partition *p, struct partition_group *group)
{
    group->torn = true;
    for (uint32_t i = 0; i < group->size; i++) {
        struct partition_sample *sample = &p->samples[group->members[i]];
        if (sample->list == SPLIT_NO_LIST)
            sample->left_out = LEFT_OUT_CONFLICT;
    }
}

static int settle_group(struct partition *p, struct partition_group *group,
                        struct lcap_error *error)
{
    const struct mixture mixture = mixture_of(p, group);
    group->was_listed = mixture.one != NO_SAMPLE;
    if (mixture.other == NO_SAMPLE) {
        group->list = group->was_listed ? p->samples[mixture.one].list : SPLIT_NO_LIST;
        return LCAP_OK;
    }
    if (mixture.new_one == NO_SAMPLE)
        return name_torn(p, &mixture, error);
    if (p->counts.joined++ == 0)
        name_conflict(p, &mixture, &p->conflict);
    leave_new_out(p, group);
    return LCAP_OK;
}

static int settle_groups(struct partition *p, struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (uint32_t i = 0; i < p->group_count && rc == LCAP_OK; i++)
        rc = settle_group(p, &p->groups[i], error);
    if (rc == LCAP_OK && p->counts.joined > 0 && !p->options->drop_conflicts)
        rc = lcap_error_set(error, LCAP_ERR_ARGUMENT,
                            "%s: %s%s; --on-conflict drop leaves such new samples out",
                            p->options->extend, p->conflict.text,
                            p->counts.joined > 1 ? ", and there are more" : "");
    return rc;
}

int list_extension_apply(struct partition *partition, struct lcap_error *error)
{
    struct extension extension = {.ours = NULL};
    int rc = split_lists_read(&extension.old, partition->options->extend, error);
    if (rc == LCAP_OK)
        rc = match_lists(partition, &extension, error);
    if (rc == LCAP_OK)
        rc = extension_options_check(partition, error);
    if (rc == LCAP_OK) {
        take_over(partition, &extension);
        rc = check_key(partition, &extension, error);
    }
    if (rc == LCAP_OK)
        rc = settle_groups(partition, error);
    free(extension.ours);
    split_lists_release(&extension.old);
    return rc;
}
