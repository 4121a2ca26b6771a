/* The arrays of a run, one row of each for every row: X and what goes with it. */
#ifndef ARRAYS_ARRAY_ITEMS_H
#define ARRAYS_ARRAY_ITEMS_H

#include "arrays/array_form.h"
#include "base/bytes.h"
#include <string.h>

/* Of the first packets of a row. */
enum array_series { SERIES_LENGTH, SERIES_DIRECTION, SERIES_INTER_ARRIVAL, SERIES_COUNT };
extern const char *const array_series_names[SERIES_COUNT + 1];

struct array_item {
    const char *name;
    struct array_shape shape; /* of a row */
    size_t bytes;             /* of it */
    /* NULL: it is a number of struct array_row, at this offset. */
    void (*fill)(const struct array_settings *settings, const struct array_row *row, uint8_t *out);
    size_t number;
};

static inline void array_item_fill(const struct array_item *item,
                                   const struct array_settings *settings,
                                   const struct array_row *row, uint8_t *out)
{
    uint64_t number;
    if (item->fill) {
        item->fill(settings, row, out);
        return;
    }
    memcpy(&number, (const uint8_t *)row + item->number, sizeof number);
    store64(out, number, false);
}

enum { ARRAY_X, ARRAY_Y, ARRAY_MOST_ITEMS = 5 + SERIES_COUNT };

struct array_items {
    struct array_item items[ARRAY_MOST_ITEMS];
    size_t count;
    size_t series; /* the first of them */
};

/* X, y, sample_id, flow (unless a row is a sample), mask, and the series. */
void array_items_of(const struct array_settings *settings, struct array_items *items);

#endif
