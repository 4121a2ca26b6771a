/* Labels packets of rules that have one sample each. */
#include "label/labeller/labeller_plain.h"

#include "label/labeller/labeller_internal.h"

/* Of a rule that asks for no flow, host, window or file: it has one sample. */
static int give_sample(struct lcap_labeller *l, uint32_t rule, const struct lcap_sample **sample,
                       struct lcap_error *error)
{
    struct rule_use *use = &l->uses[rule];
    if (!use->sample) {
        l->now.rule = rule;
        int rc = labeller_use_only_sample(l, &l->now, labeller_kind_of(l, rule), error);
        return rc == 0 ? labeller_tell(l, &l->now, sample, error) : rc;
    }
    use->packets++;
    *sample = use->sample;
    return 1;
}

bool labeller_is_plain(const struct lcap_labeller *labeller)
{
    return labeller->classes.plain != NULL;
}

int labeller_match_plainly(const struct lcap_labeller *l, struct match_memo *memo, uint32_t file,
                           const struct lcap_packet *packets, size_t count, uint32_t *rules,
                           struct lcap_error *error)
{
    return matcher_match(l->classes.plain, memo, file, packets, count, rules, error);
}

int labeller_label_plainly(struct lcap_labeller *l, uint32_t file,
                           const struct lcap_packet *packets, size_t count,
                           const struct lcap_sample **samples, struct lcap_error *error)
{
    uint32_t rules[MATCH_BATCH];
    int rc = matcher_match(l->classes.plain, &l->classes.memo, file, packets, count, rules, error);
    for (size_t i = 0; rc >= 0 && i < count; i++) {
        samples[i] = NULL;
        if (rules[i] != NO_RULE)
            rc = give_sample(l, rules[i], &samples[i], error);
    }
    return rc < 0 ? rc : LCAP_OK;
}
