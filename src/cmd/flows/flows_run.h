/* A run of `flows` from its options to its last message. */
#ifndef CMD_FLOWS_FLOWS_RUN_H
#define CMD_FLOWS_FLOWS_RUN_H

#include "cmd/flows/flows_args.h"
#include <labelcap/error.h>
#include <stddef.h>

int flows_run(const struct flows_args *args, const char *const *operands, size_t count,
              struct lcap_error *error);

#endif
