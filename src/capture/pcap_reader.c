/* Reads pcap (draft-ietf-opsawg-pcap): a file header, then records of header and packet. */
#include "base/bytes.h"
#include "base/text/text.h"
#include "capture/pcapng.h"
#include "capture/reader_internal.h"

enum { FILE_HEADER = 24 };

/* At least three records. */
enum { ZEROS_LOOKED_AT = READER_LOOK };

/* The offsets of fields in the file header. */
enum { AT_MAJOR = 4, AT_MINOR = 6, AT_SNAPLEN = 16, AT_NETWORK = 20 };

/* The fourth byte of the network field (section 4): the length of a frame check sequence. */
#define FCS_PRESENT     0x04000000u
#define FCS_WORDS(word) ((word) >> 28) /* in units of 16 bits */

static int next_record(struct lcap_reader *reader);

/* The file ends within the record header. */
static int end_of_records(struct lcap_reader *reader, int64_t have)
{
    if (have <= 0)
        return (int)have;
    return reader_damaged(reader,
                          "truncated packet record: expected %zu bytes of header, found %lld",
                          reader->pcap.record_header, (long long)have);
}

static int cut_record(struct lcap_reader *reader, uint32_t caplen, int64_t have)
{
    if (have < 0)
        return (int)have;
    return reader_damaged(reader, "truncated packet record: expected %u bytes of data, found %lld",
                          caplen, (long long)have - (long long)reader->pcap.record_header);
}

/* Versions before 2.4 had the two lengths in reverse order; with 2.3 both orders occur. */
static bool lengths_are_exchanged(const struct lcap_reader *reader, uint32_t first, uint32_t second)
{
    return reader->pcap.length_order == PCAP_CAPTURED_SECOND ||
           (reader->pcap.length_order == PCAP_CAPTURED_SMALLER && first > second);
}

/* Whichever of the two lengths is the captured one. */
uint64_t pcap_next_size(const struct lcap_reader *reader, const uint8_t *at)
{
    const uint32_t first = load32(at + 8, reader->big_endian);
    const uint32_t second = load32(at + 12, reader->big_endian);
    return reader->pcap.record_header + (uint64_t)(first > second ? first : second);
}

static void set_record_time(struct lcap_reader *reader, uint32_t seconds, uint32_t fraction)
{
    /* At most 2^32 s: less than 2^63 ns. A fraction of a second or more carries over. */
    struct lcap_packet *packet = &reader->block.packet;
    packet->timestamp = seconds * reader->pcap.units_per_second + fraction;
    packet->time_ns = (int64_t)packet->timestamp * reader->pcap.ns_per_unit;
    /* Also in a file of nanoseconds such a fraction is wrong, but no other unit is likely there. */
    if (fraction >= reader->pcap.units_per_second && reader->pcap.ns_per_unit > 1)
        reader->odd_times.nanoseconds++;
}

/*
 * Zeros up to the end of the file, or for longer than anybody writes packets without bytes in the
 * first second of 1970: what a file system leaves after a crash.
 */
static int check_zeros(struct lcap_reader *reader)
{
    static const uint8_t zeros[ZEROS_LOOKED_AT];
    const uint8_t *at;
    int64_t have = input_peek(reader->input, ZEROS_LOOKED_AT, &at, &reader->error);
    if (have < 0)
        return (int)have;
    return memcmp(at, zeros, have < ZEROS_LOOKED_AT ? (size_t)have : ZEROS_LOOKED_AT) == 0
               ? reader_damaged(reader, "expected a packet record, found zeros")
               : LCAP_OK;
}

static int next_record(struct lcap_reader *reader)
{
    const uint8_t *at;
    const size_t header = reader->pcap.record_header;
    const bool big = reader->big_endian;
    struct lcap_packet *packet = &reader->block.packet;
    reader->block.offset = input_offset(reader->input);
    int64_t have = input_peek(reader->input, header, &at, &reader->error);
    if (have < (int64_t)header)
        return end_of_records(reader, have);
    uint32_t caplen = load32(at + 8, big);
    uint32_t len = load32(at + 12, big);
    if ((caplen | len) == 0 && (load32(at, big) | load32(at + 4, big)) == 0 &&
        check_zeros(reader) < 0)
        return reader->error.code;
    if (reader->pcap.length_order != PCAP_CAPTURED_FIRST &&
        lengths_are_exchanged(reader, caplen, len)) {
        const uint32_t captured = len;
        len = caplen;
        caplen = captured;
    }
    if (caplen > LCAP_MAX_BLOCK)
        return reader_damaged(reader, "packet record: expected at most %u bytes of data, found %u",
                              LCAP_MAX_BLOCK, caplen);
    have = input_peek(reader->input, header + caplen, &at, &reader->error);
    if (have < (int64_t)(header + caplen))
        return cut_record(reader, caplen, have);
    input_skip(reader->input, header + caplen);
    packet->data = at + header;
    packet->caplen = caplen;
    packet->len = len;
    set_record_time(reader, load32(at, big), load32(at + 4, big));
    return reader->interfaces[0]->swap_headers && reader_swap_header(reader) < 0
               ? reader->error.code
               : 1;
}

