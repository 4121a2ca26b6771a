/* What others may know of a rule. */
#include "label/rule.h"

uint64_t lcap_rule_line(const struct lcap_rule *rule)
{
    return rule->line;
}

const char *lcap_rule_text(const struct lcap_rule *rule)
{
    return rule->text;
}

const char *lcap_rule_file(const struct lcap_rule *rule)
{
    return rule->file;
}

const char *lcap_rule_filter(const struct lcap_rule *rule)
{
    return rule->bpf;
}

const char *lcap_rule_comment(const struct lcap_rule *rule)
{
    return rule->comment;
}

bool lcap_rule_window(const struct lcap_rule *rule, int64_t *start_ns, int64_t *end_ns)
{
    *start_ns = rule->start_ns;
    *end_ns = rule->end_ns;
    return rule->has_window;
}

const char *lcap_rule_metadata(const struct lcap_rule *rule)
{
    return rule->metadata;
}

const char *lcap_rule_hash_key(const struct lcap_rule *rule)
{
    return rule->hash_key;
}

bool lcap_rule_sample_id(const struct lcap_rule *rule, uint64_t *sample_id)
{
    if (!rule->source)
        *sample_id = rule->sample_id;
    return !rule->source;
}

bool lcap_rule_is_idle(const struct lcap_rule *rule)
{
    return rule->file_index == LCAP_NO_FILE || rule->shadowed;
}
