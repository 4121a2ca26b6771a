/* Compares the samples of a data set with those that rules make. */
#include "dataset/check/check_rules.h"

#include "base/memory.h"
#include "label/labeller/labeller_match.h"
#include "label/rules_internal.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Whether a sample of the data set is new, to be compared packet by packet, or settled. */
enum state { NEW, ASKED, SETTLED };

/* What the IDs of a rule with EACH depend on, besides the packet. */
enum need {
    NEEDS_INPUT = 1, /* the input of the packet */
    NEEDS_FLOW = 2,  /* its flow, all packets of which are in the sample */
    NEEDS_MORE = 4,  /* what the data set need not tell: a flow of which the sample has a part,
                        the number of a packet in its input, an input that is named otherwise */
};

/* ---- the rules ---- */

/* Whether each sample of the rule is a whole flow, unless an earlier rule takes a part. */
static bool makes_whole_flows(const struct lcap_rule *rule, const struct rule_kind *kind)
{
    return kind->each == EACH_FLOW &&
           (kind->scope_ns || (rule->filter == NO_FILTER && !rule->has_window));
}

static unsigned needs_of_rule(const struct lcap_rule *rule, const struct rule_kind *kind)
{
    unsigned needs = 0;
    if (rule->file || kind_has(kind, EACH_FILE))
        needs |= NEEDS_INPUT;
    if (rule->file_index == LCAP_NO_FILE || kind_has(kind, EACH_PACKET))
        needs |= NEEDS_MORE;
    if (kind_needs_flow(kind))
        needs |= makes_whole_flows(rule, kind) ? NEEDS_FLOW : NEEDS_MORE;
    return needs;
}

static int add_label(struct check_rules *check, const struct lcap_rule *rule, unsigned needs,
                     struct lcap_error *error)
{
    const size_t known = intern_count(check->labels);
    uint32_t number;
    int rc = intern_add(check->labels, rule->metadata, rule->metadata_len, &number, error);
    if (rc == 0)
        rc = memory_grow((void **)&check->needs, &check->needs_capacity, (size_t)number + 1,
                         sizeof *check->needs, error);
    if (rc < 0)
        return rc;
    if (number == known)
        check->needs[number] = 0;
    check->needs[number] |= (uint8_t)needs;
    return LCAP_OK;
}

static int add_rule(struct check_rules *check, const struct lcap_rule *rule,
                    struct lcap_error *error)
{
    const struct rule_kind *kind = &check->rules->kinds[rule->kind].kind;
    uint32_t number;
    if (kind->each) {
        const int rc = add_label(check, rule, needs_of_rule(rule, kind), error);
        return rc < 0 || check->labeller ? rc
                                         : lcap_labeller_new(&check->labeller, check->rules, error);
    }
    const int rc = sample_registry_add(&check->made, rule->sample_id, rule->metadata,
                                       rule->metadata_len, &number, error);
    return rc < 0 ? rc : LCAP_OK;
}

/* Whether a sample depends on inputs. */
static bool ask_for_inputs(const struct lcap_rules *rules)
{
    for (size_t i = 0; i < lcap_rules_count(rules); i++) {
        const struct lcap_rule *rule = lcap_rules_get(rules, i);
        const struct rule_kind *kind = &rules->kinds[rule->kind].kind;
        if (kind->each && (rule->file || kind_needs_file(kind)))
            return true;
    }
    return false;
}

/* No packet is said to be of this input, but without any EACH:file would be an error. */
static const struct lcap_file stand_in = {"unknown", "unknown"};

int check_rules_need_inputs(const char *path, bool *need, struct lcap_error *error)
{
    struct lcap_rules *rules = NULL;
    const int rc = lcap_rules_load(&rules, path, &stand_in, 1, error);
    *need = rc == LCAP_OK && ask_for_inputs(rules);
    lcap_rules_free(rules);
    return rc;
}

static int load_rules(struct check_rules *check, const char *path, const struct intern *inputs,
                      const struct sources *sources, const struct input_options *options,
                      struct lcap_error *error)
{
    int rc = lcap_rules_load(&check->rules, path, &stand_in, 1, error);
    if (rc < 0 || !ask_for_inputs(check->rules))
        return rc;
    rc = inputs ? check_inputs_set(&check->inputs, inputs, error)
                : check_inputs_find(&check->inputs, sources, options, error);
    if (rc < 0 || check_inputs_count(&check->inputs) == 0)
        return rc;
    lcap_rules_free(check->rules);
    check->rules = NULL;
    return lcap_rules_load(&check->rules, path, check->inputs.files,
                           check_inputs_count(&check->inputs), error);
}

int check_rules_init(struct check_rules *check, const char *path, const struct intern *inputs,
                     const struct sources *sources, const struct input_options *options,
                     struct lcap_error *error)
{
    *check = (struct check_rules){.current = NO_SAMPLE};
    int rc = load_rules(check, path, inputs, sources, options, error);
    if (rc == 0)
        rc = sample_registry_init(&check->made, error);
    if (rc == 0)
        rc = intern_new(&check->labels, error);
    for (size_t i = 0; rc == 0 && i < lcap_rules_count(check->rules); i++)
        rc = add_rule(check, lcap_rules_get(check->rules, i), error);
    return rc;
}

