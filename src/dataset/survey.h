/*
 * The contents of a capture, collected packet by packet: counts, times, order,
 * interfaces, and the samples with their labels. `info` prints it; `sort` and
 * `split` use it to decide what to do.
 */
#ifndef DATASET_SURVEY_H
#define DATASET_SURVEY_H

#include "base/sample_registry.h"
#include "dataset/sorted_writer.h"
#include <labelcap/capture.h>
#include <labelcap/label.h>

/* Packets, their bytes on the wire and in the file, and their time span. */
struct tally {
    uint64_t packets;
    uint64_t bytes;    /* on the wire */
    uint64_t captured; /* in the file */
    uint64_t untimed;  /* packets without a time, which the span ignores */
    int64_t first_ns;  /* INT64_MAX while no packet had a time */
    int64_t last_ns;
};

#define TALLY_EMPTY                                                                                \
    {                                                                                              \
        .first_ns = INT64_MAX, .last_ns = INT64_MIN                                                \
    }

static inline void tally_packet(struct tally *tally, const struct lcap_packet *packet)
{
    tally->packets++;
    tally->bytes += packet->len;
    tally->captured += packet->caplen;
    if (!packet->has_time) {
        tally->untimed++;
        return;
    }
    if (packet->time_ns < tally->first_ns)
        tally->first_ns = packet->time_ns;
    if (packet->time_ns > tally->last_ns)
        tally->last_ns = packet->time_ns;
}

void tally_add(struct tally *sum, const struct tally *more);
bool tally_has_time(const struct tally *tally);

/* What a survey knows about a sample: 56 bytes, because there may be millions. */
struct survey_sample {
    struct tally tally;
    uint16_t linktype; /* of its first packet */
    bool several_linktypes;
    bool needs_ns; /* has a time finer than a microsecond */
};

/* A sampleID that later came with other metadata. */
struct survey_conflict {
    uint32_t sample;
    uint32_t other; /* number in registry.texts */
};

/* At most this many are kept: a hostile file could have one per packet. */
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
    bool in_order[3]; /* by enum packet_order: the packets, in the order that sort would write */
    bool others_in_place; /* so are all other blocks: before the packets, or after them */
    bool after_packets;   /* one of these came */
    struct sort_key last[3];
    uint32_t first;           /* sample of the first packet, or NO_SAMPLE */
    uint32_t current;         /* sample of the previous packet, or NO_SAMPLE */
    struct tally *interfaces; /* by interface number; those of the inputs one behind the other */
    size_t interface_capacity;
    size_t first_interface; /* of the input that is read */
};

int survey_init(struct survey *survey, struct lcap_error *error);
void survey_release(struct survey *survey);

/* Adds one block. `sample` (may be NULL) receives the sample of the packet, NO_SAMPLE for none. */
int survey_add(struct survey *survey, const struct lcap_block *block, uint32_t *sample,
               struct lcap_error *error);

/* Whether a sample has other metadata in the survey of what follows, or in that one itself. */
bool survey_contradicts(struct survey *survey, const struct survey *next);

/*
 * Adds the packets and samples of a survey of the blocks that follow, which does not contradict:
 * samples keep the order in which they came. Interfaces and orders are not joined.
 */
int survey_join(struct survey *survey, const struct survey *next, struct lcap_error *error);

/* The blocks of another input follow; the one before had so many interfaces. */
void survey_next_input(struct survey *survey, size_t interfaces);

#endif
