/* What is said of a capture that a command is about to write. */
#ifndef CMD_OUTPUTS_H
#define CMD_OUTPUTS_H

#include "dataset/shard/shard.h"
#include <labelcap/error.h>
#include <stdint.h>

/* Whether the value of --output names a file that can be written. */
int outputs_check_name(const char *path, struct lcap_error *error);

/*
 * COMMAND_USAGE if the capture would go to a terminal, its name does not go with a --level (0:
 * none), or it has no name and is a part; `path` is the value of --output, or NULL.
 */
int outputs_check_capture(const char *path, int level, struct shard shard,
                          struct lcap_error *error);

/* COMMAND_USAGE if the part of a shard would go to standard output. */
int outputs_check_part(const char *path, struct shard shard, struct lcap_error *error);

/* A note if a file that will be pcapng has the name of a pcap file. */
void outputs_note_format(const char *path);

/* A note that there is nothing left to do for a shard. */
void outputs_note_done(struct shard shard, const char *path);

#endif
