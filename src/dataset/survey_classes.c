/* Adds up samples by class. */
#include "dataset/survey_classes.h"

#include "base/memory.h"
#include <stdlib.h>

uint64_t tally_duration_ns(const struct tally *tally)
{
    return tally_has_time(tally) ? (uint64_t)tally->last_ns - (uint64_t)tally->first_ns : 0;
}

uint64_t survey_class_mean_ns(const struct survey_class *class)
{
    return (uint64_t)(class->total_ns / class->samples);
}

static void add_sample(struct survey_class *class, const struct survey_sample *sample)
{
    uint64_t duration = tally_duration_ns(&sample->tally);
    if (class->samples == 0 || duration < class->shortest_ns)
        class->shortest_ns = duration;
    if (duration > class->longest_ns)
        class->longest_ns = duration;
    class->total_ns += duration;
    class->samples++;
    tally_add(&class->tally, &sample->tally);
}

static int compare_classes(const void *left, const void *right, void *texts)
{
    const struct survey_class *a = left, *b = right;
    if (a->samples != b->samples)
        return a->samples < b->samples ? 1 : -1;
    return intern_compare(texts, a->metadata, b->metadata);
}

int survey_classes(const struct survey *survey, struct survey_class **classes, size_t *count,
                   struct lcap_error *error)
{
    static const struct tally empty = TALLY_EMPTY;
    const struct sample_registry *registry = &survey->registry;
    size_t texts = intern_count(registry->texts);
    struct survey_class *all = memory_new(texts, sizeof *all, error);
    if (!all)
        return LCAP_ERR_MEMORY;
    for (size_t i = 0; i < texts; i++)
        all[i] = (struct survey_class){.metadata = (uint32_t)i, .tally = empty};
    for (size_t i = 0; i < sample_registry_count(registry); i++)
        add_sample(&all[registry->metadata_of[i]], &survey->samples[i]);
    size_t kept = 0; /* texts that occur only in conflicts name no sample */
    for (size_t i = 0; i < texts; i++)
        if (all[i].samples)
            all[kept++] = all[i];
    qsort_r(all, kept, sizeof *all, compare_classes, registry->texts);
    *classes = all;
    *count = kept;
    return LCAP_OK;
}
