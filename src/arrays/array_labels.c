/* Sorts labels. */
#include "arrays/array_labels.h"

#include "base/bytes.h"
#include "base/memory.h"
#include <stdlib.h>

int array_labels_init(struct array_labels *labels, struct lcap_error *error)
{
    *labels = (struct array_labels){.texts = NULL};
    return intern_new(&labels->texts, error);
}

/* Bytewise; a prefix comes first. */
static int compare_labels(const void *a, const void *b, void *context)
{
    const struct array_labels *labels = context;
    size_t left_len, right_len;
    const char *left = intern_get(labels->texts, *(const uint32_t *)a, &left_len);
    const char *right = intern_get(labels->texts, *(const uint32_t *)b, &right_len);
    const int order = memcmp(left, right, left_len < right_len ? left_len : right_len);
    return order != 0 ? order : (left_len > right_len) - (left_len < right_len);
}

int array_labels_sort(struct array_labels *labels, struct lcap_error *error)
{
    const size_t count = intern_count(labels->texts);
    labels->sorted = memory_new(count, sizeof *labels->sorted, error);
    labels->places = memory_new(count, sizeof *labels->places, error);
    if (!labels->sorted || !labels->places)
        return LCAP_ERR_MEMORY;
    labels->count = count;
    for (uint32_t i = 0; i < count; i++)
        labels->sorted[i] = i;
    qsort_r(labels->sorted, count, sizeof *labels->sorted, compare_labels, labels);
    for (uint32_t i = 0; i < count; i++)
        labels->places[labels->sorted[i]] = i;
    return LCAP_OK;
}

const char *array_labels_get(const struct array_labels *labels, uint32_t y, size_t *len)
{
    return intern_get(labels->texts, labels->sorted[y], len);
}

void array_labels_number(const struct array_labels *labels, uint8_t *numbers, size_t count)
{
    for (size_t i = 0; i < count; i++, numbers += sizeof(uint64_t))
        store64(numbers, labels->places[load64(numbers, false)], false);
}

void array_labels_release(struct array_labels *labels)
{
    intern_free(labels->texts);
    free(labels->sorted);
    free(labels->places);
}
