/*
 * What of a request decides how rows are made and written, as bytes: for processes that
 * make the rows of a run, and the one that writes them.
 */
#ifndef TABULATE_FLOWS_FLOWS_SETTINGS_H
#define TABULATE_FLOWS_FLOWS_SETTINGS_H

#include "base/buffer.h"
#include "tabulate/flows/flows_request.h"

/* Appends the settings that are given, each as NAME=VALUE and a NUL. */
int flows_settings_append(const struct flows_request *wanted, struct buffer *out,
                          struct lcap_error *error);

/* Sets them in `wanted`, whose texts then point into `bytes`. False: they are no settings. */
bool flows_settings_take(struct flows_request *wanted, const char *bytes, size_t len);

#endif
