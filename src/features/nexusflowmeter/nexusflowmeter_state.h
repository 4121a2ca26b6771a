/* What both modes of the nexusflowmeter profile count for a flow, and the texts made of it. */
#ifndef FEATURES_NEXUSFLOWMETER_NEXUSFLOWMETER_STATE_H
#define FEATURES_NEXUSFLOWMETER_NEXUSFLOWMETER_STATE_H

#include "base/arena.h"
#include "packet/packet_headers.h"
#include <labelcap/flow.h>

/* Indices of directions. */
enum { NEXUS_FORWARD, NEXUS_BACKWARD };

/* The number of different sets of nine flags. */
enum { NEXUS_FLAG_SETS = 512 };

/* All zero at the beginning. */
struct nexus_counts {
    uint64_t packets[2], bytes[2], payload[2]; /* forward, backward */
    uint64_t syn, fin, rst, ack;               /* packets: SYN without ACK, FIN, RST, ACK */
    uint64_t flag_sets[NEXUS_FLAG_SETS / 64];  /* one bit for each set of flags seen */
    uint32_t min_size, max_size;
};

void nexus_count_packet(struct nexus_counts *counts, int direction, uint32_t size,
                        uint32_t payload);
void nexus_count_flags(struct nexus_counts *counts, uint16_t tcp_flags);
/* Swaps forward and backward. */
void nexus_counts_flip(struct nexus_counts *counts);

static inline uint64_t nexus_both(const uint64_t directions[2])
{
    return directions[NEXUS_FORWARD] + directions[NEXUS_BACKWARD];
}

/*
 * The sets of TCP flags seen, sorted bytewise and separated by commas. Each
 * consists of the letters F, S, R, P, A, U, E (ECE), C (CWR) and N (NS), in that
 * order; `none` stands for a packet without flags.
 */
int nexus_flags_text(const struct nexus_counts *counts, const char *none, struct arena *arena,
                     struct lcap_cell *cell, struct lcap_error *error);

/* "2019-03-14 19:04:01.545143", in UTC; `per_second` is the number of units in a second, a power of
 * ten. */
int nexus_time_text(int64_t time, uint64_t per_second, struct arena *arena, struct lcap_cell *cell,
                    struct lcap_error *error);

#endif
