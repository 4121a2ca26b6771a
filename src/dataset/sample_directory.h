/*
 * The directory that `split` makes: one file for each sample, named
 * <sampleID>_<metadata>.pcap, and metadata.csv with the header File,Label.
 *
 * A new directory is built beside its final place and put there at the end. In
 * one that exists the files are built, then moved up, the list last. A directory
 * that is not empty is refused; with `overwrite`, exactly the files that the
 * metadata.csv in it lists are replaced, and no other file is touched.
 */
#ifndef DATASET_SAMPLE_DIRECTORY_H
#define DATASET_SAMPLE_DIRECTORY_H

#include <labelcap/capture.h>

struct sample_directory;

/* `input` ("-": standard input) is what is read: no such file may be replaced. */
int sample_directory_begin(struct sample_directory **directory, const char *path, const char *input,
                           bool overwrite, struct lcap_error *error);

/* Where its files are built: the place for other temporary files too. */
const char *sample_directory_building(const struct sample_directory *directory);

/* One sample's file to be. */
struct sample_file {
    uint64_t sample_id;
    const char *metadata;
    size_t metadata_len;
    enum lcap_format format;
    const char *linktype; /* in the name, where a sample has several; or NULL */
};

/*
 * Adds a row to metadata.csv and gives the path where the file is to be
 * written: borrowed, valid until the next call. The name holds the metadata
 * made safe, is at most 255 bytes long, and never leaves the directory.
 */
int sample_directory_add(struct sample_directory *directory, const struct sample_file *file,
                         const char **path, struct lcap_error *error);

/* Puts everything into place and frees, also on errors. */
int sample_directory_commit(struct sample_directory *directory, struct lcap_error *error);
void sample_directory_discard(struct sample_directory *directory);

#endif
