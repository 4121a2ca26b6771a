/* `label -d`: packets of a live interface, labelled as they come. */
#ifndef CMD_LABEL_LIVE_H
#define CMD_LABEL_LIVE_H

#include "cmd/label_run.h"

/*
 * Captures until SIGINT, SIGTERM, SIGHUP, --count or --duration, writes and
 * rotates the output, and finishes it properly with an Interface Statistics
 * Block. COMMAND_TOLD when the capture failed, but the output is in place.
 */
int label_live(struct label_run *run, struct lcap_error *error);

#endif
