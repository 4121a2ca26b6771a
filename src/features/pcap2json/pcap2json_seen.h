/*
 * Which sequence numbers of one direction of a TCP connection have been seen, to
 * distinguish retransmissions from late data. Numbers are unwrapped to 64 bits:
 * each is taken as the one nearest to the highest so far.
 */
#ifndef FEATURES_PCAP2JSON_PCAP2JSON_SEEN_H
#define FEATURES_PCAP2JSON_PCAP2JSON_SEEN_H

#include <labelcap/error.h>
#include <stdbool.h>
#include <stdint.h>

/* Gaps remembered per direction: 4 KiB. With one more, the lowest counts as seen. */
#define PCAP2JSON_GAPS 256

struct sequence_range {
    int64_t begin, end; /* the first number after it */
};

/* All zero: nothing seen. */
struct pcap2json_seen {
    bool started;
    bool has_data;
    uint16_t gap_count, gap_capacity;
    uint32_t init;               /* the first sequence number */
    int64_t low, high;           /* everything between them is seen, except the gaps */
    struct sequence_range *gaps; /* ascending, not adjacent; NULL before the first one */
};

/* Unwraps a sequence number; the first one begins the count. */
int64_t pcap2json_unwrap(struct pcap2json_seen *seen, uint32_t sequence);

/*
 * Marks `len` bytes (not 0) from the unwrapped `sequence` on as seen. *again: all
 * of them were seen before.
 */
int pcap2json_see(struct pcap2json_seen *seen, int64_t sequence, uint32_t len, bool *again,
                  struct lcap_error *error);

void pcap2json_seen_release(struct pcap2json_seen *seen);

#endif
