/* Sorts labels. */
#include "arrays/array_labels.h"

#include "base/bytes.h"
#include <stdlib.h>

int array_labels_init(struct array_labels *labels, struct lcap_error *error)
{
    *labels = (struct array_labels){.texts = NULL};
    return intern_new(&labels->texts, error);
}

int array_labels_sort(struct array_labels *labels, struct lcap_error *error)
{
    labels->count = intern_count(labels->texts);
    return intern_order(labels->texts, &labels->sorted, &labels->places, error);
}

const char *array_labels_get(const struct array_labels *labels, uint32_t y, size_t *len)
{
    return intern_get(labels->texts, labels->sorted[y], len);
}

bool array_labels_number(const struct array_labels *labels, uint8_t *numbers, size_t count)
{
    for (size_t i = 0; i < count; i++, numbers += sizeof(uint64_t)) {
        const uint64_t number = load64(numbers, false);
        if (number >= labels->count)
            return false;
        store64(numbers, labels->places[number], false);
    }
    return true;
}

void array_labels_release(struct array_labels *labels)
{
    intern_free(labels->texts);
    free(labels->sorted);
    free(labels->places);
}
