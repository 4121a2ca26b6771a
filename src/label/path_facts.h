/* What a packet must be like that goes one way through a BPF program. */
#ifndef LABEL_PATH_FACTS_H
#define LABEL_PATH_FACTS_H

#include "label/expression.h"

/*
 * The value of an expression lies in [low, high]. The interval may wrap:
 * [k + 1, k - 1] is every value but k.
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
 * The most conditions that are looked for by the index: an IPv6 5-tuple behind
 * two VLAN tags has 14 (4 words an address). More cost speed alone.
 */
#define PATH_MAX_CONDITIONS 16

/* And the most further ones that are checked in place of running the program. */
#define PATH_MAX_CHECKS 6

/* Followed on the way. What is too much makes the facts incomplete. */
#define FACTS_MAX_BOUNDS 32
#define FACTS_MAX_OTHERS 16
#define FACTS_MAX_LOADS  16

struct path_facts {
    bool complete; /* so far nothing was left out */
    uint32_t bound_count, other_count, load_count;
    struct condition bounds[FACTS_MAX_BOUNDS]; /* one an expression; they don't wrap */
    struct condition others[FACTS_MAX_OTHERS];
    uint32_t loads[FACTS_MAX_LOADS]; /* expressions that must be within the packet */
};

/* Where the value of an expression lies as far as is known. */
struct condition path_facts_bounds(const struct path_facts *facts, uint32_t expression);

/* The bounds of an expression, in place of those known before. */
void path_facts_narrow(struct path_facts *facts, const struct condition *bounds);

/* A condition besides the bounds. */
void path_facts_add(struct path_facts *facts, const struct condition *condition);

/* This was loaded, so that a packet too short for it was not accepted. */
void path_facts_load(struct path_facts *facts, uint32_t expression);

/*
 * Writes the conditions: first *count that tell packets apart well, in the
 * order of their expressions, then *checks further ones. True where a packet
 * that meets them all does go this way.
 */
bool path_facts_conditions(const struct path_facts *facts, const struct expressions *expressions,
                           struct condition out[PATH_MAX_CONDITIONS + PATH_MAX_CHECKS],
                           uint32_t *count, uint32_t *checks);

#endif
