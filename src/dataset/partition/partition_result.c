/* Describes what `partition` has done. A challenge is counted, but its labels are not shown. */
#include "base/text/text.h"
#include "dataset/leaks/leak_result.h"
#include "dataset/partition/partition_json.h"
#include "dataset/partition/partition_labels.h"
#include "dataset/partition/partition_lists.h"
#include "dataset/partition/partition_pass.h"

static const struct result_column list_columns[] = {
    {"list", "list", RESULT_TEXT, 1, 12},       {"percent", NULL, RESULT_REAL, 0, 0},
    {NULL, "asked", RESULT_SHARE, 4, 0},        {"samples", "samples", RESULT_COUNT, 2, 0},
    {"share", "share", RESULT_SHARE, 3, 0},     {"groups", "groups", RESULT_COUNT, 5, 0},
    {"packets", "packets", RESULT_COUNT, 6, 0},
};

static uint64_t listed_samples(const struct partition *p)
{
    uint64_t samples = 0;
    for (uint16_t i = 0; i < p->list_count; i++)
        samples += i == p->challenge ? 0 : p->lists[i].samples;
    return samples;
}

/* Shares are those of the samples that are not in the challenge. */
static void fill_list(const void *owner, size_t index, struct result_row *row)
{
    const struct partition *p = owner;
    const struct partition_list *list = &p->lists[index];
    const uint64_t all = listed_samples(p);
    const bool has_share = index != p->challenge;
    const double share = (double)list->share / SHARE_WHOLE;
    result_row_add(row, result_string(list->name));
    result_row_add(row, has_share ? result_real(share * 100) : result_nothing());
    result_row_add(row, has_share ? result_share(share) : result_nothing());
    result_row_add(row, result_count(list->samples));
    result_row_add(row, has_share && all > 0 ? result_share((double)list->samples / (double)all)
                                             : result_nothing());
    result_row_add(row, result_count(list->groups));
    result_row_add(row, result_count(list->packets));
}

/* ---- labels ---- */

static const struct result_column label_columns[] = {
    {"label", "label", RESULT_TEXT, 1, 24},
    {"train", "train", RESULT_COUNT, 2, 0},
    {"validation", "validation", RESULT_COUNT, 3, 0},
    {"test", "test", RESULT_COUNT, 4, 0},
};

/* JSON has all of them; people see those of the lists that there are. */
static const struct result_column two_list_columns[] = {
    {"label", "label", RESULT_TEXT, 1, 24},
    {"train", "train", RESULT_COUNT, 2, 0},
    {"validation", NULL, RESULT_COUNT, 0, 0},
    {"test", "test", RESULT_COUNT, 3, 0},
};

static const struct result_column fold_columns[] = {
    {"label", "label", RESULT_TEXT, 1, 24},
    {"samples", "samples", RESULT_COUNT, 2, 0},
    {"least", "least in a fold", RESULT_COUNT, 3, 0},
    {"most", "most in a fold", RESULT_COUNT, 4, 0},
};

static void add_label(const struct partition *p, uint32_t label, struct result_row *row)
{
    size_t len;
    const char *text = partition_label_text(p, label, &len);
    result_row_add(row, result_text(text, len));
}

static void fill_label(const void *owner, size_t index, struct result_row *row)
{
    const struct partition *p = owner;
    const uint64_t *counts = p->label_counts + index * p->list_count;
    add_label(p, (uint32_t)index, row);
    for (int i = 1; i <= SHARES; i++) {
        const uint16_t list = partition_lists_find(p, label_columns[i].key);
        result_row_add(row, list == SPLIT_NO_LIST ? result_nothing() : result_count(counts[list]));
    }
}

static void fill_fold_label(const void *owner, size_t index, struct result_row *row)
{
    const struct partition *p = owner;
    const uint64_t *counts = p->label_counts + index * p->list_count;
    uint64_t sum = 0, least = UINT64_MAX, most = 0;
    for (uint32_t i = 0; i < p->options->folds; i++) {
        sum += counts[i];
        least = counts[i] < least ? counts[i] : least;
        most = counts[i] > most ? counts[i] : most;
    }
    add_label(p, (uint32_t)index, row);
    result_row_add(row, result_count(sum));
    result_row_add(row, result_count(least));
    result_row_add(row, result_count(most));
}

