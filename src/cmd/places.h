/* The places that a command writes to. */
#ifndef CMD_PLACES_H
#define CMD_PLACES_H

#include <labelcap/error.h>
#include <stddef.h>

struct place {
    const char *what; /* for messages: an option, or "the table" */
    const char *path; /* "-" is standard output; NULL: nothing is written */
};

/* The place of the result as JSON, which --json and --stats-json FILE name. */
struct place places_json(const char *path);

/* Of a command that writes captures, and its result as JSON. */
int places_check_output(const char *output, const char *json, struct lcap_error *error);

/* LCAP_ERR_ARGUMENT: two of them are the same. */
int places_check(const struct place *places, size_t count, struct lcap_error *error);

#endif
