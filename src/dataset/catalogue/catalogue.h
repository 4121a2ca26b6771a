/*
 * Reads the catalogue of a data set. Nothing in it is trusted: it is opened
 * read-only, has exactly the tables of catalogue_schema.h, every figure is checked,
 * and whoever reads packets by it checks that they are those it promised
 * (range_walk.h).
 *
 * Threads: a catalogue belongs to one thread at a time.
 */
#ifndef DATASET_CATALOGUE_CATALOGUE_H
#define DATASET_CATALOGUE_CATALOGUE_H

#include "dataset/catalogue/catalogue_schema.h"

struct catalogue;

/*
 * Opens the catalogue of a data set, which is at `path` (NULL: catalogue_path()); the
 * timestamps of the data set will be read so. Returns 1; 0 if there is none; LCAP_ERR_LABEL if it
 * is out of date or of other times, LCAP_ERR_FORMAT or LCAP_ERR_IO if it cannot be used for another
 * reason, which the text says.
 */
int catalogue_open(struct catalogue **catalogue, const char *dataset, const char *path,
                   enum lcap_pcapml_times times, struct lcap_error *error);

uint32_t catalogue_samples(const struct catalogue *catalogue);
uint64_t catalogue_unlabelled(const struct catalogue *catalogue); /* packets */
bool catalogue_is_sorted(const struct catalogue *catalogue);
bool catalogue_has_sound_snaplens(const struct catalogue *catalogue);

/*
 * One sample, by its number from 0 or by its ID. Returns 1; 0 if there is none; or a
 * code. The texts are valid until the next call.
 */
int catalogue_sample_by_number(struct catalogue *catalogue, uint32_t number,
                               struct catalogue_sample *sample, struct lcap_error *error);
int catalogue_sample_by_id(struct catalogue *catalogue, uint64_t id, uint32_t *number,
                           struct catalogue_sample *sample, struct lcap_error *error);

/* Marks the ranges of a sample for catalogue_chosen_ranges(); or forgets all that are marked. */
int catalogue_choose(struct catalogue *catalogue, uint32_t number, struct lcap_error *error);
int catalogue_choose_none(struct catalogue *catalogue, struct lcap_error *error);

/*
 * Queries, for catalogue_next_range(), in the order of the file: the ranges of one
 * sample; those of all that were chosen, and of all blocks that are not packets.
 */
int catalogue_sample_ranges(struct catalogue *catalogue, uint32_t number, sqlite3_stmt **ranges,
                            struct lcap_error *error);
int catalogue_chosen_ranges(struct catalogue *catalogue, sqlite3_stmt **ranges,
                            struct lcap_error *error);

/* How many packets that sample has, or all that were chosen: as many as their ranges must have. */
int catalogue_sample_packets(struct catalogue *catalogue, uint32_t number, uint64_t *packets,
                             struct lcap_error *error);
int catalogue_chosen_packets(struct catalogue *catalogue, uint64_t *packets,
                             struct lcap_error *error);

/* How many ranges these are; or, of all samples and other blocks. */
int catalogue_chosen_range_count(struct catalogue *catalogue, uint64_t *ranges,
                                 struct lcap_error *error);
int catalogue_range_count(struct catalogue *catalogue, uint64_t *ranges, struct lcap_error *error);

/* The next range and the ID of its sample, if it has one. Returns 1, 0 or a code. */
int catalogue_next_range(struct catalogue *catalogue, sqlite3_stmt *ranges,
                         struct catalogue_range *range, uint64_t *sample_id,
                         struct lcap_error *error);

/* The error that the data set is not the one that was indexed; the format says how that shows. */
int catalogue_outdated(const struct catalogue *catalogue, struct lcap_error *error,
                       const char *format, ...) LCAP_PRINTF(3, 4);

/* The error that it holds what no catalogue holds. */
int catalogue_damaged(const struct catalogue *catalogue, struct lcap_error *error);

void catalogue_free(struct catalogue *catalogue);

#endif
