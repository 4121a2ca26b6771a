/*
 * The run of one shard: which inputs it reads from where to where, and the joint that it
 * leaves. Where it begins in the middle of a file, the joint of the shard before says
 * the place, if it is there; otherwise the place is guessed, and proved by whoever
 * merges the parts.
 *
 *     rc = shard_run_new(&run, shard, "label", options_text, output, &sources, &error);
 *     if (rc == 0 && !shard_run_is_done(run)) {
 *         shard_run_begin(run, &placing, &error);
 *         for each source: if (shard_run_has(run, number)) {
 *             input_pass_open(&input, …);
 *             shard_run_walk(run, number, &input, function, context, &error);
 *         }
 *         ... the part, opened with run->placing, is closed ...
 *         shard_run_finish(run, &error);
 *     }
 *     shard_run_free(run);
 */
#ifndef DATASET_SHARD_SHARD_RUN_H
#define DATASET_SHARD_SHARD_RUN_H

#include "base/io/output.h"
#include "dataset/input_pass.h"
#include "dataset/shard/joint.h"
#include "dataset/shard/part_writer.h"

struct shard_run {
    struct shard_ranges ranges;
    char *part;          /* the path of the part */
    char *joint_path;    /* and of its joint */
    struct joint joint;  /* as far as it is known */
    struct joint before; /* of the shard before this one; without segments if there is none yet */
    uint64_t *bytes_before;           /* those of the inputs before, by input */
    struct snaplens snaplens;         /* of all that was read */
    const struct part_writer *writer; /* of the part, or NULL */
    struct output_options placing;    /* with which the part is to be opened: leaves its checksum */
    uint32_t checksum;
};

/*
 * `settings` says in words all options that decide what the run writes, and `files` names
 * others than inputs that do (NULL at its end). `sources` must outlive the run.
 */
int shard_run_new(struct shard_run **run, struct shard shard, const char *command,
                  const char *settings, const char *const *files, const char *output,
                  const struct sources *sources, struct lcap_error *error);

/* Appends the hashes of files (NULL at their end), a line each, by which a change of one shows. */
int shard_name_files(struct buffer *text, const char *const *files, struct lcap_error *error);

/*
 * Whether an earlier process has finished this shard of this run, and what is known by
 * now of the shard before it does not contradict.
 */
bool shard_run_is_done(const struct shard_run *run);

/*
 * Before the part is written: leaves a joint that is not finished. LCAP_ERR_IO if there
 * is a part of another run, or a file that is no part, and must not be replaced. Of
 * `wanted`: overwrite and no_sync.
 */
int shard_run_begin(struct shard_run *run, const struct output_options *wanted,
                    struct lcap_error *error);

/* Whether something of the input may belong to the shard. */
bool shard_run_has(const struct shard_run *run, size_t number);

/* How many bytes of the input that are, as far as it can be told before it is read. */
uint64_t shard_run_bytes(const struct shard_run *run, size_t number);

/*
 * Walks an open input, as input_pass_walk() does, where it belongs to the shard, and notes
 * from where to where that was. The interfaces that were described before come first.
 */
int shard_run_walk(struct shard_run *run, size_t number, struct input_pass *input,
                   pass_function *function, void *context, struct lcap_error *error);

/* What was just walked of this input; NULL: nothing of it belongs to the shard. */
struct joint_segment *shard_run_segment(struct shard_run *run, size_t number);

/* Writes the joint: the part is in its place. */
int shard_run_finish(struct shard_run *run, struct lcap_error *error);
void shard_run_free(struct shard_run *run);

#endif
