/* Which rules need to know more than the packet that they label. */
#include "label/rule_shards.h"

#include "label/rule_kind.h"
#include "label/rules_internal.h"

bool rules_number_packets(const struct lcap_rules *rules)
{
    for (size_t i = 0; i < rules->kind_count; i++)
        if (kind_has(&rules->kinds[i].kind, EACH_PACKET))
            return true;
    return false;
}

bool rules_need_flows(const struct lcap_rules *rules)
{
    for (size_t i = 0; i < rules->kind_count; i++)
        if (kind_needs_flow(&rules->kinds[i].kind))
            return true;
    return false;
}
