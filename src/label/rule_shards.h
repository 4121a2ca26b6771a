/* What has to be known of other packets before some of a capture can be labelled. */
#ifndef LABEL_RULE_SHARDS_H
#define LABEL_RULE_SHARDS_H

#include <labelcap/label.h>

/* Whether samples are named by the numbers of packets in their files. */
bool rules_number_packets(const struct lcap_rules *rules);

/* Whether rules ask for the flows of packets. */
bool rules_need_flows(const struct lcap_rules *rules);

#endif
