/* Reads pcapng (draft-ietf-opsawg-pcapng): parses blocks and checks their contents. */
#include "base/bytes.h"
#include "base/memory.h"
#include "base/text/text.h"
#include "capture/pcapng.h"
#include "capture/pcapng_options.h"
#include "capture/reader_internal.h"
#include "capture/snaplen.h"

/* pcapng, section 4.2: without if_tsresol timestamps are in microseconds. */
#define DEFAULT_TSRESOL TSRESOL_MICROSECONDS

/* The drop count of the obsolete Packet Block if it is unknown (appendix A). */
#define DROPS_UNKNOWN 0xffff

/* An offset at which no section header is. */
#define NO_SECTION UINT64_MAX

/* The fields that all kinds of packet blocks share. */
struct packet_fields {
    uint32_t interface;
    uint32_t caplen;
    uint32_t len;
    const uint8_t *data; /* followed by padding and options */
    uint32_t room;       /* bytes from there to the end of the body */
};

static int option_overrun(struct lcap_reader *reader, const struct pcapng_option *option,
                          const struct cursor *at)
{
    return reader_damaged(reader,
                          "option %u: expected at most %zu bytes to the end of the block, "
                          "found a length of %u",
                          option->code, at->left - 4, option->len);
}

static int body_too_short(struct lcap_reader *reader, const char *what, unsigned expected)
{
    return reader_damaged(reader, "%s block: expected a length of at least %u, found %u", what,
                          expected + PCAPNG_BLOCK_OVERHEAD,
                          reader->block.body_len + PCAPNG_BLOCK_OVERHEAD);
}

/* NULL with the error set if the section has no such interface. */
static struct reader_interface *section_interface(struct lcap_reader *reader, uint32_t number)
{
    size_t count = reader->next_interface - reader->section_first;
    if (number < count)
        return reader->interfaces[reader->section_first + number];
    if (count == 0)
        reader_damaged(reader,
                       "expected an interface description first, found a block of interface %u",
                       number);
    else
        reader_damaged(reader,
                       "expected an interface number below %zu (the interfaces of the section so "
                       "far), found %u",
                       count, number);
    return NULL;
}

/* Checks the list of options; its contents are not needed. */
static int check_options(struct lcap_reader *reader, uint32_t fixed)
{
    struct cursor c = {reader->block.body + fixed, reader->block.body_len - fixed,
                       reader->big_endian};
    struct pcapng_option option;
    int rc;
    while ((rc = pcapng_option_next(&c, &option)) == 1)
        ;
    return rc < 0 ? option_overrun(reader, &option, &c) : 1;
}

static int read_packet_options(struct lcap_reader *reader, const uint8_t *options, uint32_t len)
{
    struct lcap_packet *packet = &reader->block.packet;
    struct cursor c = {options, len, reader->big_endian};
    struct pcapng_option option;
    int rc;
    while ((rc = pcapng_option_next(&c, &option)) == 1) {
        if (option.code == OPT_COMMENT && !packet->comment) {
            packet->comment = (const char *)option.value;
            packet->comment_len = option.len;
        }
    }
    if (rc < 0)
        return option_overrun(reader, &option, &c);
    packet->options_len = (uint32_t)(c.at - options);
    packet->options = packet->options_len > 0 ? options : NULL;
    return 1;
}

/* What all packets share: a packet has no time until reader_set_time(). */
static int read_packet(struct lcap_reader *reader, const struct reader_interface *interface,
                       const struct packet_fields *f)
{
    uint32_t limit = f->room < LCAP_MAX_BLOCK ? f->room : LCAP_MAX_BLOCK;
    if (f->caplen > limit)
        return reader_damaged(
            reader, "packet: expected at most %u bytes of data (the room in the block), found %u",
            limit, f->caplen);
    struct lcap_packet *packet = &reader->block.packet;
    reader->block.kind = LCAP_BLOCK_PACKET;
    memory_clear(packet, sizeof *packet);
    packet->interface = &interface->description;
    packet->data = f->data;
    packet->caplen = f->caplen;
    packet->len = f->len;
    packet->time_ns = INT64_MIN;
    packet->drops = LCAP_NO_DROPS;
    if (interface->swap_headers) {
        int rc = reader_swap_header(reader);
        if (rc < 0)
            return rc;
    }
    uint32_t padded = (uint32_t)pad4(f->caplen); /* room is also a multiple of 4 */
    if (f->room == padded)
        return 1;
    return read_packet_options(reader, f->data + padded, f->room - padded);
}

