/* `label -d`: labels packets of a live interface as they arrive. */
#ifndef CMD_LABEL_LABEL_DEVICE_H
#define CMD_LABEL_LABEL_DEVICE_H

#include "cmd/label/label_run.h"

/*
 * Captures until SIGINT, SIGTERM, SIGHUP, --count or --duration. COMMAND_TOLD if
 * the capture failed, but the output is in place.
 */
int label_device(struct label_run *run, struct lcap_error *error);

#endif
