/*
 * Partitions: the samples of a data set in lists for training, validation and test, as
 * `labelcap partition` makes them; and the lists of such a folder.
 *
 *     const struct lcap_partition_options options = {
 *         .size = sizeof options, .train = 80, .test = 20, .group = "file"};
 *     struct lcap_partition *partition = NULL;
 *     int rc = lcap_partition_new(&partition, "sorted.pcapng", "splits", &options, &error);
 *     for (size_t i = 0; rc == 0 && lcap_partition_finding(partition, i); i++)
 *         puts(lcap_partition_finding(partition, i)->text);
 *     lcap_partition_free(partition);
 *
 * The manual page labelcap-partition(1) explains groups, methods and files.
 *
 * Threads: a partition belongs to one thread at a time, and so do splits.
 */
#ifndef LABELCAP_PARTITION_H
#define LABELCAP_PARTITION_H

#include <labelcap/capture.h>
#include <labelcap/error.h>
#include <labelcap/finding.h>
#include <labelcap/progress.h>
#include <labelcap/result.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum lcap_partition_method {
    LCAP_PARTITION_BY_HASH, /* stable when data is added; shares are approximate */
    LCAP_PARTITION_EXACTLY, /* shares are exact, in each label and in all */
    LCAP_PARTITION_BY_TIME, /* train before validation before test */
};

struct lcap_partition_options {
    size_t size;                    /* of this struct */
    double train, validation, test; /* percent, 100 in all … */
    uint32_t folds;                 /* … or so many equal lists instead, at most 100 */
    enum lcap_partition_method method;
    const char *group;    /* what stays together: "flow" (NULL), "sample", "file", … */
    const char *local;    /* networks, for groups by "host" */
    const char *stratify; /* the label is what this regular expression finds; NULL: all metadata */
    uint64_t seed;
    double gap_seconds;        /* by time: between two lists */
    const char *extend;        /* a folder of lists that stay as they are, or NULL */
    bool drop_conflicts;       /* leave new samples out that join several of these lists */
    bool balance_train;        /* as many samples of each label in train as of the smallest one */
    bool compare_splits;       /* report the leaks of splits by packet, flow and file, too */
    bool overwrite;            /* replace existing files */
    bool no_sync;              /* do not wait until the files are on the disk */
    uint64_t challenge;        /* samples that are to be classified by others; 0: none; with: */
    const char *challenge_key; /* the file of the secret key, made if it does not exist */
    const char *answers;       /* where their labels are written */
    uint64_t memory;           /* for sorting and for leaks, each, in bytes; 0: 1 GiB */
    const char *tmpdir;        /* for temporary files, or NULL */
    enum lcap_pcapml_times pcapml_times;
    unsigned threads;            /* the caller's included; 0: only that one */
    struct lcap_watcher watcher; /* looks at the progress */
    const double *max_leak;      /* percent: a larger leak is an error; NULL: no leak is */
    bool nanoseconds;            /* times that the file calls microseconds are these */
};

struct lcap_partition;

/*
 * Writes the lists of the data set, a regular file, and partition.json into the directory,
 * which is made if it does not exist. LCAP_ERR_ARGUMENT: the options contradict each other,
 * or the lists that are extended. LCAP_ERR_LABEL: no packet is labelled, or none has what
 * the groups go by. LCAP_ERR_DAMAGED: the data set is damaged.
 */
LCAP_API LCAP_MUST_USE int lcap_partition_new(struct lcap_partition **partition,
                                              const char *dataset, const char *directory,
                                              const struct lcap_partition_options *options,
                                              struct lcap_error *error);
LCAP_API void lcap_partition_free(struct lcap_partition *partition);

/* A list that was written. A result, which may grow. */
struct lcap_partition_list {
    const char *name; /* its file is NAME.csv */
    double percent;   /* asked for; 0 for the challenge */
    uint64_t samples, groups, packets;
};

/* All samples, in lists or left out. A result, which may grow. */
struct lcap_partition_counts {
    uint64_t samples, groups;
    uint64_t largest_group; /* samples */
    uint64_t left_out;      /* samples that are in no list */
};

/* NULL past the last one. Valid until the next call. */
LCAP_API const struct lcap_partition_list *lcap_partition_list(struct lcap_partition *partition,
                                                               size_t index);
/* These are valid as long as the partition. */
LCAP_API const struct lcap_partition_counts *
lcap_partition_counts(const struct lcap_partition *partition);
LCAP_API const struct lcap_finding *lcap_partition_finding(const struct lcap_partition *partition,
                                                           size_t index);

/* The result, for lcap_result_json(); the partition frees it. */
LCAP_API struct lcap_result *lcap_partition_result(struct lcap_partition *partition);

/* ---- lists that were written ---- */

struct lcap_splits;

/*
 * Reads the lists of a folder: the files NAME.csv, whose first column is the sampleID.
 * train, validation, test and challenge come first. LCAP_ERR_ARGUMENT: there are none.
 */
LCAP_API LCAP_MUST_USE int lcap_splits_open(struct lcap_splits **splits, const char *directory,
                                            struct lcap_error *error);

/* NULL past the last one. */
LCAP_API const char *lcap_splits_name(const struct lcap_splits *splits, size_t list);

/* Returns 1 and the list of a sample, the first one of several; or 0 if it is in none. */
LCAP_API LCAP_MUST_USE int lcap_splits_find(const struct lcap_splits *splits, uint64_t sample_id,
                                            size_t *list);
LCAP_API void lcap_splits_free(struct lcap_splits *splits);

#ifdef __cplusplus
}
#endif

#endif