/* What the IDs of rules with this metadata depend on. */
static unsigned needs_of(const struct check_rules *check, const struct sample *sample)
{
    const uint32_t label = intern_find(check->labels, sample->metadata, sample->metadata_len);
    return label == INTERN_NONE ? 0 : check->needs[label];
}

/* ---- packets ---- */

/* What rules make of a packet. */
struct answer {
    bool any;      /* a sample: */
    uint32_t rule; /* that makes it */
    uint64_t id;
};

int check_rules_match(const struct check_rules *check, const struct lcap_packet *packet,
                      struct buffer *out, struct lcap_error *error)
{
    return labeller_match_append(check->labeller, check_inputs_of(&check->inputs, packet), packet,
                                 out, error);
}

/* Returns 1 if it is not known yet. */
static int ask_labeller(const struct check_rules *check, const struct lcap_packet *packet,
                        const struct check_match *match, struct answer *answer,
                        struct lcap_error *error)
{
    const struct lcap_sample *made = NULL;
    const int rc = match ? labeller_label_matched(check->labeller, check->input, packet,
                                                  match->record, match->len, &made, error)
                         : lcap_labeller_label(check->labeller, check->input, packet, &made, error);
    if (made)
        *answer = (struct answer){true, made->rule, made->id};
    return rc < 0 ? rc : rc == LCAP_LABEL_WAITS;
}

/* In the order of the data set. */
static int ask(struct check_rules *check, const struct lcap_packet *packet,
               const struct check_match *match, uint32_t sample, struct answer *answer,
               struct lcap_error *error)
{
    int rc = LCAP_OK;
    if (!check->labeller)
        return LCAP_OK;
    if (check->sorted && sample != check->current)
        rc = lcap_labeller_finish(check->labeller, error);
    check->current = sample;
    return rc == 0 ? ask_labeller(check, packet, match, answer, error) : rc;
}

static int grow_states(struct check_rules *check, size_t samples, struct lcap_error *error)
{
    const size_t old = check->states_capacity;
    const int rc = memory_grow((void **)&check->states, &check->states_capacity, samples,
                               sizeof *check->states, error);
    if (rc == 0)
        memset(check->states + old, NEW, check->states_capacity - old);
    return rc;
}

/* A sample of the data set that was not seen before. */
static enum state judge(struct check_rules *check, const struct sample *sample,
                        const struct check_place *place, struct check_findings *findings)
{
    const uint32_t rule = sample_registry_find(&check->made, sample->id);
    if (rule == NO_SAMPLE && check->labeller)
        return ASKED;
    if (rule == NO_SAMPLE)
        check_count_one(findings, CHECK_RULES_ID, place);
    else if (sample_registry_differs(&check->made, rule, sample->metadata, sample->metadata_len))
        check_count_one(findings, CHECK_RULES_METADATA, place);
    return SETTLED;
}

/* A packet to which the rules would give another ID. */
static void settle_other_id(const struct check_rules *check, const struct sample *sample,
                            const struct check_place *place, struct check_findings *findings)
{
    const unsigned needs = needs_of(check, sample);
    const bool unknown = needs & NEEDS_MORE || (needs & NEEDS_FLOW && !check->sorted) ||
                         (needs & NEEDS_INPUT && check->input == LCAP_NO_FILE);
    check_count_one(findings, unknown ? CHECK_RULES_UNCHECKED : CHECK_RULES_ID, place);
}

/* A packet of a sample that a rule with EACH must have made. */
static enum state compare(const struct check_rules *check, const struct sample *sample,
                          const struct answer *answer, const struct check_place *place,
                          struct check_findings *findings)
{
    if (!answer->any || answer->id != sample->id) {
        settle_other_id(check, sample, place, findings);
        return SETTLED;
    }
    const struct lcap_rule *rule = lcap_rules_get(check->rules, answer->rule);
    if (rule->metadata_len == sample->metadata_len &&
        memcmp(rule->metadata, sample->metadata, sample->metadata_len) == 0)
        return ASKED;
    check_count_one(findings, CHECK_RULES_METADATA, place);
    return SETTLED;
}

int check_rules_packet(struct check_rules *check, const struct lcap_packet *packet,
                       const struct check_match *match, const struct check_place *place,
                       bool sorted, const struct sample_registry *registry,
                       struct check_findings *findings, struct lcap_error *error)
{
    struct answer answer = {.any = false};
    check->input = check_inputs_of(&check->inputs, packet);
    check->sorted = sorted;
    const int rc = ask(check, packet, match, place->sample, &answer, error);
    if (rc < 0 || place->sample == NO_SAMPLE)
        return rc < 0 ? rc : LCAP_OK;
    if (place->sample >= check->states_capacity &&
        grow_states(check, sample_registry_count(registry), error) < 0)
        return LCAP_ERR_MEMORY;
    uint8_t *state = &check->states[place->sample];
    const struct sample sample = sample_registry_get(registry, place->sample);
    if (*state == NEW)
        *state = (uint8_t)judge(check, &sample, place, findings);
    if (*state == ASKED && rc == LCAP_OK)
        *state = (uint8_t)compare(check, &sample, &answer, place, findings);
    return LCAP_OK;
}

void check_rules_release(struct check_rules *check)
{
    lcap_labeller_free(check->labeller);
    intern_free(check->labels);
    sample_registry_release(&check->made);
    lcap_rules_free(check->rules);
    check_inputs_release(&check->inputs);
    free(check->needs);
    free(check->states);
}
