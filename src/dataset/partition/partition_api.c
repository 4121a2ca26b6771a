/* Partitions and splits for programs. */
#include <labelcap/partition.h>

#include "base/memory.h"
#include "base/sized.h"
#include "base/text/text.h"
#include "dataset/partition/partition_options.h"
#include "dataset/partition/partition_pass.h"
#include <stdlib.h>

#define DEFAULT_MEMORY ((uint64_t)1 << 30)

struct lcap_partition {
    struct partition_options options;
    struct partition partition;
    struct lcap_result result; /* of `partition` */
    struct lcap_partition_counts counts;
    struct lcap_partition_list list; /* the one that was asked for last */
};

/* The shares that options may have, and a pause that fits nanoseconds. NaN is neither. */
static int check_numbers(const struct lcap_partition_options *taken, struct lcap_error *error)
{
    static const double longest = 9e9;
    const struct {
        const char *option;
        double percent;
    } shares[] = {
        {"--train", taken->train}, {"--validation", taken->validation}, {"--test", taken->test}};
    for (size_t i = 0; i < sizeof shares / sizeof *shares; i++)
        if (!(shares[i].percent >= 0 && shares[i].percent <= 100))
            return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                                  "%s: expected percent (0 to 100, such as 5 or 0.5), found %g",
                                  shares[i].option, shares[i].percent);
    if (taken->gap_seconds >= 0 && taken->gap_seconds <= longest)
        return LCAP_OK;
    return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                          "--gap: expected seconds from 0 to %g, found %g", longest,
                          taken->gap_seconds);
}

static struct partition_options options_of(const struct lcap_partition_options *taken)
{
    const uint64_t memory = taken->memory ? taken->memory : DEFAULT_MEMORY;
    return (struct partition_options){
        .shares = {partition_share_of(taken->train / 100),
                   partition_share_of(taken->validation / 100),
                   partition_share_of(taken->test / 100)},
        .folds = taken->folds,
        .group = taken->group ? taken->group : "flow",
        .local = taken->local,
        .stratify = taken->stratify,
        .method = (enum partition_method)taken->method,
        .gap_ns = (uint64_t)(taken->gap_seconds * NS_PER_SECOND + 0.5),
        .seed = taken->seed,
        .extend = taken->extend,
        .drop_conflicts = taken->drop_conflicts,
        .balance_train = taken->balance_train,
        .challenge = taken->challenge,
        .challenge_key = taken->challenge_key,
        .answers = taken->answers,
        .leaks = {.memory = memory, .compare_splits = taken->compare_splits},
        .placing = {.overwrite = taken->overwrite, .no_sync = taken->no_sync},
        .sorter = {.memory = memory, .directory = taken->tmpdir},
        .input = {.pcapml_times = taken->pcapml_times,
                  .nanoseconds = taken->nanoseconds,
                  .threads = taken->threads,
                  .watcher = taken->watcher},
    };
}

static void count(struct lcap_partition *p)
{
    const struct partition *done = &p->partition;
    const uint64_t samples = partition_sample_count(done);
    p->counts = (struct lcap_partition_counts){
        .samples = samples,
        .groups = done->group_count,
        .largest_group = done->counts.largest,
        .left_out = samples - done->counts.left_out[LEFT_OUT_NOT],
    };
}

int lcap_partition_new(struct lcap_partition **partition, const char *dataset,
                       const char *directory, const struct lcap_partition_options *options,
                       struct lcap_error *error)
{
    struct lcap_partition_options taken;
    int rc = sized_take(&taken, sizeof taken, options, "lcap_partition_options", error);
    if (rc == LCAP_OK)
        rc = check_numbers(&taken, error);
    if (rc < 0)
        return rc;
    struct lcap_partition *p = memory_new(1, sizeof *p, error);
    if (!p)
        return LCAP_ERR_MEMORY;
    p->options = options_of(&taken);
    result_begin(&p->result.description, error);
    rc = leak_limit_take(taken.max_leak, &p->options.max_leak, error);
    if (rc == LCAP_OK)
        rc = partition_pass_run(&p->partition, dataset, directory, &p->options, error);
    if (rc == LCAP_OK) {
        count(p);
        partition_describe(&p->partition, directory, &p->result.description);
        rc = p->result.description.status;
    }
    if (rc == LCAP_OK)
        *partition = p;
    else
        lcap_partition_free(p);
    return rc;
}

void lcap_partition_free(struct lcap_partition *partition)
{
    if (!partition)
        return;
    result_release(&partition->result.description);
    buffer_release(&partition->result.json);
    partition_pass_release(&partition->partition);
    free(partition);
}

const struct lcap_partition_list *lcap_partition_list(struct lcap_partition *partition,
                                                      size_t index)
{
    const struct partition *done = &partition->partition;
    if (index >= done->list_count)
        return NULL;
    const struct partition_list *list = &done->lists[index];
    partition->list = (struct lcap_partition_list){
        .name = list->name,
        .percent = (double)list->share * 100 / SHARE_WHOLE,
        .samples = list->samples,
        .groups = list->groups,
        .packets = list->packets,
    };
    return &partition->list;
}

const struct lcap_partition_counts *lcap_partition_counts(const struct lcap_partition *partition)
{
    return &partition->counts;
}

const struct lcap_finding *lcap_partition_finding(const struct lcap_partition *partition,
                                                  size_t index)
{
    return lcap_result_finding(&partition->result, index);
}

struct lcap_result *lcap_partition_result(struct lcap_partition *partition)
{
    return &partition->result;
}

/* ---- splits ---- */

struct lcap_splits {
    struct split_lists lists;
};

int lcap_splits_open(struct lcap_splits **splits, const char *directory, struct lcap_error *error)
{
    struct lcap_splits *s = memory_new(1, sizeof *s, error);
    if (!s)
        return LCAP_ERR_MEMORY;
    const int rc = split_lists_read(&s->lists, directory, error);
    if (rc == LCAP_OK)
        *splits = s;
    else
        lcap_splits_free(s);
    return rc;
}

const char *lcap_splits_name(const struct lcap_splits *splits, size_t list)
{
    return list < splits->lists.folder.count ? splits->lists.folder.names[list] : NULL;
}

int lcap_splits_find(const struct lcap_splits *splits, uint64_t sample_id, size_t *list)
{
    const uint16_t found = split_lists_of(&splits->lists, sample_id);
    *list = found;
    return found != SPLIT_NO_LIST;
}

void lcap_splits_free(struct lcap_splits *splits)
{
    if (!splits)
        return;
    split_lists_release(&splits->lists);
    free(splits);
}
