/* The places that commands write to. */
#ifndef CMD_PLACES_H
#define CMD_PLACES_H

#include "base/io/output_place.h"

/* The place of the result as JSON, which --json and --stats-json FILE name. */
struct output_place places_json(const char *path);

/* Of a command that writes captures, and its result as JSON. */
int places_check_output(const char *output, const char *json, struct lcap_error *error);

#endif
