/* A labeller, for the files that make it up. */
#ifndef LABEL_LABELLER_LABELLER_INTERNAL_H
#define LABEL_LABELLER_LABELLER_INTERNAL_H

#include "base/buffer.h"
#include "flow/flow_share.h"
#include "flow/fragment_wait.h"
#include "label/labeller/sample_counts.h"
#include "label/rule_classes.h"

/* The use of a rule so far. */
struct rule_use {
    uint64_t packets;
    struct lcap_sample *sample; /* of its last packet, its comment behind it; NULL without one */
};

/* A packet that waits for its flow. */
struct waiting {
    bool used;
    uint64_t number; /* of packets given before it */
    uint64_t bytes;  /* of them */
    uint64_t number_in_file;
    uint32_t file;
    struct packet_rules rules;
};

/* What rules make of a packet by itself. */
struct packet_match {
    struct packet_rules rules;
    uint32_t *scoped; /* by flow table: the first rule that tests flows and matches, or NO_RULE */
    bool has_headers;
    struct packet_headers headers; /* as far as flows and hosts need them */
};

/* What is known of a packet's sample before it is told. */
struct settled {
    uint64_t number;
    uint32_t rule; /* or NO_RULE */
    uint64_t id;
};

struct lcap_labeller {
    const struct lcap_rules *rules;
    struct rule_programs *programs;
    struct rule_classes classes;
    bool reads_headers; /* of packets, for flows or hosts */
    struct label_flows flows;
    struct flow_share share;   /* of the flows whose packets it labels */
    struct fragment_wait wait; /* for flows, and for headers in any case */
    struct rule_use *uses;     /* by rule */
    struct sample_counts counts;
    struct lcap_labeller_counts told;
    struct buffer text;        /* what is hashed */
    uint64_t *packets_of_file; /* by file, for EACH:packet */

    uint64_t packets, bytes; /* given so far; packets: of its share */
    struct subject subject;  /* the packet given last */
    bool is_matched;         /* the packet has no bytes; known of it is: */
    struct packet_match match;
    struct settled now; /* its sample */

    struct waiting slots[HELD_PACKETS + 2]; /* by tag; one is always free */
    uint32_t free_slot;
    struct settled settled[HELD_PACKETS + 2];
    size_t settled_count, settled_taken;
};

static inline const struct rule_kind *labeller_kind_of(const struct lcap_labeller *l, uint32_t rule)
{
    return &l->rules->kinds[l->rules->items[rule].kind].kind;
}

/* As lcap_labeller_label(). `is_matched`: by what l->match says, not by its bytes. */
int labeller_label_packet(struct lcap_labeller *l, uint32_t file, const struct lcap_packet *packet,
                          bool is_matched, const struct lcap_sample **sample,
                          struct lcap_error *error);

/* What was settled is told no more. */
void labeller_begin_call(struct lcap_labeller *l);

/* Begins with a packet: the subject is known, but for its headers, and filters are compiled. */
int labeller_begin_packet(struct lcap_labeller *l, uint32_t file, const struct lcap_packet *packet,
                          bool is_matched, struct lcap_error *error);
void labeller_count_in_file(struct lcap_labeller *l, uint32_t file);

/* Finds the sample of a packet that is in no flow, and waits for none. */
int labeller_label_alone(struct lcap_labeller *l, struct lcap_error *error);

/* Ends the waits of fragments with too much behind them. */
int labeller_limit_waits(struct lcap_labeller *l, struct lcap_error *error);

/* Finds the ID of a packet's sample, whose rule is settled, and counts it. */
int labeller_use_rule(struct lcap_labeller *l, struct settled *settled,
                      const struct subject *subject, struct lcap_error *error);

/* The same for a rule without EACH, which has one sample. */
int labeller_use_only_sample(struct lcap_labeller *l, struct settled *settled,
                             const struct rule_kind *kind, struct lcap_error *error);

/* Sets *sample to what the packet gets. Returns 1, or 0 if that is nothing. */
int labeller_tell(struct lcap_labeller *l, const struct settled *settled,
                  const struct lcap_sample **sample, struct lcap_error *error);

#endif
