/* Slabs of packets through a pipeline. */
#include "dataset/labelling/label_slabs.h"

#include "base/io/compression.h"
#include "base/io/target.h"
#include "base/io/waiting.h"
#include "base/memory.h"
#include "base/pipeline.h"
#include "capture/parts/encoded_packets.h"
#include "capture/parts/reader_ahead.h"
#include "dataset/labelling/label_hints.h"
#include "dataset/losses.h"
#include "label/comment.h"
#include "label/labeller/labeller_plain.h"
#include "label/labeller/labeller_sums.h"
#include "label/rules_internal.h"
#include <stdatomic.h>
#include <stdlib.h>

/* As much as is read at once: it stays in the cache of a core until it is written. */
struct label_slab {
    struct lcap_packet *packets;
    size_t count, capacity;
    struct buffer memory; /* into which they point, if the input has handed it over */
    struct keyed_packets labelled;
    struct lcap_error failure;
};

/* Bytes that the labels of a slab may take: they may be long, and the packets short. */
#define MOST_COMMENTS ((size_t)2 << 20)

/* After so many blocks that are in no slab, there must have been so many packets for each. */
#define MANY_OTHERS   1000
#define LEAST_STRETCH 32

/* The label that a rule gives, and how many packets of an input a thread has given it: together and
 * small, because with thousands of rules most of them come from memory. */
struct slab_rule {
    const char *comment;
    uint64_t comment_len : 16, packets : 48; /* comments are no longer */
};

/* What a thread needs, and what it has counted, for itself. */
struct slab_worker {
    struct match_memo memo;
    struct buffer options;
    struct slab_rule *rules;
    struct tally all;
    uint64_t labelled, kept, tagged, written_bytes;
    struct lcap_losses losses;
};

struct label_slabs {
    struct label_pass *pass;
    struct pipeline *pipeline;
    struct buffer comments;      /* of the rules, one behind the other */
    size_t most_packets;         /* in a slab */
    struct slab_worker *workers; /* by thread */
    unsigned threads;

    uint32_t file;
    struct input_pass *input;
    uint16_t linktype;              /* of the packets */
    struct label_slab *filled;      /* while it is */
    uint64_t others;                /* so far */
    const struct lcap_block *other; /* that is in no slab, and ended the last one */
    int status;                     /* of the walk */
    struct lcap_error error;
    atomic_uint_fast64_t bytes_read; /* of the input */
    atomic_bool is_over;             /* no slab is of use any more */
    struct lcap_error failure;       /* of the first slab that failed */
    struct lcap_error interruption;  /* by the watcher */
};

/* Packing has as many threads of its own and takes longer. With two threads, slabs that waited for
 * it in the cache of neither core made label to .zst 5 % slower. */
static unsigned threads_for(const struct label_pass *pass)
{
    const struct label_pass_options *options = &pass->options;
    const bool packs = !options->dry_run && !options->sort &&
                       compression_of_name(options->output) != COMPRESSION_NONE;
    const unsigned threads = packs ? options->input.threads / 2 : options->input.threads;
    return threads < PIPELINE_THREADS ? threads : PIPELINE_THREADS;
}

bool label_slabs_suit(const struct label_pass *pass)
{
    return threads_for(pass) > 1 && pass->sources->count > 0 && !pass->shard &&
           labeller_is_plain(pass->labeller);
}

/* ---- reading ---- */

static bool fits(const struct label_slabs *s, const struct lcap_packet *packet)
{
    return packet->interface->linktype == s->linktype && !label_pass_refuses(s->pass, packet) &&
           reader_leaves_bytes(s->input->reader) &&
           (!s->pass->writer || dataset_writer_encodes(s->pass->writer, packet));
}

