/* The groups of a run: its inputs separate or joined, with their names, classes and metadata. */
#ifndef TABULATE_INPUT_GROUPS_H
#define TABULATE_INPUT_GROUPS_H

#include "tabulate/tabulate.h"

/* Packets that belong together: of one input, or of all of them. */
struct input_group {
    size_t first, count; /* of the sources */
    const char *name;    /* of its input; unique among groups */
    const char
        *metadata; /* of packets without a label: its class, or that of the options, or NULL */
    size_t class_number; /* of the class, in the order of the names */
};

struct input_groups {
    struct input_group *items;
    size_t count;
    char **classes; /* names, sorted */
    size_t class_count, class_capacity;
};

/* The options must outlive the groups. Release the groups even after errors. */
int input_groups_make(struct input_groups *groups, const struct tabulate_options *options,
                      struct lcap_error *error);
void input_groups_release(struct input_groups *groups);

#endif
