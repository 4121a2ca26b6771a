/* The arrays of an archive that wait until all rows are known, in bounded memory: all but X. */
#ifndef ARRAYS_OUTPUTS_ARRAY_STORE_H
#define ARRAYS_OUTPUTS_ARRAY_STORE_H

#include "arrays/array_items.h"
#include "arrays/array_labels.h"
#include "base/buffer.h"
#include "base/io/chains.h"

struct array_store {
    struct chains *chains;
    struct chain items[ARRAY_MOST_ITEMS];
};

/* `directory` is for what the memory cannot hold; borrowed. */
int array_store_init(struct array_store *store, const char *directory, struct lcap_error *error);
int array_store_add(struct array_store *store, size_t item, const struct buffer *bytes,
                    struct lcap_error *error);

/* Takes a piece of an array; returns 0 or a negative code. */
typedef int array_taker(void *context, const uint8_t *bytes, size_t len, struct lcap_error *error);

/* Passes an array on from its beginning; y with its final numbers. */
int array_store_read(struct array_store *store, size_t item, const struct array_labels *labels,
                     array_taker *take, void *context, struct lcap_error *error);
void array_store_release(struct array_store *store);

#endif
