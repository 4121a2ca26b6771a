/*
 * Arrays: what models read of the packets of a labelled data set, as numbers.
 *
 * A row is a flow, a sample or a packet. Every array has one row for each; X is what the
 * chosen form makes of the packets, y the number of the label. First the arrays are
 * described, then memory of the caller is filled:
 *
 *     const struct lcap_array_options options = {.size = sizeof options, .form = "yatc"};
 *     struct lcap_arrays *arrays = NULL;
 *     int rc = lcap_arrays_open(&arrays, "sorted.pcapng", &options, &error);
 *     for (size_t i = 0; rc == 0 && i < lcap_arrays_count(arrays); i++)
 *         memory[i] = malloc(lcap_arrays_get(arrays, i)->bytes);
 *     if (rc == 0)
 *         rc = lcap_arrays_fill(arrays, memory, &error);
 *     lcap_arrays_free(arrays);
 *
 * The data set is in the order of its samples, as `labelcap sort` writes it, or has a
 * catalogue (labelcap/dataset.h).
 *
 * Threads: an lcap_arrays belongs to one thread at a time; it may use several itself.
 */
#ifndef LABELCAP_ARRAYS_H
#define LABELCAP_ARRAYS_H

#include <labelcap/capture.h>
#include <labelcap/error.h>
#include <labelcap/progress.h>
#include <labelcap/run.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Names are those that labelcap-arrays(1) explains. NULL and 0: the default of the form. */
struct lcap_array_options {
    size_t size;         /* of this struct */
    const char *form;    /* "bytes" (the default), "yatc", "netmamba", "nprint"; others are text */
    const char *per;     /* a row: "flow", "sample" or "packet" */
    uint32_t packets;    /* of a row, at most 65,535 */
    uint32_t bytes;      /* of a packet, or of its payload, at most 65,535 */
    const char *part;    /* of bytes: where they begin: "l2", "l3" (the default), "l4", "payload" */
    const char *headers; /* of nprint: a list of "eth", "ipv4", "ipv6", "tcp", "udp", "icmp" */
    const char *mask;    /* a list of fields, such as "ip,ports"; with "random" they become random,
                            not 0; "none" */
    const char *series;  /* more arrays: a list of "length", "direction", "inter_arrival" */
    uint64_t min_packets; /* of a flow or sample with a row */
    uint64_t seed;        /* of random values */
    bool inner_tunnels;   /* headers inside tunnels count, not those of tunnels */
    bool compat;          /* exactly what the original program of the form gives */
    enum lcap_pcapml_times pcapml_times;
    unsigned threads;           /* the caller's included; 0: only that one */
    const char *splits;         /* a folder of lists of sampleIDs, of which only … */
    const char *list;           /* … the samples of this one have rows */
    const uint64_t *sample_ids; /* instead: only these samples have rows; NULL: all have */
    size_t sample_id_count;
    struct lcap_watcher watcher; /* looks at the progress */
    const char *catalogue;       /* its path; NULL: DATASET.sqlite */
    const char *format; /* of lcap_write_arrays(): "npy", "npz", "tsv", "csv", "parquet", "arrow",
                           "png"; NULL: by the name of the output, as labelcap-arrays(1) says */
    uint32_t shard, shards; /* likewise: write only the part of shard 0, 1, … of so many, for
                               lcap_merge(); shards 0: all */
};

/*
 * Writes the arrays of the only input, of all forms, to the file or directory `output` of the run,
 * as `labelcap arrays` does: with `splits`, but without `list`, one output for each list. What the
 * run says counts, not the options of the same names.
 */
LCAP_API LCAP_MUST_USE int lcap_write_arrays(const struct lcap_run *run,
                                             const struct lcap_array_options *options,
                                             struct lcap_result **result, struct lcap_error *error);

struct lcap_arrays;

/*
 * Reads the data set once, to count its rows. LCAP_ERR_ARGUMENT: an unknown name, options
 * that do not go together, a form of text, or a data set that is neither in order nor has a
 * catalogue. LCAP_ERR_LABEL: there are no rows.
 */
LCAP_API LCAP_MUST_USE int lcap_arrays_open(struct lcap_arrays **arrays, const char *dataset,
                                            const struct lcap_array_options *options,
                                            struct lcap_error *error);

#define LCAP_ARRAY_DIMENSIONS 4

/* An array in the order of C, numbers in little-endian order. A result, which may grow. */
struct lcap_array {
    const char *name; /* "X", "y", "sample_id", "flow", "mask", and those of `series` */
    const char *type; /* as NumPy writes it: "|u1", "|i1", "<i8", "<u8", "<u4", "|b1" */
    size_t dimensions;
    uint64_t shape[LCAP_ARRAY_DIMENSIONS]; /* the first is the number of rows */
    uint64_t bytes;                        /* of all of it */
};

/* How many arrays there are, and one of them, whose index must be below that. X is the first. */
LCAP_API size_t lcap_arrays_count(const struct lcap_arrays *arrays);
LCAP_API const struct lcap_array *lcap_arrays_get(const struct lcap_arrays *arrays, size_t index);

/* The number of labels, and that of y; NULL past the last one. UTF-8 if the comments are. */
LCAP_API size_t lcap_arrays_labels(const struct lcap_arrays *arrays);
LCAP_API const char *lcap_arrays_label(const struct lcap_arrays *arrays, size_t y, size_t *len);

/*
 * The name of a number of a packet in X, such as "ipv4_ver_0": valid until the next
 * call; NULL if the form has no names, or past the last one.
 */
LCAP_API const char *lcap_arrays_column(struct lcap_arrays *arrays, size_t index);

/*
 * Reads the data set again and fills memory[i], which has the bytes of array i; NULL for
 * an array that is not wanted. LCAP_ERR_IO: the data set has changed since it was opened.
 */
LCAP_API LCAP_MUST_USE int lcap_arrays_fill(struct lcap_arrays *arrays, void *const *memory,
                                            struct lcap_error *error);

LCAP_API void lcap_arrays_free(struct lcap_arrays *arrays);

#ifdef __cplusplus
}
#endif

#endif
