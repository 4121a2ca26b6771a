/* Ranks samples in their labels. */
#include "dataset/ranked_samples.h"

#include <stdlib.h>

static int compare_ranks(const void *one, const void *other)
{
    const struct ranked_sample *a = one, *b = other;
    if (a->label != b->label)
        return a->label < b->label ? -1 : 1;
    if (a->comes_last != b->comes_last)
        return a->comes_last ? 1 : -1;
    if (a->hash != b->hash)
        return a->hash < b->hash ? -1 : 1;
    return a->id < b->id ? -1 : a->id > b->id;
}

void ranked_samples_sort(struct ranked_sample *ranked, size_t count)
{
    qsort(ranked, count, sizeof *ranked, compare_ranks);
}

size_t ranked_samples_end(const struct ranked_sample *ranked, size_t count, size_t first)
{
    size_t end = first;
    while (end < count && ranked[end].label == ranked[first].label)
        end++;
    return end;
}