static int read_timed_packet(struct lcap_reader *reader, const struct packet_fields *f)
{
    const uint8_t *body = reader->block.body;
    struct reader_interface *interface = section_interface(reader, f->interface);
    if (!interface)
        return LCAP_ERR_DAMAGED;
    int rc = read_packet(reader, interface, f);
    if (rc < 0)
        return rc;
    uint64_t high = load32(body + 4, reader->big_endian);
    reader->block.packet.has_time = true;
    reader_set_time(reader, interface, high << 32 | load32(body + 8, reader->big_endian));
    return 1;
}

static int read_enhanced_packet(struct lcap_reader *reader)
{
    const uint8_t *body = reader->block.body;
    bool big = reader->big_endian;
    if (reader->block.body_len < PCAPNG_ENHANCED_FIXED)
        return body_too_short(reader, "Enhanced Packet", PCAPNG_ENHANCED_FIXED);
    return read_timed_packet(reader, &(struct packet_fields){
                                         .interface = load32(body, big),
                                         .caplen = load32(body + 12, big),
                                         .len = load32(body + 16, big),
                                         .data = body + PCAPNG_ENHANCED_FIXED,
                                         .room = reader->block.body_len - PCAPNG_ENHANCED_FIXED,
                                     });
}

static int read_obsolete_packet(struct lcap_reader *reader)
{
    const uint8_t *body = reader->block.body;
    bool big = reader->big_endian;
    if (reader->block.body_len < PCAPNG_PACKET_FIXED)
        return body_too_short(reader, "Packet", PCAPNG_PACKET_FIXED);
    int rc = read_timed_packet(reader, &(struct packet_fields){
                                           .interface = load16(body, big),
                                           .caplen = load32(body + 12, big),
                                           .len = load32(body + 16, big),
                                           .data = body + PCAPNG_PACKET_FIXED,
                                           .room = reader->block.body_len - PCAPNG_PACKET_FIXED,
                                       });
    if (rc < 0)
        return rc;
    uint16_t drops = load16(body + 2, big);
    if (drops != DROPS_UNKNOWN)
        reader->block.packet.drops = drops;
    return 1;
}

/* Without time and captured length, which follows from length, snap length and block. */
static int read_simple_packet(struct lcap_reader *reader)
{
    if (reader->block.body_len < PCAPNG_SIMPLE_FIXED)
        return body_too_short(reader, "Simple Packet", PCAPNG_SIMPLE_FIXED);
    const struct reader_interface *interface = section_interface(reader, 0);
    if (!interface)
        return LCAP_ERR_DAMAGED;
    uint32_t room = reader->block.body_len - PCAPNG_SIMPLE_FIXED;
    uint32_t len = load32(reader->block.body, reader->big_endian);
    uint32_t caplen = snaplen_cut(interface->description.snaplen, len < room ? len : room);
    return read_packet(
        reader, interface,
        &(struct packet_fields){
            .caplen = caplen,
            .len = len,
            .data = reader->block.body + PCAPNG_SIMPLE_FIXED,
            .room = (uint32_t)pad4(caplen), /* a Simple Packet Block has no options */
        });
}

/*
 * if_fcslen is meant in bits, but some programs write bytes; no check sequence is
 * shorter than 8 bits or longer than 7 bytes.
 */
static int fcs_bytes(uint8_t value)
{
    return value < 8 ? value : value / 8;
}

