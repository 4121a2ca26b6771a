/*
 * Captures: reading blocks from pcap and pcapng, writing blocks to pcapng and pcap.
 *
 * A reader returns the blocks of one capture in file order; a writer takes the
 * blocks of one reader after another and makes one file of them. What is not
 * edited passes through unchanged.
 *
 *     struct lcap_reader *in = NULL;
 *     struct lcap_writer *out = NULL;
 *     const struct lcap_block *block;
 *     int rc = lcap_reader_open(&in, "a.pcap", NULL, &error);
 *     if (rc == 0)
 *         rc = lcap_writer_open(&out, "b.pcapng", NULL, &error);
 *     if (rc == 0)
 *         lcap_writer_source(out, in);
 *     while (rc == 0 && (rc = lcap_reader_next(in, &block, &error)) == 1)
 *         rc = lcap_writer_block(out, block, &error);
 *     if (rc == 0)
 *         rc = lcap_writer_close(out, &error);
 *     else
 *         lcap_writer_discard(out);
 *     lcap_reader_free(in);
 *
 * Formats: draft-ietf-opsawg-pcap (libpcap capture file format) and
 * draft-ietf-opsawg-pcapng (PCAP Now Generic).
 *
 * Threads: a reader or writer belongs to one thread at a time; different ones may
 * be used at the same time.
 */
#ifndef LABELCAP_CAPTURE_H
#define LABELCAP_CAPTURE_H

#include <labelcap/error.h>
#include <labelcap/packet.h>
#include <labelcap/progress.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The longest packet and the longest block that are accepted, in bytes. No link
 * type seen so far needs more: libpcap's own limit for a packet is 256 KiB
 * (128 MiB only for D-Bus). A length above it counts as damage.
 */
#define LCAP_MAX_BLOCK (16u << 20)

enum lcap_block_kind {
    LCAP_BLOCK_SECTION,
    LCAP_BLOCK_INTERFACE,
    LCAP_BLOCK_PACKET,
    LCAP_BLOCK_NAMES,      /* name resolution */
    LCAP_BLOCK_SECRETS,    /* decryption secrets */
    LCAP_BLOCK_STATISTICS, /* of an interface */
    LCAP_BLOCK_OTHER,      /* custom, unknown */
};

/* A view of one block, valid until the next call on its reader. */
struct lcap_block {
    enum lcap_block_kind kind;
    uint32_t type;       /* pcapng block type; 0 for pcap */
    uint64_t offset;     /* where it begins in the (decompressed) file */
    bool big_endian;     /* byte order of its section */
    const uint8_t *body; /* between the two length fields; NULL for pcap */
    uint32_t body_len;
    const struct lcap_interface *interface; /* LCAP_BLOCK_INTERFACE and _STATISTICS */
    struct lcap_packet packet;              /* LCAP_BLOCK_PACKET */
};

/*
 * Files written by pcapml have seconds in the high half of a timestamp and
 * microseconds in the low half. With AUTO, that is recognised for a whole interface
 * without if_tsresol, by its first timestamp that is conclusive: its low half is below
 * 1,000,000, and the time would otherwise lie beyond the year 3000 (but is no time from
 * 2000 to 2040 in nanoseconds); or the low half is not below 1,000,000.
 */
enum lcap_pcapml_times { LCAP_PCAPML_TIMES_AUTO, LCAP_PCAPML_TIMES_YES, LCAP_PCAPML_TIMES_NO };

struct lcap_reader_options {
    size_t size; /* of this struct */
    enum lcap_pcapml_times pcapml_times;
    bool allow_empty;  /* an empty input is a capture without blocks, not LCAP_ERR_FORMAT */
    char unused[3];    /* padding in 0.2.0, so of any value */
    bool set_linktype; /* read all packets as of `linktype`, whatever the file says */
    uint16_t linktype;
    bool nanoseconds; /* times that the file calls microseconds, or without a unit, are these */
    unsigned threads; /* the caller's included, to read and unpack compressed regular files ahead;
                         0: only that one */
    struct lcap_watcher watcher; /* asked while a pipe or terminal keeps the reader waiting, which
                                    it may end */
};

struct lcap_reader;