static void describe_labels(const struct partition *p, struct result *result)
{
    const bool folds = p->options->folds > 0;
    const bool validates = partition_lists_find(p, "validation") != SPLIT_NO_LIST;
    const struct result_table by_list = {validates ? label_columns : two_list_columns,
                                         sizeof label_columns / sizeof *label_columns,
                                         p->label_count, fill_label, p};
    const struct result_table by_fold = {RESULT_COLUMNS(fold_columns), p->label_count,
                                         fill_fold_label, p};
    result_add_table(result, "labels", "Samples of each label", folds ? &by_fold : &by_list);
}

/* ---- findings ---- */

static void find_missing_labels(const struct partition *p, uint16_t list, struct result *result)
{
    char count[COUNTED_TEXT], first[EXCERPT_TEXT];
    const char *text;
    size_t len;
    uint64_t missing = 0;
    for (uint32_t i = p->label_count; i-- > 0;)
        if (p->label_counts[(size_t)i * p->list_count + list] == 0) {
            missing++;
            text = partition_label_text(p, i, &len);
            text_excerpt(text, len, first);
        }
    if (p->lists[list].samples == 0)
        result_find(result, LCAP_SEVERITY_WARNING, 1, "%s has no samples", p->lists[list].name);
    else if (missing > 0)
        result_find(result, LCAP_SEVERITY_WARNING, missing, "%s missing from %s, such as '%s'",
                    text_counted(missing, "label", count), p->lists[list].name, first);
}

static void find_left_out(const struct partition *p, struct result *result)
{
    static const char *const reasons[LEFT_OUT_REASONS] = {
        [LEFT_OUT_BORDER] = "overlapping the border of two lists",
        [LEFT_OUT_UNTIMED] = "without a time",
        [LEFT_OUT_CONFLICT] = "joining groups of different lists",
        [LEFT_OUT_BALANCE] = "more than the smallest label of train has",
    };
    char count[COUNTED_TEXT];
    for (int i = LEFT_OUT_BORDER; i < LEFT_OUT_REASONS; i++)
        if (p->counts.left_out[i] > 0)
            result_find(result, LCAP_SEVERITY_NOTE, p->counts.left_out[i], "%s left out: %s",
                        text_counted(p->counts.left_out[i], "sample", count), reasons[i]);
}

static const char *what_groups_go_by(enum partition_group_kind kind)
{
    static const char *const texts[] = {
        [GROUP_BY_HOST] = "a local address",
        [GROUP_BY_FILE] = "the name of a file",
        [GROUP_BY_DAY] = "a time",
        [GROUP_BY_METADATA] = "a match in their metadata",
    };
    return texts[kind];
}

static void find_in_samples(const struct partition *p, struct result *result)
{
    const struct partition_counts *counts = &p->counts;
    char count[COUNTED_TEXT];
    if (counts->apart > 0)
        result_find(
            result, LCAP_SEVERITY_WARNING, counts->apart, "%s without %s, each a group of its own",
            text_counted(counts->apart, "sample", count), what_groups_go_by(p->grouping.kind));
    if (counts->several_hosts > 0)
        result_find(result, LCAP_SEVERITY_NOTE, counts->several_hosts,
                    "%s with several local addresses, counted to that of the first packet",
                    text_counted(counts->several_hosts, "sample", count));
    if (counts->label_unmatched > 0)
        result_find(result, LCAP_SEVERITY_WARNING, counts->label_unmatched,
                    "%s whose metadata --stratify does not match: all of it is the label",
                    text_counted(counts->label_unmatched, "sample", count));
}

