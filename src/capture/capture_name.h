/* What the name of a capture says: its format, and what it is without its endings. */
#ifndef CAPTURE_CAPTURE_NAME_H
#define CAPTURE_CAPTURE_NAME_H

#include <labelcap/capture.h>
#include <stddef.h>

/* The length of a path without the endings of a capture: ".pcapng", ".pcapng.gz". */
size_t capture_name_stem(const char *path);

/* The format for a file of that name: pcap for ".pcap" and ".pcap.gz", else pcapng. */
enum lcap_format capture_name_format(const char *path);

#endif
