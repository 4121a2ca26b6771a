/*
 * The flows that packets to be labelled are in: a table for each idle time-out that
 * rules name, which sees every packet, whatever rules say.
 */
#ifndef LABEL_LABELLER_LABEL_FLOWS_H
#define LABEL_LABELLER_LABEL_FLOWS_H

#include "flow/assembler.h"
#include "label/rules_internal.h"

/* A sample that a rule has made of a flow. */
struct flow_sample {
    uint64_t id;
    uint32_t rule;
};

/* What is remembered of a flow while it is open. */
struct flow_note {
    int64_t time_ns;            /* of its first packet */
    uint32_t rule;              /* the first one whose SCOPE its first packet matched, or NO_RULE */
    uint32_t samples;           /* how many */
    struct flow_sample first;   /* most flows are in one sample */
    struct flow_sample *others; /* the rest of them */
    size_t others_capacity;
};

struct label_table {
    int64_t idle_ns;
    struct assembler *assembler;
    /* The flow of the packet given last. */
    const struct flow *flow;
    struct flow_note *note;
    bool began;   /* with it */
    uint64_t cut; /* flows that were open when their stream ended */
};

struct label_flows {
    struct label_table *tables;
    size_t count;
};

/* To be released even after a failure. */
int label_flows_init(struct label_flows *flows, const struct lcap_rules *rules,
                     struct lcap_error *error);

/* The table of that time-out, which a rule names. */
struct label_table *label_flows_table(const struct label_flows *flows, int64_t idle_ns);

/* Puts the packet into its flow in every table. */
int label_flows_add(struct label_flows *flows, const struct lcap_packet *packet,
                    const struct packet_headers *headers, struct lcap_error *error);

/* A packet of a flow that is not kept: its time may end others. */
int label_flows_pass(struct label_flows *flows, const struct lcap_packet *packet,
                     struct lcap_error *error);

/*
 * Notes a sample of the flow. Sets *new_of_rule if this rule has not made it yet, and
 * *is_new if no rule has.
 */
int flow_note_add(struct flow_note *note, struct flow_sample sample, bool *new_of_rule,
                  bool *is_new, struct lcap_error *error);

/* A sample that the rule has made of the flow, the newest one; NULL without one. */
const struct flow_sample *flow_note_find(const struct flow_note *note, uint32_t rule);

/* Ends all flows. */
int label_flows_finish(struct label_flows *flows, struct lcap_error *error);

/* How many flows were open at the ends of streams, over all tables. */
uint64_t label_flows_cut(const struct label_flows *flows);
void label_flows_release(struct label_flows *flows);

#endif
