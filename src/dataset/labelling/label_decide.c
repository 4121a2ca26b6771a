/* Decides about the packets of one bucket. */
#include "base/memory.h"
#include "base/varint.h"
#include "dataset/labelling/label_buckets.h"
#include "dataset/labelling/label_decisions.h"
#include "dataset/shard/bucket_file.h"
#include "dataset/shard/packet_buckets.h"
#include "label/labeller/labeller_match.h"
#include "label/labeller/labeller_shares.h"
#include <inttypes.h>

/* ---- packets ---- */

struct deciding {
    struct label_pass *pass;
    struct share_packets *packets;
    uint32_t file;
    uint64_t blocks;
};

static int tell(const struct deciding *deciding, struct lcap_error *error)
{
    const struct label_pass *pass = deciding->pass;
    const struct lcap_progress progress = {
        .name = pass->files[deciding->file].path,
        .input = deciding->file,
        .size = -1,
    };
    return pass_progress_tell(&pass->options.input.watcher, &progress, error);
}

static int pass_over(struct deciding *deciding, const struct shared_packet *shared,
                     struct lcap_error *error)
{
    struct label_pass *pass = deciding->pass;
    const int rc =
        labeller_pass(pass->labeller, deciding->file, &shared->packet, shared->skip, error);
    return rc == LCAP_OK ? label_pass_move(pass, error) : rc;
}

/* Fragments are in the buckets with their bytes. */
static int label(struct deciding *deciding, const struct shared_packet *shared,
                 const struct lcap_sample **sample, struct lcap_error *error)
{
    struct lcap_labeller *labeller = deciding->pass->labeller;
    if (!shared->record)
        return lcap_labeller_label(labeller, deciding->file, &shared->packet, sample, error);
    const int rc = labeller_label_matched(labeller, deciding->file, &shared->packet, shared->record,
                                          shared->record_len, sample, error);
    return rc == LCAP_ERR_FORMAT ? share_packets_refuse(deciding->packets, error) : rc;
}

/* The queue needs no bytes. */
static const struct lcap_packet no_bytes = {.data = (const uint8_t *)""};

static int decide(struct deciding *deciding, const struct shared_packet *shared,
                  struct lcap_error *error)
{
    struct label_pass *pass = deciding->pass;
    const struct lcap_sample *sample;
    const int rc = label(deciding, shared, &sample, error);
    if (rc < 0)
        return rc;
    if (!labeller_shares_packet(pass->labeller))
        return label_pass_move(pass, error);
    pass->result.all.packets++;
    return label_pass_place(pass, shared->shard, &no_bytes, sample, rc == LCAP_LABEL_WAITS, error);
}

static int take_packet(void *context, const struct shared_packet *shared, struct lcap_error *error)
{
    struct deciding *deciding = context;
    const int rc = ++deciding->blocks % PASS_BLOCKS_BETWEEN_LOOKS ? LCAP_OK : tell(deciding, error);
    if (rc < 0)
        return rc;
    return shared->passes ? pass_over(deciding, shared, error) : decide(deciding, shared, error);
}

static int take_between(void *context, const struct lcap_block *block, struct lcap_error *error)
{
    const struct deciding *deciding = context;
    return label_pass_block(deciding->pass, block, error);
}

int label_decisions_put(struct label_pass *pass, uint32_t shard, const struct lcap_sample *sample,
                        struct lcap_error *error)
{
    struct buffer *stream = bucket_writer_stream(pass->decided, shard);
    uint64_t only;
    int rc = varint_append(stream, sample ? (uint64_t)sample->rule + 1 : 0, error);
    if (rc == LCAP_OK && sample &&
        !lcap_rule_sample_id(lcap_rules_get(pass->rules, sample->rule), &only))
        rc = varint_append(stream, sample->id, error);
    return rc == LCAP_OK ? bucket_writer_note(pass->decided, shard, error) : rc;
}

/* ---- counts ---- */

