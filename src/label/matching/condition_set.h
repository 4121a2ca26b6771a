/*
 * Distinct conditions, each kept once and numbered from 0. The filters of a rules
 * file ask for the same few fields, hosts and ports again and again.
 */
#ifndef LABEL_MATCHING_CONDITION_SET_H
#define LABEL_MATCHING_CONDITION_SET_H

#include "label/matching/path_facts.h"

struct condition_set {
    struct condition *items; /* by number */
    size_t count, items_capacity;
    uint32_t *slots; /* numbers; open addressing */
    size_t capacity; /* of slots: a power of 2 */
    uint64_t seeds[3];
};

int condition_set_init(struct condition_set *set, struct lcap_error *error);

/* Sets *number to the number of a condition, which is added if it is new. */
int condition_set_add(struct condition_set *set, const struct condition *condition,
                      uint32_t *number, struct lcap_error *error);

/* No more will be added: frees what only finds them. */
void condition_set_close(struct condition_set *set);
void condition_set_release(struct condition_set *set);

#endif
