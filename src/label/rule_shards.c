/* Which rules a shard can follow, which knows only its own packets. */
#include "label/rule_shards.h"

#include "label/rule.h"
#include "label/rule_kind.h"
#include "label/rules_internal.h"
#include <inttypes.h>

/* The tag for which a shard would have to know the packets before its own; NULL: none. */
static const char *needed_tag(const struct rule_kind *kind)
{
    if (kind->scope_ns)
        return "SCOPE:flow";
    return kind_has(kind, EACH_FLOW) ? "EACH:flow" : NULL;
}

bool rules_number_packets(const struct lcap_rules *rules)
{
    for (size_t i = 0; i < rules->kind_count; i++)
        if (kind_has(&rules->kinds[i].kind, EACH_PACKET))
            return true;
    return false;
}

int rules_check_shards(const struct lcap_rules *rules, struct lcap_error *error)
{
    for (size_t i = 0; i < rules->count; i++) {
        const struct lcap_rule *rule = &rules->items[i];
        const char *tag = needed_tag(&rules->kinds[rule->kind].kind);
        if (tag)
            return lcap_error_set(error, LCAP_ERR_RULES,
                                  "%s:%" PRIu64 ": %s needs the packets before, which a shard "
                                  "does not read: label without --shard",
                                  rules->path, rule->line, tag);
    }
    return LCAP_OK;
}
