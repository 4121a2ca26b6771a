/*
 * The leak report of a split into train, validation and test: what a model could learn by
 * heart. It has two parts: how often a lookup table of one field, learned from the train
 * list, names the labels of the test list; and what the lists share.
 *
 *     leak_report_new(&report, &options, &error);
 *     for each input:  leak_report_begin_input(report, name);
 *         each packet: leak_report_add(report, packet, sample, registry, &error);
 *     leak_report_finish(report, &error);
 *
 * The packets of labelled samples count; every packet is told, so that places can be
 * named. Without the lists train and test, as with folds, one list is held out for the test,
 * and all others are learned from.
 */
#ifndef DATASET_LEAKS_LEAK_REPORT_H
#define DATASET_LEAKS_LEAK_REPORT_H

#include "base/sample_registry.h"
#include "base/text/text_part.h"
#include "dataset/leaks/leak_trial.h"
#include "dataset/leaks/list_overlap.h"
#include "dataset/split_folder.h"

/* Splits that are compared: the one at hand; and 70 to 30 by hashes of packets, flows and files. */
enum leak_split { LEAK_AT_HAND, LEAK_BY_PACKET, LEAK_BY_FLOW, LEAK_BY_FILE, LEAK_SPLITS };

/* What lists can share; the first ones are marks of packets. */
enum leak_mark {
    LEAK_SHARED_FLOW,
    LEAK_SHARED_ADDRESS,
    LEAK_SHARED_PAYLOAD,
    LEAK_SHARED_SERVER_NAME,
    LEAK_SHARED_DNS_NAME,
    LEAK_SHARED_PACKET,
    LEAK_MARKS,
    LEAK_SHARED_TIME = LEAK_MARKS, /* samples whose time overlaps that of the first list */
    LEAK_SHARED_KINDS
};

struct leak_options {
    uint64_t memory;      /* for the tables, in bytes */
    bool compare_splits;  /* with splits by packet, flow and file */
    const char *stratify; /* the label is what this expression finds; NULL: all metadata */
    const char *hold_out; /* this list is the test; NULL: test, or else the first but train */
};

struct leak_sample; /* a sample of the data set: its list, and when it was */

/* An input: its name, and how many packets came before. */
struct leak_input {
    const char *name;
    uint64_t before;
};

/* What two lists share of one kind. */
struct leak_shared {
    enum leak_mark kind;
    enum leak_list lists[2];
    struct shared_values found;
};

enum { LEAK_PAIRS = 3 };

struct leak_report {
    struct leak_options options;
    const struct split_lists *lists;
    uint8_t *list_roles;  /* enum leak_list of each list */
    const char *held_out; /* the list of the test if all others are learned from, or NULL */
    struct text_part label_part;
    struct intern *labels;
    struct header_parser parser;
    struct value_memory memory;
    struct leak_trial trials[LEAK_SPLITS];
    struct list_overlap overlaps[LEAK_MARKS];
    struct leak_sample *samples;
    size_t sample_count, sample_capacity;
    struct leak_input *inputs;
    size_t input_count, input_capacity;
    uint64_t packets; /* of all inputs so far */
    uint64_t labelled;
    uint64_t in_list[LEAK_LISTS]; /* packets */
    uint64_t file;                /* of the last packet: a hash */
    bool several_files;
    /* After leak_report_finish(): */
    struct leak_shared shared[LEAK_PAIRS * LEAK_SHARED_KINDS];
    size_t shared_count;
};

/* `lists` must outlive the report, which leak_report_free() frees, even after an error.
 * LCAP_ERR_ARGUMENT: options.stratify is no regular expression, options.hold_out no list. */
int leak_report_new(struct leak_report **report, const struct split_lists *lists,
                    const struct leak_options *options, struct lcap_error *error);
void leak_report_free(struct leak_report *report);

/* The packets of this input follow; `name` must outlive the report. */
int leak_report_begin_input(struct leak_report *report, const char *name, struct lcap_error *error);

/*
 * The next packet; `sample` is its number in the registry, or NO_SAMPLE. If it is without its
 * bytes, `facts` has what they tell of a labelled packet; otherwise it is NULL.
 */
int leak_report_add(struct leak_report *report, const struct lcap_packet *packet,
                    const struct packet_facts *facts, uint32_t sample,
                    const struct sample_registry *registry, struct lcap_error *error);

/* After the last packet. */
int leak_report_finish(struct leak_report *report, struct lcap_error *error);

/* Whether there is anything to report: packets in both lists, train and test. */
static inline bool leak_report_has_lists(const struct leak_report *report)
{
    return report->in_list[LEAK_TRAIN] > 0 && report->in_list[LEAK_HELD_OUT] > 0;
}

/* How many splits there are results for: one, or all. */
static inline size_t leak_report_splits(const struct leak_report *report)
{
    return report->options.compare_splits ? LEAK_SPLITS : 1;
}

/* "train", …; with a list held out, "others" or its name. */
const char *leak_list_name(const struct leak_report *report, enum leak_list list);

/* "flows", … */
const char *leak_shared_title(enum leak_mark kind);

/* The share of the packets of the second list that have something in common with the first. */
double leak_shared_share(const struct leak_report *report, const struct leak_shared *shared);

/*
 * The largest leak of the split at hand, a share of the packets of the test: the gain of a
 * field, or the packets that share a flow, or all their bytes, with another list. *what
 * is its name for people, a constant; NULL if there is none.
 */
double leak_report_worst(const struct leak_report *report, const char **what);

/* The share that is no error, of a percentage: -1, any, if that is NULL. LCAP_ERR_ARGUMENT unless
 * it is from 0 to 100. */
int leak_limit_take(const double *percent, double *limit, struct lcap_error *error);

/* Whether that is more than `most`, if that is not below 0: then the text says so. */
bool leak_report_tell_excess(const struct leak_report *report, double most,
                             char text[LCAP_ERROR_TEXT]);

#endif
