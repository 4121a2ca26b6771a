/*
 * The tables of a catalogue, the SQLite database beside a data set that says where
 * its samples are; see labelcap-index(1). Whoever reads a catalogue accepts only
 * these tables, word for word: so it never runs a view, trigger or expression of
 * somebody else.
 */
#ifndef DATASET_CATALOGUE_CATALOGUE_SCHEMA_H
#define DATASET_CATALOGUE_CATALOGUE_SCHEMA_H

#include "base/io/database.h"
#include <labelcap/capture.h>

/* The path of the catalogue of a data set: DATASET.sqlite. Freed with free(). */
char *catalogue_path(const char *dataset, struct lcap_error *error);

/* Creates the tables; later, when they are filled, their indexes, which is faster. */
int catalogue_create_tables(const struct database *db, struct lcap_error *error);
int catalogue_create_indexes(const struct database *db, struct lcap_error *error);

/* LCAP_ERR_FORMAT if the database has not exactly these tables and indexes, or is of another
 * version. */
int catalogue_check_schema(const struct database *db, struct lcap_error *error);

/*
 * How timestamps are read, in words: "auto", "yes", "no" for the values of the enum.
 * CATALOGUE_TIMES_MIXED: "auto", but of timestamps that contradict each other, so that what
 * they are taken for depends on which is read first.
 */
const char *catalogue_times(enum lcap_pcapml_times times);
#define CATALOGUE_TIMES_MIXED "mixed"

/* The facts about a data set. */
struct catalogue_dataset {
    uint64_t size;           /* of the file as stored */
    const char *ends_sha256; /* of its first and last bytes: hash_sha256_ends() */
    const char *compression; /* "none", "gzip", "bgzf", … */
    bool sorted;             /* by sampleID, then time */
    bool sound_snaplens;     /* see lcap_writer_open() */
    const char *times;       /* how timestamps were read: see catalogue_times() */
    uint64_t packets, labelled, samples;
    const char *sha256; /* in hexadecimal, or NULL */
};

struct catalogue_sample {
    uint64_t id;
    const char *metadata;
    size_t metadata_len;
    uint64_t packets, bytes;   /* bytes on the wire */
    bool has_time;             /* false: no packet has one */
    int64_t first_ns, last_ns; /* only with a time */
    uint16_t linktype;         /* of its first packet */
    const char *source;        /* of its first packet, or NULL */
};

/* Consecutive packets of a sample, or consecutive blocks that are not packets. */
struct catalogue_range {
    uint32_t sample; /* its number; NO_SAMPLE for blocks that are not packets */
    struct lcap_position at;
    uint64_t length; /* in the (decompressed) file */
    uint64_t packets;
};

#endif
