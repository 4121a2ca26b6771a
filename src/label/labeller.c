/* Finds the sample of a packet by the rule that the packet matches. */
#include "base/idmap.h"
#include "base/memory.h"
#include "label/comment.h"
#include "label/matching/matcher.h"
#include <stdlib.h>

/* The use of a rule so far. */
struct rule_use {
    uint64_t packets;
    struct lcap_sample *sample; /* NULL until a packet needs it; its comment lies behind it */
};

struct lcap_labeller {
    const struct lcap_rules *rules;
    struct matcher *matcher;
    struct rule_use *uses; /* by rule */
    struct idmap samples;  /* of all packets so far */
};

int lcap_labeller_new(struct lcap_labeller **labeller, const struct lcap_rules *rules,
                      struct lcap_error *error)
{
    struct lcap_labeller *new = memory_new(1, sizeof *new, error);
    if (!new)
        return LCAP_ERR_MEMORY;
    new->rules = rules;
    new->uses = memory_new(lcap_rules_count(rules), sizeof *new->uses, error);
    int rc = new->uses ? matcher_new(&new->matcher, rules, error) : LCAP_ERR_MEMORY;
    if (rc == 0)
        *labeller = new;
    else
        lcap_labeller_free(new);
    return rc;
}

static int make_sample(struct lcap_labeller *labeller, uint32_t index, struct lcap_error *error)
{
    const struct lcap_rule *rule = lcap_rules_get(labeller->rules, index);
    const size_t len = comment_length(rule->sample_id, rule->metadata_len);
    uint32_t number;
    int rc = idmap_add(&labeller->samples, rule->sample_id, &number, error);
    if (rc < 0)
        return rc;
    struct lcap_sample *sample = memory_new(1, sizeof *sample + len + 1, error);
    if (!sample)
        return LCAP_ERR_MEMORY;
    char *comment = (char *)(sample + 1);
    comment_write(rule->sample_id, rule->metadata, rule->metadata_len, comment);
    *sample = (struct lcap_sample){
        .id = rule->sample_id,
        .metadata = rule->metadata,
        .metadata_len = rule->metadata_len,
        .comment = comment,
        .comment_len = len,
        .rule = index,
    };
    labeller->uses[index].sample = sample;
    return LCAP_OK;
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
    struct rule_use *use = &labeller->uses[rule];
    int rc = use->sample ? LCAP_OK : make_sample(labeller, rule, error);
    if (rc < 0)
        return rc;
    use->packets++;
    *sample = use->sample;
    return 1;
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
    for (size_t i = 0; labeller->uses && i < lcap_rules_count(labeller->rules); i++)
        free(labeller->uses[i].sample);
    matcher_free(labeller->matcher);
    idmap_release(&labeller->samples);
    free(labeller->uses);
    free(labeller);
}
