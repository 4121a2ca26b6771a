/*
 * One run of `label`: packets of any reader in, the matcher's verdict on
 * each, labelled packets out, and the figures that are reported at the end.
 */
#ifndef CMD_LABEL_RUN_H
#define CMD_LABEL_RUN_H

#include "base/io/output.h"
#include "capture/live.h"
#include "dataset/dataset_writer.h"
#include "dataset/sources.h"
#include "dataset/survey.h"
#include <labelcap/capture.h>
#include <labelcap/label.h>

struct label_args {
    const char *rules;
    const char *output;
    const char *device;
    const char *stats_json;
    const char *tmpdir;
    const char *user;
    uint64_t memory;
    uint64_t snaplen, buffer_size, count, rotate_size;
    double duration, rotate_seconds;
    int pcapml_times;
    bool sort, stats, dry_run, keep_unmatched, split_linktypes, strict, relabel;
    bool write_pcapml_times, no_promiscuous, force, quiet;
};

struct label_run {
    const struct label_args *args;
    struct sources sources;
    struct lcap_file *files; /* the sources, as FILE rules name them */
    bool *named;             /* of each file: a rule names it */
    struct lcap_rules *rules;
    struct lcap_matcher *matcher;
    struct dataset_writer *writer; /* NULL: nothing is written */
    struct output *report;         /* --stats-json; NULL without it */
    struct lcap_losses losses;
    size_t linktypes;      /* that packets written had */
    uint64_t *rule_counts; /* packets each rule labelled */
    struct tally all;
    uint64_t labelled;
    uint64_t kept;          /* without a label */
    uint64_t written_bytes; /* captured bytes of the packets labelled or kept */
    uint64_t files_read, files_skipped, files_damaged;
    bool write_failed;
    struct live_counts counts; /* of the kernel; with has_counts */
    bool has_counts;
};

/* Lists the inputs and loads the rules. */
int label_run_init(struct label_run *run, const struct label_args *args,
                   const char *const *operands, size_t count, struct lcap_error *error);
void label_run_release(struct label_run *run);

/* Opens the output at `path` (with --dry-run: none), and the report where it is not open yet. */
int label_run_open(struct label_run *run, const char *path, struct lcap_error *error);

/* Labels and writes one packet of file `file` (LCAP_NO_FILE when live). */
int label_run_packet(struct label_run *run, uint32_t file, const struct lcap_packet *packet,
                     struct lcap_error *error);
/* Passes any other block on. */
int label_run_block(struct label_run *run, const struct lcap_block *block,
                    struct lcap_error *error);

/* Hands whole blocks to the system. */
int label_run_flush(struct label_run *run, struct lcap_error *error);

/* Labels all files in turn. */
int label_run_files(struct label_run *run, struct lcap_error *error);

/* Puts the output into place. */
int label_run_close(struct label_run *run, struct lcap_error *error);

/*
 * After a failure: where the output could not be written further, and packets
 * come from where they cannot be read again, puts into place what there is of
 * it. Returns the code of the failure.
 */
int label_run_keep(struct label_run *run, int rc, struct lcap_error *error);

#endif
