/* The figures of the packets of one label: lengths, pauses, protocols, ports, addresses, times. */
#ifndef DATASET_OVERVIEW_LABEL_FIGURES_H
#define DATASET_OVERVIEW_LABEL_FIGURES_H

#include "dataset/overview/log_histogram.h"
#include "dataset/overview/time_histogram.h"
#include "dataset/overview/top_values.h"
#include "packet/packet_headers.h"

enum { MOST_LISTS = 64 };
/* Protocols: those of IP by their numbers, and two more. */
enum { PROTOCOL_KIND_ARP = 256, PROTOCOL_KIND_NONE, PROTOCOL_KINDS };

/* Ports of a packet: the lower one, by which services are usually known. */
enum { PORT_COUNT = 1 << 16 };

/* All zero: no packet yet. A struct of about 640 KiB. */
struct label_figures {
    uint64_t packets, bytes, samples;
    struct log_histogram lengths;        /* on the wire */
    struct log_histogram pauses;         /* between packets of a sample, in nanoseconds */
    struct log_histogram durations;      /* of the samples, in nanoseconds */
    struct log_histogram sample_packets; /* of each sample */
    uint64_t protocols[PROTOCOL_KINDS];  /* NONE: neither IP nor ARP, or malformed */
    uint64_t ports[PORT_COUNT];          /* of TCP, UDP, … */
    struct top_values addresses;         /* packets that have it at either end */
    struct time_histogram times;
    uint64_t lists[MOST_LISTS]; /* samples in each list of a split */
};

/* What a packet adds besides its time; `headers` is NULL if it is in no flow. */
void label_figures_add(struct label_figures *figures, uint32_t len,
                       const struct packet_headers *headers);

void label_figures_merge(struct label_figures *into, const struct label_figures *from);

#endif
