/* Opens parts, and tells which of their blocks can be copied. */
#include "capture/parts/part_reader.h"

#include "base/bytes.h"
#include "capture/encoder.h"
#include "capture/pcapng.h"
#include "capture/pcapng_options.h"
#include "capture/reader_internal.h"

int part_reader_open(struct lcap_reader **reader, const char *path,
                     const struct input_sparing *sparing, struct lcap_error *error)
{
    const struct lcap_reader_options options = {.size = sizeof options,
                                                .pcapml_times = LCAP_PCAPML_TIMES_NO};
    struct input *input = NULL;
    *reader = NULL;
    const int rc = input_open(&input, path, error);
    if (rc < 0)
        return rc;
    if (sparing)
        input_be_sparing(input, sparing);
    input_take_checksum(input);
    return reader_open_input(reader, input, &options, error);
}

/* The first block has been read when the reader was opened. */
static bool is_at_block(const struct lcap_reader *reader)
{
    return reader->format == LCAP_FORMAT_PCAPNG && reader->step == reader->second_step;
}

/* The next block, if it is whole and an Enhanced Packet Block; its size, or 0. */
static uint32_t look_at_block(const struct lcap_reader *reader)
{
    enum { LEAST = PCAPNG_BLOCK_OVERHEAD + PCAPNG_ENHANCED_FIXED };
    const uint8_t *at = reader->input->next;
    const size_t have = (size_t)(reader->input->end - at);
    const bool big = reader->big_endian;
    if (have < LEAST || load32(at, big) != PCAPNG_ENHANCED_PACKET)
        return 0;
    const uint32_t size = load32(at + 4, big);
    return size >= LEAST && size <= have && size % 4 == 0 && size <= PCAPNG_MAX_BLOCK &&
                   load32(at + size - 4, big) == size
               ? size
               : 0;
}

/* Whether whole options and their end follow a comment; nearly always, the end alone does. */
static bool are_whole(const uint8_t *options, size_t len, bool big)
{
    enum { END = 4 };
    struct cursor c = {options, len, big};
    struct pcapng_option option;
    int more = len > END ? 1 : 0;
    while (more == 1)
        more = pcapng_option_next(&c, &option);
    return more == 0 && c.left == END && load32(c.at, big) == 0;
}

static bool look_at_comment(const uint8_t *options, size_t len, struct part_packet *packet)
{
    enum { BEFORE = 4, END = 4 };
    const bool big = packet->big_endian;
    packet->comment = NULL;
    packet->comment_len = 0;
    if (len == 0)
        return true;
    if (len < BEFORE + END || load16(options, big) != OPT_COMMENT)
        return false;
    packet->comment = (const char *)options + BEFORE;
    packet->comment_len = load16(options + 2, big);
    const size_t used = BEFORE + pad4(packet->comment_len);
    return used + END <= len && are_whole(options + used, len - used, big);
}

static const struct reader_interface *interface_of(const struct lcap_reader *reader,
                                                   uint32_t number)
{
    return number < reader->next_interface - reader->section_first
               ? reader->interfaces[reader->section_first + number]
               : NULL;
}

bool part_reader_look(const struct lcap_reader *reader, struct part_packet *packet)
{
    const bool big = reader->big_endian;
    const uint32_t size = is_at_block(reader) ? look_at_block(reader) : 0;
    if (size == 0)
        return false;
    const uint8_t *body = reader->input->next + PCAPNG_BEFORE_BODY;
    const uint64_t time = (uint64_t)load32(body + 4, big) << 32 | load32(body + 8, big);
    const struct reader_interface *interface = interface_of(reader, load32(body, big));
    const size_t room = size - PCAPNG_BLOCK_OVERHEAD - PCAPNG_ENHANCED_FIXED;
    packet->block = reader->input->next;
    packet->size = size;
    packet->caplen = load32(body + 12, big);
    packet->big_endian = big;
    if (!interface || interface->swap_headers || packet->caplen > room || time == ENCODER_NO_TIME)
        return false;
    packet->interface = &interface->description;
    packet->time_ns = time_scale_to_ns(&interface->scale, time);
    const size_t padded = pad4(packet->caplen);
    return look_at_comment(body + PCAPNG_ENHANCED_FIXED + padded, room - padded, packet);
}

void part_reader_skip(struct lcap_reader *reader, const struct part_packet *packet)
{
    input_skip(reader->input, packet->size);
}

uint32_t part_reader_checksum(const struct lcap_reader *reader)
{
    return input_checksum(reader->input);
}
