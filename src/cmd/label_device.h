/* `label -d`: packets of a live interface, labelled as they come. */
#ifndef CMD_LABEL_DEVICE_H
#define CMD_LABEL_DEVICE_H

#include "cmd/label_run.h"

/*
 * Captures until SIGINT, SIGTERM, SIGHUP, --count or --duration. COMMAND_TOLD
 * when the capture failed, but the output is in place.
 */
int label_device(struct label_run *run, struct lcap_error *error);

#endif
