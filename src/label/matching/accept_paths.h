/*
 * The paths through BPF programs that end in acceptance, each as a conjunction of
 * conditions. Every packet that a program accepts meets all conditions of one of
 * its paths. The converse holds only for complete paths: the others omit what
 * cannot be expressed as a condition, so whoever finds one of them must still run
 * the program.
 */
#ifndef LABEL_MATCHING_ACCEPT_PATHS_H
#define LABEL_MATCHING_ACCEPT_PATHS_H

#include "capture/libpcap/filter.h"
#include "label/matching/condition_set.h"

struct accept_path {
    uint32_t first; /* index in `conditions` of its first one */
    uint32_t program;
    uint32_t rank;  /* of the program */
    uint16_t count; /* of conditions for the index */
    uint8_t checks; /* of further ones after them; only complete paths have them */
    bool complete;
};

struct accept_paths {
    struct expressions expressions;
    struct condition_set distinct;
    uint32_t *conditions; /* of all paths, by their numbers in `distinct` */
    struct accept_path *items;
    size_t condition_count, conditions_capacity;
    size_t count, items_capacity;
};

int accept_paths_init(struct accept_paths *paths, struct lcap_error *error);
void accept_paths_release(struct accept_paths *paths);

/* The condition at an index in `conditions`. */
static inline const struct condition *accept_paths_condition(const struct accept_paths *paths,
                                                             size_t index)
{
    return &paths->distinct.items[paths->conditions[index]];
}

/*
 * Adds the paths of a program, with its number and rank: none for a program that
 * accepts nothing, one without conditions for a program with too many ways through
 * it.
 */
int accept_paths_add(struct accept_paths *paths, const struct filter_program *code,
                     uint32_t program, uint32_t rank, struct lcap_error *error);

#endif
