/*
 * Any bytes as a capture, written again and read back: every packet comes back, as far
 * as the format holds it, and what was written once is written the same once more.
 *
 * Input: a byte of options of the writer, then the capture.
 */
#include "scratch_folder.h"
#include <labelcap/capture.h>
#include <stdbool.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Bits of the first byte. */
enum { AS_PCAP = 1, UNLIMITED = 2, PCAPML_TIMES = 4, CUT = 8, PACKED = 16, DROP_COMMENTS = 32 };

#define SNAPLEN 24

struct sum {
    uint64_t packets, value;
};

/* What every format holds of a packet. */
static void add_packet(struct sum *sum, const struct lcap_packet *packet, uint32_t most)
{
    const uint32_t caplen = packet->caplen < most ? packet->caplen : most;
    sum->packets++;
    sum->value = sum->value * 31 + packet->len;
    for (uint32_t i = 0; i < caplen; i++)
        sum->value = sum->value * 31 + packet->data[i];
}

/*
 * In pcap, an empty packet of 1970-01-01 is 16 zeros, which nothing tells from what a crash leaves
 * at the end of a file: readers take them for that, as capture.h says.
 */
static bool looks_like_zeros(const struct lcap_block *block, uint8_t bits)
{
    const struct lcap_packet *packet = &block->packet;
    return (bits & AS_PCAP) && block->kind == LCAP_BLOCK_PACKET && packet->len == 0 &&
           packet->caplen == 0;
}

static int write_block(struct lcap_writer *writer, const struct lcap_block *block, uint8_t bits)
{
    const struct lcap_edit edit = {.size = sizeof edit,
                                   .drop_first_comment = (bits & DROP_COMMENTS) != 0};
    return block->kind == LCAP_BLOCK_PACKET
               ? lcap_writer_packet(writer, &block->packet, &edit, NULL)
               : lcap_writer_block(writer, block, NULL);
}

/* Copies as far as the writer takes it; returns what it took. */
static struct sum copy(const char *from, const char *to, uint8_t bits)
{
    struct sum sum = {0};
    struct lcap_reader *reader = NULL;
    struct lcap_writer *writer = NULL;
    const struct lcap_block *block;
    const struct lcap_reader_options reading = {.size = sizeof reading, .allow_empty = true};
    const struct lcap_writer_options writing = {
        .size = sizeof writing,
        .format = bits & AS_PCAP ? LCAP_FORMAT_PCAP : LCAP_FORMAT_PCAPNG,
        .overwrite = true,
        .unlimited_snaplen = (bits & UNLIMITED) != 0,
        .pcapml_times = (bits & PCAPML_TIMES) && !(bits & AS_PCAP),
        .snaplen = bits & CUT ? SNAPLEN : 0,
        .no_sync = true,
    };
    if (lcap_reader_open(&reader, from, &reading, NULL) < 0)
        return sum;
    require(lcap_writer_open(&writer, to, &writing, NULL) == 0);
    lcap_writer_source(writer, reader);
    while (lcap_reader_next(reader, &block, NULL) == 1 && !looks_like_zeros(block, bits) &&
           write_block(writer, block, bits) == 0)
        if (block->kind == LCAP_BLOCK_PACKET)
            add_packet(&sum, &block->packet, bits & CUT ? SNAPLEN : UINT32_MAX);
    require(lcap_writer_close(writer, NULL) == 0);
    lcap_reader_free(reader);
    return sum;
}

static struct sum read_back(const char *path)
{
    struct sum sum = {0};
    struct lcap_reader *reader = NULL;
    const struct lcap_block *block;
    const struct lcap_reader_options reading = {
        .size = sizeof reading, .allow_empty = true, .pcapml_times = LCAP_PCAPML_TIMES_NO};
    require(lcap_reader_open(&reader, path, &reading, NULL) == 0);
    int rc;
    while ((rc = lcap_reader_next(reader, &block, NULL)) == 1)
        if (block->kind == LCAP_BLOCK_PACKET)
            add_packet(&sum, &block->packet, UINT32_MAX);
    require(rc == 0);
    lcap_reader_free(reader);
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    enter_scratch_folder();
    const char *const out = data[0] & PACKED ? "out.zst" : "out";
    write_file("in", data + 1, size - 1);
    const struct sum written = copy("in", out, data[0]);
    if (access(out, F_OK) == 0) {
        const struct sum found = read_back(out);
        require(found.packets == written.packets && found.value == written.value);
        const struct sum again = copy(out, "again", data[0] & AS_PCAP);
        require(again.packets == written.packets && again.value == written.value);
        require(unlink(out) == 0 && unlink("again") == 0);
    }
    require(unlink("in") == 0);
    leave_scratch_folder();
    return 0;
}