/*
 * Opens a capture: pcap (micro- or nanoseconds, also Kuznetzov's format) or
 * pcapng, in either byte order, plain or compressed with gzip, zstd, xz, lz4 or
 * bzip2. The first bytes decide the format. "-" is standard input. `options` NULL: the defaults.
 * LCAP_ERR_IO: cannot be opened or read. LCAP_ERR_FORMAT: not a capture, or an
 * unsupported kind. LCAP_ERR_DAMAGED: damage before the first block.
 */
LCAP_API LCAP_MUST_USE int lcap_reader_open(struct lcap_reader **reader, const char *path,
                                            const struct lcap_reader_options *options,
                                            struct lcap_error *error);

/*
 * Returns 1 and the next block, 0 at the end of the capture, or a negative code.
 * For the latter two *block is NULL, and every further call returns the same. The
 * first block of a pcap file is an LCAP_BLOCK_INTERFACE. LCAP_ERR_DAMAGED names
 * the file, the offset, what was expected and what was found; everything before
 * is good. In a pcap file, zeros up to the end, or for 64 bytes, are damage, as a
 * crash leaves them, although they may be packets of 1970-01-01 without bytes.
 */
LCAP_API LCAP_MUST_USE int lcap_reader_next(struct lcap_reader *reader,
                                            const struct lcap_block **block,
                                            struct lcap_error *error);

/*
 * Starts over; only for regular files (otherwise LCAP_ERR_ARGUMENT). The
 * interfaces stay where they are in memory and get the same numbers again.
 */
LCAP_API LCAP_MUST_USE int lcap_reader_rewind(struct lcap_reader *reader, struct lcap_error *error);
LCAP_API bool lcap_reader_can_rewind(const struct lcap_reader *reader);

/*
 * A place between two blocks of a capture. It can be stored: it is valid for the
 * same file, even if that is opened again, as long as the file does not change.
 */
struct lcap_position {
    size_t size;           /* of this struct; set it before lcap_reader_tell(), too */
    uint64_t offset;       /* in the (decompressed) capture */
    uint64_t coded_offset; /* the same place in the file itself: `offset` in a plain file; in BGZF
                              (blocked gzip) the virtual offset of SAM specification 4.1.1, that is
                              the offset of the block × 65,536 + the offset in the unpacked block;
                              0 in other compressed files, which have to be read from the start */
    uint64_t section;      /* offset of the header of its section */
    uint64_t interfaces;   /* number of interfaces of the section that are described before it */
};

/* Returns where the next block begins. After an error of the reader it returns that error. */
LCAP_API LCAP_MUST_USE int lcap_reader_tell(const struct lcap_reader *reader,
                                            struct lcap_position *position,
                                            struct lcap_error *error);

/*
 * Goes to a position that lcap_reader_tell() returned for the same file, in this
 * reader or another one: the same blocks with the same interfaces follow. Only for
 * regular files, like lcap_reader_rewind(). Cost: in a plain file and in BGZF the
 * reader jumps, and reads the interface descriptions of the section unless it knows
 * them; of BGZF it unpacks the block of the position. With `coded_offset` 0, it looks
 * for that block from the start of the file, reading only the headers of blocks.
 * Other compressed data is decompressed up to the position, from the start of the
 * file if the position is before the current one. LCAP_ERR_ARGUMENT: not a position
 * in this capture. An invented position may also lead to meaningless blocks, but does
 * no other harm. After an error, the reader can seek to another position, be rewound
 * or be freed.
 */
LCAP_API LCAP_MUST_USE int lcap_reader_seek(struct lcap_reader *reader,
                                            const struct lcap_position *position,
                                            struct lcap_error *error);

/*
 * LCAP_ERR_ARGUMENT if lcap_reader_seek() has to read all that comes before a position:
 * the capture is no regular file, or compressed, but not as BGZF. The text says how to
 * get one that can be read from any place.
 */
LCAP_API LCAP_MUST_USE int lcap_reader_check_random_access(const struct lcap_reader *reader,
                                                           struct lcap_error *error);

/* The number of interfaces read so far, and one of them; NULL if there is none with that number. */
LCAP_API size_t lcap_reader_interfaces(const struct lcap_reader *reader);
LCAP_API const struct lcap_interface *lcap_reader_interface(const struct lcap_reader *reader,
                                                            size_t number);

