#include "table/parquet/parquet_levels.h"

#include "base/bytes.h"
#include "table/table_internal.h"

/* Values are packed in groups of 8; the same value at least as often is a run. */
#define GROUP 8

unsigned parquet_bit_width(uint32_t most)
{
    unsigned width = 1;
    while (width < 32 && most >> width)
        width++;
    return width;
}

static int put_varint(struct buffer *out, uint64_t value, struct lcap_error *error)
{
    uint8_t bytes[10];
    size_t len = 0;
    for (; value >= 0x80; value >>= 7)
        bytes[len++] = (uint8_t)(value | 0x80);
    bytes[len++] = (uint8_t)value;
    return buffer_append(out, bytes, len, error);
}

/* The value in whole bytes, the lowest first. */
static int put_run(struct buffer *out, uint32_t value, size_t count, unsigned width,
                   struct lcap_error *error)
{
    uint8_t bytes[4];
    for (unsigned i = 0; i < 4; i++)
        bytes[i] = (uint8_t)(value >> (8 * i));
    int rc = put_varint(out, (uint64_t)count << 1, error);
    return rc == LCAP_OK ? buffer_append(out, bytes, (width + 7) / 8, error) : rc;
}

/* The bits of GROUP values, the lowest first, in `width` bytes; up to 4 more are overwritten. */
static void pack_group(uint8_t *at, const uint32_t *values, unsigned width)
{
    uint64_t bits = 0;
    unsigned held = 0;
    for (size_t i = 0; i < GROUP; i++) {
        bits |= (uint64_t)values[i] << held;
        held += width;
        if (held >= 32) {
            store32(at, (uint32_t)bits, false);
            at += sizeof(uint32_t);
            bits >>= 32;
            held -= 32;
        }
    }
    store32(at, (uint32_t)bits, false);
}

/* The last group is filled up with zeros. */
static int put_packed(struct buffer *out, const uint32_t *values, size_t count, unsigned width,
                      struct lcap_error *error)
{
    const size_t whole = count / GROUP, rest = count % GROUP, groups = whole + (rest > 0);
    int rc = count > 0 ? put_varint(out, (uint64_t)groups << 1 | 1, error) : LCAP_OK;
    if (rc == LCAP_OK)
        rc = buffer_reserve(out, groups * width + sizeof(uint32_t), error);
    if (rc < 0)
        return rc;
    uint32_t last[GROUP] = {0};
    for (size_t i = 0; i < rest; i++)
        last[i] = values[whole * GROUP + i];
    for (size_t i = 0; i < groups; i++, out->len += width)
        pack_group(out->data + out->len, i < whole ? values + i * GROUP : last, width);
    return LCAP_OK;
}

static size_t run_length(const uint32_t *values, size_t count)
{
    size_t length = 0;
    while (length < count && values[length] == values[0])
        length++;
    return length;
}

int parquet_put_runs(struct buffer *out, const uint32_t *values, size_t count, unsigned width,
                     struct lcap_error *error)
{
    size_t packed = 0; /* from here to `at`: values to be packed, in whole groups */
    int rc = LCAP_OK;
    for (size_t at = 0; at < count && rc == LCAP_OK;) {
        const size_t run = run_length(values + at, count - at);
        if (run < GROUP) {
            at += GROUP < count - at ? GROUP : count - at;
            continue;
        }
        rc = put_packed(out, values + packed, at - packed, width, error);
        if (rc == LCAP_OK)
            rc = put_run(out, values[at], run, width, error);
        packed = at += run;
    }
    return rc == LCAP_OK ? put_packed(out, values + packed, count - packed, width, error) : rc;
}

/* ---- levels ---- */

int parquet_levels_end_run(struct parquet_levels *levels, uint32_t level, struct lcap_error *error)
{
    const int rc = table_room(&levels->runs, sizeof levels->last, error);
    if (rc < 0)
        return rc;
    if (levels->last.count > 0)
        table_put(&levels->runs, (const char *)&levels->last, sizeof levels->last);
    levels->last = (struct level_run){level, 1};
    return LCAP_OK;
}

void parquet_levels_clear(struct parquet_levels *levels)
{
    buffer_clear(&levels->runs);
    levels->last = (struct level_run){0};
    levels->count = 0;
}

void parquet_levels_release(struct parquet_levels *levels)
{
    buffer_release(&levels->runs);
}

static size_t run_count(const struct parquet_levels *levels)
{
    return levels->runs.len / sizeof(struct level_run) + (levels->last.count > 0);
}

static struct level_run run_at(const struct parquet_levels *levels, size_t number)
{
    const struct level_run *runs = (const struct level_run *)(const void *)levels->runs.data;
    return number < levels->runs.len / sizeof *runs ? runs[number] : levels->last;
}

