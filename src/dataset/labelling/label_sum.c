/* Adds up the notes of shards. */
#include "dataset/labelling/label_sum.h"

#include "base/memory.h"
#include "dataset/labelling/label_about.h"
#include "dataset/labelling/label_decisions.h"
#include "dataset/labelling/label_findings.h"
#include "dataset/labelling/label_pass_internal.h"
#include "dataset/losses.h"
#include "dataset/shard/outcome_note.h"
#include "label/labeller/labeller_sums.h"
#include "label/rules_internal.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct label_sum {
    struct sources sources;
    struct label_pass *pass;
    size_t inputs;           /* that have been begun */
    struct input_pass input; /* the last of them, as far as it is known */
    uint64_t labelled;       /* before it */
};

/* A segment, and what its notes have said so far. */
struct segment_sum {
    struct label_sum *sum;
    const struct joint_segment *segment;
    uint64_t packets, labelled, of_samples;
};

/* ---- notes ---- */

/* The span of all packets; that of none has no time. */
static int add_packets(struct segment_sum *to, const uint64_t *numbers, struct lcap_error *error)
{
    struct label_pass *pass = to->sum->pass;
    const struct tally tally = {.packets = numbers[0],
                                .bytes = numbers[1],
                                .captured = numbers[2],
                                .untimed = numbers[3],
                                .first_ns = (int64_t)numbers[4],
                                .last_ns = (int64_t)numbers[5]};
    (void)error;
    to->packets += tally.packets;
    tally_add(&pass->result.all, &tally);
    pass->result.kept += numbers[6];
    pass->tagged += numbers[7];
    labeller_add_uncounted(pass->labeller, numbers[8]);
    return tally.untimed <= tally.packets && numbers[6] <= tally.packets &&
           numbers[7] <= tally.packets && numbers[8] <= tally.packets;
}

static int add_input(struct segment_sum *to, const uint64_t *numbers, struct lcap_error *error)
{
    (void)error;
    outcome_note_add(&to->sum->input.outcome, numbers);
    return 1;
}

static int add_losses(struct segment_sum *to, const uint64_t *numbers, struct lcap_error *error)
{
    const struct lcap_losses losses = {.blocks_order = numbers[0],
                                       .options_order = numbers[1],
                                       .options_malformed = numbers[2],
                                       .names_malformed = numbers[3],
                                       .blocks_malformed = numbers[4],
                                       .blocks_nocopy = numbers[5],
                                       .options_nocopy = numbers[6]};
    (void)error;
    losses_add(&to->sum->pass->result.losses, &losses);
    return 1;
}

static int add_linktype(struct segment_sum *to, const uint64_t *numbers, struct lcap_error *error)
{
    if (numbers[0] > UINT16_MAX)
        return 0;
    const int rc = labeller_prepare(to->sum->pass->labeller, (uint32_t)to->segment->input,
                                    (uint16_t)numbers[0], error);
    return rc == LCAP_OK ? 1 : rc;
}

static int add_rule(struct segment_sum *to, const uint64_t *numbers, struct lcap_error *error)
{
    const struct label_pass *pass = to->sum->pass;
    if (numbers[0] >= pass->rules->count || numbers[1] == 0 ||
        numbers[1] > to->segment->labelled - to->labelled)
        return 0;
    to->labelled += numbers[1];
    const int rc = labeller_add_packets(pass->labeller, (uint32_t)numbers[0], numbers[1], error);
    return rc == LCAP_OK ? 1 : rc;
}

static bool lists_samples(const struct lcap_rules *rules, uint64_t rule)
{
    return rule < rules->count && kind_lists_samples(&rules->kinds[rules->items[rule].kind].kind);
}

static int add_sample(struct segment_sum *to, const uint64_t *numbers, struct lcap_error *error)
{
    const struct label_pass *pass = to->sum->pass;
    if (!lists_samples(pass->rules, numbers[0]) ||
        numbers[2] > to->segment->labelled - to->of_samples)
        return 0;
    to->of_samples += numbers[2];
    const int rc =
        labeller_add_sample(pass->labeller, (uint32_t)numbers[0], numbers[1], numbers[2], error);
    return rc == LCAP_OK ? 1 : rc;
}

enum { NUMBERS_MOST = 9 };

/* As label_counts.c writes them. The functions return 1, 0 if the numbers are wrong, or a code. */
static const struct note_kind {
    const char *word;
    size_t numbers;
    int (*add)(struct segment_sum *to, const uint64_t *numbers, struct lcap_error *error);
} note_kinds[] = {
    {"rule", 2, add_rule},
    {"sample", 3, add_sample},
    {OUTCOME_NOTE, OUTCOME_NUMBERS, add_input},
    {"packets", 9, add_packets},
    {"linktype", 1, add_linktype},
    {"losses", 7, add_losses},
};

static int add_note(struct segment_sum *to, const char *note, struct lcap_error *error)
{
    uint64_t numbers[NUMBERS_MOST];
    for (size_t i = 0; i < sizeof note_kinds / sizeof *note_kinds; i++) {
        const struct note_kind *kind = &note_kinds[i];
        const char *rest = joint_note_numbers(note, kind->word, numbers, kind->numbers);
        if (rest && !*rest)
            return kind->add(to, numbers, error);
    }
    return 0;
}

