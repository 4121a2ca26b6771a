/* A growable string of bytes. An all-zero struct is an empty buffer. */
#ifndef BASE_BUFFER_H
#define BASE_BUFFER_H

#include <labelcap/error.h>
#include <stddef.h>
#include <stdint.h>

struct buffer {
    uint8_t *data; /* NULL while capacity is 0 */
    size_t len;
    size_t capacity;
};

/* The slow half of buffer_reserve(). */
int buffer_grow(struct buffer *buffer, size_t extra, struct lcap_error *error);

/* Makes room for `extra` bytes after `len`; buffer->data may move. */
static inline int buffer_reserve(struct buffer *buffer, size_t extra, struct lcap_error *error)
{
    if (buffer->capacity - buffer->len >= extra)
        return LCAP_OK;
    return buffer_grow(buffer, extra, error);
}
int buffer_append(struct buffer *buffer, const void *data, size_t len, struct lcap_error *error);
int buffer_append_text(struct buffer *buffer, const char *text, struct lcap_error *error);
/* Appends formatted text, without the final NUL. */
int buffer_printf(struct buffer *buffer, struct lcap_error *error, const char *format, ...)
    LCAP_PRINTF(3, 4);
/* Empties the buffer and keeps its memory. */
static inline void buffer_clear(struct buffer *buffer)
{
    buffer->len = 0;
}
void buffer_release(struct buffer *buffer);

#endif
