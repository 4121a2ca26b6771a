/* Gives a packet the sample of its rule. */
#include "base/memory.h"
#include "label/comment.h"
#include "label/labeller/labeller_internal.h"
#include "label/labeller/sample_text.h"

/* The ID of an EACH sample. `table`: of the kind, if it has EACH:flow. */
static int hash_sample(struct lcap_labeller *l, uint32_t number, const struct rule_kind *kind,
                       const struct subject *subject, const struct label_table *table, uint64_t *id,
                       struct lcap_error *error)
{
    const struct lcap_rule *rule = &l->rules->items[number];
    const char *path = kind_needs_file(kind) ? l->rules->file_names[subject->file] : NULL;
    buffer_clear(&l->text);
    int rc = buffer_append(&l->text, rule->source, rule->source_len, error);
    if (rc == 0)
        rc = sample_text_append(&l->text, kind, subject, table ? table->flow : NULL,
                                table ? table->note->time_ns : 0, path, error);
    if (rc == 0)
        *id = lcap_sample_id(l->text.data, l->text.len);
    return rc;
}

static int find_id(struct lcap_labeller *l, uint32_t rule, const struct rule_kind *kind,
                   const struct subject *subject, const struct label_table *table, uint64_t *id,
                   struct lcap_error *error)
{
    const struct flow_sample *known = NULL;
    if (kind->each == EACH_FLOW)
        known = flow_note_find(table->note, rule);
    if (!known)
        return hash_sample(l, rule, kind, subject, table, id, error);
    *id = known->id;
    return LCAP_OK;
}

/* The packet is one of this sample, whose rule has labelled others before. */
static bool is_same_sample(const struct rule_use *use, uint64_t id)
{
    return use->sample && use->sample->id == id;
}

int labeller_use_only_sample(struct lcap_labeller *l, struct settled *settled,
                             const struct rule_kind *kind, struct lcap_error *error)
{
    struct rule_use *use = &l->uses[settled->rule];
    settled->id = l->rules->items[settled->rule].sample_id;
    if (use->packets++ > 0)
        return LCAP_OK;
    return sample_counts_add(&l->counts, kind, (struct flow_sample){settled->id, settled->rule}, 1,
                             NULL, error);
}

int labeller_use_rule(struct lcap_labeller *l, struct settled *settled,
                      const struct subject *subject, struct lcap_error *error)
{
    const struct rule_kind *kind = labeller_kind_of(l, settled->rule);
    struct rule_use *use = &l->uses[settled->rule];
    if (!kind->each)
        return labeller_use_only_sample(l, settled, kind, error);
    struct label_table *table =
        kind_has(kind, EACH_FLOW) ? label_flows_table(&l->flows, kind->flow_ns) : NULL;
    int rc = find_id(l, settled->rule, kind, subject, table, &settled->id, error);
    /* Once there are samples that are not remembered, each of their packets is counted. What
     * the note of a flow says depends on this flow alone. */
    if (rc == 0 && (table || !is_same_sample(use, settled->id) || l->counts.uncounted > 0))
        rc = sample_counts_add(&l->counts, kind, (struct flow_sample){settled->id, settled->rule},
                               1, table ? table->note : NULL, error);
    l->told.uncounted = l->counts.uncounted;
    use->packets += rc == 0;
    return rc;
}

static struct lcap_sample *new_sample(const struct lcap_rule *rule, uint32_t number,
                                      struct lcap_error *error)
{
    struct lcap_sample *sample =
        memory_new(1, sizeof *sample + comment_length(UINT64_MAX, rule->metadata_len) + 1, error);
    if (!sample)
        return NULL;
    *sample = (struct lcap_sample){
        .metadata = rule->metadata,
        .metadata_len = rule->metadata_len,
        .comment = (char *)(sample + 1),
        .rule = number,
    };
    return sample;
}

static int write_sample(const struct lcap_labeller *l, const struct settled *settled,
                        struct rule_use *use, struct lcap_error *error)
{
    const struct lcap_rule *rule = &l->rules->items[settled->rule];
    if (!use->sample)
        use->sample = new_sample(rule, settled->rule, error);
    if (!use->sample)
        return LCAP_ERR_MEMORY;
    use->sample->id = settled->id;
    use->sample->comment_len = comment_length(settled->id, rule->metadata_len);
    comment_write(settled->id, rule->metadata, rule->metadata_len, (char *)(use->sample + 1));
    return LCAP_OK;
}

int labeller_tell(struct lcap_labeller *l, const struct settled *settled,
                  const struct lcap_sample **sample, struct lcap_error *error)
{
    *sample = NULL;
    if (settled->rule == NO_RULE)
        return 0;
    struct rule_use *use = &l->uses[settled->rule];
    if (!is_same_sample(use, settled->id) && write_sample(l, settled, use, error) < 0)
        return LCAP_ERR_MEMORY;
    *sample = use->sample;
    return 1;
}
