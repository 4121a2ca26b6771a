/*
 * Some rules for one link type, prepared to find the first one that matches a
 * packet: their distinct programs, each with the timeline of its rules, and an
 * index over the programs.
 */
#ifndef LABEL_MATCHING_PROGRAM_SET_H
#define LABEL_MATCHING_PROGRAM_SET_H

#include "label/rule_programs.h"

struct match_memo;
struct program_set;

/* The number of packets that are matched at once: what is remembered of one is fetched from memory
 * while others are looked at. */
#define MATCH_BATCH 16

/* `indices`: the rules, ascending. `number`: among the sets that share memos. Rules and programs
 * must outlive the set. */
int program_set_new(struct program_set **set, const struct lcap_rules *rules,
                    struct rule_programs *programs, uint16_t linktype, const uint32_t *indices,
                    size_t count, uint32_t number, struct lcap_error *error);

/* Lowers the rule of each packet, at most MATCH_BATCH of them, to the first one that matches it,
 * ignoring its file. Threads may ask at once, with a memo each. */
void program_set_match(struct program_set *set, struct match_memo *memo,
                       const struct lcap_packet *packets, size_t count, uint32_t *rules);

void program_set_free(struct program_set *set);

#endif
