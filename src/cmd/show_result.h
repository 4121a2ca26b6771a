/* Results of commands on standard output, standard error and in files. */
#ifndef CMD_SHOW_RESULT_H
#define CMD_SHOW_RESULT_H

#include "base/io/output.h"
#include "base/io/output_place.h"
#include "base/result.h"
#include "dataset/shard/shard.h"
#include <stdio.h>

/* Text fits the terminal of the stream. Failures of the stream are found when it is flushed. */
int show_text(const struct result *result, FILE *stream, struct lcap_error *error);

/*
 * Prints a result on standard output, as JSON or for people, and releases it. With --quiet,
 * people see only its warnings and errors, on standard error.
 */
int show_on_stdout(struct result *result, bool json, struct lcap_error *error);

/* The place that --json or --stats-json FILE names; `path` is NULL if neither is given. */
struct output_place show_json_place(const char *path);

/* COMMAND_USAGE: a shard has no result of its own to write to `path`, which may be NULL. */
int show_check_shard(struct shard shard, const char *path, struct lcap_error *error);

/*
 * Opens the place for the result as JSON before there is a result; `path` is NULL if
 * none is wanted. It must not be one of the inputs, nor `output`, where the packets go
 * (or NULL): that is COMMAND_USAGE.
 */
int show_open_json(const char *path, const char *output, const char *const *inputs, size_t count,
                   const struct output_options *placing, struct lcap_error *error);

/*
 * Tells people what is for them on standard error, writes all of it as JSON to the place
 * that show_open_json() opened, if any, and releases the result.
 */
int show_and_release(struct result *result, struct lcap_error *error);

/* Writes it as JSON alone. */
int show_json_and_release(struct result *result, struct lcap_error *error);

/* The run has ended: a place without a result is left as it was. */
void show_discard_json(void);

#endif
