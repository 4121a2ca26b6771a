/* Places in the middle of a capture, and guesses where its blocks begin there. */
#include "capture/parts/reader_guess.h"

#include "base/bytes.h"
#include "base/io/input.h"
#include "capture/pcapng.h"
#include "capture/reader_internal.h"
#include <stdlib.h>

/*
 * So many in a row are no accident: a record of pcap passes by chance about once in
 * 2^34, and a block of pcapng less often still.
 */
#define ENOUGH_IN_A_ROW 5

/* libpcap's MAXIMUM_SNAPLEN for most link types; a file may allow more. */
#define USUAL_SNAPLEN 262144u

/* Two packets in a row are hardly further apart, in seconds: a year. */
#define USUAL_GAP (366 * 86400)

/* What is remembered of the record before. */
struct guess {
    struct lcap_reader *reader;
    uint64_t size;    /* of the capture; UINT64_MAX: not known */
    uint64_t last;    /* no place is looked for from there on */
    uint32_t most;    /* bytes of a packet */
    uint32_t seconds; /* of the record before; with has_seconds */
    bool has_seconds;
    bool big_endian;
};

/* The header of the block there, as far as it is in the file: returns the bytes there are. */
static int64_t look(struct guess *g, uint64_t offset, size_t len, const uint8_t **at)
{
    struct lcap_reader *reader = g->reader;
    const int rc = input_seek(reader->input, offset, 0, &reader->error);
    return rc < 0 ? rc : input_peek(reader->input, len, at, &reader->error);
}

static bool follows_in_time(struct guess *g, uint32_t seconds)
{
    const bool follows = !g->has_seconds || llabs((int64_t)seconds - g->seconds) <= USUAL_GAP;
    g->seconds = seconds;
    g->has_seconds = true;
    return follows;
}

/* The length of a record that looks like one, or 0. */
static uint64_t record_length(struct guess *g, const uint8_t *at)
{
    const struct pcap_layout *layout = &g->reader->pcap;
    const bool big = g->big_endian, exchanged = layout->length_order == PCAP_CAPTURED_SECOND;
    const uint32_t caplen = load32(at + (exchanged ? 12 : 8), big);
    const uint32_t len = load32(at + (exchanged ? 8 : 12), big);
    const bool likely = caplen > 0 && caplen <= g->most && caplen <= len && len <= LCAP_MAX_BLOCK &&
                        load32(at + 4, big) < layout->units_per_second &&
                        follows_in_time(g, load32(at, big));
    return likely ? layout->record_header + (uint64_t)caplen : 0;
}

