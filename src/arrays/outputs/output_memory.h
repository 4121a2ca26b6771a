/* Arrays in memory of the caller. */
#ifndef ARRAYS_OUTPUTS_OUTPUT_MEMORY_H
#define ARRAYS_OUTPUTS_OUTPUT_MEMORY_H

#include "arrays/outputs/array_output.h"

/* The labels are sorted, and known before. */
struct memory_output {
    struct array_output base;
    const struct array_labels *labels;
    uint64_t room;       /* rows */
    void *const *memory; /* of each array; NULL: it is not wanted */
};

void memory_output_init(struct memory_output *output, const struct array_settings *settings,
                        const struct array_items *items, const struct array_labels *labels,
                        uint64_t room, void *const *memory);

#endif
