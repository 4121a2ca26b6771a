/*
 * The inputs that the packets of a data set came from, by the comments `source=PATH` that
 * label --keep-source writes: a first pass, for rules whose samples depend on them.
 */
#ifndef DATASET_CHECK_CHECK_INPUTS_H
#define DATASET_CHECK_CHECK_INPUTS_H

#include "base/arena.h"
#include "base/intern.h"
#include "dataset/input_pass.h"
#include "dataset/sources.h"
#include <labelcap/label.h>

/* All zero: none are known. */
struct check_inputs {
    struct intern *paths;    /* NULL: none */
    struct lcap_file *files; /* by number of the path */
    struct arena walked;     /* their paths in the current directory */
};

/* Of named regular files only: others cannot be read twice. */
int check_inputs_find(struct check_inputs *inputs, const struct sources *sources,
                      const struct input_options *options, struct lcap_error *error);

/* The same if their paths are known. */
int check_inputs_set(struct check_inputs *inputs, const struct intern *paths,
                     struct lcap_error *error);

/* Adds the path that the packet of a block has, if any. `paths`: a struct intern; a pass_function.
 */
int check_inputs_note(void *paths, const struct lcap_block *block, struct lcap_error *error);

size_t check_inputs_count(const struct check_inputs *inputs);

/* The number of the input that a packet came from, or LCAP_NO_FILE. */
uint32_t check_inputs_of(const struct check_inputs *inputs, const struct lcap_packet *packet);
void check_inputs_release(struct check_inputs *inputs);

#endif
