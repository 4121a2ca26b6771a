/* Chooses samples. */
#include "dataset/select/sample_choice.h"

#include "base/memory.h"
#include "dataset/ranked_samples.h"
#include <fnmatch.h>
#include <inttypes.h>
#include <labelcap/label.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int sample_choice_init(struct sample_choice *choice, const struct sample_choice_options *options,
                       struct lcap_error *error)
{
    *choice = (struct sample_choice){.options = options};
    int rc = sample_registry_init(&choice->registry, error);
    if (rc == LCAP_OK && options->ids)
        rc = id_list_read(&choice->ids, options->ids, error);
    if (rc == LCAP_OK && options->list)
        rc = id_list_read_split(&choice->list, options->splits, options->list, error);
    return rc;
}

void sample_choice_release(struct sample_choice *choice)
{
    id_list_release(&choice->ids);
    id_list_release(&choice->list);
    sample_registry_release(&choice->registry);
    free(choice->states);
    *choice = (struct sample_choice){.options = NULL};
}

bool sample_choice_is_narrow(const struct sample_choice_options *options)
{
    return options->ids || options->list || options->label || sample_choice_needs_all(options);
}

bool sample_choice_needs_all(const struct sample_choice_options *options)
{
    return options->min_packets > 1 || options->max_per_label > 0;
}

const struct id_list *sample_choice_list(const struct sample_choice *choice)
{
    if (choice->options->ids)
        return &choice->ids;
    return choice->options->list ? &choice->list : NULL;
}

/* Asks both lists, so that each knows which of its IDs were found. */
static bool is_listed(struct sample_choice *choice, uint64_t id)
{
    const bool in_ids = !choice->options->ids || id_list_find(&choice->ids, id);
    const bool in_list = !choice->options->list || id_list_find(&choice->list, id);
    return in_ids && in_list;
}

/* Every sample has a packet: 1 asks for nothing, and the packets were not counted. */
static bool is_large(const struct sample_choice_options *options, uint64_t packets)
{
    return options->min_packets <= 1 || packets >= options->min_packets;
}

static bool is_wanted(struct sample_choice *choice, const struct sample *sample, uint64_t packets)
{
    const struct sample_choice_options *options = choice->options;
    if (!is_listed(choice, sample->id) || !is_large(options, packets))
        return false;
    return !options->label || fnmatch(options->label, sample->metadata, 0) == 0;
}

int sample_choice_add(struct sample_choice *choice, const struct sample *sample, uint64_t packets,
                      uint32_t *number, struct lcap_error *error)
{
    int rc = sample_registry_add(&choice->registry, sample->id, sample->metadata,
                                 sample->metadata_len, number, error);
    if (rc >= 0)
        rc = memory_grow((void **)&choice->states, &choice->capacity, (size_t)*number + 1,
                         sizeof *choice->states, error);
    if (rc < 0)
        return rc;
    /* The registry has a copy of the metadata, which ends with a NUL. */
    const struct sample kept = sample_registry_get(&choice->registry, *number);
    choice->states[*number] = (struct sample_state){.chosen = is_wanted(choice, &kept, packets)};
    return LCAP_OK;
}

/* ---- at most so many of each label ---- */

/* Of the ID as text, so that others can compute it as easily as a sampleID. */
static uint64_t hash_of(uint64_t id)
{
    char text[32];
    return lcap_sample_id(text, (size_t)snprintf(text, sizeof text, "%" PRIu64, id));
}

static size_t rank(const struct sample_choice *choice, struct ranked_sample *ranked)
{
    const struct sample_registry *registry = &choice->registry;
    size_t count = 0;
    for (uint32_t i = 0; i < sample_registry_count(registry); i++) {
        const uint64_t id = sample_registry_id(registry, i);
        if (choice->states[i].chosen)
            ranked[count++] = (struct ranked_sample){
                .label = registry->metadata_of[i], .sample = i, .hash = hash_of(id), .id = id};
    }
    ranked_samples_sort(ranked, count);
    return count;
}

int sample_choice_limit(struct sample_choice *choice, struct lcap_error *error)
{
    const uint64_t most = choice->options->max_per_label;
    if (most == 0)
        return LCAP_OK;
    struct ranked_sample *ranked =
        memory_new(sample_registry_count(&choice->registry), sizeof *ranked, error);
    if (!ranked)
        return LCAP_ERR_MEMORY;
    const size_t count = rank(choice, ranked);
    for (size_t first = 0, end = 0; first < count; first = end) {
        end = ranked_samples_end(ranked, count, first);
        for (size_t i = first; i < end; i++)
            choice->states[ranked[i].sample].chosen = i - first < most;
    }
    free(ranked);
    return LCAP_OK;
}
