/* Results of commands on standard output, standard error and in files. */
#ifndef CMD_SHOW_RESULT_H
#define CMD_SHOW_RESULT_H

#include "base/io/output.h"
#include "base/result.h"
#include <stdio.h>

/* Text fits the terminal of the stream. Failures of the stream are found when it is flushed. */
int show_text(const struct result *result, FILE *stream, struct lcap_error *error);
int show_json(const struct result *result, FILE *stream, struct lcap_error *error);

/* Writes JSON and closes `out`, even on errors. */
int show_json_in_file(const struct result *result, struct output *out, struct lcap_error *error);

#endif