/* Notes what only the shard that decides can count. */
static int note_counts(const struct label_pass *pass, struct buffer *notes,
                       struct lcap_error *error)
{
    const struct lcap_labeller *labeller = pass->labeller;
    const struct labeller_flow_counts counts = labeller_flow_counts(labeller);
    int rc = buffer_printf(notes, error, "flows %" PRIu64 " %" PRIu64 " %" PRIu64 "%c",
                           counts.samples, counts.lost_fragments, counts.cut_flows, '\0');
    for (size_t i = 0; i < lcap_rules_count(pass->rules) && rc == LCAP_OK; i++) {
        const uint64_t samples = lcap_labeller_rule_samples(labeller, i);
        if (samples > 0 && labeller_counts_in_flows(labeller, (uint32_t)i))
            rc = buffer_printf(notes, error, "samples %zu %" PRIu64 "%c", i, samples, '\0');
    }
    return rc;
}

bool label_decisions_is_note(const char *note)
{
    return joint_note_numbers(note, "flows", NULL, 0) ||
           joint_note_numbers(note, "samples", NULL, 0);
}

static bool add_samples(struct lcap_labeller *labeller, size_t rules, const char *note)
{
    uint64_t numbers[2];
    const char *rest = joint_note_numbers(note, "samples", numbers, 2);
    if (!rest || *rest || numbers[0] >= rules ||
        !labeller_counts_in_flows(labeller, (uint32_t)numbers[0]))
        return false;
    labeller_add_flow_samples(labeller, (uint32_t)numbers[0], numbers[1]);
    return true;
}

bool label_decisions_add_note(struct lcap_labeller *labeller, size_t rules, const char *note)
{
    uint64_t numbers[3];
    const char *rest = joint_note_numbers(note, "flows", numbers, 3);
    if (!rest || *rest)
        return add_samples(labeller, rules, note);
    const struct labeller_flow_counts counts = {numbers[0], numbers[1], numbers[2]};
    labeller_add_flow_counts(labeller, &counts);
    return true;
}

/* ---- the run ---- */

static int decide_file(struct deciding *deciding, struct lcap_error *error)
{
    const struct share_taker taker = {take_packet, take_between, deciding, true};
    struct label_pass *pass = deciding->pass;
    struct share_input read;
    int rc = tell(deciding, error);
    if (rc == LCAP_OK)
        rc = share_packets_read(deciding->packets, deciding->file, &taker, &read, error);
    return rc == LCAP_OK ? label_pass_end_input(pass, pass->options.join, error) : rc;
}

static int decide_files(struct label_pass *pass, const struct parts *parts,
                        struct lcap_error *error)
{
    const struct flow_share share = {pass->options.shard.number, pass->options.shard.count};
    struct deciding deciding = {.pass = pass};
    int rc = share_packets_open(&deciding.packets, parts, share, error);
    labeller_take_share(pass->labeller, share);
    for (; deciding.file < pass->sources->count && rc == LCAP_OK; deciding.file++)
        rc = decide_file(&deciding, error);
    if (rc == LCAP_OK)
        rc = label_pass_end_input(pass, false, error);
    share_packets_free(deciding.packets);
    return rc;
}

static int open_part(struct label_pass *pass, struct lcap_error *error)
{
    const int rc = shard_run_begin(pass->shard, &pass->options.placing, error);
    return rc == LCAP_OK
               ? bucket_writer_open(&pass->decided, pass->shard->part, pass->options.shard.count,
                                    &pass->shard->placing, error)
               : rc;
}

static int write_part(struct label_pass *pass, const struct parts *parts, struct lcap_error *error)
{
    int rc = open_part(pass, error);
    if (rc == LCAP_OK)
        rc = decide_files(pass, parts, error);
    if (rc == LCAP_OK)
        rc = note_counts(pass, &pass->shard->joint.about, error);
    if (rc < 0) {
        bucket_writer_discard(pass->decided);
        return rc;
    }
    rc = bucket_writer_close(pass->decided, error);
    return rc == LCAP_OK ? shard_run_finish(pass->shard, error) : rc;
}

int label_decisions_write(struct label_pass *pass, struct lcap_error *error)
{
    struct parts parts = {0};
    if (pass->result.is_done)
        return LCAP_OK;
    int rc = label_buckets_read(pass, &parts, error);
    if (rc == LCAP_OK)
        rc = write_part(pass, &parts, error);
    pass->decided = NULL;
    parts_release(&parts);
    return rc;
}
