/*
 * One input on its way through a pass, the same for everything that reads
 * captures: opened, walked block by block while somebody looks on, and what
 * became of it told in one struct.
 *
 *     struct input_pass input;
 *     int rc = input_pass_open(&input, source->path, source->walked, &options, &error);
 *     if (rc == 0)
 *         rc = input_pass_walk(&input, take_block, context, &error);
 *     if (rc == 0)
 *         input_pass_settle(&input, &counts);
 *     input_pass_close(&input);
 *
 * What is wrong with the input itself ends the input, not the run: damage (all
 * before it is good), and that it is no capture where it may be skipped. That is
 * the input's outcome. Errors that a call returns end the run: the file cannot
 * be opened or read, there is no memory, an output cannot be written.
 *
 * Threads: an input belongs to one thread at a time; different ones may be read
 * at the same time.
 */
#ifndef DATASET_INPUT_PASS_H
#define DATASET_INPUT_PASS_H

#include <labelcap/capture.h>

/* Takes one block: 0 to go on, 1 to end the walk early, or a negative code. */
typedef int pass_function(void *context, const struct lcap_block *block, struct lcap_error *error);

/* Called every few thousand blocks, for progress. */
typedef void pass_watcher(const struct lcap_reader *reader);

/* What became of one input. */
struct input_outcome {
    const char *name;        /* its path, or "standard input" */
    const char *format;      /* as lcap_reader_format_name() has it, or "unknown" */
    bool opened;             /* as a capture */
    size_t interfaces;       /* met so far */
    bool empty;              /* of no bytes, or without any interface */
    int status;              /* 0, LCAP_ERR_DAMAGED, or LCAP_ERR_FORMAT: skipped */
    struct lcap_error error; /* the same in words */
    uint64_t packets;        /* read so far */
    uint64_t pcapml_times;   /* packets with pcapml's timestamps */
};

/* Hears of each input as soon as its outcome is settled. */
typedef void input_listener(void *context, const struct input_outcome *outcome);

struct input_options {
    struct lcap_reader_options reader;
    pass_watcher *watcher;    /* or NULL */
    input_listener *listener; /* or NULL */
    void *context;            /* of the listener */
};

struct input_pass {
    const struct input_options *options;
    struct lcap_reader *reader; /* NULL: skipped, or damaged before its first block */
    struct input_outcome outcome;
};

/* What became of the inputs of a run. All zero: there were none yet. */
struct input_counts {
    uint64_t read;    /* opened as captures, damaged later or not */
    uint64_t skipped; /* no captures, found in a directory */
    uint64_t damaged;
};

/*
 * Where the input is no capture: it is skipped if it `may_skip` (it was found in
 * a directory), and an error of the run if not (the user has named it). `path`
 * and `options` must outlive the pass. Close it also after an error.
 */
int input_pass_open(struct input_pass *pass, const char *path, bool may_skip,
                    const struct input_options *options, struct lcap_error *error);

/*
 * Gives every block to the function: 0 at the end of the capture or at the
 * damage that ends it, 1 where the function ended it early, or a negative code.
 * Without a reader there is nothing to give.
 */
int input_pass_walk(struct input_pass *pass, pass_function *function, void *context,
                    struct lcap_error *error);

/*
 * Starts over, where lcap_reader_can_rewind(); what the walk before has found is
 * forgotten, for the next one finds it again.
 */
int input_pass_rewind(struct input_pass *pass, struct lcap_error *error);

/* Counts the outcome and tells it to the listener. */
void input_pass_settle(const struct input_pass *pass, struct input_counts *counts);

/* Counts an outcome that was kept. */
void input_counts_add(struct input_counts *counts, const struct input_outcome *outcome);

void input_pass_close(struct input_pass *pass);

#endif
