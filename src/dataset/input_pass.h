/*
 * One input of a pass, the same for everything that reads captures: it is opened
 * and walked block by block, with calls for progress, and one struct describes its
 * outcome.
 *
 *     struct input_pass input;
 *     int rc = input_pass_open(&input, source->path, source->walked, &options, &error);
 *     if (rc == 0)
 *         rc = input_pass_walk(&input, take_block, context, &error);
 *     if (rc == 0)
 *         input_pass_settle(&input, &counts);
 *     input_pass_close(&input);
 *
 * A fault of the input itself ends the input, not the run: damage (everything
 * before is good), or a file that is not a capture, if it may be skipped. That is
 * the outcome of the input. A file without bytes is a capture without packets: a
 * program that is killed early leaves one. Errors that a call returns end the run:
 * the file cannot be opened or read, memory runs out, an output cannot be written.
 *
 * Threads: an input belongs to one thread at a time; different ones may be read
 * at the same time.
 */
#ifndef DATASET_INPUT_PASS_H
#define DATASET_INPUT_PASS_H

#include "base/io/file.h"
#include "dataset/class_folders.h"
#include "dataset/pass_progress.h"
#include <labelcap/capture.h>

/* Takes one block: returns 0 to continue, 1 to end the walk early, or a negative code. */
typedef int pass_function(void *context, const struct lcap_block *block, struct lcap_error *error);

/* The outcome of one input. */
struct input_outcome {
    const char *name;        /* its path, or "standard input" */
    const char *format;      /* from lcap_reader_format_name(), or "unknown" */
    bool opened;             /* as a capture */
    size_t interfaces;       /* seen so far */
    bool empty;              /* without bytes or without interfaces */
    int status;              /* 0, LCAP_ERR_DAMAGED, or LCAP_ERR_FORMAT: skipped */
    struct lcap_error error; /* the same in words */
    uint64_t packets;        /* read so far */
    uint64_t raw_ip;         /* of the first few, called Ethernet, that look like raw IP */
    bool has_time;           /* the first of them has a time: */
    int64_t first_ns;
    struct lcap_odd_times odd_times;
};

/* So many packets of an input are looked at. */
#define PACKETS_LOOKED_AT 16

/* Whether packets called Ethernet look like raw IP, all that were looked at. */
bool input_looks_like_raw_ip(const struct input_outcome *outcome);

/* Called for each input as soon as its outcome is settled. */
typedef void input_listener(void *context, const struct input_outcome *outcome);

struct input_options {
    enum lcap_pcapml_times pcapml_times;
    bool set_linktype; /* read all packets as of `linktype` */
    uint16_t linktype;
    bool nanoseconds; /* as in struct lcap_reader_options */
    unsigned threads; /* of an input, and of an output */
    struct lcap_watcher watcher;
    input_listener *listener; /* or NULL */
    void *context;            /* of the listener */
};

/*
 * What a walk has found, by which a later one tells that the file has changed in
 * between: then decisions of the first do not hold for what the second reads.
 */
struct input_seen {
    struct file_stamp stamp; /* when the file was opened */
    bool whole;              /* walked to its end, so that these are known: */
    uint64_t packets;
    int status;
};

/* The snap lengths of what was read so far. All zero: nothing yet. */
struct snaplens {
    bool begun;
    bool unsound; /* they differ, or a packet is longer */
    uint32_t last;
};

void snaplens_take(struct snaplens *snaplens, const struct lcap_interface *interface);

static inline void snaplens_look(struct snaplens *snaplens, const struct lcap_block *block)
{
    if (block->kind == LCAP_BLOCK_INTERFACE)
        snaplens_take(snaplens, block->interface);
    else if (block->kind == LCAP_BLOCK_PACKET)
        snaplens->unsound |= snaplens->last != 0 && block->packet.caplen > snaplens->last;
}

