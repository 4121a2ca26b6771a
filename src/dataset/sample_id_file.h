/* Reads a file of sampleIDs, such as a list of a split. */
#ifndef DATASET_SAMPLE_ID_FILE_H
#define DATASET_SAMPLE_ID_FILE_H

#include "base/text/csv.h"
#include <labelcap/error.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * The sampleID in the first column of a record: returns 1 and the ID; 0 for a header,
 * which is a first record that begins with `sample_id` or `sampleID`, in any case of
 * letters; or LCAP_ERR_ARGUMENT, which names the place.
 */
int sample_id_take(const struct csv_reader *reader, const struct csv_record *record, bool is_first,
                   uint64_t *id, struct lcap_error *error);

/* Takes the sampleID of a line; returns 0 or a negative code. */
typedef int sample_id_taker(void *context, uint64_t id, uint32_t line, struct lcap_error *error);

/*
 * Passes on the sampleIDs that are the first column of a CSV file, one in each line,
 * behind a header or without one.
 */
int sample_id_file_read(const char *path, sample_id_taker *take, void *context,
                        struct lcap_error *error);

#endif