/* For an option that obeys its rule; a value out of range is ignored. */
static void read_interface_option(struct lcap_interface *interface,
                                  const struct pcapng_option *option, bool *has_tsresol)
{
    if (option->code == OPT_IF_NAME) {
        interface->name = (const char *)option->value;
        interface->name_len = option->len;
    } else if (option->code == OPT_IF_TSRESOL) {
        interface->tsresol = option->value[0];
        *has_tsresol = true;
    } else if (option->code == OPT_IF_FCSLEN) {
        interface->fcs_len = fcs_bytes(option->value[0]);
    } else if (option->code == OPT_IF_TSOFFSET) {
        interface->tsoffset = (int64_t)load64(option->value, interface->big_endian);
    } else if (option->code == OPT_IF_TSOFFSET_NS) {
        int32_t ns = (int32_t)load32(option->value, interface->big_endian);
        interface->tsoffset_ns = ns > -NS_PER_SECOND && ns < NS_PER_SECOND ? ns : 0;
    }
}

static int read_interface(struct lcap_reader *reader)
{
    const uint8_t *body = reader->block.body;
    bool big = reader->big_endian, has_tsresol = false;
    if (reader->block.body_len < PCAPNG_INTERFACE_FIXED)
        return body_too_short(reader, "Interface Description", PCAPNG_INTERFACE_FIXED);
    struct lcap_interface interface = {
        .linktype = load16(body, big),
        .snaplen = load32(body + 4, big),
        .tsresol = DEFAULT_TSRESOL,
        .fcs_len = -1,
        .big_endian = big,
        .options = body + PCAPNG_INTERFACE_FIXED,
    };
    struct cursor c = {interface.options, reader->block.body_len - PCAPNG_INTERFACE_FIXED, big};
    struct pcapng_option option;
    uint32_t seen = 0;
    int rc;
    while ((rc = pcapng_option_next(&c, &option)) == 1)
        if (pcapng_option_obeys(pcapng_option_rule_of(PCAPNG_INTERFACE, option.code), &option,
                                &seen))
            read_interface_option(&interface, &option, &has_tsresol);
    if (rc < 0)
        return option_overrun(reader, &option, &c);
    interface.options_len = (size_t)(c.at - interface.options);
    if (interface.options_len == 0)
        interface.options = NULL;
    reader->block.kind = LCAP_BLOCK_INTERFACE;
    const bool is_ns = !has_tsresol && reader->options.nanoseconds;
    if (is_ns)
        interface.tsresol = TSRESOL_NANOSECONDS;
    rc = reader_add_interface(reader, &interface, !has_tsresol && !is_ns);
    return rc < 0 ? rc : 1;
}

static int read_statistics(struct lcap_reader *reader)
{
    if (reader->block.body_len < PCAPNG_STATISTICS_FIXED)
        return body_too_short(reader, "Interface Statistics", PCAPNG_STATISTICS_FIXED);
    const struct reader_interface *interface =
        section_interface(reader, load32(reader->block.body, reader->big_endian));
    if (!interface)
        return LCAP_ERR_DAMAGED;
    reader->block.kind = LCAP_BLOCK_STATISTICS;
    reader->block.interface = &interface->description;
    return check_options(reader, PCAPNG_STATISTICS_FIXED);
}

/* The length of the section is not used: it is often -1 or wrong, and not needed. */
static int read_section(struct lcap_reader *reader)
{
    if (reader->block.body_len < PCAPNG_SECTION_FIXED)
        return body_too_short(reader, "Section Header", PCAPNG_SECTION_FIXED);
    uint16_t major = load16(reader->block.body + 4, reader->big_endian);
    uint16_t minor = load16(reader->block.body + 6, reader->big_endian);
    if (major != 1 || (minor != 0 && minor != 2)) { /* section 4.1: 1.2 is read as 1.0 */
        if (reader->block.offset == 0)
            return reader_refused(reader, "pcapng version %u.%u is not supported, only 1.0 and 1.2",
                                  major, minor);
        return reader_damaged(reader, "section: expected version 1.0 or 1.2, found %u.%u", major,
                              minor);
    }
    reader->section = reader->block.offset;
    reader->section_first = reader->next_interface;
    reader->block.kind = LCAP_BLOCK_SECTION;
    return check_options(reader, PCAPNG_SECTION_FIXED);
}

