/* What a rule is tested on, and what it makes samples of: the tags SCOPE and EACH. */
#ifndef LABEL_RULE_KIND_H
#define LABEL_RULE_KIND_H

#include <labelcap/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* In the order of the lines of a canonical text. */
enum each { EACH_FLOW = 1, EACH_HOST = 2, EACH_WINDOW = 4, EACH_FILE = 8, EACH_PACKET = 16 };

/* How many EACH a rule may have: one of each. */
enum { EACH_MOST = 5 };

/* Addresses that begin with the same bits. */
struct network {
    uint8_t family;
    uint8_t bits;
    uint8_t address[16]; /* zeros behind its bits */
};

/* Compared as bytes, so every byte must be set. All zero: a plain rule. */
struct rule_kind {
    int64_t scope_ns;  /* SCOPE: the idle time-out of the flows that it tests; 0 without it */
    int64_t flow_ns;   /* the idle time-out of EACH:flow */
    int64_t window_ns; /* the length of EACH:window */
    struct network host;
    uint8_t each; /* of enum each */
    uint8_t zero[5];
};

/*
 * Take what follows SCOPE: and EACH:. On an error (LCAP_ERR_RULES), *at is its offset in
 * the text.
 */
int rule_kind_take_scope(struct rule_kind *kind, const char *text, size_t len, size_t *at,
                         struct lcap_error *error);
int rule_kind_take_each(struct rule_kind *kind, const char *text, size_t len, size_t *at,
                        struct lcap_error *error);

/* "flow", "host", …: the word of one EACH. */
const char *each_word(enum each each);

static inline bool kind_has(const struct rule_kind *kind, enum each each)
{
    return kind->each & each;
}

/* Whether its rules label only packets that are in a flow. */
static inline bool kind_needs_flow(const struct rule_kind *kind)
{
    return kind->scope_ns || kind_has(kind, EACH_FLOW);
}

/* Whether its samples are those of flows, of which each is counted by itself. */
static inline bool kind_counts_in_flows(const struct rule_kind *kind)
{
    return kind_has(kind, EACH_FLOW) && !kind_has(kind, EACH_PACKET);
}

/* Whether its samples are told apart by their IDs, of which one may have many packets. */
static inline bool kind_lists_samples(const struct rule_kind *kind)
{
    return kind->each && !(kind->each & (EACH_PACKET | EACH_FLOW));
}

/* Whether its samples are named by inputs. */
static inline bool kind_needs_file(const struct rule_kind *kind)
{
    return kind->each & (EACH_FILE | EACH_PACKET);
}

/* An address or a network of CIDR notation; false for anything else. */
bool network_from_text(struct network *network, const char *text, size_t len);
#define NETWORK_EXPECTED                                                                           \
    "an address or a network whose bits behind the prefix are 0 "                                  \
    "(such as 192.0.2.0/24 or 2001:db8::/32)"

bool network_holds(const struct network *network, uint8_t family, const uint8_t address[16]);

#endif
