/*
 * The directory that `split` creates: one file for each sample, named
 * <sampleID>_<metadata>.pcap (or for each class, named <metadata>.pcap), and metadata.csv with the
 * header File,Label.
 *
 * A new directory is built beside its final place and renamed at the end. In an
 * existing one, the files are built in a subdirectory and then moved up, the list
 * last. All files are synced at once before the first of them gets its final name.
 * A directory that is not empty is an error; with `overwrite`, exactly the
 * files that its metadata.csv lists are replaced, and no other file is touched.
 */
#ifndef DATASET_SPLIT_SAMPLE_DIRECTORY_H
#define DATASET_SPLIT_SAMPLE_DIRECTORY_H

#include "base/buffer.h"
#include "base/io/output.h"
#include <labelcap/capture.h>

struct sample_directory;

/* `input` ("-": standard input) is the file being read, which must not be replaced. */
int sample_directory_begin(struct sample_directory **directory, const char *path, const char *input,
                           const struct output_options *options, struct lcap_error *error);

/* Where its files are built; also the place for other temporary files. */
const char *sample_directory_building(const struct sample_directory *directory);

/* The file of one sample, or of a class. */
struct sample_file {
    bool of_class;      /* it has no sampleID in its name */
    uint64_t sample_id; /* unless it is of a class */
    const char *metadata;
    size_t metadata_len;
    enum lcap_format format;
    const char *linktype; /* in the name, if the sample has several; or NULL */
};

/* Where to write a file, and what metadata.csv will say of this one and of others. All zero: none.
 */
struct sample_entry {
    struct buffer path; /* ends with a NUL */
    struct buffer rows;
};

/*
 * Sets the path at which to write the file, and adds a row to those of the entry. The name
 * contains the metadata made safe, has at most 255 bytes, and never leaves the directory.
 * Several threads may name files of samples, but not of classes, at once.
 */
int sample_directory_name(struct sample_directory *directory, const struct sample_file *file,
                          struct sample_entry *entry, struct lcap_error *error);

/* Takes the rows of the entry into metadata.csv. */
int sample_directory_take(struct sample_directory *directory, struct sample_entry *entry,
                          struct lcap_error *error);
void sample_entry_release(struct sample_entry *entry);

/* Moves everything into place and frees, even on errors. */
int sample_directory_commit(struct sample_directory *directory, struct lcap_error *error);
void sample_directory_discard(struct sample_directory *directory);

#endif
