/* What is said of a capture that a command is about to write. */
#ifndef CMD_OUTPUTS_H
#define CMD_OUTPUTS_H

#include <labelcap/error.h>

/*
 * COMMAND_USAGE if the capture would go to a terminal; `path` is the value of
 * --output, or NULL.
 */
int outputs_check_terminal(const char *path, struct lcap_error *error);

/* A note if a file that will be pcapng has the name of a pcap file. */
void outputs_note_format(const char *path);

#endif