static bool type_is_known(uint32_t type)
{
    static const uint32_t known[] = {
        PCAPNG_ENHANCED_PACKET, PCAPNG_SIMPLE_PACKET, PCAPNG_PACKET,  PCAPNG_INTERFACE,
        PCAPNG_STATISTICS,      PCAPNG_NAMES,         PCAPNG_SECRETS, PCAPNG_CUSTOM,
        PCAPNG_CUSTOM_NOCOPY,   PCAPNG_JOURNAL,       PCAPNG_PROCESS, PCAPNG_SECTION_HEADER,
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (known[i] == type)
            return true;
    return false;
}

/* A section header says its byte order; the blocks behind it have that one. */
static void take_byte_order(struct guess *g, const uint8_t *at)
{
    if (load32(at, false) == PCAPNG_SECTION_HEADER)
        g->big_endian = load32(at + 8, true) == PCAPNG_BYTE_ORDER;
}

/* The length of a block whose two ends look like those of one, or 0. */
static uint64_t block_length(struct guess *g, uint64_t offset, const uint8_t *at)
{
    take_byte_order(g, at);
    const uint32_t length = load32(at + 4, g->big_endian);
    const uint8_t *end = NULL;
    if (!type_is_known(load32(at, g->big_endian)) || length < PCAPNG_BLOCK_OVERHEAD ||
        length % 4 != 0 || length > g->most + PCAPNG_MAX_BLOCK - LCAP_MAX_BLOCK)
        return 0;
    return look(g, offset + length - 4, 4, &end) >= 4 && load32(end, g->big_endian) == length
               ? length
               : 0;
}

static bool is_pcapng(const struct guess *g)
{
    return g->reader->format == LCAP_FORMAT_PCAPNG;
}

static size_t header_length(const struct guess *g)
{
    return is_pcapng(g) ? PCAPNG_BLOCK_OVERHEAD : g->reader->pcap.record_header;
}

/*
 * Whether enough blocks follow one another from there, or all up to the end of the capture,
 * or if it is that end.
 */
static int begins_row(struct guess *g, uint64_t offset)
{
    g->has_seconds = false;
    g->big_endian = g->reader->big_endian;
    for (unsigned found = 0; found < ENOUGH_IN_A_ROW && offset != g->size; found++) {
        const uint8_t *at = NULL;
        const int64_t have = look(g, offset, header_length(g), &at);
        if (have == 0)
            return 1;
        if (!at || have < (int64_t)header_length(g))
            return have < 0 && have != LCAP_ERR_ARGUMENT ? (int)have : 0;
        const uint64_t length = is_pcapng(g) ? block_length(g, offset, at) : record_length(g, at);
        if (length == 0 || length > g->size - offset)
            return 0;
        offset += length;
    }
    return 1;
}

/* Blocks of pcapng begin at multiples of four, because their lengths are. In BGZF it is not known
 * which offsets are. */
static int search(struct guess *g, uint64_t *offset)
{
    const unsigned step = is_pcapng(g) && !g->reader->in_blocks ? 4 : 1;
    *offset = (*offset + step - 1) / step * step;
    for (; *offset < g->last; *offset += step) {
        const int rc = begins_row(g, *offset);
        if (rc != 0)
            return rc;
    }
    *offset = g->size;
    return 0;
}

static uint64_t end_place(const struct lcap_reader *reader)
{
    return reader_place_of_byte(reader, input_file_size(reader->input));
}

/* Where bytes cannot be unpacked there is no place: a wrong guess, or the shard before tells it. */
static int search_in_blocks(struct guess *g, uint64_t *place)
{
    struct lcap_reader *reader = g->reader;
    struct input *input = reader->input;
    uint64_t offset = input_guess_block(input, *place >> 16) << 16;
    *place = end_place(reader);
    if (offset == *place)
        return LCAP_OK;
    int rc = input_seek(input, offset, offset, &reader->error);
    if (rc == LCAP_OK)
        rc = search(g, &offset);
    if (rc == 1)
        rc = input_seek(input, offset, 0, &reader->error);
    if (rc == LCAP_OK && input_coded_offset(input) > 0)
        *place = input_coded_offset(input);
    return rc == LCAP_ERR_DAMAGED ? LCAP_OK : rc;
}

static int guess_place(struct lcap_reader *reader, uint64_t place, uint64_t distance,
                       struct lcap_position *found, struct lcap_error *error)
{
    const uint64_t size = reader->in_blocks ? UINT64_MAX : input_file_size(reader->input);
    struct guess guess = {
        .reader = reader,
        .size = size,
        .last = size > place && size - place > distance ? place + distance : size,
        .most = USUAL_SNAPLEN,
    };
    const struct lcap_interface *first = reader_section_interface(reader, 0);
    if (first && first->snaplen > guess.most && first->snaplen <= LCAP_MAX_BLOCK)
        guess.most = first->snaplen;
    *found = (struct lcap_position){.size = sizeof *found,
                                    .section = reader->section_place,
                                    .interfaces = reader_section_interfaces(reader)};
    reader_leave(reader);
    reader->read_from = UINT64_MAX;
    const int rc = reader->in_blocks ? search_in_blocks(&guess, &place) : search(&guess, &place);
    found->offset = found->coded_offset = place;
    return rc < 0 ? lcap_error_copy(error, &reader->error) : LCAP_OK;
}

int reader_guess_place(struct lcap_reader *reader, uint64_t place, struct lcap_position *found,
                       struct lcap_error *error)
{
    return guess_place(reader, place, UINT64_MAX, found, error);
}

int reader_guess_near(struct lcap_reader *reader, uint64_t place, struct lcap_position *found,
                      struct lcap_error *error)
{
    return guess_place(reader, place, 4 * (uint64_t)USUAL_SNAPLEN, found, error);
}

/* ---- places ---- */

bool reader_has_places(const struct lcap_reader *reader)
{
    return input_check_random_access(reader->input, NULL) == LCAP_OK;
}

bool reader_is_plain(const struct lcap_reader *reader)
{
    return input_can_rewind(reader->input) && !input_is_packed(reader->input);
}

int reader_open_beside(struct lcap_reader **reader, const struct lcap_reader *whole,
                       struct lcap_error *error)
{
    struct lcap_reader_options options = whole->options;
    struct input *input = NULL;
    options.threads = 1;
    *reader = NULL;
    const int rc = input_open_beside(&input, whole->input, error);
    return rc < 0 ? rc : reader_open_input(reader, input, &options, error);
}

void reader_limit_reads(struct lcap_reader *reader, size_t len)
{
    input_be_sparing(reader->input, &(struct input_sparing){.most_read = len});
}

uint64_t reader_place_of_byte(const struct lcap_reader *reader, uint64_t byte)
{
    return reader->in_blocks && byte != UINT64_MAX ? byte << 16 : byte;
}

/* Where BGZF goes on as other gzip, no place is known before its end. */
int reader_tell_place(const struct lcap_reader *reader, struct lcap_position *place,
                      struct lcap_error *error)
{
    const int rc = lcap_reader_tell(reader, place, error);
    if (rc < 0 || !reader->in_blocks)
        return rc;
    place->section = reader->section_place;
    if (place->offset > 0 && place->coded_offset == 0)
        place->coded_offset = end_place(reader);
    place->offset = place->coded_offset;
    return LCAP_OK;
}

size_t reader_section_interfaces(const struct lcap_reader *reader)
{
    return reader->next_interface - reader->section_first;
}

const struct lcap_interface *reader_section_interface(const struct lcap_reader *reader, size_t n)
{
    return n < reader_section_interfaces(reader)
               ? &reader->interfaces[reader->section_first + n]->description
               : NULL;
}

static const char letters[] = {[TIMES_UNDECIDED] = 'u', [TIMES_PLAIN] = 'p', [TIMES_PCAPML] = 'm'};

int reader_append_times(const struct lcap_reader *reader, struct buffer *text,
                        struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (size_t i = reader->section_first; i < reader->next_interface && rc == LCAP_OK; i++)
        rc = buffer_append(text, &letters[reader->interfaces[i]->times], 1, error);
    return rc == LCAP_OK ? buffer_append(text, "", 1, error) : rc;
}

static void take_times(struct reader_interface *interface, char letter)
{
    interface->times = letter == 'm' ? TIMES_PCAPML : letter == 'p' ? TIMES_PLAIN : TIMES_UNDECIDED;
    interface->looked_at_from =
        interface->past_3000 == UINT64_MAX || letter == 'p' ? interface->past_3000 : 0;
}

void reader_take_times(struct lcap_reader *reader, const char *text)
{
    for (size_t i = reader->section_first; i < reader->next_interface && *text; i++)
        take_times(reader->interfaces[i], *text++);
}
