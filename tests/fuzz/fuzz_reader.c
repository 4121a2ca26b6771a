/*
 * Any bytes as a capture, read twice: no crash, no hang, and the second reading
 * gives what the first one gave; then read from places that were told, which give
 * what they gave, and from places that were not. All that blocks point to is touched.
 */
#include "memory_input.h"

#include "capture/reader_internal.h"
#include <stdlib.h>

/* What one reading came to. */
struct sum {
    uint64_t blocks;
    uint64_t value;
    int result;
};

static void add_bytes(struct sum *sum, const void *data, size_t len)
{
    const uint8_t *bytes = data;
    for (size_t i = 0; i < len; i++)
        sum->value = sum->value * 31 + bytes[i];
}

static void add_packet(struct sum *sum, const struct lcap_packet *packet)
{
    add_bytes(sum, packet->data, packet->caplen);
    add_bytes(sum, packet->options, packet->options_len);
    add_bytes(sum, packet->comment, packet->comment_len);
    sum->value +=
        (uint64_t)packet->time_ns + packet->timestamp + packet->len + packet->interface->number;
}

static void add_block(struct sum *sum, const struct lcap_block *block)
{
    sum->blocks++;
    add_bytes(sum, block->body, block->body_len);
    if (block->kind == LCAP_BLOCK_PACKET)
        add_packet(sum, &block->packet);
    if (block->interface) {
        add_bytes(sum, block->interface->options, block->interface->options_len);
        add_bytes(sum, block->interface->name, block->interface->name_len);
    }
}

static struct sum read_all(struct lcap_reader *reader)
{
    struct sum sum = {0};
    const struct lcap_block *block;
    while ((sum.result = lcap_reader_next(reader, &block, NULL)) == 1)
        add_block(&sum, block);
    return sum;
}

/* From how many places, spread over the capture, it is read again. */
enum { PLACES = 8 };

/* What comes from a place, up to a few blocks. */
static struct sum read_from(struct lcap_reader *reader, const struct lcap_position *position)
{
    struct sum sum = {.result = lcap_reader_seek(reader, position, NULL)};
    const struct lcap_block *block;
    while (sum.result >= 0 && sum.blocks < 4 &&
           (sum.result = lcap_reader_next(reader, &block, NULL)) == 1)
        add_block(&sum, block);
    return sum;
}

static bool is_same(struct sum a, struct sum b)
{
    return a.blocks == b.blocks && a.value == b.value && a.result == b.result;
}

/* From its start the reader reads `blocks` blocks, and then goes to places among them, backwards.
 */
static void go_back(struct lcap_reader *reader, uint64_t blocks)
{
    struct lcap_position places[PLACES];
    struct sum sums[PLACES];
    const struct lcap_block *block;
    size_t count = 0;
    for (uint64_t i = 0; i < blocks; i++) {
        if (i * PLACES / blocks >= count) {
            places[count].size = sizeof places[count];
            if (lcap_reader_tell(reader, &places[count], NULL) < 0)
                abort();
            sums[count] = read_from(reader, &places[count]);
            if (lcap_reader_seek(reader, &places[count++], NULL) < 0)
                abort();
        }
        if (lcap_reader_next(reader, &block, NULL) != 1)
            abort();
    }
    while (count-- > 0)
        if (!is_same(read_from(reader, &places[count]), sums[count]))
            abort();
}

/* Numbers of the input as places. */
static void go_astray(struct lcap_reader *reader, const uint8_t *data, size_t size)
{
    struct lcap_position position = {.size = sizeof position};
    for (size_t i = 0; i + 4 <= size && i < 64; i += 4) {
        position.offset = data[i] * 4u;
        position.section = data[i + 1] * 4u;
        position.interfaces = data[i + 2] % 4;
        read_from(reader, &position);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lcap_reader *reader = NULL;
    const struct lcap_reader_options options = {.pcapml_times = size % 3};
    if (reader_open_input(&reader, memory_input(data, size), &options, NULL) < 0)
        return 0;
    struct sum first = read_all(reader);
    if (lcap_reader_rewind(reader, NULL) < 0)
        abort();
    struct sum second = read_all(reader);
    if (!is_same(first, second) || lcap_reader_rewind(reader, NULL) < 0)
        abort();
    go_back(reader, first.blocks);
    go_astray(reader, data, size);
    lcap_reader_free(reader);
    return 0;
}
