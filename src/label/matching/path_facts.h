/* What must hold for a packet that takes one way through a BPF program. */
#ifndef LABEL_MATCHING_PATH_FACTS_H
#define LABEL_MATCHING_PATH_FACTS_H

#include "label/matching/expression.h"

/*
 * The value of an expression is in [low, high]. The interval may wrap: [k + 1, k -
 * 1] is every value except k.
 */
struct condition {
    uint32_t expression;
    uint32_t low, high;
};

static inline bool condition_met(const struct condition *c, uint32_t value)
{
    return value - c->low <= c->high - c->low;
}

/*
 * The maximum number of conditions that the index uses: an IPv6 5-tuple after two
 * VLAN tags has 14 (4 words per address). More only cost speed.
 */
#define PATH_MAX_CONDITIONS 16

/* The maximum number of further ones that are checked instead of running the program. */
#define PATH_MAX_CHECKS 6

/* Limits for one way. Anything above them makes the facts incomplete. */
#define FACTS_MAX_BOUNDS 32
#define FACTS_MAX_OTHERS 16
#define FACTS_MAX_LOADS  16

struct path_facts {
    bool complete; /* nothing was omitted so far */
    uint32_t bound_count, other_count, load_count;
    struct condition bounds[FACTS_MAX_BOUNDS]; /* one per expression; they do not wrap */
    struct condition others[FACTS_MAX_OTHERS];
    uint32_t loads[FACTS_MAX_LOADS]; /* expressions that must be within the packet */
};

/* The known bounds of the value of an expression. */
struct condition path_facts_bounds(const struct path_facts *facts, uint32_t expression);

/* Replaces the known bounds of an expression. */
void path_facts_narrow(struct path_facts *facts, const struct condition *bounds);

/* Adds a condition other than the bounds. */
void path_facts_add(struct path_facts *facts, const struct condition *condition);

/* Whether a packet may meet them all: no value is required that another condition excludes. */
bool path_facts_possible(const struct path_facts *facts);

/* Records a load: a packet too short for it is not accepted. */
void path_facts_load(struct path_facts *facts, uint32_t expression);

/*
 * Writes the conditions: first *count that distinguish packets well, in the order
 * of their expressions, then *checks further ones. True if every packet that meets
 * them all takes this way.
 */
bool path_facts_conditions(const struct path_facts *facts, const struct expressions *expressions,
                           struct condition out[PATH_MAX_CONDITIONS + PATH_MAX_CHECKS],
                           uint32_t *count, uint32_t *checks);

#endif
