/* The output of printers. */
#ifndef REPORT_REPORT_SINK_H
#define REPORT_REPORT_SINK_H

#include "base/buffer.h"

struct report_sink {
    /* Takes a piece; remembers its own failures until it is closed. */
    void (*take)(void *context, const void *bytes, size_t len);
    void *context;
};

/* Pieces of this size are passed on, so a long table is never in memory as a whole. */
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
