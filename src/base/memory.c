/* Checked allocation. */
#include "base/memory.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int out_of_memory(size_t count, size_t item_size, struct lcap_error *error)
{
    return lcap_error_set(error, LCAP_ERR_MEMORY, "out of memory: %zu items of %zu bytes", count,
                          item_size);
}

void memory_clear(void *item, size_t size)
{
    memset(item, 0, size);
}

/* In glibc 2.36, calloc() takes the lock of an arena where malloc() has memory of the thread. */
#define THREADS_OWN ((size_t)1 << 10)

static void *zeroed(size_t count, size_t item_size)
{
    if (count > THREADS_OWN || item_size > THREADS_OWN || count * item_size > THREADS_OWN)
        return calloc(count, item_size);
    void *items = malloc(count * item_size);
    return items ? memset(items, 0, count * item_size) : NULL;
}

void *memory_new(size_t count, size_t item_size, struct lcap_error *error)
{
    void *items = zeroed(count ? count : 1, item_size);
    if (!items)
        out_of_memory(count, item_size, error);
    return items;
}

char *memory_copy_text(const char *text, size_t len, struct lcap_error *error)
{
    char *copy = memory_new(len + 1, 1, error);
    if (copy && len)
        memcpy(copy, text, len);
    return copy;
}

char *memory_format_text(struct lcap_error *error, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (len < 0) {
        lcap_error_set(error, LCAP_ERR_ARGUMENT, "text cannot be formatted");
        return NULL;
    }
    char *text = memory_new((size_t)len + 1, 1, error);
    va_start(args, format);
    if (text)
        vsnprintf(text, (size_t)len + 1, format, args);
    va_end(args);
    return text;
}

int memory_grow(void **items, size_t *capacity, size_t needed, size_t item_size,
                struct lcap_error *error)
{
    if (needed <= *capacity)
        return LCAP_OK;
    size_t wanted = *capacity + *capacity / 2 + 8;
    if (wanted < needed)
        wanted = needed;
    size_t bytes;
    void *grown = __builtin_mul_overflow(wanted, item_size, &bytes) ? NULL : realloc(*items, bytes);
    if (!grown)
        return out_of_memory(wanted, item_size, error);
    *items = grown;
    *capacity = wanted;
    return LCAP_OK;
}
