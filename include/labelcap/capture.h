/*
 * Captures: blocks in from pcap and pcapng, blocks out to pcapng and pcap.
 *
 * A reader gives the blocks of one capture in file order; a writer takes
 * blocks of one reader after another and makes one file of them. What is not
 * edited passes through bit by bit.
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
 * Threads: one reader or writer belongs to one thread at a time; different
 * ones may be used at the same time.
 */
#ifndef LABELCAP_CAPTURE_H
#define LABELCAP_CAPTURE_H

#include <labelcap/error.h>
#include <labelcap/packet.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The longest packet and the longest block that are believed, in bytes. No
 * link type that has been seen needs more: libpcap's own limit for a packet is
 * 256 KiB (128 MiB for D-Bus alone). A length above it is damage.
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

/* One block, a view that is valid until the next call on its reader. */
struct lcap_block {
    enum lcap_block_kind kind;
    uint32_t type;       /* pcapng block type; 0 from pcap */
    uint64_t offset;     /* where it begins in the (decompressed) file */
    bool big_endian;     /* byte order of its section */
    const uint8_t *body; /* between the two length fields; NULL from pcap */
    uint32_t body_len;
    const struct lcap_interface *interface; /* LCAP_BLOCK_INTERFACE and _STATISTICS */
    struct lcap_packet packet;              /* LCAP_BLOCK_PACKET */
};

/*
 * Files written by pcapml hold seconds in the high and microseconds in the low
 * half of a timestamp. AUTO takes a packet's time for such where its interface
 * has no if_tsresol, the low half is below 1,000,000, and the time would lie
 * past the year 3000 otherwise.
 */
enum lcap_pcapml_times { LCAP_PCAPML_TIMES_AUTO, LCAP_PCAPML_TIMES_YES, LCAP_PCAPML_TIMES_NO };

struct lcap_reader_options {
    enum lcap_pcapml_times pcapml_times;
    bool allow_empty; /* an input of no bytes is a capture without blocks, not LCAP_ERR_FORMAT */
};

struct lcap_reader;

/*
 * Opens a capture: pcap (micro- or nanoseconds, also Kuznetzov's format) or
 * pcapng, either byte order, plain or gzip or zstd, told apart by the first
 * bytes. "-" is standard input. `options` NULL: all zero.
 * LCAP_ERR_IO: cannot be opened or read. LCAP_ERR_FORMAT: no capture, or one of
 * a kind that is not read. LCAP_ERR_DAMAGED: damage before the first block.
 */
LCAP_API int lcap_reader_open(struct lcap_reader **reader, const char *path,
                              const struct lcap_reader_options *options, struct lcap_error *error);

/*
 * The next block: 1; 0 at the end of the capture; or a negative code. *block is
 * NULL for the latter two, and every further call gives the same. From a pcap
 * file the first is an LCAP_BLOCK_INTERFACE. LCAP_ERR_DAMAGED names file,
 * offset, what was expected and what was found; all before it is good.
 */
LCAP_API int lcap_reader_next(struct lcap_reader *reader, const struct lcap_block **block,
                              struct lcap_error *error);

/*
 * Starts over. Only for regular files (LCAP_ERR_ARGUMENT otherwise). The
 * interfaces stay where they are, and get the same numbers again.
 */
LCAP_API int lcap_reader_rewind(struct lcap_reader *reader, struct lcap_error *error);
LCAP_API bool lcap_reader_can_rewind(const struct lcap_reader *reader);

/* How many interfaces have been met so far, and one of them; NULL for a number above. */
LCAP_API size_t lcap_reader_interfaces(const struct lcap_reader *reader);
LCAP_API const struct lcap_interface *lcap_reader_interface(const struct lcap_reader *reader,
                                                            size_t number);

enum lcap_format { LCAP_FORMAT_PCAPNG, LCAP_FORMAT_PCAP };
/* "pcap", "pcap (nanoseconds)", "pcapng", …: for people. A constant. */
LCAP_API const char *lcap_reader_format_name(const struct lcap_reader *reader);
LCAP_API enum lcap_format lcap_reader_format(const struct lcap_reader *reader);
/* How many packets had a pcapml timestamp that was put right. */
LCAP_API uint64_t lcap_reader_pcapml_times(const struct lcap_reader *reader);
/* Bytes read of the file as it lies there, and its size (0 = not known). For progress. */
LCAP_API uint64_t lcap_reader_bytes_read(const struct lcap_reader *reader);
LCAP_API uint64_t lcap_reader_file_size(const struct lcap_reader *reader);
/* The path that was opened, or "standard input". Valid as long as the reader. */
LCAP_API const char *lcap_reader_name(const struct lcap_reader *reader);
LCAP_API void lcap_reader_free(struct lcap_reader *reader);

/* What happens to the comments of a packet on its way out. All zero: nothing. */
struct lcap_edit {
    bool drop_first_comment; /* leave the first comment out */
    const char *comment;     /* put this before all other options; NULL = none */
    size_t comment_len;      /* at most 65,535 */
};