/* Ends the walk where the slab ends. */
static int add_packet(void *context, const struct lcap_block *block, struct lcap_error *error)
{
    struct label_slabs *s = context;
    struct label_slab *slab = s->filled;
    if (block->kind != LCAP_BLOCK_PACKET || !fits(s, &block->packet)) {
        s->other = block;
        return 1;
    }
    if (slab->count == slab->capacity) {
        void *packets = slab->packets;
        const int rc =
            memory_grow(&packets, &slab->capacity, slab->count + 1, sizeof *slab->packets, error);
        slab->packets = packets;
        if (rc < 0)
            return rc;
    }
    slab->packets[slab->count++] = block->packet;
    return slab->count == s->most_packets || !reader_next_is_at_hand(s->input->reader);
}

/* The first stage. At another block, nothing is read before all slabs are written. */
static bool fill_slab(void *context, void *filled)
{
    struct label_slabs *s = context;
    struct label_slab *slab = filled;
    slab->count = 0;
    if (atomic_load_explicit(&s->is_over, memory_order_relaxed))
        return false;
    s->filled = slab;
    s->status = input_pass_walk(s->input, add_packet, s, &s->error);
    atomic_store_explicit(&s->bytes_read, lcap_reader_bytes_read(s->input->reader),
                          memory_order_relaxed);
    if (s->status != 1 || s->other)
        return false;
    s->status = reader_exchange_memory(s->input->reader, &slab->memory, &s->error);
    return s->status == LCAP_OK;
}

/* ---- labelling ---- */

static int write_packet(const struct label_slabs *s, struct slab_worker *worker,
                        struct label_slab *slab, const struct lcap_packet *packet,
                        const struct slab_rule *rule, const uint64_t *sample_id)
{
    const struct plan_scratch scratch = {&worker->options, &worker->losses};
    struct lcap_edit edit;
    worker->written_bytes += packet->caplen;
    if (!s->pass->writer)
        return LCAP_OK;
    label_pass_edit(s->pass, packet, rule->comment, rule->comment_len, &edit);
    return dataset_writer_encode(s->pass->writer, &scratch, packet, &edit, sample_id,
                                 &slab->labelled, &slab->failure);
}

static int settle_packet(const struct label_slabs *s, struct slab_worker *worker,
                         struct label_slab *slab, const struct lcap_packet *packet, uint32_t rule)
{
    static const struct slab_rule none = {.comment = NULL};
    tally_packet(&worker->all, packet);
    if (rule != NO_RULE) {
        worker->labelled++;
        worker->rules[rule].packets++;
        return write_packet(s, worker, slab, packet, &worker->rules[rule],
                            &s->pass->rules->items[rule].sample_id);
    }
    worker->tagged += label_packet_is_tagged(packet);
    if (!s->pass->options.keep_unmatched)
        return LCAP_OK;
    worker->kept++;
    return write_packet(s, worker, slab, packet, &none, NULL);
}

static int label_batch(const struct label_slabs *s, struct slab_worker *worker,
                       struct label_slab *slab, const struct lcap_packet *packets, size_t count)
{
    uint32_t rules[LABELLER_BATCH];
    int rc = labeller_match_plainly(s->pass->labeller, &worker->memo, s->file, packets, count,
                                    rules, &slab->failure);
    for (size_t i = 0; i < count && rc == LCAP_OK; i++)
        rc = settle_packet(s, worker, slab, &packets[i], rules[i]);
    return rc;
}

/* The second stage. */
static void label_slab(void *context, void *labelled, unsigned thread)
{
    struct label_slabs *s = context;
    struct label_slab *slab = labelled;
    int rc = LCAP_OK;
    buffer_clear(&slab->labelled.blocks);
    buffer_clear(&slab->labelled.keys);
    for (size_t at = 0; at < slab->count && rc == LCAP_OK; at += LABELLER_BATCH) {
        const size_t left = slab->count - at;
        rc = label_batch(s, &s->workers[thread], slab, slab->packets + at,
                         left < LABELLER_BATCH ? left : LABELLER_BATCH);
    }
}

/* The last stage. */
static void write_slab(void *context, void *written)
{
    struct label_slabs *s = context;
    struct label_slab *slab = written;
    if (s->failure.code != LCAP_OK)
        return;
    lcap_error_copy(&s->failure, &slab->failure);
    if (s->failure.code == LCAP_OK && slab->labelled.blocks.len > 0)
        label_pass_take(s->pass, s->linktype, &slab->labelled, &s->failure);
    if (s->failure.code != LCAP_OK)
        atomic_store_explicit(&s->is_over, true, memory_order_relaxed);
}

