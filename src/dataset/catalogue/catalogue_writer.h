/* Writes a catalogue: a new file, renamed into place when it is complete. */
#ifndef DATASET_CATALOGUE_CATALOGUE_WRITER_H
#define DATASET_CATALOGUE_CATALOGUE_WRITER_H

#include "base/io/output.h"
#include "dataset/catalogue/catalogue_schema.h"

struct catalogue_writer;

int catalogue_writer_open(struct catalogue_writer **writer, const char *path,
                          const struct output_options *placing, struct lcap_error *error);

/* An interface, by the offset of its section and its number there. */
int catalogue_writer_interface(struct catalogue_writer *writer, uint64_t section, uint64_t number,
                               const struct lcap_interface *interface, struct lcap_error *error);

/* Ranges come in the order of the file. */
int catalogue_writer_range(struct catalogue_writer *writer, const struct catalogue_range *range,
                           struct lcap_error *error);
int catalogue_writer_sample(struct catalogue_writer *writer, uint32_t number,
                            const struct catalogue_sample *sample, struct lcap_error *error);
int catalogue_writer_source(struct catalogue_writer *writer, uint64_t sample_id, const char *path,
                            size_t path_len, uint64_t packets, struct lcap_error *error);
int catalogue_writer_dataset(struct catalogue_writer *writer,
                             const struct catalogue_dataset *dataset, struct lcap_error *error);

/* Finishes the file, and frees the writer, even on errors. */
int catalogue_writer_close(struct catalogue_writer *writer, struct lcap_error *error);
/* Removes the unfinished file. NULL is allowed. */
void catalogue_writer_discard(struct catalogue_writer *writer);

#endif
