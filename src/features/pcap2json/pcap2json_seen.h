/*
 * Which sequence numbers of one direction of a TCP connection have been seen, so
 * that a retransmission is told from data that only comes late. Numbers are
 * unwrapped to 64 bits: each is taken for the one nearest to the greatest before.
 */
#ifndef FEATURES_PCAP2JSON_PCAP2JSON_SEEN_H
#define FEATURES_PCAP2JSON_PCAP2JSON_SEEN_H

#include <labelcap/error.h>
#include <stdbool.h>
#include <stdint.h>

/* Gaps that are remembered of a direction: 4 KiB. One more, and the lowest counts as seen. */
#define PCAP2JSON_GAPS 256

struct sequence_range {
    int64_t begin, end; /* the first one behind it */
};

/* All zero: nothing seen. */
struct pcap2json_seen {
    bool started;
    bool has_data;
    uint16_t gap_count, gap_capacity;
    uint32_t init;               /* the first sequence number */
    int64_t low, high;           /* all between them is seen, but for the gaps */
    struct sequence_range *gaps; /* ascending, apart from each other; NULL before the first one */
};

/* Unwraps a sequence number; the first one begins the count. */
int64_t pcap2json_unwrap(struct pcap2json_seen *seen, uint32_t sequence);

/*
 * Takes `len` bytes (not 0) from `sequence` on, unwrapped, as seen. *again: all
 * of them were seen before.
 */
int pcap2json_see(struct pcap2json_seen *seen, int64_t sequence, uint32_t len, bool *again,
                  struct lcap_error *error);

void pcap2json_seen_release(struct pcap2json_seen *seen);

#endif
