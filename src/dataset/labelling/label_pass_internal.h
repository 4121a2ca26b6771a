/* The parts of labelling that captures and live packets share. */
#ifndef DATASET_LABELLING_LABEL_PASS_INTERNAL_H
#define DATASET_LABELLING_LABEL_PASS_INTERNAL_H

#include "base/buffer.h"
#include "dataset/dataset_writer.h"
#include "dataset/labelling/label_counts.h"
#include "dataset/labelling/label_pass.h"
#include "dataset/labelling/label_queue.h"
#include "dataset/shard/shard_run.h"

struct label_pass {
    const struct sources *sources;
    struct label_pass_options options;
    struct lcap_file *files; /* the sources, as FILE rules may name them */
    struct lcap_rules *rules;
    struct lcap_labeller *labeller;
    struct label_queue queue;
    struct label_slabs *slabs;         /* NULL: packets are labelled by one thread */
    struct buffer source;              /* the comment of --keep-source, */
    uint32_t source_file;              /* for this file; and LCAP_NO_FILE for none */
    struct dataset_writer *writer;     /* NULL: nothing is written */
    struct shard_run *shard;           /* NULL: the whole run */
    struct bucket_writer *decided;     /* of a shard that decides: its part */
    struct label_decisions *decisions; /* of one that labels by them; or NULL */
    struct label_counts *counts;       /* of a shard: of the segment that is read */
    struct label_pass_result result;
    struct tally *tally;         /* of the packets read: that of the result, or of the counts */
    uint64_t given;              /* packets that the labeller was given, but for those in batches */
    struct input_seen looked_at; /* a single source that was read before, for its snap lengths */
    uint64_t written_bytes;      /* captured bytes of the packets labelled or kept */
    uint64_t tagged;             /* packets with a VLAN tag that no rule labelled */
    bool comes_once;             /* packets cannot be read again */
    bool write_failed;
};

/* Whether a source that is no capture is passed over: no rule names it. */
bool label_pass_may_skip(const struct label_pass *pass, uint32_t file);

/* Opens the output at `path`; nothing in a dry run. */
int label_pass_open(struct label_pass *pass, const char *path, struct lcap_error *error);

/* Labels and writes one packet of file `file` (LCAP_NO_FILE when live). */
int label_pass_packet(struct label_pass *pass, uint32_t file, const struct lcap_packet *packet,
                      struct lcap_error *error);

/* Writes what the labeller has settled by now, and what waited for that. */
int label_pass_move(struct label_pass *pass, struct lcap_error *error);

/* Writes a packet that the labeller was given, if nothing waits; or else it waits, too. */
int label_pass_place(struct label_pass *pass, uint32_t file, const struct lcap_packet *packet,
                     const struct lcap_sample *sample, bool waits, struct lcap_error *error);

/* Whether the packet has a label that must not be replaced. */
static inline bool label_pass_refuses(const struct label_pass *pass,
                                      const struct lcap_packet *packet)
{
    struct lcap_label old;
    return !pass->options.relabel && lcap_packet_label(packet, &old);
}

/*
 * The same for several packets, at most LABELLER_BATCH, none of which is refused; only if
 * labeller_is_plain().
 */
int label_pass_batch(struct label_pass *pass, uint32_t file, const struct lcap_packet *packets,
                     size_t count, struct lcap_error *error);

/* Makes what label_pass_edit() needs for packets of the file. */
int label_pass_name_source(struct label_pass *pass, uint32_t file, struct lcap_error *error);

/* Adds to it what becomes of the second comment, if there is a source to name, or no label. */
void label_pass_edit_source(const struct label_pass *pass, const struct lcap_packet *packet,
                            struct lcap_edit *edit);

/* What the output changes of a packet that gets this label, or none: NULL. */
static inline void label_pass_edit(const struct label_pass *pass, const struct lcap_packet *packet,
                                   const char *comment, size_t comment_len, struct lcap_edit *edit)
{
    struct lcap_label label;
    *edit = (struct lcap_edit){
        .size = sizeof *edit,
        .drop_first_comment = pass->options.relabel && lcap_packet_label(packet, &label),
        .comment = comment,
        .comment_len = comment_len,
    };
    if (pass->source.len > 0 || !comment)
        label_pass_edit_source(pass, packet, edit);
}

/* Writes packets of a link type that were labelled in slabs. */
int label_pass_take(struct label_pass *pass, uint16_t linktype, const struct keyed_packets *packets,
                    struct lcap_error *error);

/* Ends waits at the end of an input, and flows unless they `go_on`; writes all that waited. */
int label_pass_end_input(struct label_pass *pass, bool go_on, struct lcap_error *error);

/* Counts an input that was read, when `labelled` packets had a label before. */
int label_pass_settle(struct label_pass *pass, const struct input_pass *input, uint64_t labelled,
                      struct lcap_error *error);

/* Passes any other block on. */
int label_pass_block(struct label_pass *pass, const struct lcap_block *block,
                     struct lcap_error *error);

/* Passes whole blocks to the system. */
int label_pass_flush(struct label_pass *pass, struct lcap_error *error);

/*
 * After a failure: if the output failed and an input cannot be read again, keeps
 * what has been written under the final name. Returns the code of the failure.
 */
int label_pass_keep(struct label_pass *pass, int rc, struct lcap_error *error);

#endif
