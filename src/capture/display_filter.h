/* Recognises display filters of Wireshark where capture filters are expected. */
#ifndef CAPTURE_DISPLAY_FILTER_H
#define CAPTURE_DISPLAY_FILTER_H

#include "base/buffer.h"
#include <stdbool.h>

/* Whether a text that is no capture filter has fields, operators or protocols of display filters.
 */
bool display_filter_is_one(const char *text);

/*
 * Sets `out` to a capture filter (with a NUL) that probably means the same, if the display
 * filter is simple: ports, addresses and protocols, joined by and, or, not. Otherwise `out` is
 * empty. The result may still be none that libpcap accepts.
 */
int display_filter_translate(const char *text, struct buffer *out, struct lcap_error *error);

#endif