static void tell_progress(void *context)
{
    struct label_slabs *s = context;
    const uint64_t bytes = atomic_load_explicit(&s->bytes_read, memory_order_relaxed);
    if (s->interruption.code == LCAP_OK &&
        input_pass_tell_read(s->input, bytes, &s->interruption) < 0)
        atomic_store_explicit(&s->is_over, true, memory_order_relaxed);
}

/* ---- a walk ---- */

/* The first error in the order of the file; an error of the walk is behind all slabs. */
static int outcome_of(struct label_slabs *s, struct lcap_error *error)
{
    if (s->failure.code != LCAP_OK)
        return lcap_error_copy(error, &s->failure);
    if (s->interruption.code != LCAP_OK)
        return lcap_error_copy(error, &s->interruption);
    return s->status < 0 ? lcap_error_copy(error, &s->error) : LCAP_OK;
}

static int add_worker(struct label_slabs *s, struct slab_worker *worker, struct lcap_error *error)
{
    static const struct tally empty = TALLY_EMPTY;
    struct label_pass *pass = s->pass;
    int rc = LCAP_OK;
    tally_add(pass->tally, &worker->all);
    pass->result.labelled += worker->labelled;
    pass->result.kept += worker->kept;
    pass->tagged += worker->tagged;
    pass->written_bytes += worker->written_bytes;
    losses_add(&pass->result.losses, &worker->losses);
    for (uint32_t i = 0; i < pass->rules->count && worker->labelled > 0 && rc == LCAP_OK; i++) {
        if (worker->rules[i].packets > 0)
            rc = labeller_add_packets(pass->labeller, i, worker->rules[i].packets, error);
        worker->rules[i].packets = 0;
    }
    worker->all = empty;
    worker->labelled = worker->kept = worker->tagged = worker->written_bytes = 0;
    worker->losses = (struct lcap_losses){0};
    return rc;
}

static int add_workers(struct label_slabs *s, struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (unsigned i = 0; i < s->threads && rc == LCAP_OK; i++)
        rc = add_worker(s, &s->workers[i], error);
    return rc;
}

/* Slabs up to the next block that is in none. */
static int run_slabs(struct label_slabs *s, struct lcap_error *error)
{
    s->other = NULL;
    s->status = LCAP_OK;
    s->input->is_quiet = true;
    pipeline_restart(s->pipeline);
    pipeline_run(s->pipeline);
    s->input->is_quiet = false;
    return outcome_of(s, error);
}

/* A packet of another link type ends the slabs; the packets of that type after it are in slabs. */
static int pass_on(struct label_slabs *s, pass_function *function, void *context,
                   struct lcap_error *error)
{
    const struct lcap_block block = *s->other;
    s->others++;
    if (block.kind == LCAP_BLOCK_PACKET)
        s->linktype = block.packet.interface->linktype;
    return function(context, &block, error);
}

/* As where packets of two link types alternate: slabs would be too short. */
static bool others_are_many(const struct label_slabs *s)
{
    return s->others >= MANY_OTHERS && s->input->outcome.packets / s->others < LEAST_STRETCH;
}

static int walk_on(struct label_slabs *s, pass_function *function, void *context,
                   struct lcap_error *error)
{
    if (!others_are_many(s))
        return run_slabs(s, error);
    s->other = NULL;
    return input_pass_walk(s->input, function, context, error);
}

int label_slabs_walk(struct label_slabs *s, uint32_t file, struct input_pass *input,
                     pass_function *function, void *context, struct lcap_error *error)
{
    s->file = file;
    s->input = input;
    s->linktype = UINT16_MAX;
    s->others = 0;
    int rc = run_slabs(s, error);
    while (rc == LCAP_OK && s->other) {
        rc = pass_on(s, function, context, error);
        if (rc == LCAP_OK)
            rc = walk_on(s, function, context, error);
    }
    const int added = add_workers(s, rc == LCAP_OK ? error : NULL);
    return rc == LCAP_OK ? added : rc;
}

