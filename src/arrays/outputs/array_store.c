/* Keeps arrays in chains. */
#include "arrays/outputs/array_store.h"

#include <string.h>

/* More is on the disk. */
#define STORE_MEMORY ((uint64_t)4 << 20)

/* A multiple of the size of y. */
enum { PIECE = 64 << 10 };

int array_store_init(struct array_store *store, const char *directory, struct lcap_error *error)
{
    *store = (struct array_store){.chains = NULL};
    return chains_new(&store->chains, STORE_MEMORY, directory, error);
}

int array_store_add(struct array_store *store, size_t item, const struct buffer *bytes,
                    struct lcap_error *error)
{
    return chains_append(store->chains, &store->items[item], bytes->data, bytes->len, error);
}

int array_store_read(struct array_store *store, size_t item, const struct array_labels *labels,
                     array_taker *take, void *context, struct lcap_error *error)
{
    uint8_t piece[PIECE];
    struct chain_reader reader;
    uint64_t left = store->items[item].len;
    int rc = chain_reader_begin(&reader, store->chains, &store->items[item], error);
    while (rc == LCAP_OK && left > 0) {
        const size_t len = left < PIECE ? (size_t)left : PIECE;
        rc = chain_reader_copy(&reader, piece, len, error);
        if (rc == LCAP_OK && item == ARRAY_Y &&
            !array_labels_number(labels, piece, len / sizeof(uint64_t)))
            rc = lcap_error_set(error, LCAP_ERR_IO, "a temporary file was changed while in use");
        if (rc == LCAP_OK)
            rc = take(context, piece, len, error);
        left -= len;
    }
    return rc;
}

void array_store_release(struct array_store *store)
{
    chains_free(store->chains);
}
