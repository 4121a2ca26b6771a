/*
 * Packets of a live interface, by libpcap: the same blocks as from a file, so that
 * the same code labels files and live traffic.
 */
#ifndef CAPTURE_LIBPCAP_LIVE_H
#define CAPTURE_LIBPCAP_LIVE_H

#include <labelcap/capture.h>

struct live_options {
    uint32_t snaplen;
    bool promiscuous;
    uint64_t buffer_size; /* bytes of the kernel's buffer; 0 = libpcap's default */
};

/* The counts of the kernel since the start. */
struct live_counts {
    uint64_t received;
    uint64_t dropped;           /* for lack of buffer space */
    uint64_t dropped_interface; /* by the interface or its driver */
};

struct live;

/* `device` must outlive the handle. */
int live_open(struct live **opened, const char *device, const struct live_options *options,
              struct lcap_error *error);

/* The interface as a block, with which a file begins. Valid as long as `live`. */
const struct lcap_block *live_interface(const struct live *live);

/*
 * Returns 1 and the next packet, 0 if none came within a tenth of a second, or a
 * negative code. The block is valid until the next call.
 */
int live_next(struct live *live, const struct lcap_block **block, struct lcap_error *error);

/*
 * The counts, also as an Interface Statistics Block to write at the end of a file
 * (draft-ietf-opsawg-pcapng, section 4.6); valid until the next call.
 */
int live_statistics(struct live *live, struct live_counts *counts, const struct lcap_block **block,
                    struct lcap_error *error);

void live_free(struct live *live);

#endif
