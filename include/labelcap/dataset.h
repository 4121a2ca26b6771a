/*
 * Data sets: labelled captures whose samples are read one by one, in any order,
 * without what stands between them. For that, a data set needs a catalogue, the file
 * DATASET.sqlite beside it; lcap_dataset_index() or `labelcap index` makes it.
 *
 *     struct lcap_dataset *set = NULL;
 *     const struct lcap_packet *packet;
 *     size_t position;
 *     int rc = lcap_dataset_open(&set, "sorted.pcapng", NULL, &error);
 *     if (rc == 0)
 *         rc = lcap_dataset_find(set, 6848942292823701314u, &position, &error);
 *     if (rc == 1)
 *         rc = lcap_dataset_begin(set, position, &error);
 *     while (rc >= 0 && (rc = lcap_dataset_next(set, &packet, &error)) == 1)
 *         use(packet);
 *     lcap_dataset_free(set);
 *
 * Samples have positions from 0, in the order of their first packets; in a sorted data
 * set, that is the order of their IDs. In a plain file and in BGZF, reading a sample
 * costs what it is long; other compressed data is unpacked up to it.
 *
 * Threads: a data set belongs to one thread at a time; different ones, also of the
 * same file, may be used at the same time.
 */
#ifndef LABELCAP_DATASET_H
#define LABELCAP_DATASET_H

#include <labelcap/capture.h>
#include <labelcap/error.h>
#include <labelcap/progress.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct lcap_index_options {
    size_t size; /* of this struct */
    enum lcap_pcapml_times pcapml_times;
    bool overwrite;        /* replace an existing catalogue */
    bool hash;             /* also store the SHA-256 of the data set, which is then read twice */
    bool no_sync;          /* do not wait until the catalogue is on the disk */
    const char *catalogue; /* its path; NULL: DATASET.sqlite. Borrowed */
    struct lcap_watcher watcher;
};

/*
 * Reads a labelled capture, a regular file, once and writes its catalogue. `options`
 * NULL: the defaults. LCAP_ERR_DAMAGED, and no catalogue, if the capture is damaged;
 * LCAP_ERR_LABEL if no packet is labelled.
 */
LCAP_API LCAP_MUST_USE int lcap_dataset_index(const char *path,
                                              const struct lcap_index_options *options,
                                              struct lcap_error *error);

struct lcap_dataset_options {
    size_t size; /* of this struct */
    enum lcap_pcapml_times pcapml_times;
    bool make_catalogue;         /* with lcap_dataset_index(), if there is none */
    const char *catalogue;       /* its path; NULL: DATASET.sqlite. Borrowed */
    struct lcap_watcher watcher; /* of making it */
};

struct lcap_dataset;

/*
 * Opens a data set and its catalogue. `options` NULL: the defaults. LCAP_ERR_IO: it, or
 * its catalogue, is not there or cannot be read. LCAP_ERR_LABEL: the catalogue is out
 * of date, for the data set has another size, or it was made with other `pcapml_times`.
 * LCAP_ERR_FORMAT: the catalogue is none, or damaged. Catalogues are not trusted:
 * whatever one holds, it does no harm, and packets of another sample than the one asked
 * for are never returned.
 */
LCAP_API LCAP_MUST_USE int lcap_dataset_open(struct lcap_dataset **dataset, const char *path,
                                             const struct lcap_dataset_options *options,
                                             struct lcap_error *error);

/* Whether the packets are sorted by sampleID, then time. */
LCAP_API bool lcap_dataset_is_sorted(const struct lcap_dataset *dataset);

/* The number of samples. */
LCAP_API size_t lcap_dataset_samples(const struct lcap_dataset *dataset);

/* What the catalogue says of a sample. A result, which may grow. */
struct lcap_dataset_sample {
    uint64_t id;
    const char *metadata; /* NUL-terminated, of its first packet */
    size_t metadata_len;
    uint64_t packets;
    uint64_t bytes;     /* on the wire */
    bool has_time;      /* whether a packet has a time; if so: */
    int64_t first_ns;   /* the earliest … */
    int64_t last_ns;    /* … and the latest, in nanoseconds since 1970-01-01 UTC */
    uint16_t linktype;  /* of its first packet */
    const char *source; /* the file it came from (label --keep-source), or NULL */
};

/*
 * The sample at a position; LCAP_ERR_ARGUMENT if there are fewer. It is valid until the
 * next call for this data set.
 */
LCAP_API LCAP_MUST_USE int lcap_dataset_sample(struct lcap_dataset *dataset, size_t position,
                                               const struct lcap_dataset_sample **sample,
                                               struct lcap_error *error);

/* Returns 1 and the position of the sample with this ID, 0 if there is none, or a code. */
LCAP_API LCAP_MUST_USE int lcap_dataset_find(struct lcap_dataset *dataset, uint64_t sample_id,
                                             size_t *position, struct lcap_error *error);

/* Goes to the first packet of the sample at a position. */
LCAP_API LCAP_MUST_USE int lcap_dataset_begin(struct lcap_dataset *dataset, size_t position,
                                              struct lcap_error *error);

/*
 * Returns 1 and the next packet of that sample, valid until the next call; 0 after the
 * last one, and if lcap_dataset_begin() was not called; or a code. LCAP_ERR_LABEL: the
 * data set has changed since it was indexed.
 */
LCAP_API LCAP_MUST_USE int lcap_dataset_next(struct lcap_dataset *dataset,
                                             const struct lcap_packet **packet,
                                             struct lcap_error *error);

/*
 * Opens a reader of the packets of samples, one sample after the other: those from `first` on of
 * the samples at `count` positions (NULL: of all samples). It reads a copy, in a temporary file
 * without a name in TMPDIR (by default /var/tmp), which takes as much room as these packets, and
 * about as long to make as sorting them. That is worth while where most of a data set that is not
 * sorted is read, for lcap_dataset_next() looks up each packet.
 *
 * Returns 1; 0 if looking them up is faster, a position is given twice, there is no room, or the
 * copy would not be the same; or a code. The reader is freed with lcap_reader_free(). `watcher`
 * may be NULL.
 */
LCAP_API LCAP_MUST_USE int lcap_dataset_gather(struct lcap_dataset *dataset,
                                               const size_t *positions, size_t first, size_t count,
                                               const struct lcap_watcher *watcher,
                                               struct lcap_reader **reader,
                                               struct lcap_error *error);

LCAP_API void lcap_dataset_free(struct lcap_dataset *dataset);

/* Takes a sampleID of a list. Returns 0, or a negative code, which ends the reading. */
typedef int lcap_id_sink(void *context, uint64_t sample_id, struct lcap_error *error);

/*
 * Reads a list of sampleIDs, such as one of a split: a CSV file with a sampleID in the
 * first column of each line, behind a header or without one. LCAP_ERR_ARGUMENT: a line
 * has none; the text names the place.
 */
LCAP_API LCAP_MUST_USE int lcap_id_list_read(const char *path, lcap_id_sink *sink, void *context,
                                             struct lcap_error *error);

#ifdef __cplusplus
}
#endif

#endif