/* From the interface block to packets: sets once what all packets share. */
static void begin_records(struct lcap_reader *reader)
{
    reader->block = (struct lcap_block){
        .kind = LCAP_BLOCK_PACKET,
        .big_endian = reader->big_endian,
        .packet = {.interface = &reader->interfaces[0]->description,
                   .has_time = true,
                   .drops = LCAP_NO_DROPS},
    };
    reader->step = next_record;
}

static int first_record(struct lcap_reader *reader)
{
    begin_records(reader);
    return next_record(reader);
}

int pcap_seek(struct lcap_reader *reader, const struct lcap_position *to)
{
    if (to->offset < FILE_HEADER || to->section != 0 || to->interfaces != 1)
        return reader_no_place(reader, to);
    begin_records(reader);
    return input_seek(reader->input, to->offset, to->coded_offset, &reader->error);
}

static enum pcap_length_order length_order_of(uint16_t major, uint16_t minor)
{
    if ((major == 2 && minor < 3) || major == 543) /* 543.0: DG/UX */
        return PCAP_CAPTURED_SECOND;
    return major == 2 && minor == 3 ? PCAP_CAPTURED_SMALLER : PCAP_CAPTURED_FIRST;
}

static int add_file_interface(struct lcap_reader *reader, uint32_t snaplen, uint32_t network)
{
    const struct lcap_interface description = {
        .linktype = (uint16_t)network,
        .snaplen = snaplen,
        .tsresol = reader->pcap.tsresol,
        .fcs_len = network & FCS_PRESENT ? (int)FCS_WORDS(network) * 2 : -1,
        .big_endian = reader->big_endian,
    };
    reader->block = (struct lcap_block){
        .kind = LCAP_BLOCK_INTERFACE,
        .big_endian = reader->big_endian,
    };
    return reader_add_interface(reader, &description, false);
}

/* Whatever the magic number says: programs write nanoseconds under that of microseconds. */
static void set_nanoseconds(struct pcap_layout *layout)
{
    layout->units_per_second = NS_PER_SECOND;
    layout->ns_per_unit = 1;
    layout->tsresol = TSRESOL_NANOSECONDS;
}

static int begin_file(struct lcap_reader *reader, const struct pcap_layout *layout)
{
    const uint8_t *at;
    reader->block.offset = 0;
    int64_t have = input_peek(reader->input, FILE_HEADER, &at, &reader->error);
    if (have < 0)
        return (int)have;
    if (have < FILE_HEADER)
        return reader_damaged(reader, "truncated file header: expected %d bytes, found %lld",
                              FILE_HEADER, (long long)have);
    uint16_t major = load16(at + AT_MAJOR, reader->big_endian);
    uint16_t minor = load16(at + AT_MINOR, reader->big_endian);
    /* Versions after 2.4 are read as 2.4: none was ever defined, but there are such files. */
    if (major < 2)
        return reader_refused(reader, "pcap version %u.%u is not supported, only 2.0 and later",
                              major, minor);
    input_skip(reader->input, FILE_HEADER);
    reader->pcap = *layout;
    if (reader->options.nanoseconds)
        set_nanoseconds(&reader->pcap);
    reader->pcap.length_order = length_order_of(major, minor);
    reader->format = LCAP_FORMAT_PCAP;
    reader->format_name = layout->name;
    reader->second_step = first_record;
    reader->seek = pcap_seek;
    return add_file_interface(reader, load32(at + AT_SNAPLEN, reader->big_endian),
                              load32(at + AT_NETWORK, reader->big_endian));
}

int pcap_begin(struct lcap_reader *reader)
{
    static const struct pcap_layout layout = {.name = "pcap",
                                              .record_header = 16,
                                              .units_per_second = 1000000,
                                              .ns_per_unit = 1000,
                                              .tsresol = TSRESOL_MICROSECONDS};
    return begin_file(reader, &layout);
}

int pcap_ns_begin(struct lcap_reader *reader)
{
    static const struct pcap_layout layout = {.name = "pcap (nanoseconds)",
                                              .record_header = 16,
                                              .units_per_second = 1000000000,
                                              .ns_per_unit = 1,
                                              .tsresol = TSRESOL_NANOSECONDS};
    return begin_file(reader, &layout);
}

/* Interface index, protocol and packet type follow the usual record header. */
int pcap_kuznetzov_begin(struct lcap_reader *reader)
{
    static const struct pcap_layout layout = {.name = "pcap (Kuznetzov's)",
                                              .record_header = 24,
                                              .units_per_second = 1000000,
                                              .ns_per_unit = 1000,
                                              .tsresol = TSRESOL_MICROSECONDS};
    return begin_file(reader, &layout);
}
