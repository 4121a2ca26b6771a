/* Whether the packets of a capture can be labelled in any order, each without the others. */
#ifndef LABEL_RULE_SHARDS_H
#define LABEL_RULE_SHARDS_H

#include <labelcap/label.h>

/* Whether samples are named by the numbers of packets in their files. */
bool rules_number_packets(const struct lcap_rules *rules);

/* LCAP_ERR_RULES, with the line of the first rule that needs packets from before. */
int rules_check_shards(const struct lcap_rules *rules, struct lcap_error *error);

#endif
