/* Detects outputs that would overwrite each other. */
#include "base/io/output_place.h"
#include "base/error_words.h"

#include "base/io/file.h"
#include "base/io/target.h"
#include <string.h>

int output_place_check_pair(const struct output_place *a, const struct output_place *b,
                            struct lcap_error *error)
{
    char room[2][LCAP_ERROR_TEXT];
    if (!a->path || !b->path || !file_same_place(a->path, b->path))
        return LCAP_OK;
    return lcap_error_set(error, LCAP_ERR_ARGUMENT, "%s: %s and %s would both be written to it",
                          target_name(a->path), error_words(a->what, room[0]),
                          error_words(b->what, room[1]));
}

int output_place_check_all(const struct output_place *places, size_t count,
                           struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (size_t i = 0; i < count; i++)
        for (size_t j = i + 1; j < count && rc == LCAP_OK; j++)
            rc = output_place_check_pair(&places[i], &places[j], error);
    return rc;
}
