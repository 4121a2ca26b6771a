/* A growable string of bytes. */
#include "base/buffer.h"

#include "base/memory.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int buffer_grow(struct buffer *buffer, size_t extra, struct lcap_error *error)
{
    size_t needed;
    if (__builtin_add_overflow(buffer->len, extra, &needed))
        return lcap_error_set(error, LCAP_ERR_MEMORY, "out of memory: a buffer of over 2^64 bytes");
    void *data = buffer->data;
    int rc = memory_grow(&data, &buffer->capacity, needed, 1, error);
    buffer->data = data;
    return rc;
}

int buffer_append(struct buffer *buffer, const void *data, size_t len, struct lcap_error *error)
{
    int rc = buffer_reserve(buffer, len, error);
    if (rc < 0 || len == 0)
        return rc;
    memcpy(buffer->data + buffer->len, data, len);
    buffer->len += len;
    return LCAP_OK;
}

int buffer_append_text(struct buffer *buffer, const char *text, struct lcap_error *error)
{
    return buffer_append(buffer, text, strlen(text), error);
}

int buffer_printf(struct buffer *buffer, struct lcap_error *error, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (len < 0)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT, "text cannot be formatted");
    int rc = buffer_reserve(buffer, (size_t)len + 1, error);
    if (rc < 0)
        return rc;
    va_start(args, format);
    vsnprintf((char *)buffer->data + buffer->len, (size_t)len + 1, format, args);
    va_end(args);
    buffer->len += (size_t)len;
    return LCAP_OK;
}

void buffer_release(struct buffer *buffer)
{
    free(buffer->data);
    *buffer = (struct buffer){0};
}
