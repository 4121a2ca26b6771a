/* Adds up samples by label. */
#include "dataset/survey_labels.h"

#include "base/memory.h"
#include <stdlib.h>
#include <string.h>

uint64_t tally_duration_ns(const struct tally *tally)
{
    return tally_has_time(tally) ? (uint64_t)tally->last_ns - (uint64_t)tally->first_ns : 0;
}

uint64_t survey_label_mean_ns(const struct survey_label *label)
{
    return (uint64_t)(label->total_ns / label->samples);
}

static void add_sample(struct survey_label *label, const struct survey_sample *sample)
{
    uint64_t duration = tally_duration_ns(&sample->tally);
    if (label->samples == 0 || duration < label->shortest_ns)
        label->shortest_ns = duration;
    if (duration > label->longest_ns)
        label->longest_ns = duration;
    label->total_ns += duration;
    label->samples++;
    tally_add(&label->tally, &sample->tally);
}

static int compare_labels(const void *left, const void *right, void *texts)
{
    const struct survey_label *a = left, *b = right;
    if (a->samples != b->samples)
        return a->samples < b->samples ? 1 : -1;
    return strcmp(intern_get(texts, a->metadata, NULL), intern_get(texts, b->metadata, NULL));
}

int survey_labels(const struct survey *survey, struct survey_label **labels, size_t *count,
                  struct lcap_error *error)
{
    static const struct tally empty = TALLY_EMPTY;
    const struct sample_registry *registry = &survey->registry;
    size_t texts = intern_count(registry->texts);
    struct survey_label *all = memory_new(texts, sizeof *all, error);
    if (!all)
        return LCAP_ERR_MEMORY;
    for (size_t i = 0; i < texts; i++)
        all[i] = (struct survey_label){.metadata = (uint32_t)i, .tally = empty};
    for (size_t i = 0; i < sample_registry_count(registry); i++)
        add_sample(&all[registry->metadata_of[i]], &survey->samples[i]);
    size_t kept = 0; /* texts that occur only in conflicts name no sample */
    for (size_t i = 0; i < texts; i++)
        if (all[i].samples)
            all[kept++] = all[i];
    qsort_r(all, kept, sizeof *all, compare_labels, registry->texts);
    *labels = all;
    *count = kept;
    return LCAP_OK;
}