enum lcap_format { LCAP_FORMAT_PCAPNG, LCAP_FORMAT_PCAP };
/* "pcap", "pcap (nanoseconds)", "pcapng", …: for people. A constant. */
LCAP_API const char *lcap_reader_format_name(const struct lcap_reader *reader);
LCAP_API enum lcap_format lcap_reader_format(const struct lcap_reader *reader);
/* How many packets had a timestamp of pcapml, which was corrected. */
LCAP_API uint64_t lcap_reader_pcapml_times(const struct lcap_reader *reader);
/* Timestamps that a user wants to know of: how many there were so far. A result, which may grow. */
struct lcap_odd_times {
    uint64_t pcapml;        /* of pcapml, corrected */
    uint64_t contradicting; /* not of the form that their interface was taken for */
    uint64_t nanoseconds;   /* look like nanoseconds, though the file says microseconds */
    uint64_t held;          /* outside the years 1677 to 2262, set to these limits */
};

/* Valid as long as the reader. */
LCAP_API const struct lcap_odd_times *lcap_reader_odd_times(const struct lcap_reader *reader);
/* Bytes read of the file as stored, and its size (0 = unknown). For progress. */
LCAP_API uint64_t lcap_reader_bytes_read(const struct lcap_reader *reader);
LCAP_API uint64_t lcap_reader_file_size(const struct lcap_reader *reader);
/* The path that was opened, or "standard input". Valid as long as the reader. */
LCAP_API const char *lcap_reader_name(const struct lcap_reader *reader);
LCAP_API void lcap_reader_free(struct lcap_reader *reader);

/* How the comments of a packet are changed when it is written. By default: not at all. */
struct lcap_edit {
    size_t size;             /* of this struct */
    bool drop_first_comment; /* leave the first comment out */
    const char *comment;     /* write this before all other options; NULL = none */
    size_t comment_len;      /* at most 65,535 */
    const char *second;      /* with `comment`: another one behind it; NULL = none */
    size_t second_len;
    bool drop_second_comment; /* with `drop_first_comment`: that one as well */
};

/* Units of the times in a pcap file. */
enum lcap_pcap_times {
    LCAP_PCAP_TIMES_AS_INTERFACES, /* nanoseconds if an interface has finer units than microseconds
                                    */
    LCAP_PCAP_TIMES_MICROSECONDS,
    LCAP_PCAP_TIMES_NANOSECONDS,
};

struct lcap_writer_options {
    size_t size; /* of this struct */
    enum lcap_format format;
    enum lcap_pcap_times pcap_times;
    bool overwrite;         /* replace an existing file */
    bool unlimited_snaplen; /* write every snap length as 0: for several inputs */
    bool pcapml_times;      /* write timestamps as pcapml does (pcapng only) */
    bool keep_cut;          /* keep a regular file that could not be written to its end */
    uint32_t snaplen;       /* cut packets and snap lengths to this many bytes; 0 = not at all */
    bool sound_snaplens;    /* the snap lengths are known to be sound: see lcap_writer_open() */
    char unused[7];         /* padding in 0.2.0, so of any value */
    bool no_sync;           /* do not wait until a named file is on the disk */
    int level;              /* of compression: 1 to 12 (.gz), 1 to 19 (.zst); 0: the default */
    unsigned threads;       /* the caller's included, for packing and writing; 0: only that one */
    bool used_interfaces; /* pcapng: leave out interfaces, and their statistics, without packets */
};

/* What could not be written, and why. A result, which may grow. */
struct lcap_losses {
    uint64_t blocks_order;  /* unknown blocks in the other byte order */
    uint64_t options_order; /* unknown options in the other byte order */
    /*
     * Violations of the draft: options of a wrong length, or repeated where one is allowed; name
     * records of a wrong length or without a NUL; blocks whose parts run past their end.
     */
    uint64_t options_malformed;
    uint64_t names_malformed;
    uint64_t blocks_malformed;
    uint64_t blocks_nocopy;  /* custom blocks marked 'do not copy' */
    uint64_t options_nocopy; /* custom options marked 'do not copy' */
    uint64_t sections;       /* section headers after the first that had options */
    uint64_t no_time;        /* packets without a time, written with time 0 */
    uint64_t cut_times;      /* times finer than the format holds, rounded down */
    uint64_t held_times;     /* times outside 1970 to 2106, set to the limits of pcap */
    uint64_t pcap_blocks;    /* blocks that pcap cannot hold: all but section, interface, packet */
    uint64_t pcap_options;   /* packets with options or a drop count, which pcap cannot hold */
    uint64_t refused_interfaces; /* for which libpcap refuses the file; see lcap_writer_open() */
};