static void find_extension(const struct partition *p, struct result *result)
{
    char count[COUNTED_TEXT];
    if (p->counts.joined > 0)
        result_find(result, LCAP_SEVERITY_WARNING, p->counts.joined,
                    "groups of different lists are joined by new samples, which are left out; "
                    "for one, %s",
                    p->conflict.text);
    if (p->counts.gone > 0)
        result_find(result, LCAP_SEVERITY_WARNING, p->counts.gone,
                    "%s of %s not in the data set any more",
                    text_counted(p->counts.gone, "sample", count), p->options->extend);
}

/* A group cannot be divided, so the list that it is in gets at least as many. */
static void find_large_group(const struct partition *p, struct result *result)
{
    const uint64_t all = partition_sample_count(p);
    uint64_t smallest = SHARE_WHOLE;
    for (uint16_t i = 0; i < p->list_count; i++)
        if (i != p->challenge && p->lists[i].share < smallest)
            smallest = p->lists[i].share;
    if (p->counts.largest > 1 && p->counts.largest * SHARE_WHOLE > all * smallest)
        result_find(result, LCAP_SEVERITY_WARNING, p->counts.largest,
                    "the largest group has %.1f %% of the samples, more than the smallest list "
                    "should have",
                    (double)p->counts.largest * 100 / (double)all);
}

static void find_challenge(const struct partition *p, struct result *result)
{
    char count[COUNTED_TEXT];
    if (p->challenge == SPLIT_NO_LIST)
        return;
    const uint64_t samples = p->lists[p->challenge].samples;
    if (samples < p->options->challenge)
        result_find(result, LCAP_SEVERITY_WARNING, p->options->challenge - samples,
                    "the challenge has only %s: no other group is small enough",
                    text_counted(samples, "sample", count));
    if (p->key_is_new)
        result_find(result, LCAP_SEVERITY_NOTE, 1,
                    "%s is a new secret key: keep it, and keep it secret",
                    p->options->challenge_key);
    if (p->key_is_open)
        result_find(result, LCAP_SEVERITY_WARNING, 1, "others may read the secret key in %s",
                    p->options->challenge_key);
}

static void find_leaks(const struct partition *p, struct result *result)
{
    char text[LCAP_ERROR_TEXT];
    if (p->leaks && leak_report_tell_excess(p->leaks, p->options->max_leak, text))
        result_find(result, LCAP_SEVERITY_ERROR, 1, "%s", text);
}

static void describe_findings(const struct partition *p, struct result *result)
{
    result_place_findings(result, "findings", "Findings");
    if (p->unused.code < 0)
        result_find(result, LCAP_SEVERITY_WARNING, 1,
                    "the catalogue is not used, and the whole data set is read: %s",
                    p->unused.text);
    for (uint16_t i = 0; i < p->list_count; i++)
        if (i != p->challenge)
            find_missing_labels(p, i, result);
    find_leaks(p, result);
    find_large_group(p, result);
    find_in_samples(p, result);
    find_extension(p, result);
    find_left_out(p, result);
    find_challenge(p, result);
}

/* ---- the whole ---- */

void partition_describe(const struct partition *p, const char *directory, struct result *result)
{
    const struct result_table lists = {RESULT_COLUMNS(list_columns), p->list_count, fill_list, p};
    result_add(result, "directory", "Lists", result_string(directory));
    result_add(result, "method", "Method",
               result_string(partition_method_name(p->options->method)));
    result_add(result, "group", "Groups by", result_string(p->options->group));
    result_add(result, "samples", "Samples", result_count(partition_sample_count(p)));
    result_add(result, "groups", "Groups", result_count(p->group_count));
    result_add(result, "largest_group", "Samples of the largest group",
               result_count(p->counts.largest));
    result_add(result, "by_catalogue", NULL, result_truth(p->by_catalogue));
    result_add(result, "dataset_sha256", NULL, result_string(p->sha256));
    result_add_count(result, "left_out", partition_sample_count(p) - p->counts.left_out[0]);
    result_add_table(result, "lists", "Samples of each list", &lists);
    describe_labels(p, result);
    if (p->leaks && leak_report_has_lists(p->leaks))
        leak_describe(p->leaks, result);
    describe_findings(p, result);
}
