/* Waiting rows, by part. */
#include "tabulate/waiting_rows.h"

#include "base/intern.h"
#include "base/io/chains.h"
#include "base/memory.h"
#include <stdlib.h>
#include <string.h>

struct waiting_rows {
    struct chains *chains;
    struct intern *names;
    struct chain **items; /* each at a fixed address, as chains.h requires */
    size_t count, capacity;
};

int waiting_rows_new(struct waiting_rows **parts, uint64_t memory, const char *tmpdir,
                     struct lcap_error *error)
{
    struct waiting_rows *new = memory_new(1, sizeof *new, error);
    if (!new)
        return LCAP_ERR_MEMORY;
    int rc = chains_new(&new->chains, memory, tmpdir, error);
    if (rc == LCAP_OK)
        rc = intern_new(&new->names, error);
    if (rc == LCAP_OK)
        *parts = new;
    else
        waiting_rows_free(new);
    return rc;
}

static int add_part(struct waiting_rows *parts, struct lcap_error *error)
{
    int rc = memory_grow((void **)&parts->items, &parts->capacity, parts->count + 1,
                         sizeof *parts->items, error);
    struct chain *chain = rc == LCAP_OK ? memory_new(1, sizeof *chain, error) : NULL;
    if (!chain)
        return LCAP_ERR_MEMORY;
    parts->items[parts->count++] = chain;
    return LCAP_OK;
}

int waiting_rows_append(struct waiting_rows *parts, const char *part, const void *bytes, size_t len,
                        struct lcap_error *error)
{
    uint32_t number;
    int rc = intern_add(parts->names, part, strlen(part), &number, error);
    if (rc == LCAP_OK && number == parts->count)
        rc = add_part(parts, error);
    return rc == LCAP_OK ? chains_append(parts->chains, parts->items[number], bytes, len, error)
                         : rc;
}

size_t waiting_rows_count(const struct waiting_rows *parts)
{
    return parts->count;
}

int waiting_rows_read(struct waiting_rows *parts, size_t index, waiting_rows_taker *take,
                      void *context, struct lcap_error *error)
{
    enum { PIECE = 1 << 20 };
    struct chain_reader reader;
    const char *name = intern_get(parts->names, (uint32_t)index, NULL);
    const uint8_t *bytes;
    size_t len;
    int rc = chain_reader_begin(&reader, parts->chains, parts->items[index], error);
    if (rc < 0)
        return rc;
    while ((rc = chain_reader_view(&reader, PIECE, &bytes, &len, error)) == 1) {
        rc = take(context, name, bytes, len, error);
        if (rc < 0)
            return rc;
    }
    return rc;
}

void waiting_rows_free(struct waiting_rows *parts)
{
    if (!parts)
        return;
    for (size_t i = 0; i < parts->count; i++)
        free(parts->items[i]);
    free(parts->items);
    intern_free(parts->names);
    chains_free(parts->chains);
    free(parts);
}