struct input_pass {
    const struct input_options *options;
    const char *phase;          /* of its next walk, for progress */
    size_t number;              /* among the inputs of the run, for progress */
    bool is_quiet;              /* walks do not tell progress: the caller does */
    uint64_t end;               /* of its next walk, a place: no block from there on; 0: all */
    struct snaplens *snaplens;  /* NULL, or what its walks look at the snap lengths for */
    struct lcap_reader *reader; /* NULL: skipped, or damaged before its first block */
    struct input_outcome outcome;
    struct lcap_odd_times odd_before; /* of the reader, that are not in the outcome */
    struct input_seen seen;           /* by its last walk */
    struct input_seen expected;       /* by its next walk; its stamp is not known: nothing is */
};

/* The outcomes of the inputs of a run. All zero: none so far. */
struct input_counts {
    uint64_t read;    /* opened as captures, even if damaged later */
    uint64_t skipped; /* not captures, found in a directory */
    uint64_t damaged;
    uint64_t links; /* in directories, that lead to no regular file */
    struct class_folders folders;
};

/* None so far, of a run over these. */
struct input_counts input_counts_of(const struct sources *sources);

/*
 * An input that is not a capture is skipped if it `may_skip` (it was found in a
 * directory); otherwise (the user named it) it is an error of the run. `path` and
 * `options` must outlive the pass. Close it even after an error.
 */
int input_pass_open(struct input_pass *pass, const char *path, bool may_skip,
                    const struct input_options *options, struct lcap_error *error);

/*
 * Passes every block to the function. Returns 0 at the end of the capture or at
 * damage, 1 if the function ended the walk early, or a negative code. Does nothing
 * without a reader.
 */
int input_pass_walk(struct input_pass *pass, pass_function *function, void *context,
                    struct lcap_error *error);

/* Tells the watcher how far it is; a walk does so by itself. LCAP_ERR_INTERRUPTED ends the run. */
int input_pass_tell(const struct input_pass *pass, struct lcap_error *error);

/* The same where another thread reads, which has read so many bytes of the file. */
int input_pass_tell_read(const struct input_pass *pass, uint64_t bytes, struct lcap_error *error);

/*
 * Starts over, if lcap_reader_can_rewind(); forgets what the previous walk found,
 * because the next one must find it again.
 */
int input_pass_rewind(struct input_pass *pass, struct lcap_error *error);

/*
 * Opens the capture of `whole`, of which reader_is_plain() holds, for a thread that reads parts
 * of it: with options of its own, which are those of the whole but for the watcher, and reading
 * little at once. Both read one descriptor: close the part first.
 */
int input_pass_open_parts(struct input_pass *part, const struct input_pass *whole,
                          struct input_options *own, const struct lcap_watcher *watcher,
                          struct lcap_error *error);

/*
 * The next walk finds a part of the capture alone: it begins where the reader is, and ends at
 * the place `end`; 0: at the end of the capture.
 */
void input_pass_begin_part(struct input_pass *pass, uint64_t end);

/* Adds what the walk of another pass has found in the part that follows. */
void input_pass_join(struct input_pass *pass, const struct input_pass *part);

/*
 * The walks from now on must find what an earlier pass over the same path has seen;
 * otherwise they fail as input_pass_changed() does.
 */
void input_pass_expect(struct input_pass *pass, const struct input_seen *seen);

/* The error that the file has changed since an earlier walk: LCAP_ERR_IO. */
int input_pass_changed(const struct input_pass *pass, struct lcap_error *error);

/* Counts the outcome and calls the listener. */
void input_pass_settle(const struct input_pass *pass, struct input_counts *counts);

/* Counts an outcome that the caller kept. */
void input_counts_add(struct input_counts *counts, const struct input_outcome *outcome);

/* After the last of all inputs: LCAP_ERR_FORMAT if none was a capture. */
int input_counts_check(const struct input_counts *counts, struct lcap_error *error);

void input_pass_close(struct input_pass *pass);

/*
 * Reads a regular file to its end, and sets *sound: whether all its snap lengths are alike
 * and no packet is longer. For outputs in which they cannot be corrected; see
 * lcap_writer_open(). False for other inputs, what they hold is not known yet, and for what
 * is no capture, which the actual pass tells. *seen is for input_pass_expect() when the file
 * is read again.
 */
int input_check_snaplens(const char *path, const struct input_options *options, bool *sound,
                         struct input_seen *seen, struct lcap_error *error);

#endif
