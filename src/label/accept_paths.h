/*
 * The ways through BPF programs that end in acceptance, each as a conjunction
 * of conditions "the value of this expression lies in [low, high]".
 *
 * A path tells less than its program: what it cannot say (A != k, bits that
 * are set, expressions that are not followed) is left out. So every packet
 * that a program accepts meets all conditions of one of its paths, but not the
 * other way round: who finds a path must still run the program.
 */
#ifndef LABEL_ACCEPT_PATHS_H
#define LABEL_ACCEPT_PATHS_H

#include "capture/filter.h"
#include "label/expression.h"

struct condition {
    uint32_t expression;
    uint32_t low, high; /* equal for the usual test for one value */
};

/*
 * The most conditions a path keeps: an IPv6 5-tuple behind two VLAN tags has
 * 14 (4 words an address). More are left out, which costs speed alone.
 */
#define PATH_MAX_CONDITIONS 16

struct accept_path {
    uint32_t first; /* index of its first condition */
    uint32_t program;
    uint32_t rank; /* of the program */
    uint32_t count;
};

struct accept_paths {
    struct expressions expressions;
    struct condition *conditions;
    struct accept_path *items;
    size_t condition_count, conditions_capacity;
    size_t count, items_capacity;
};

int accept_paths_init(struct accept_paths *paths, struct lcap_error *error);
void accept_paths_release(struct accept_paths *paths);

/*
 * Adds the paths of a program, which bear its number and rank. None for a
 * program that accepts nothing; one without conditions for a program with too
 * many ways through it.
 */
int accept_paths_add(struct accept_paths *paths, const struct filter_program *code,
                     uint32_t program, uint32_t rank, struct lcap_error *error);

#endif