static int read_body(struct lcap_reader *reader)
{
    reader->block.interface = NULL;
    switch (reader->block.type) {
    case PCAPNG_ENHANCED_PACKET:
        return read_enhanced_packet(reader);
    case PCAPNG_SIMPLE_PACKET:
        return read_simple_packet(reader);
    case PCAPNG_PACKET:
        return read_obsolete_packet(reader);
    case PCAPNG_INTERFACE:
        return read_interface(reader);
    case PCAPNG_STATISTICS:
        return read_statistics(reader);
    case PCAPNG_SECTION_HEADER:
        return read_section(reader);
    case PCAPNG_NAMES:
        reader->block.kind = LCAP_BLOCK_NAMES;
        return 1;
    case PCAPNG_SECRETS:
        reader->block.kind = LCAP_BLOCK_SECRETS;
        return 1;
    default:
        reader->block.kind = LCAP_BLOCK_OTHER;
        return 1;
    }
}

/*
 * A section header has its own byte order, which the four bytes after its length
 * show. Sets *at to the beginning of the block, because its bytes may move.
 */
static int find_byte_order(struct lcap_reader *reader, const uint8_t **at)
{
    reader->section = NO_SECTION; /* until all of it is checked */
    int64_t have = input_peek(reader->input, 12, at, &reader->error);
    if (have < 0)
        return (int)have;
    if (have < 12)
        return reader_damaged(reader, "truncated section header: expected %d bytes, found %lld",
                              PCAPNG_SECTION_FIXED + PCAPNG_BLOCK_OVERHEAD, (long long)have);
    const uint8_t *magic = *at + 8;
    reader->big_endian = load32(magic, true) == PCAPNG_BYTE_ORDER;
    if (load32(magic, reader->big_endian) == PCAPNG_BYTE_ORDER)
        return LCAP_OK;
    if (reader->block.offset == 0)
        return reader_refused(reader,
                              "not a capture: expected the pcapng byte-order magic "
                              "1a 2b 3c 4d or 4d 3c 2b 1a, found %02x %02x %02x %02x",
                              magic[0], magic[1], magic[2], magic[3]);
    return reader_damaged(reader,
                          "section header: expected the byte-order magic 1a 2b 3c 4d or "
                          "4d 3c 2b 1a, found %02x %02x %02x %02x",
                          magic[0], magic[1], magic[2], magic[3]);
}

static bool length_is_sound(uint32_t length)
{
    return length >= PCAPNG_BLOCK_OVERHEAD && length % 4 == 0 && length <= PCAPNG_MAX_BLOCK;
}

/* Reads the length of the next block: returns 1, 0 at the end of the file, or a code. */
static int peek_length(struct lcap_reader *reader, uint32_t *length)
{
    const uint8_t *at;
    int64_t have = input_peek(reader->input, 8, &at, &reader->error);
    if (have <= 0)
        return (int)have;
    if (have < 8)
        return reader_damaged(reader, "truncated block: expected at least %d bytes, found %lld",
                              PCAPNG_BLOCK_OVERHEAD, (long long)have);
    if (load32(at, reader->big_endian) == PCAPNG_SECTION_HEADER) {
        reader->section_place = input_coded_offset(reader->input);
        int rc = find_byte_order(reader, &at);
        if (rc < 0)
            return rc;
    }
    *length = load32(at + 4, reader->big_endian);
    if (!length_is_sound(*length))
        return reader_damaged(reader,
                              "block length: expected a multiple of 4 from %d to %u, found %u",
                              PCAPNG_BLOCK_OVERHEAD, PCAPNG_MAX_BLOCK, *length);
    return 1;
}

/* A section header may have another byte order. */
uint64_t pcapng_next_size(const struct lcap_reader *reader, const uint8_t *at)
{
    const uint32_t type = load32(at, reader->big_endian);
    return type == PCAPNG_SECTION_HEADER ? UINT64_MAX : load32(at + 4, reader->big_endian);
}

