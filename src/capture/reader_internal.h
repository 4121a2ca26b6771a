/*
 * What the parts of the reader share: reader.c (the handle), reader_kind.c (which
 * format it is), reader_interfaces.c (interfaces and times of packets),
 * pcap_reader.c and pcapng_reader.c (one format each).
 */
#ifndef CAPTURE_READER_INTERNAL_H
#define CAPTURE_READER_INTERNAL_H

#include "base/buffer.h"
#include "base/io/input.h"
#include "capture/timestamp.h"
#include <labelcap/capture.h>

/* What the timestamps of an interface were taken for, by the first that tells. */
enum times_taken { TIMES_UNDECIDED, TIMES_PLAIN, TIMES_PCAPML };

struct reader_interface {
    struct lcap_interface description;
    uint64_t offset; /* of the block that describes it */
    struct time_scale scale;
    uint64_t looked_at_from; /* timestamps below this are plain without a look */
    uint64_t past_3000;      /* the lowest timestamp after that year; UINT64_MAX: none is */
    enum times_taken times;
    uint64_t undecided; /* packets that were read as plain, and differ otherwise */
    bool swap_headers;  /* packets begin with fields in the byte order of another host */
    uint8_t options[];
};

/* Which of the two lengths in a pcap record header is the captured one. */
enum pcap_length_order { PCAP_CAPTURED_FIRST, PCAP_CAPTURED_SECOND, PCAP_CAPTURED_SMALLER };

/* A kind of pcap file. */
struct pcap_layout {
    const char *name;
    size_t record_header;
    uint64_t units_per_second;
    int64_t ns_per_unit;
    uint8_t tsresol;
    enum pcap_length_order length_order; /* by the version of the file */
};

/* Reads the next block into reader->block: returns 1, 0 at the end, or a code. */
typedef int reader_step(struct lcap_reader *reader);

/* Goes to a position after the first block. */
typedef int reader_seek(struct lcap_reader *reader, const struct lcap_position *to);

struct lcap_reader {
    struct input *input;
    reader_step *step;        /* what the next call does */
    reader_step *second_step; /* what the call after the first one does */
    reader_seek *seek;        /* NULL: there is nothing after the first block */
    struct lcap_block block;
    struct lcap_error error; /* all parts write here; lcap_reader_next() copies it */
    int result;              /* of the last step; final once it is 0 or an error */
    struct buffer swapped;   /* the packet whose link-layer header was converted */
    bool big_endian;         /* byte order of the file or section */
    bool in_blocks;          /* the file is BGZF */
    const char *format_name;
    enum lcap_format format;
    struct pcap_layout pcap;

    struct reader_interface **interfaces; /* all that were read, in file order */
    size_t interface_count;
    size_t interface_capacity;
    size_t interface_bytes; /* memory that they take */
    size_t next_interface;  /* index of the next one to be read, or to be read again */
    size_t section_first;   /* index of the first one of this section */
    uint64_t section;       /* offset of the header of this section */
    uint64_t section_place; /* the same in the file itself, as input_coded_offset() has it */
    uint64_t read_from;     /* where continuous reading began */
    uint64_t known_to;      /* all interfaces before that offset are known */

    struct lcap_reader_options options;
    struct lcap_odd_times odd_times;
};

/* Like lcap_reader_open() for an open input, which the reader takes over in any case. */
int reader_open_input(struct lcap_reader **reader, struct input *input,
                      const struct lcap_reader_options *options, struct lcap_error *error);

/* "file: offset 1234: …" with the offset of the current block. Returns LCAP_ERR_DAMAGED. */
int reader_damaged(struct lcap_reader *reader, const char *format, ...) LCAP_PRINTF(2, 3);
/* "file: …". Returns LCAP_ERR_FORMAT. */
int reader_refused(struct lcap_reader *reader, const char *format, ...) LCAP_PRINTF(2, 3);

/* Before going elsewhere: remembers up to where all interfaces are known. */
void reader_leave(struct lcap_reader *reader);

/* "file: …": an invalid position. Returns LCAP_ERR_ARGUMENT. */
int reader_no_place(struct lcap_reader *reader, const struct lcap_position *to);

reader_seek pcap_seek, pcapng_seek;

/* So many bytes are looked at, at most, to tell what comes next, besides the whole block. */
#define READER_LOOK 64

/* How long the record or block is that begins with these READER_LOOK bytes; UINT64_MAX: that is not
 * known before it is read. */
uint64_t pcap_next_size(const struct lcap_reader *reader, const uint8_t *at);
uint64_t pcapng_next_size(const struct lcap_reader *reader, const uint8_t *at);

/* Index of the first interface known after the offset. */
size_t reader_interfaces_before(const struct lcap_reader *reader, uint64_t offset);

/* Reads what precedes the first packet; the first block is then in reader->block. */
typedef int reader_begin(struct lcap_reader *reader);
reader_begin pcap_begin, pcap_ns_begin, pcap_kuznetzov_begin, pcapng_begin;

/*
 * Examines the first bytes: returns 1 and the function that begins their format, 0
 * for an empty input if that is allowed, or LCAP_ERR_FORMAT. Sets the byte order.
 */
int reader_tell_format(struct lcap_reader *reader, reader_begin **begin);

/*
 * Numbers the next interface and keeps a copy of `description`; its `options` and
 * `name` may point into the bytes of the file, and `name` is within `options`.
 * `may_be_pcapml`: it has no if_tsresol.
 */
int reader_add_interface(struct lcap_reader *reader, const struct lcap_interface *description,
                         bool may_be_pcapml);

/* Sets the time of the current packet from a timestamp in units of its interface. */
void reader_set_time(struct lcap_reader *reader, struct reader_interface *interface,
                     uint64_t timestamp);

/* Before everything is read again: the same timestamps shall decide. */
void reader_forget_times(struct lcap_reader *reader);

/* Converts the header of the current packet from the other byte order to that of this host. */
int reader_swap_header(struct lcap_reader *reader);

#endif
