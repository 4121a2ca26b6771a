/* Tells places apart. */
#include "cmd/places.h"

#include "base/io/file.h"
#include <string.h>

struct place places_json(const char *path)
{
    const char *option = path && strcmp(path, "-") == 0 ? "--json" : "--stats-json";
    return (struct place){option, path};
}

static int check_pair(const struct place *a, const struct place *b, struct lcap_error *error)
{
    if (!a->path || !b->path || !file_same_place(a->path, b->path))
        return LCAP_OK;
    return lcap_error_set(error, LCAP_ERR_ARGUMENT, "%s: %s and %s would both be written to it",
                          strcmp(a->path, "-") == 0 ? "standard output" : a->path, a->what,
                          b->what);
}

int places_check(const struct place *places, size_t count, struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (size_t i = 0; i < count; i++)
        for (size_t j = i + 1; j < count && rc == LCAP_OK; j++)
            rc = check_pair(&places[i], &places[j], error);
    return rc;
}

int places_check_output(const char *output, const char *json, struct lcap_error *error)
{
    const struct place places[] = {{"the output", output}, places_json(json)};
    return places_check(places, sizeof places / sizeof *places, error);
}