/* ---- the slabs ---- */

static void release_slab(void *released)
{
    struct label_slab *slab = released;
    buffer_release(&slab->memory);
    buffer_release(&slab->labelled.blocks);
    buffer_release(&slab->labelled.keys);
    free(slab->packets);
}

static size_t comment_len_of(const struct lcap_rule *rule)
{
    return comment_length(rule->sample_id, rule->metadata_len);
}

static int write_comments(struct label_slabs *s, struct lcap_error *error)
{
    const struct lcap_rules *rules = s->pass->rules;
    struct buffer *comments = &s->comments;
    size_t longest = 1;
    for (size_t i = 0; i < rules->count; i++) {
        const struct lcap_rule *rule = &rules->items[i];
        const size_t size = comment_len_of(rule) + 1;
        if (buffer_reserve(comments, size, error) < 0)
            return LCAP_ERR_MEMORY;
        comment_write(rule->sample_id, rule->metadata, rule->metadata_len,
                      (char *)comments->data + comments->len);
        comments->len += size;
        longest = size > longest ? size : longest;
    }
    s->most_packets = MOST_COMMENTS / longest;
    return LCAP_OK;
}

static struct slab_rule *list_rules(const struct label_slabs *s, struct lcap_error *error)
{
    const struct lcap_rules *rules = s->pass->rules;
    struct slab_rule *list = memory_new(rules->count, sizeof *list, error);
    const char *at = (const char *)s->comments.data;
    for (size_t i = 0; list && i < rules->count; i++) {
        list[i].comment = at;
        list[i].comment_len = (uint16_t)comment_len_of(&rules->items[i]);
        at += list[i].comment_len + 1;
    }
    return list;
}

static int make_workers(struct label_slabs *s, struct lcap_error *error)
{
    static const struct tally empty = TALLY_EMPTY;
    s->workers = memory_new(s->threads, sizeof *s->workers, error);
    for (unsigned i = 0; s->workers && i < s->threads; i++) {
        struct slab_worker *worker = &s->workers[i];
        worker->all = empty;
        worker->rules = list_rules(s, error);
        if (!worker->rules)
            return LCAP_ERR_MEMORY;
    }
    return s->workers ? LCAP_OK : LCAP_ERR_MEMORY;
}

static bool waits_for_reader(const struct label_pass *pass)
{
    return pass->writer && waiting_is_watched() && target_is_stream(pass->options.output);
}

static int make_pipeline(struct label_slabs *s, struct lcap_error *error)
{
    const struct pipeline_plan plan = {
        .buffer_size = sizeof(struct label_slab),
        .threads = s->threads,
        .start = PIPELINE_START,
        .context = s,
        .first = fill_slab,
        .thread_work = label_slab,
        .last = write_slab,
        .first_here = s->pass->comes_once,
        .last_here = waits_for_reader(s->pass),
        .release = release_slab,
        .waiting = tell_progress,
    };
    return pipeline_new(&s->pipeline, &plan, error);
}

int label_slabs_new(struct label_slabs **slabs, struct label_pass *pass, struct lcap_error *error)
{
    struct label_slabs *made = memory_new(1, sizeof *made, error);
    if (!made)
        return LCAP_ERR_MEMORY;
    made->pass = pass;
    made->threads = threads_for(pass);
    int rc = write_comments(made, error);
    if (rc == LCAP_OK)
        rc = make_workers(made, error);
    if (rc == LCAP_OK)
        rc = make_pipeline(made, error);
    if (rc == LCAP_OK)
        *slabs = made;
    else
        label_slabs_free(made);
    return rc;
}

void label_slabs_free(struct label_slabs *s)
{
    if (!s)
        return;
    pipeline_free(s->pipeline);
    for (unsigned i = 0; s->workers && i < s->threads; i++) {
        match_memo_release(&s->workers[i].memo);
        buffer_release(&s->workers[i].options);
        free(s->workers[i].rules);
    }
    free(s->workers);
    buffer_release(&s->comments);
    free(s);
}
