/* What a catalogue says about its data set as a file. */
#ifndef DATASET_CATALOGUE_FILE_FACTS_H
#define DATASET_CATALOGUE_FILE_FACTS_H

#include "base/hash.h"
#include "base/io/file.h"
#include <stdbool.h>
#include <stdint.h>

struct file_facts {
    struct file_stamp stamp; /* by which a later pass tells that the file has changed */
    uint64_t size;
    const char *compression; /* a constant */
    char ends_sha256[HASH_SHA256_TEXT];
    char sha256[HASH_SHA256_TEXT]; /* in hexadecimal; empty unless it was asked for */
};

/* LCAP_ERR_ARGUMENT if it is not a regular file, which alone can be read in any order. */
int file_facts_find(const char *path, bool hash, struct file_facts *facts,
                    struct lcap_error *error);

#endif
