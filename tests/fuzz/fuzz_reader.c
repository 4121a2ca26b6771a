/*
 * Any bytes as a capture, read twice: no crash, no hang, and the second
 * reading gives what the first one gave. All that blocks point to is touched.
 */
#include "capture/reader_internal.h"
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

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

static struct input *open_memory(const uint8_t *data, size_t size)
{
    struct input *input = NULL;
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size || lseek(fd, 0, SEEK_SET) < 0 ||
        input_open_fd(&input, fd, "fuzz", NULL) < 0)
        abort();
    return input;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lcap_reader *reader = NULL;
    const struct lcap_reader_options options = {.pcapml_times = size % 3};
    if (reader_open_input(&reader, open_memory(data, size), &options, NULL) < 0)
        return 0;
    struct sum first = read_all(reader);
    if (lcap_reader_rewind(reader, NULL) < 0)
        abort();
    struct sum second = read_all(reader);
    if (first.blocks != second.blocks || first.value != second.value ||
        first.result != second.result)
        abort();
    lcap_reader_free(reader);
    return 0;
}