struct lcap_writer;

/*
 * Opens the output. A regular file is written under a temporary name in the same
 * directory, synced and renamed by lcap_writer_close(); LCAP_ERR_IO if it exists and must
 * not be overwritten. A FIFO, a device and "-" (standard output) are written
 * directly. A file whose name ends in ".gz" is compressed as BGZF, which every reader
 * of gzip reads, one in ".zst" as one frame of Zstandard. `options` NULL: the defaults.
 *
 * pcapng: one section, in the byte order of the first block written. Interfaces
 * with identical descriptions are merged; others are renumbered.
 * pcap: one link type; another one is LCAP_ERR_ARGUMENT. The file header is
 * written with the first packet: in the byte order of the first interface, with
 * the largest snap length of the interfaces so far, and with the units that
 * `pcap_times` selects. Nanoseconds in a file of microseconds are
 * LCAP_ERR_ARGUMENT, but digits below nanoseconds are cut and counted, and times
 * before 1970 or after 2106-02-07 are set to these limits and counted. Without any
 * interface: Ethernet, snap length 262144.
 *
 * libpcap refuses or cuts a packet longer than the snap length of its interface, and
 * refuses a pcapng file in which these differ. If that turns out to be so, they are set
 * to 0 (no limit) in what was already written; a compressed file is compressed once more
 * for that when it is closed. A stream cannot be changed: its snap lengths are 0 from the
 * start, unless the caller says with `sound_snaplens` that they are alike and no packet is
 * longer. libpcap also refuses a second interface of a link type for which it has a number
 * of its own, such as raw IP: `refused_interfaces` counts those.
 */
LCAP_API LCAP_MUST_USE int lcap_writer_open(struct lcap_writer **writer, const char *path,
                                            const struct lcap_writer_options *options,
                                            struct lcap_error *error);

/*
 * Sets the reader from which the following blocks come. Call it for each reader: a
 * block identifies its interface only by a number.
 */
LCAP_API void lcap_writer_source(struct lcap_writer *writer, const struct lcap_reader *reader);

/*
 * Writes a block unchanged. LCAP_ERR_ARGUMENT: the format cannot hold it.
 * LCAP_ERR_IO: the output cannot be written; all later calls fail, too.
 */
LCAP_API LCAP_MUST_USE int lcap_writer_block(struct lcap_writer *writer,
                                             const struct lcap_block *block,
                                             struct lcap_error *error);

/* Writes a packet with edited comments; unchanged if `edit` is NULL. The same errors. */
LCAP_API LCAP_MUST_USE int lcap_writer_packet(struct lcap_writer *writer,
                                              const struct lcap_packet *packet,
                                              const struct lcap_edit *edit,
                                              struct lcap_error *error);

/* The losses so far. Valid until the writer is closed or discarded. */
LCAP_API const struct lcap_losses *lcap_writer_losses(const struct lcap_writer *writer);

/* Passes everything to the system, so that a reader of the unfinished file sees whole blocks. */
LCAP_API LCAP_MUST_USE int lcap_writer_flush(struct lcap_writer *writer, struct lcap_error *error);

/*
 * Finishes the file, renames it and frees the writer. It frees the writer on
 * errors, too; a regular file that existed before is then unchanged. But with
 * `keep_cut`, for packets that cannot be read again, a file that could not be
 * written to its end (LCAP_ERR_IO) gets its name all the same. It ends with a
 * whole block; a file compressed with zstd lacks the end of its frame.
 */
LCAP_API LCAP_MUST_USE int lcap_writer_close(struct lcap_writer *writer, struct lcap_error *error);

/* Removes the unfinished file and frees the writer. NULL is allowed. */
LCAP_API void lcap_writer_discard(struct lcap_writer *writer);

/* "ETHERNET" for 1, "LINKTYPE_300" for an unknown one. Valid until the next call in the
 * same thread. */
LCAP_API const char *lcap_linktype_name(uint16_t linktype);
/* The link type of such a name, in any case of letters, or of a number; LCAP_ERR_ARGUMENT
 * if there is none. */
LCAP_API LCAP_MUST_USE int lcap_linktype_of_text(const char *text, uint16_t *linktype,
                                                 struct lcap_error *error);

#ifdef __cplusplus
}
#endif

#endif
