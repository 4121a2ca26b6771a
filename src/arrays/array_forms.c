/* The forms, in the order of the help. */
#include "arrays/array_form.h"

#include <string.h>

#define ADDRESS(NAME) &form_##NAME,
const struct array_form *const array_forms[] = {ARRAY_FORMS(ADDRESS) NULL};

#define NAME(FORM) #FORM,
const char *const array_form_names[] = {ARRAY_FORMS(NAME) NULL};

const struct array_form *array_form_find(const char *name)
{
    for (size_t i = 0; array_forms[i]; i++)
        if (strcmp(array_forms[i]->name, name) == 0)
            return array_forms[i];
    return NULL;
}
