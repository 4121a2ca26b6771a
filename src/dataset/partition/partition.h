/*
 * A split of a data set into lists of samples: what its steps work on.
 *
 * First the samples and what ties them together (partition_samples.h), then groups
 * of samples that stay together (partition_groups.h), then a list for each group
 * (partition_lists.h), and the files (partition_files.h).
 *
 * Memory: about 200 bytes for each sample, and the different texts of metadata; with groups
 * by flow, what the sorter is allowed, and the flows that are open at once.
 */
#ifndef DATASET_PARTITION_PARTITION_H
#define DATASET_PARTITION_PARTITION_H

#include "base/hash.h"
#include "base/io/output.h"
#include "base/sample_registry.h"
#include "dataset/input_pass.h"
#include "dataset/leaks/leak_report.h"
#include "dataset/partition/sample_joins.h"
#include "dataset/split_folder.h"
#include "sort/sorter.h"

/* Shares are integers of this whole: six decimals of a percent. */
#define SHARE_WHOLE 100000000u

enum { SHARE_TRAIN, SHARE_VALIDATION, SHARE_TEST, SHARES };

/* More folds than this are a mistake. */
#define MOST_FOLDS 100u

enum partition_group_kind {
    GROUP_BY_SAMPLE,
    GROUP_BY_FLOW,
    GROUP_BY_HOST,
    GROUP_BY_FILE,
    GROUP_BY_DAY,
    GROUP_BY_METADATA,
};

struct partition_grouping {
    enum partition_group_kind kind;
    int64_t within_ns; /* by flow: the longest pause of one; INT64_MAX: any */
};

enum partition_method { PARTITION_BY_HASH, PARTITION_EXACTLY, PARTITION_BY_TIME };

struct partition_options {
    uint32_t shares[SHARES]; /* SHARE_WHOLE in all; not with folds */
    uint32_t folds;          /* 0: none */
    const char *group;       /* "flow", "metadata:REGEX", …; NULL: "flow" */
    const char *local;       /* networks, for groups by host */
    const char *stratify;    /* the part of the metadata that is the label; NULL: all of it */
    enum partition_method method;
    uint64_t gap_ns; /* by time: between the end of a list and the beginning of the next */
    uint64_t seed;
    const char *extend;  /* a folder of lists that stay as they are, or NULL */
    bool drop_conflicts; /* leave new samples out that join what these lists keep apart */
    bool balance_train;
    uint64_t challenge; /* samples; 0: none */
    const char *challenge_key, *answers;
    struct leak_options leaks;
    double max_leak; /* a share; more is an error among the findings; below 0: nothing is */
    struct output_options placing;
    struct sorter_options sorter;
    struct input_options input;
};

/* Why a sample is in no list. */
enum partition_left_out {
    LEFT_OUT_NOT,
    LEFT_OUT_BORDER,   /* by time: it overlaps the border of two lists */
    LEFT_OUT_UNTIMED,  /* by time: it has none */
    LEFT_OUT_CONFLICT, /* it joins groups of different lists */
    LEFT_OUT_BALANCE,  /* of a label with more samples than the smallest one */
    LEFT_OUT_REASONS
};

struct partition_sample {
    uint64_t packets;
    int64_t first_ns, last_ns; /* INT64_MAX and INT64_MIN without a time */
    uint32_t label;            /* its number, in bytewise order */
    uint16_t list;             /* or SPLIT_NO_LIST */
    uint8_t left_out;          /* enum partition_left_out */
    bool was_listed;           /* in the lists that are extended */
    bool tied;                 /* it names a file it comes from */
};

static inline bool partition_has_time(int64_t first_ns, int64_t last_ns)
{
    return first_ns <= last_ns;
}

/* Samples that stay together. */
struct partition_group {
    uint64_t key;  /* its smallest sampleID */
    uint64_t hash; /* of seed and key */
    int64_t first_ns, last_ns;
    const uint32_t *members; /* numbers of samples */
    uint32_t size;
    uint32_t label;
    uint16_t list; /* or SPLIT_NO_LIST */
    uint8_t left_out;
    bool was_listed; /* a member was */
    bool torn;       /* its members were in different lists */
};

struct partition_list {
    char name[16];
    uint64_t share; /* of SHARE_WHOLE; 0 for the challenge */
    uint64_t samples, groups, packets;
};

/* Counts that are told. */
struct partition_counts {
    uint64_t packets, labelled;
    uint64_t left_out[LEFT_OUT_REASONS];
    uint64_t apart;             /* samples without what the groups go by, each a group of its own */
    uint64_t several_hosts;     /* samples with two local addresses */
    uint64_t label_unmatched;   /* samples whose label the expression does not find */
    uint64_t largest;           /* samples of the largest group */
    uint64_t were_listed, gone; /* samples of the lists that are extended: there, and not */
    uint64_t joined;            /* groups of these lists that new data joins */
};

struct partition {
    const struct partition_options *options;
    const char *dataset;
    struct partition_grouping grouping;
    struct sample_registry registry;
    struct partition_sample *samples; /* by number in the registry */
    size_t capacity;
    struct sample_joins joins;
    struct intern *label_texts;
    uint32_t *labels; /* in bytewise order: their numbers among the texts */
    uint32_t label_count;
    uint32_t *members; /* of all groups, one after the other */
    struct partition_group *groups;
    uint32_t group_count;
    struct partition_list lists[MOST_FOLDS + 1];
    uint16_t list_count;
    uint16_t challenge;           /* the number of that list, or SPLIT_NO_LIST */
    bool key_is_new, key_is_open; /* the file was made; others may read it */
    uint8_t key[HASH_KEY_LEN];    /* of the challenge */
    struct partition_counts counts;
    struct lcap_error conflict; /* the first group that new data joins, in words */
    struct lcap_error unused;   /* why the catalogue is not used */
    bool by_catalogue;
    struct input_counts inputs;
    struct input_seen seen; /* of the data set, for the next pass */
    char sha256[HASH_SHA256_TEXT];
    struct split_lists written; /* for the report of their leaks … */
    struct leak_report *leaks;  /* … which is NULL with one list */
    uint64_t *label_counts;     /* samples of each label in each list, the list moving faster */
};

static inline uint32_t partition_sample_count(const struct partition *partition)
{
    return (uint32_t)sample_registry_count(&partition->registry);
}

#endif
