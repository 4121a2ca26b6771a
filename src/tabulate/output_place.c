/* Detects outputs that would overwrite each other or an input. */
#include "tabulate/output_place.h"

#include "base/io/file.h"
#include <string.h>

static const char *name_of(const char *path)
{
    return strcmp(path, "-") == 0 ? "standard output" : path;
}

int output_place_check_pair(struct output_place a, struct output_place b, struct lcap_error *error)
{
    if (!a.path || !b.path || !file_same_place(a.path, b.path))
        return LCAP_OK;
    return lcap_error_set(error, LCAP_ERR_ARGUMENT, "%s: %s and %s would both be written to it",
                          name_of(a.path), a.what, b.what);
}

int output_place_check_inputs(const char *path, const struct sources *inputs,
                              struct lcap_error *error)
{
    struct file_identity output;
    if (!file_is_output_only(path, &output))
        return LCAP_OK;
    for (size_t i = 0; i < inputs->count; i++)
        if (file_identity_compare(inputs->items[i].identity, output) == 0)
            return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                                  "%s is an input: it would be written over", name_of(path));
    return LCAP_OK;
}
