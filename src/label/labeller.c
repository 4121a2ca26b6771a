/* Finds the sample of a packet by the rule that the packet matches. */
#include "base/arena.h"
#include "base/idmap.h"
#include "base/memory.h"
#include "label/comment.h"
#include "label/matcher.h"
#include <stdlib.h>

/* The use of a rule so far. */
struct rule_use {
    uint64_t packets;
    const char *comment; /* NULL until a packet needs it */
    size_t comment_len;
};

struct lcap_labeller {
    const struct lcap_rules *rules;
    struct matcher *matcher;
    struct rule_use *uses; /* by rule */
    struct idmap samples;  /* of all packets so far */
    struct arena comments;
    struct lcap_sample sample; /* the last one returned: packets of a rule come in runs */
};

int lcap_labeller_new(struct lcap_labeller **labeller, const struct lcap_rules *rules,
                      struct lcap_error *error)
{
    struct lcap_labeller *new = memory_new(1, sizeof *new, error);
    if (!new)
        return LCAP_ERR_MEMORY;
    new->rules = rules;
    new->sample.rule = NO_RULE;
    new->uses = memory_new(lcap_rules_count(rules), sizeof *new->uses, error);
    int rc = new->uses ? matcher_new(&new->matcher, rules, error) : LCAP_ERR_MEMORY;
    if (rc == 0)
        *labeller = new;
    else
        lcap_labeller_free(new);
    return rc;
}

/* For the first packet of a rule. */
static int begin_use(struct lcap_labeller *labeller, const struct lcap_rule *rule,
                     struct rule_use *use, struct lcap_error *error)
{
    const size_t len = comment_length(rule->sample_id, rule->metadata_len);
    uint32_t number;
    int rc = idmap_add(&labeller->samples, rule->sample_id, &number, error);
    if (rc < 0)
        return rc;
    char *comment = arena_take(&labeller->comments, len + 1, error);
    if (!comment)
        return LCAP_ERR_MEMORY;
    comment_write(rule->sample_id, rule->metadata, rule->metadata_len, comment);
    use->comment = comment;
    use->comment_len = len;
    return LCAP_OK;
}

static int choose_sample(struct lcap_labeller *labeller, uint32_t index, struct lcap_error *error)
{
    const struct lcap_rule *rule = lcap_rules_get(labeller->rules, index);
    struct rule_use *use = &labeller->uses[index];
    int rc = use->comment ? LCAP_OK : begin_use(labeller, rule, use, error);
    if (rc == 0)
        labeller->sample = (struct lcap_sample){
            .id = rule->sample_id,
            .metadata = rule->metadata,
            .metadata_len = rule->metadata_len,
            .comment = use->comment,
            .comment_len = use->comment_len,
            .rule = index,
        };
    return rc;
}

int lcap_labeller_label(struct lcap_labeller *labeller, uint32_t file,
                        const struct lcap_packet *packet, const struct lcap_sample **sample,
                        struct lcap_error *error)
{
    uint32_t rule;
    *sample = NULL;
    int matched = matcher_match(labeller->matcher, file, packet, &rule, error);
    if (matched != 1)
        return matched;
    int rc = rule == labeller->sample.rule ? LCAP_OK : choose_sample(labeller, rule, error);
    if (rc < 0)
        return rc;
    labeller->uses[rule].packets++;
    *sample = &labeller->sample;
    return 1;
}

int lcap_labeller_finish(struct lcap_labeller *labeller, struct lcap_error *error)
{
    return matcher_finish(labeller->matcher, error);
}

const struct lcap_finding *lcap_labeller_finding(const struct lcap_labeller *labeller, size_t index)
{
    return matcher_finding(labeller->matcher, index);
}

uint64_t lcap_labeller_packets(const struct lcap_labeller *labeller, size_t rule)
{
    return labeller->uses[rule].packets;
}

uint64_t lcap_labeller_samples(const struct lcap_labeller *labeller)
{
    return labeller->samples.count;
}

void lcap_labeller_free(struct lcap_labeller *labeller)
{
    if (!labeller)
        return;
    matcher_free(labeller->matcher);
    idmap_release(&labeller->samples);
    arena_release(&labeller->comments);
    free(labeller->uses);
    free(labeller);
}
