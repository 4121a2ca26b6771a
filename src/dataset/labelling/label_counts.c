/* Counts what a shard does to the packets of a segment. */
#include "dataset/labelling/label_counts.h"

#include "dataset/shard/outcome_note.h"

#include "base/memory.h"
#include "base/rare.h"
#include "label/labeller/sample_counts.h"
#include "label/rules_internal.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct counted_sample {
    uint64_t id, packets;
    uint32_t rule;
};

struct label_counts {
    const struct lcap_rules *rules;
    const struct lcap_labeller *labeller;
    struct tally all;
    uint64_t kept, tagged; /* of the packets without a label */
    uint64_t *before;      /* by rule, what it had labelled before the segment */
    bool lists_samples;    /* some rule does */
    struct idmap known;    /* the samples of rules that list them, by sample_counts_key() */
    struct counted_sample *samples; /* by their numbers there */
    size_t sample_capacity;
    uint64_t uncounted;  /* packets of samples beyond the limit */
    uint16_t *linktypes; /* in the order of their first packets */
    size_t linktype_count, linktype_capacity;
    struct lcap_losses lost; /* before the segment */
};

static bool some_rule_lists_samples(const struct lcap_rules *rules)
{
    for (size_t i = 0; i < rules->kind_count; i++)
        if (kind_lists_samples(&rules->kinds[i].kind))
            return true;
    return false;
}

int label_counts_new(struct label_counts **counts, const struct lcap_rules *rules,
                     const struct lcap_labeller *labeller, struct lcap_error *error)
{
    static const struct tally empty = TALLY_EMPTY;
    struct label_counts *made = memory_new(1, sizeof *made, error);
    if (!made)
        return LCAP_ERR_MEMORY;
    made->rules = rules;
    made->labeller = labeller;
    made->lists_samples = some_rule_lists_samples(rules);
    made->all = empty;
    made->before = memory_new(rules->count, sizeof *made->before, error);
    if (!made->before) {
        label_counts_free(made);
        return LCAP_ERR_MEMORY;
    }
    *counts = made;
    return LCAP_OK;
}

void label_counts_begin(struct label_counts *counts, const struct lcap_losses *losses)
{
    counts->lost = *losses;
}

/* ---- packets ---- */

struct tally *label_counts_tally(struct label_counts *counts)
{
    return &counts->all;
}

static bool has_linktype(const struct label_counts *counts, uint16_t linktype)
{
    for (size_t i = counts->linktype_count; i > 0; i--)
        if (counts->linktypes[i - 1] == linktype)
            return true;
    return false;
}

static RARE int list_linktype(struct label_counts *counts, uint16_t linktype,
                              struct lcap_error *error)
{
    if (has_linktype(counts, linktype))
        return LCAP_OK;
    void *linktypes = counts->linktypes;
    const int rc = memory_grow(&linktypes, &counts->linktype_capacity, counts->linktype_count + 1,
                               sizeof *counts->linktypes, error);
    counts->linktypes = linktypes;
    if (rc == LCAP_OK)
        counts->linktypes[counts->linktype_count++] = linktype;
    return rc;
}

int label_counts_linktype(struct label_counts *counts, uint16_t linktype, struct lcap_error *error)
{
    const size_t count = counts->linktype_count;
    const bool is_last = count > 0 && counts->linktypes[count - 1] == linktype;
    return is_last ? LCAP_OK : list_linktype(counts, linktype, error);
}

static RARE int list_sample(struct label_counts *counts, const struct lcap_sample *sample,
                            struct lcap_error *error)
{
    const struct lcap_rule *rule = &counts->rules->items[sample->rule];
    if (!kind_lists_samples(&counts->rules->kinds[rule->kind].kind))
        return LCAP_OK;
    const uint64_t key = sample_counts_key((struct flow_sample){sample->id, sample->rule});
    const size_t known = counts->known.count;
    uint32_t number = IDMAP_NONE;
    if (known >= MOST_REMEMBERED && idmap_find(&counts->known, key) == IDMAP_NONE) {
        counts->uncounted++;
        return LCAP_OK;
    }
    void *samples = counts->samples;
    int rc =
        memory_grow(&samples, &counts->sample_capacity, known + 1, sizeof *counts->samples, error);
    counts->samples = samples;
    if (rc == LCAP_OK)
        rc = idmap_add(&counts->known, key, &number, error);
    if (rc < 0)
        return rc;
    if (number == known)
        counts->samples[number] = (struct counted_sample){.id = sample->id, .rule = sample->rule};
    counts->samples[number].packets++;
    return LCAP_OK;
}

