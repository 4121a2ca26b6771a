/* Reads a file of sampleIDs, such as a list of a split. */
#ifndef DATASET_SAMPLE_ID_FILE_H
#define DATASET_SAMPLE_ID_FILE_H

#include <labelcap/error.h>
#include <stdint.h>

/* Takes the sampleID of a line; returns 0 or a negative code. */
typedef int sample_id_taker(void *context, uint64_t id, uint32_t line, struct lcap_error *error);

/*
 * Passes on the sampleIDs that are the first column of a CSV file, one in each line. A
 * first line `sampleID`, in any case of letters, is a header. LCAP_ERR_ARGUMENT
 * names a line that has none.
 */
int sample_id_file_read(const char *path, sample_id_taker *take, void *context,
                        struct lcap_error *error);

#endif
