/* Names the places that options stand for. */
#include "cmd/places.h"

#include <string.h>

struct output_place places_json(const char *path)
{
    const char *option = path && strcmp(path, "-") == 0 ? "--json" : "--stats-json";
    return (struct output_place){option, path};
}

int places_check_output(const char *output, const char *json, struct lcap_error *error)
{
    const struct output_place places[] = {{"the output", output}, places_json(json)};
    return output_place_check_all(places, sizeof places / sizeof *places, error);
}