/* Digits of the times in a pcap file. */
enum lcap_pcap_times {
    LCAP_PCAP_TIMES_AS_INTERFACES, /* nanoseconds where an interface has finer than microseconds */
    LCAP_PCAP_TIMES_MICROSECONDS,
    LCAP_PCAP_TIMES_NANOSECONDS,
};

struct lcap_writer_options {
    enum lcap_format format;
    enum lcap_pcap_times pcap_times;
    bool overwrite;         /* replace an existing file */
    bool unlimited_snaplen; /* write every snap length as 0: for several inputs */
    bool pcapml_times;      /* timestamps as pcapml writes them (pcapng only) */
    bool keep_cut;          /* keep a regular file that cannot be written to its end */
};

/* What could not be carried over, and why. */
struct lcap_losses {
    uint64_t blocks_order;  /* unknown blocks in the other byte order */
    uint64_t options_order; /* unknown options in the other byte order */
    /*
     * Not as the draft has them: options of a wrong length, or a second one where one is
     * allowed; name records of a wrong length or without their NUL; blocks whose parts run past
     * their end.
     */
    uint64_t options_malformed;
    uint64_t names_malformed;
    uint64_t blocks_malformed;
    uint64_t blocks_nocopy;  /* custom blocks marked 'do not copy' */
    uint64_t options_nocopy; /* custom options marked 'do not copy' */
    uint64_t sections;       /* section headers after the first that had options */
    uint64_t no_time;        /* packets without a time, written with time 0 */
    uint64_t cut_times;      /* times finer than the format holds, rounded down */
    uint64_t held_times;     /* times outside 1970 to 2106, held at the limits of pcap */
    uint64_t pcap_blocks;    /* blocks that pcap cannot hold: all but section, interface, packet */
    uint64_t pcap_options;   /* packets with options or a drop count, which pcap cannot hold */
};

struct lcap_writer;

/*
 * Opens the output. A regular file is written beside its place and renamed
 * into it by lcap_writer_close(); LCAP_ERR_IO where one exists that is not to be
 * overwritten. A FIFO, a device and "-", which is standard output, are written
 * directly. A name that ends in ".gz" or ".zst" is compressed. `options` NULL:
 * all zero.
 *
 * pcapng: one section, in the byte order of the first block that is written.
 * Interfaces with the same description are merged, others renumbered.
 * pcap: one link type; another one is LCAP_ERR_ARGUMENT. The file header is
 * written with the first packet: in the byte order of the first interface, with
 * the largest snap length of the interfaces so far, and with the digits that
 * `pcap_times` asks for. Nanoseconds in a file of microseconds are
 * LCAP_ERR_ARGUMENT, but digits below nanoseconds are cut and counted, and so
 * are times before 1970 or after 2106-02-07 held at these limits. Without any
 * interface: Ethernet, snap length 262144.
 */
LCAP_API int lcap_writer_open(struct lcap_writer **writer, const char *path,
                              const struct lcap_writer_options *options, struct lcap_error *error);

/*
 * Says which reader the blocks that follow come from. Call it for each reader:
 * a block's interface is known by its number alone.
 */
LCAP_API void lcap_writer_source(struct lcap_writer *writer, const struct lcap_reader *reader);

/*
 * Writes a block as it is. LCAP_ERR_ARGUMENT: the format cannot hold it.
 * LCAP_ERR_IO: the output cannot be written, now and ever after.
 */
LCAP_API int lcap_writer_block(struct lcap_writer *writer, const struct lcap_block *block,
                               struct lcap_error *error);

/* Writes a packet with its comments edited. `edit` NULL: as it is. Errors: the same. */
LCAP_API int lcap_writer_packet(struct lcap_writer *writer, const struct lcap_packet *packet,
                                const struct lcap_edit *edit, struct lcap_error *error);

/* What was lost so far. Valid until the writer is closed or discarded. */
LCAP_API const struct lcap_losses *lcap_writer_losses(const struct lcap_writer *writer);

/* Hands all to the system, so that a reader of the unfinished file sees whole blocks. */
LCAP_API int lcap_writer_flush(struct lcap_writer *writer, struct lcap_error *error);

/*
 * Finishes the file, puts it into place and frees the writer. It frees on
 * errors too; a regular file's place is then as it was. But with `keep_cut`,
 * for packets that cannot be had again, a file that could not be written
 * further (LCAP_ERR_IO) is put into place up to there, in whole blocks; only
 * the end of a compression is missing.
 */
LCAP_API int lcap_writer_close(struct lcap_writer *writer, struct lcap_error *error);

/* Drops writer and unfinished file. NULL is allowed. */
LCAP_API void lcap_writer_discard(struct lcap_writer *writer);

/* "ETHERNET" for 1, "LINKTYPE_300" for one without a name here. Valid until the next call
 * of the same thread. */
LCAP_API const char *lcap_linktype_name(uint16_t linktype);

#ifdef __cplusplus
}
#endif

#endif
