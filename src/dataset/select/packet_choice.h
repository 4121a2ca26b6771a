/* Which packets of the chosen samples are selected: by time, filter, repetition, number. */
#ifndef DATASET_SELECT_PACKET_CHOICE_H
#define DATASET_SELECT_PACKET_CHOICE_H

#include "dataset/select/link_filter.h"
#include "dataset/select/recent_packets.h"

/* Moments in nanoseconds, both included. */
struct time_span {
    int64_t first_ns, last_ns;
};

/* Reads "A..B", "A.." or "..B", each a moment as in rules; B includes the whole of its second. */
int time_span_read(const char *text, struct time_span *span, struct lcap_error *error);

struct packet_choice_options {
    const struct time_span *times; /* or NULL */
    const char *filter;            /* or NULL */
    uint64_t dedup_ns;             /* leave out those that repeat another within it; 0: none */
    uint64_t first;                /* packets of each sample; 0: all */
};

struct packet_choice {
    const struct packet_choice_options *options;
    struct link_filter filter;
    struct recent_packets recent;
    uint64_t repeated; /* left out by dedup */
};

/* `options` must outlive the choice. The caller releases it, even after an error. */
int packet_choice_init(struct packet_choice *choice, const struct packet_choice_options *options,
                       struct lcap_error *error);
void packet_choice_release(struct packet_choice *choice);

/*
 * Whether a packet is selected, of whose sample `taken` are. Returns 1, 0 or a code.
 */
int packet_choice_takes(struct packet_choice *choice, uint64_t sample_id, uint64_t taken,
                        const struct lcap_packet *packet, struct lcap_error *error);

#endif