int label_counts_sample(struct label_counts *counts, const struct lcap_sample *sample,
                        struct lcap_error *error)
{
    return counts->lists_samples ? list_sample(counts, sample, error) : LCAP_OK;
}

void label_counts_unlabelled(struct label_counts *counts, bool is_kept, bool is_tagged)
{
    counts->kept += is_kept;
    counts->tagged += is_tagged;
}

/* ---- notes ---- */

#define COUNT_OF(ARRAY) (sizeof(ARRAY) / sizeof(ARRAY)[0])

static int note_packets(const struct label_counts *counts, struct buffer *notes,
                        struct lcap_error *error)
{
    const struct tally *all = &counts->all;
    const uint64_t numbers[] = {all->packets,
                                all->bytes,
                                all->captured,
                                all->untimed,
                                (uint64_t)all->first_ns,
                                (uint64_t)all->last_ns,
                                counts->kept,
                                counts->tagged,
                                counts->uncounted};
    int rc = outcome_note_append(notes, "packets", numbers, COUNT_OF(numbers), error);
    for (size_t i = 0; i < counts->linktype_count && rc == LCAP_OK; i++) {
        const uint64_t linktype = counts->linktypes[i];
        rc = outcome_note_append(notes, "linktype", &linktype, 1, error);
    }
    return rc;
}

static int note_rule(struct label_counts *counts, size_t rule, struct buffer *notes,
                     struct lcap_error *error)
{
    const uint64_t all = lcap_labeller_packets(counts->labeller, rule);
    const uint64_t numbers[] = {rule, all - counts->before[rule]};
    counts->before[rule] = all;
    return numbers[1] > 0 ? outcome_note_append(notes, "rule", numbers, COUNT_OF(numbers), error)
                          : LCAP_OK;
}

static int note_sample(const struct counted_sample *sample, struct buffer *notes,
                       struct lcap_error *error)
{
    const uint64_t numbers[] = {sample->rule, sample->id, sample->packets};
    return outcome_note_append(notes, "sample", numbers, COUNT_OF(numbers), error);
}

static int note_rules(struct label_counts *counts, struct buffer *notes, struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (size_t i = 0; i < counts->rules->count && rc == LCAP_OK; i++)
        rc = note_rule(counts, i, notes, error);
    for (size_t i = 0; i < counts->known.count && rc == LCAP_OK; i++)
        rc = note_sample(&counts->samples[i], notes, error);
    return rc;
}

/* Other losses are not those of the parts. */
static int note_losses(struct label_counts *counts, const struct lcap_losses *losses,
                       struct buffer *notes, struct lcap_error *error)
{
    const struct lcap_losses *before = &counts->lost;
    const uint64_t numbers[] = {losses->blocks_order - before->blocks_order,
                                losses->options_order - before->options_order,
                                losses->options_malformed - before->options_malformed,
                                losses->names_malformed - before->names_malformed,
                                losses->blocks_malformed - before->blocks_malformed,
                                losses->blocks_nocopy - before->blocks_nocopy,
                                losses->options_nocopy - before->options_nocopy};
    counts->lost = *losses;
    return outcome_note_append(notes, "losses", numbers, COUNT_OF(numbers), error);
}

static void begin_anew(struct label_counts *counts)
{
    static const struct tally empty = TALLY_EMPTY;
    counts->all = empty;
    counts->kept = counts->tagged = counts->uncounted = 0;
    counts->linktype_count = 0;
    idmap_clear(&counts->known);
}

int label_counts_write(struct label_counts *counts, const struct input_outcome *outcome,
                       const struct lcap_losses *losses, struct buffer *notes,
                       struct lcap_error *error)
{
    int rc = outcome_note_write(outcome, notes, error);
    if (rc == LCAP_OK)
        rc = note_packets(counts, notes, error);
    if (rc == LCAP_OK)
        rc = note_rules(counts, notes, error);
    if (rc == LCAP_OK)
        rc = note_losses(counts, losses, notes, error);
    begin_anew(counts);
    return rc;
}

void label_counts_free(struct label_counts *counts)
{
    if (!counts)
        return;
    idmap_release(&counts->known);
    free(counts->before);
    free(counts->samples);
    free(counts->linktypes);
    free(counts);
}