static int next_block(struct lcap_reader *reader)
{
    const uint8_t *at;
    uint32_t length = 0;
    struct lcap_block *block = &reader->block;
    block->offset = input_offset(reader->input);
    int rc = peek_length(reader, &length);
    if (rc <= 0)
        return rc;
    int64_t have = input_peek(reader->input, length, &at, &reader->error);
    if (have < 0)
        return (int)have;
    if (have < (int64_t)length)
        return reader_damaged(reader, "truncated block: expected %u bytes, found %lld", length,
                              (long long)have);
    uint32_t trailer = load32(at + length - 4, reader->big_endian);
    if (trailer != length)
        return reader_damaged(reader,
                              "block length: expected %u again at the end of the block, found %u",
                              length, trailer);
    input_skip(reader->input, length);
    block->type = load32(at, reader->big_endian);
    block->big_endian = reader->big_endian;
    block->body = at + 8;
    block->body_len = length - PCAPNG_BLOCK_OVERHEAD;
    return read_body(reader);
}

/* As reader_tell_place() has it. */
static bool has_places(const struct lcap_position *to)
{
    return to->offset == to->coded_offset;
}

static bool is_in_section(const struct lcap_reader *reader, const struct lcap_position *to)
{
    return reader->section != NO_SECTION &&
           to->section == (has_places(to) ? reader->section_place : reader->section);
}

/* Reads the header of another section: sets its byte order and where its interfaces begin. */
static int enter_section(struct lcap_reader *reader, const struct lcap_position *to)
{
    const uint8_t *at;
    int rc =
        input_seek(reader->input, to->section, has_places(to) ? to->section : 0, &reader->error);
    if (rc < 0)
        return rc;
    int64_t have = input_peek(reader->input, 4, &at, &reader->error);
    if (have < 4 || load32(at, false) != PCAPNG_SECTION_HEADER)
        return have < 0 ? (int)have : reader_no_place(reader, to);
    reader->next_interface = reader_interfaces_before(reader, to->section);
    rc = next_block(reader);
    return rc < 0 ? rc : LCAP_OK;
}

/* Continues reading until the section has as many interfaces as it had there. */
static int meet_interfaces(struct lcap_reader *reader, const struct lcap_position *to)
{
    int rc = 1;
    while (rc == 1 && reader->next_interface - reader->section_first < to->interfaces) {
        if (input_offset(reader->input) >= to->offset || !is_in_section(reader, to))
            return reader_no_place(reader, to);
        rc = next_block(reader);
    }
    return rc == 0 ? reader_no_place(reader, to) : rc < 0 ? rc : LCAP_OK;
}

/* Whether that many first interfaces of the section are before the position. */
static bool has_interfaces(const struct lcap_reader *reader, const struct lcap_position *to)
{
    const size_t most = reader_interfaces_before(reader, to->offset);
    return most >= reader->section_first && to->interfaces <= most - reader->section_first;
}

int pcapng_seek(struct lcap_reader *reader, const struct lcap_position *to)
{
    int rc = to->section < to->offset ? LCAP_OK : reader_no_place(reader, to);
    reader->step = next_block;
    if (rc == LCAP_OK && !is_in_section(reader, to))
        rc = enter_section(reader, to);
    if (rc == LCAP_OK && to->offset > reader->known_to)
        rc = meet_interfaces(reader, to);
    if (rc < 0)
        return rc;
    if (!has_interfaces(reader, to))
        return reader_no_place(reader, to);
    reader->next_interface = reader->section_first + to->interfaces;
    return input_seek(reader->input, to->offset, to->coded_offset, &reader->error);
}

int pcapng_begin(struct lcap_reader *reader)
{
    reader->format = LCAP_FORMAT_PCAPNG;
    reader->format_name = "pcapng";
    reader->second_step = next_block;
    reader->seek = pcapng_seek;
    return next_block(reader);
}
