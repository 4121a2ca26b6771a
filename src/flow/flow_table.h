/*
 * Flows by key: open addressing over a hash with a random secret, so that crafted
 * traffic cannot make it slow; flows in pooled slabs; and lists of them from the
 * oldest to the newest. It has no rules: its user decides when a flow ends. Only
 * speed depends on the secret.
 *
 * Memory: for each flow of the largest number at once, sizeof(struct flow) and the
 * state, rounded up to 16 bytes, and 11 to 22 bytes of index.
 */
#ifndef FLOW_FLOW_TABLE_H
#define FLOW_FLOW_TABLE_H

#include "flow/flow.h"
#include <labelcap/error.h>

enum { FLOW_LISTS = 3 };

struct flow_table;

/* `state_size`: bytes after each flow for measurements. */
int flow_table_new(struct flow_table **table, size_t state_size, struct lcap_error *error);

uint32_t flow_table_hash(const struct flow_table *table, const struct flow_key *key);

/* The flow of this key, or NULL. */
struct flow *flow_table_find(const struct flow_table *table, const struct flow_key *key,
                             uint32_t hash);

/*
 * A new flow, zeroed except for key, hash and number, as the newest of list 0; NULL
 * without memory. There must be no flow with this key yet.
 */
struct flow *flow_table_add(struct flow_table *table, const struct flow_key *key, uint32_t hash,
                            struct lcap_error *error);

/* Makes it the newest of `list`. */
void flow_table_touch(struct flow_table *table, struct flow *flow, int list);
/* The oldest of `list`, NULL if it is empty; continue with ->newer. */
struct flow *flow_table_oldest(const struct flow_table *table, int list);

/* Removes the flow from the index and its list; its memory stays until flow_table_drop(). */
void flow_table_remove(struct flow_table *table, struct flow *flow);
/* Returns the memory of a removed flow to the pool. */
void flow_table_drop(struct flow_table *table, struct flow *flow);

size_t flow_table_count(const struct flow_table *table);
void flow_table_free(struct flow_table *table);

#endif
