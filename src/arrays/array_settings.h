/* From the options of a user to the settings of a form. */
#ifndef ARRAYS_ARRAY_SETTINGS_H
#define ARRAYS_ARRAY_SETTINGS_H

#include "arrays/array_form.h"
#include <labelcap/arrays.h>

/* The values of options, in the order of their enums, with NULL at the end. */
extern const char *const array_per_names[];
extern const char *const array_part_names[];

/* LCAP_ERR_ARGUMENT: an unknown name, or options that do not go together. */
int array_settings_make(struct array_settings *settings, const struct lcap_array_options *options,
                        struct lcap_error *error);

#endif
