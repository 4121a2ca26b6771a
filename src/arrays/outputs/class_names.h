/* Names of directories for labels. */
#ifndef ARRAYS_OUTPUTS_CLASS_NAMES_H
#define ARRAYS_OUTPUTS_CLASS_NAMES_H

#include "base/buffer.h"
#include "base/intern.h"
#include <stddef.h>
#include <stdint.h>

/* All zero but for the names taken. */
struct class_names {
    struct intern *taken; /* in lower case */
    char **names;         /* by number of the label; NULL: none yet */
    size_t count, capacity;
};

int class_names_init(struct class_names *classes, struct lcap_error *error);
void class_names_release(struct class_names *classes);

/*
 * Sets *name to the directory of a label: its text made safe, so that it never leads
 * elsewhere, and different from those of all others, whatever the case of letters.
 * Returns 1 if it is new, 0 if not, or a negative code.
 */
int class_names_find(struct class_names *classes, uint32_t label, const char *text, size_t len,
                     const char **name, struct lcap_error *error);

#endif
