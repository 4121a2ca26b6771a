/* What goes with X: labels, sampleIDs, numbers of flows, which packets are there, series. */
#include "arrays/array_items.h"

#include "base/bytes.h"

const char *const array_series_names[SERIES_COUNT + 1] = {"length", "direction", "inter_arrival",
                                                          NULL};

static void fill_mask(const struct array_settings *settings, const struct array_row *row,
                      uint8_t *out)
{
    for (uint32_t i = 0; i < settings->packets; i++)
        out[i] = i < row->count;
}

static void fill_length(const struct array_settings *settings, const struct array_row *row,
                        uint8_t *out)
{
    for (uint32_t i = 0; i < settings->packets; i++)
        store32(out + 4 * (size_t)i, i < row->count ? row->packets[i].len : 0, false);
}

static void fill_direction(const struct array_settings *settings, const struct array_row *row,
                           uint8_t *out)
{
    for (uint32_t i = 0; i < settings->packets; i++)
        out[i] = i >= row->count ? 0 : row->packets[i].forward ? 1 : (uint8_t)-1;
}

/* Nanoseconds since the packet before; below 0 for one out of order. */
static int64_t pause_before(const struct array_row *row, uint32_t i)
{
    int64_t pause;
    if (i == 0 || i >= row->count)
        return 0;
    const int64_t before = row->packets[i - 1].time_ns, now = row->packets[i].time_ns;
    if (__builtin_sub_overflow(now, before, &pause))
        return now > before ? INT64_MAX : INT64_MIN;
    return pause;
}

static void fill_inter_arrival(const struct array_settings *settings, const struct array_row *row,
                               uint8_t *out)
{
    for (uint32_t i = 0; i < settings->packets; i++)
        store64(out + 8 * (size_t)i, (uint64_t)pause_before(row, i), false);
}

/* `extents`, bytes and X are set by array_items_of(). */
static const struct array_item labels[] = {
    {"y", {"<i8", 8, 0, {0}}, 0, NULL, offsetof(struct array_row, label)},
    {"sample_id", {"<u8", 8, 0, {0}}, 0, NULL, offsetof(struct array_row, sample_id)},
};
static const struct array_item flow_number = {
    "flow", {"<u8", 8, 0, {0}}, 0, NULL, offsetof(struct array_row, flow)};
static const struct array_item mask = {"mask", {"|b1", 1, 1, {0}}, 0, fill_mask, 0};
static const struct array_item series[SERIES_COUNT] = {
    [SERIES_LENGTH] = {"length", {"<u4", 4, 1, {0}}, 0, fill_length, 0},
    [SERIES_DIRECTION] = {"direction", {"|i1", 1, 1, {0}}, 0, fill_direction, 0},
    [SERIES_INTER_ARRIVAL] = {"inter_arrival", {"<i8", 8, 1, {0}}, 0, fill_inter_arrival, 0},
};

static void add(struct array_items *items, const struct array_item *item,
                const struct array_settings *settings)
{
    struct array_item *added = &items->items[items->count++];
    *added = *item;
    if (added->shape.dimensions == 1)
        added->shape.extents[0] = settings->packets;
    added->bytes = array_shape_bytes(&added->shape);
}

void array_items_of(const struct array_settings *settings, struct array_items *items)
{
    const size_t x_bytes = array_shape_bytes(&settings->shape);
    items->items[ARRAY_X] =
        (struct array_item){"X", settings->shape, x_bytes, settings->form->fill, 0};
    items->count = ARRAY_X + 1;
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++)
        add(items, &labels[i], settings);
    if (settings->per != ARRAY_PER_SAMPLE)
        add(items, &flow_number, settings);
    add(items, &mask, settings);
    items->series = items->count;
    for (size_t i = 0; i < SERIES_COUNT; i++)
        if (settings->series & 1u << i)
            add(items, &series[i], settings);
}
