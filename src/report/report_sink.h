/* Where printers put what they make. */
#ifndef REPORT_REPORT_SINK_H
#define REPORT_REPORT_SINK_H

#include "base/buffer.h"

struct report_sink {
    /* Takes a piece; its own failures it keeps until it is closed. */
    void (*take)(void *context, const void *bytes, size_t len);
    void *context;
};

/* Pieces of this size are handed on: not all of a long table is ever in memory. */
#define REPORT_PIECE (64u << 10)

static inline void report_hand_on(const struct report_sink *sink, struct buffer *piece)
{
    if (piece->len > 0)
        sink->take(sink->context, piece->data, piece->len);
    buffer_clear(piece);
}

static inline void report_hand_on_full(const struct report_sink *sink, struct buffer *piece)
{
    if (piece->len >= REPORT_PIECE)
        report_hand_on(sink, piece);
}

#endif