size_t parquet_levels_until(const struct parquet_levels *levels, struct level_place place,
                            size_t least)
{
    size_t passed = 0;
    for (; place.run < run_count(levels); place = (struct level_place){place.run + 1, 0}) {
        const struct level_run run = run_at(levels, place.run);
        const size_t left = run.count - place.used;
        if (run.level == 0 && passed + left > least)
            return passed > least ? passed : least;
        passed += left;
    }
    return passed;
}

int parquet_levels_take(const struct parquet_levels *levels, struct level_place *place,
                        size_t count, struct parquet_levels *into, struct lcap_error *error)
{
    int rc = LCAP_OK;
    parquet_levels_clear(into);
    while (into->count < count && rc == LCAP_OK) {
        const struct level_run run = run_at(levels, place->run);
        const size_t left = run.count - place->used, wanted = count - into->count;
        const uint32_t taken = (uint32_t)(left < wanted ? left : wanted);
        rc = parquet_levels_end_run(into, run.level, error);
        into->last.count = taken;
        into->count += taken;
        *place = taken < left ? (struct level_place){place->run, place->used + taken}
                              : (struct level_place){place->run + 1, 0};
    }
    return rc;
}

size_t parquet_levels_of(const struct parquet_levels *levels, uint32_t level)
{
    size_t count = 0;
    for (size_t i = 0; i < run_count(levels); i++)
        if (run_at(levels, i).level == level)
            count += run_at(levels, i).count;
    return count;
}

static void unroll(struct level_run run, struct buffer *values)
{
    uint32_t *at = (uint32_t *)(void *)(values->data + values->len);
    for (uint32_t i = 0; i < run.count; i++)
        at[i] = run.level;
    values->len += run.count * sizeof *at;
}

int parquet_levels_put(const struct parquet_levels *levels, unsigned width, struct buffer *out,
                       struct buffer *scratch, struct lcap_error *error)
{
    if (levels->runs.len == 0 && levels->count >= GROUP)
        return put_run(out, levels->last.level, levels->count, width, error);
    buffer_clear(scratch);
    const int rc = buffer_reserve(scratch, levels->count * sizeof(uint32_t), error);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < run_count(levels); i++)
        unroll(run_at(levels, i), scratch);
    return parquet_put_runs(out, (const uint32_t *)(const void *)scratch->data, levels->count,
                            width, error);
}

/* ---- levels of 0 and 1 ---- */

int parquet_bits_add(struct parquet_bits *bits, uint32_t word, unsigned count,
                     struct lcap_error *error)
{
    struct buffer *bytes = &bits->bytes;
    const unsigned taken = bits->count % 8; /* bits of the last byte */
    const int rc = table_room(bytes, sizeof(uint64_t), error);
    if (rc < 0)
        return rc;
    uint8_t *at = bytes->data + bits->count / 8;
    store64(at, (uint64_t)word << taken | (taken > 0 ? *at : 0), false);
    bits->count += count;
    bytes->len = (bits->count + 7) / 8;
    return LCAP_OK;
}

static size_t same_bytes(const uint8_t *bytes, size_t len)
{
    size_t same = 1;
    while (same < len && bytes[same] == bytes[0])
        same++;
    return same;
}

/* Packed values of one bit are the bytes as they are. */
static int put_bytes(struct buffer *out, const uint8_t *bytes, size_t len, struct lcap_error *error)
{
    const int rc = len > 0 ? put_varint(out, (uint64_t)len << 1 | 1, error) : LCAP_OK;
    return rc == LCAP_OK ? buffer_append(out, bytes, len, error) : rc;
}

/* A run takes two bytes or more, and ends the packed values before it. */
#define SHORTEST_RUN 4

int parquet_bits_put(const struct parquet_bits *bits, struct buffer *out, struct lcap_error *error)
{
    const uint8_t *bytes = bits->bytes.data;
    const size_t len = bits->bytes.len;
    size_t packed = 0; /* from here to `at`: bytes that are no run */
    int rc = LCAP_OK;
    for (size_t at = 0, same; at < len && rc == LCAP_OK; at += same) {
        same = same_bytes(bytes + at, len - at);
        if (same < SHORTEST_RUN || (bytes[at] != 0 && bytes[at] != 0xFF))
            continue;
        const size_t left = bits->count - at * 8;
        rc = put_bytes(out, bytes + packed, at - packed, error);
        if (rc == LCAP_OK)
            rc = put_run(out, bytes[at] & 1, same * 8 < left ? same * 8 : left, 1, error);
        packed = at + same;
    }
    return rc == LCAP_OK ? put_bytes(out, bytes + packed, len - packed, error) : rc;
}

void parquet_bits_clear(struct parquet_bits *bits)
{
    buffer_clear(&bits->bytes);
    bits->count = 0;
}

void parquet_bits_release(struct parquet_bits *bits)
{
    buffer_release(&bits->bytes);
}
