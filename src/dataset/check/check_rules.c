/* Compares the samples of a data set with those that rules make. */
#include "dataset/check/check_rules.h"

#include <labelcap/label.h>
#include <string.h>

/* What the rules make. */
struct made {
    struct sample_registry samples;
    struct intern *open; /* the metadata of rules that make several samples each */
};

static int add_rule(struct made *made, const struct lcap_rule *rule, struct lcap_error *error)
{
    const char *metadata = lcap_rule_metadata(rule);
    const size_t len = strlen(metadata);
    uint64_t id;
    uint32_t number;
    if (!lcap_rule_sample_id(rule, &id))
        return intern_add(made->open, metadata, len, &number, error);
    const int rc = sample_registry_add(&made->samples, id, metadata, len, &number, error);
    return rc < 0 ? rc : LCAP_OK;
}

static int add_rules(struct made *made, const struct lcap_rules *rules, struct lcap_error *error)
{
    int rc = sample_registry_init(&made->samples, error);
    if (rc == 0)
        rc = intern_new(&made->open, error);
    for (size_t i = 0; i < lcap_rules_count(rules) && rc == 0; i++)
        rc = add_rule(made, lcap_rules_get(rules, i), error);
    return rc;
}

static void check_sample(struct made *made, const struct sample *sample, uint32_t number,
                         struct check_findings *findings, uint64_t *unchecked)
{
    const struct check_place place = {.input = CHECK_NO_INPUT, .sample = number};
    const uint32_t rule = sample_registry_find(&made->samples, sample->id);
    if (rule == NO_SAMPLE) {
        if (intern_find(made->open, sample->metadata, sample->metadata_len) == INTERN_NONE)
            check_count_one(findings, CHECK_RULES_ID, &place);
        else
            ++*unchecked;
    } else if (sample_registry_differs(&made->samples, rule, sample->metadata,
                                       sample->metadata_len)) {
        check_count_one(findings, CHECK_RULES_METADATA, &place);
    }
}

int check_rules(const char *path, const struct sample_registry *registry,
                struct check_findings *findings, uint64_t *unchecked, struct lcap_error *error)
{
    struct lcap_rules *rules = NULL;
    struct made made = {0};
    int rc = lcap_rules_load(&rules, path, NULL, 0, error);
    if (rc == 0)
        rc = add_rules(&made, rules, error);
    for (uint32_t i = 0; i < sample_registry_count(registry) && rc == 0; i++) {
        const struct sample sample = sample_registry_get(registry, i);
        check_sample(&made, &sample, i, findings, unchecked);
    }
    intern_free(made.open);
    sample_registry_release(&made.samples);
    lcap_rules_free(rules);
    return rc;
}