static int refuse(const struct part *part, const char *note, struct lcap_error *error)
{
    const struct shard shard = part->joint.shard;
    return lcap_error_set(error, LCAP_ERR_FORMAT,
                          "%s.joint: expected counts that agree with its segments, found '%.80s': "
                          "remove it and run shard %u/%u again",
                          part->path, note, shard.number, shard.count);
}

/* ---- segments ---- */

static int end_input(struct label_sum *sum, struct lcap_error *error)
{
    if (sum->inputs == 0)
        return LCAP_OK;
    outcome_end(&sum->input.outcome);
    return label_pass_settle(sum->pass, &sum->input, sum->labelled, error);
}

static int begin_input(struct label_sum *sum, uint64_t number, struct lcap_error *error)
{
    const int rc = end_input(sum, error);
    sum->inputs++;
    sum->labelled = sum->pass->result.labelled;
    sum->input = (struct input_pass){.options = &sum->pass->options.input,
                                     .number = (size_t)number,
                                     .outcome = {.name = sum->sources.items[number].path}};
    return rc;
}

static int add_segment(struct label_sum *sum, const struct part *part,
                       const struct joint_segment *segment, struct lcap_error *error)
{
    struct segment_sum to = {.sum = sum, .segment = segment};
    const char *note = "an input that is not in the list";
    size_t at = 0;
    int rc;
    if (segment->input >= sum->sources.count ||
        (sum->inputs > 0 && segment->input < sum->input.number))
        return refuse(part, note, error);
    if (sum->inputs == 0 || segment->input > sum->input.number) {
        rc = begin_input(sum, segment->input, error);
        if (rc < 0)
            return rc;
    }
    for (rc = 1; rc == 1 && (note = joint_next_note(&segment->notes, &at));)
        rc = add_note(&to, note, error);
    if (rc < 0)
        return rc;
    if (rc == 0 || to.packets != segment->packets || to.labelled != segment->labelled)
        return refuse(part, note ? note : "other numbers of packets", error);
    outcome_end_segment(&sum->input.outcome, segment);
    sum->pass->result.labelled += segment->labelled;
    return LCAP_OK;
}

static int add_segments(struct label_sum *sum, const struct parts *parts, struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (size_t i = 0; i < parts->count; i++) {
        const struct part *part = &parts->items[i];
        for (size_t k = 0; k < part->joint.segment_count && rc == LCAP_OK; k++)
            if (!part->joint.segments[k].left_out)
                rc = add_segment(sum, part, &part->joint.segments[k], error);
    }
    return rc == LCAP_OK ? end_input(sum, error) : rc;
}

/* ---- flows ---- */

/* In the first part, notes on the run come before those on flows. */
static int add_flows_of(struct label_sum *sum, const struct part *part, struct lcap_error *error)
{
    const struct label_pass *pass = sum->pass;
    const char *note;
    size_t at = 0;
    while ((note = joint_next_note(&part->joint.about, &at)))
        if (label_decisions_is_note(note) &&
            !label_decisions_add_note(pass->labeller, pass->rules->count, note))
            return refuse(part, note, error);
    return LCAP_OK;
}

static int add_flows(struct label_sum *sum, const struct parts *parts, struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (size_t i = 0; i < parts->count && rc == LCAP_OK; i++)
        rc = add_flows_of(sum, &parts->items[i], error);
    return rc;
}

/* ---- the whole ---- */

static int begin(struct label_sum *sum, const struct parts *parts,
                 const struct input_options *input, struct lcap_error *error)
{
    const struct part *first = &parts->items[0];
    struct label_pass_options options = {
        .dry_run = true,
        .sort = first->joint.output.order == ORDER_SAMPLE,
        .split_linktypes = first->joint.output.split_linktypes != 0,
        .input = *input,
    };
    const int rc =
        label_about_read(&first->joint.about, first->path, &options, &sum->sources, error);
    return rc == LCAP_OK ? label_pass_new(&sum->pass, &sum->sources, &options, error) : rc;
}

int label_sum_new(struct label_sum **sum, const struct parts *parts,
                  const struct input_options *input, struct lcap_error *error)
{
    struct label_sum *made = memory_new(1, sizeof *made, error);
    if (!made)
        return LCAP_ERR_MEMORY;
    const int rc = begin(made, parts, input, error);
    if (rc < 0)
        label_sum_free(made);
    else
        *sum = made;
    return rc;
}

const struct sources *label_sum_sources(const struct label_sum *sum)
{
    return &sum->sources;
}

int label_sum_run(struct label_sum *sum, const struct parts *parts, struct lcap_error *error)
{
    struct label_pass_result *result = &sum->pass->result;
    int rc = add_segments(sum, parts, error);
    if (rc == LCAP_OK)
        rc = add_flows(sum, parts, error);
    /* What no shard has opened was no capture. */
    result->inputs.skipped += sum->sources.count - sum->inputs;
    return rc == LCAP_OK ? label_findings_gather(&result->findings, sum->pass, error) : rc;
}

void label_sum_add_output(struct label_sum *sum, const struct lcap_losses *losses, size_t linktypes)
{
    losses_add(&sum->pass->result.losses, losses);
    sum->pass->result.linktypes = linktypes;
}

struct label_pass *label_sum_pass(const struct label_sum *sum)
{
    return sum->pass;
}

void label_sum_free(struct label_sum *sum)
{
    if (!sum)
        return;
    label_pass_free(sum->pass);
    sources_release(&sum->sources);
    free(sum);
}
