/*
 * Any bytes as a file of BGZF: no crash, no hang, and what is read from a place, by
 * its virtual offset and without it, is what was read there from the start. Virtual
 * offsets that were made up do no harm.
 */
#include "memory_input.h"

#include "base/bytes.h"
#include <stdlib.h>
#include <string.h>

/* What is compared, and at how many places. */
enum { MOST = 1 << 20, PLACES = 8, SPAN = 1000 };

/* The unpacked stream, as far as it can be read; of each byte at which a step began, its place. */
struct reading {
    uint8_t bytes[MOST];
    size_t len;
    uint64_t offsets[PLACES], coded[PLACES];
    size_t places;
};

static void read_all(struct input *in, struct reading *got)
{
    const uint8_t *at;
    int64_t have;
    got->len = got->places = 0;
    while ((have = input_peek(in, 1, &at, NULL)) > 0 && got->len + SPAN <= MOST) {
        const size_t step = have < SPAN ? (size_t)have : SPAN;
        if (got->places < PLACES) {
            got->offsets[got->places] = input_offset(in);
            got->coded[got->places++] = input_coded_offset(in);
        }
        memcpy(got->bytes + got->len, at, step);
        got->len += step;
        input_skip(in, step);
    }
}

enum { BY_OFFSET, BY_BOTH, BY_CODED, WAYS };

/* Whether the place is found again, by the virtual offset, the headers of blocks, or both. */
static bool is_found(struct input *in, const struct reading *got, size_t place, int way)
{
    const uint64_t offset = got->offsets[place], coded = got->coded[place];
    const uint64_t to = way == BY_CODED && coded > 0 ? coded : offset;
    return input_seek(in, to, way == BY_OFFSET ? 0 : coded, NULL) == 0 &&
           input_stream_offset(in, input_offset(in)) == offset;
}

static bool is_same(struct input *in, const struct reading *got, size_t place)
{
    const uint8_t *at;
    const int64_t have = input_peek(in, 1, &at, NULL);
    const size_t left = got->len - (size_t)got->offsets[place];
    return have > 0 && memcmp(at, got->bytes + got->offsets[place],
                              (size_t)have < left ? (size_t)have : left) == 0;
}

static void go_back(const uint8_t *data, size_t size, const struct reading *got, int way)
{
    for (size_t i = 0; i < got->places; i++) {
        struct input *in = memory_input(data, size);
        if (!is_found(in, got, i, way) || !is_same(in, got, i))
            abort();
        input_free(in);
    }
}

static void go_astray(struct input *in, const uint8_t *data, size_t size)
{
    const uint8_t *at;
    for (size_t i = 0; i + 8 <= size && i < 80; i += 8) {
        const uint64_t coded = (uint64_t)load32(data + i, false) << (data[i + 4] % 24);
        if (input_seek(in, load32(data + i + 4, true) % MOST, coded, NULL) == 0)
            input_peek(in, 1, &at, NULL);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct reading first, again;
    struct input *in = memory_input(data, size);
    read_all(in, &first);
    if (input_rewind(in, NULL) < 0)
        abort();
    read_all(in, &again);
    if (again.len != first.len || memcmp(again.bytes, first.bytes, first.len) != 0)
        abort();
    for (int way = 0; way < WAYS; way++)
        go_back(data, size, &first, way);
    go_astray(in, data, size);
    input_free(in);
    return 0;
}
