/* Collects the packets of a sample into rows. */
#ifndef ARRAYS_ARRAY_COLLECTOR_H
#define ARRAYS_ARRAY_COLLECTOR_H

#include "arrays/array_overlaps.h"
#include "arrays/array_sink.h"
#include "base/io/chains.h"
#include "flow/assembler.h"
#include "flow/fragment_wait.h"
#include <labelcap/label.h>

struct array_sample {
    struct lcap_label label;
    uint32_t number; /* of its label, as it came */
    uint32_t output; /* that its rows go to */
};

struct array_counts {
    uint64_t samples;
    uint64_t packets; /* of these samples */
    uint64_t rows;
    uint64_t few;                        /* flows or samples with too few packets for a row */
    uint64_t skipped[LCAP_SKIP_REASONS]; /* packets without IP, by reason */
    uint64_t arp;                        /* and those of ARP */
    uint64_t unlabelled;                 /* packets of no sample */
    uint64_t ended_early;                /* flows, because too many were open */
};

void array_counts_add(struct array_counts *sum, const struct array_counts *more);

/* The packets of a row that is not complete. All zero: none. */
struct kept_packets {
    struct chain chain; /* the first of them */
    uint32_t count;     /* in the chain */
    uint64_t total;
};

struct array_collector {
    const struct array_settings *settings;
    struct array_sink *sink; /* NULL: rows are only counted */
    const char *directory;   /* for temporary files */
    struct array_counts counts;
    struct fragment_wait wait;
    struct assembler *assembler;
    struct lcap_flow_counts flow_counts;
    struct array_overlaps overlaps; /* of flows with rows */
    bool keeps_flows;               /* for somebody else to look for overlaps: */
    struct chain flows_kept;
    struct chains *chains;
    struct array_sample sample;
    uint64_t flows;        /* that have begun */
    uint64_t sample_flows; /* before this sample */
    /* Of a sample that is a row: */
    struct kept_packets kept;
    uint8_t first_source[16];
    int64_t last_ns;
};

/* For the packets of rows that are not complete, so that all stays below 64 MiB even where
 * as many flows as may be are open, and threads have memory of their own. */
#define ARRAY_MEMORY ((uint64_t)4 << 20)

/* `directory` is for what the memory cannot hold; borrowed. Release it even after an error. */
int array_collector_init(struct array_collector *collector, const struct array_settings *settings,
                         struct array_sink *sink, uint64_t memory, const char *directory,
                         struct lcap_error *error);
void array_collector_release(struct array_collector *collector);

/* After the end of a sample: nothing is counted yet. */
void array_collector_restart(struct array_collector *collector);

/* Adds the counts of another one, which has read the samples that follow and kept its flows. */
int array_collector_join(struct array_collector *collector, struct array_collector *other,
                         struct lcap_error *error);

/* Samples come one after the other; what the sample points to is valid until its end. `parsed`: the
 * headers of the packet, or NULL. */
void array_collector_begin(struct array_collector *collector, const struct array_sample *sample);
int array_collector_packet(struct array_collector *collector, const struct lcap_packet *packet,
                           const struct parsed_packet *parsed, struct lcap_error *error);
int array_collector_end(struct array_collector *collector, struct lcap_error *error);

/* Begins to read the flows that were kept, in the order in which they ended; each takes the same
 * bytes. */
int array_collector_read_flows(struct array_collector *collector, struct chain_reader *reader,
                               struct lcap_error *error);

#endif
