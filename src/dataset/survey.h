/*
 * What is in a capture, gathered packet by packet: counts, times, order,
 * interfaces, and the samples with their labels. `info` prints it; `sort` and
 * `split` learn from it what they have to do.
 */
#ifndef DATASET_SURVEY_H
#define DATASET_SURVEY_H

#include "base/sample_registry.h"
#include "dataset/sorted_writer.h"
#include <labelcap/capture.h>
#include <labelcap/label.h>

/* Packets, their bytes on the wire and in the file, and the time they span. */
struct tally {
    uint64_t packets;
    uint64_t bytes;    /* on the wire */
    uint64_t captured; /* in the file */
    uint64_t untimed;  /* packets without a time; the span leaves them out */
    int64_t first_ns;  /* INT64_MAX while no packet had a time */
    int64_t last_ns;
};

#define TALLY_EMPTY                                                                                \
    {                                                                                              \
        .first_ns = INT64_MAX, .last_ns = INT64_MIN                                                \
    }

void tally_packet(struct tally *tally, const struct lcap_packet *packet);
void tally_add(struct tally *sum, const struct tally *more);
bool tally_has_time(const struct tally *tally);

/* What a survey knows of a sample: 56 bytes, for there may be millions. */
struct survey_sample {
    struct tally tally;
    uint16_t linktype; /* of its first packet */
    bool several_linktypes;
    bool needs_ns; /* a time with digits below the microsecond */
};

/* A sampleID that came with another metadata than at first. */
struct survey_conflict {
    uint32_t sample;
    uint32_t other; /* number in registry.texts */
};

/* More than these are not kept: a hostile file could have one a packet. */
#define SURVEY_MAX_CONFLICTS 100

struct survey {
    struct tally all;
    struct tally labelled;
    uint64_t overflowing; /* comments with the form of a label but a number of 2^64 or more */
    struct sample_registry registry;
    struct survey_sample *samples; /* by number in the registry */
    size_t sample_capacity;
    struct survey_conflict conflicts[SURVEY_MAX_CONFLICTS];
    size_t conflict_count;
    uint64_t conflicting_packets;
    bool grouped;     /* the packets of each sample stand together */
    bool in_order[3]; /* by enum packet_order: as sort would write it */
    struct sort_key last[3];
    uint32_t current;         /* sample of the packet before, or NO_SAMPLE */
    struct tally *interfaces; /* by interface number */
    size_t interface_capacity;
};

int survey_init(struct survey *survey, struct lcap_error *error);
void survey_release(struct survey *survey);

/* Takes in one block. `sample` (may be NULL) receives the packet's sample, NO_SAMPLE for none. */
int survey_add(struct survey *survey, const struct lcap_block *block, uint32_t *sample,
               struct lcap_error *error);

#endif
