/* Describes the measures, the labels, the confusion matrix and the calibration. */
#include "dataset/score/score_result.h"

#include "base/text/text.h"

static const struct result_column label_columns[] = {
    {"label", "label", RESULT_TEXT, 1, CONFUSION_LABEL_LEAST},
    {"samples", "samples", RESULT_COUNT, 5, 0},
    {"predicted", "predicted", RESULT_COUNT, 6, 0},
    {"correct", "correct", RESULT_COUNT, 7, 0},
    {"precision", "precision", RESULT_SHARE, 2, 0},
    {"recall", "recall", RESULT_SHARE, 3, 0},
    {"f1", "F1", RESULT_SHARE, 4, 0},
    {"missing", "missing", RESULT_COUNT, 8, 0},
};

static void fill_label(const void *owner, size_t index, struct result_row *row)
{
    confusion_fill_label(owner, index, row);
}

static const struct result_column cell_columns[] = {
    {"truth", "true label", RESULT_TEXT, 1, CONFUSION_LABEL_LEAST},
    {"predicted", "predicted label", RESULT_TEXT, 2, CONFUSION_LABEL_LEAST},
    {"samples", "samples", RESULT_COUNT, 3, 0},
};

static void fill_cell(const void *owner, size_t index, struct result_row *row)
{
    confusion_fill_cell(owner, index, row);
}

static const struct result_column interval_columns[] = {
    {"above", "above", RESULT_SHARE, 1, 0},
    {"to", "to", RESULT_SHARE, 2, 0},
    {"samples", "samples", RESULT_COUNT, 3, 0},
    {"probability", "mean probability", RESULT_SHARE, 4, 0},
    {"accuracy", "accuracy", RESULT_SHARE, 5, 0},
};

static void fill_interval(const void *owner, size_t index, struct result_row *row)
{
    const struct score_pass_result *found = owner;
    const struct score_interval *interval = &found->intervals[index];
    const uint32_t count = interval->probabilities.count;
    result_row_add(row, result_share((double)index / SCORE_INTERVALS));
    result_row_add(row, result_share((double)(index + 1) / SCORE_INTERVALS));
    result_row_add(row, result_count(count));
    result_row_add(row, count ? result_share(double_sums_mean(&interval->probabilities))
                              : result_nothing());
    result_row_add(row, count ? result_share((double)interval->correct / count) : result_nothing());
}

/* ---- the whole ---- */

static void describe_samples(const struct score_pass_result *found, struct result *result)
{
    result_add(result, "truth_file", "Truth", result_string(found->names[0]));
    result_add(result, "predictions_file", "Predictions", result_string(found->names[1]));
    result_add(result, "samples", "Samples", result_count(found->samples));
    result_add(result, "correct", "Predicted correctly", result_count(found->confusion.agreed));
    result_add(result, "missing", "Without a prediction", result_count(found->missing));
    result_add(result, "unknown", "Predictions of other samples", result_count(found->unknown));
}

static void describe_average(const struct score_average *average, const char *key,
                             const char *title, struct result *result)
{
    result_open(result, key, title);
    result_add(result, "precision", "Precision", result_share(average->precision));
    result_add(result, "recall", "Recall", result_share(average->recall));
    result_add(result, "f1", "F1", result_share(average->f1));
    result_close(result);
}

static void describe_measures(const struct score_pass_result *found, struct result *result)
{
    result_add(result, "accuracy", "Accuracy", result_share(found->accuracy));
    result_add(result, "balanced_accuracy", "Balanced accuracy",
               result_share(found->balanced_accuracy));
    result_add(result, "mcc", NULL, result_real(found->mcc));
    result_say(result, "Matthews correlation", "%.3f", found->mcc);
    describe_average(&found->macro, "macro", "Mean of the labels (macro)", result);
    describe_average(&found->weighted, "weighted", "Mean by number of samples (weighted)", result);
}

static void describe_findings(const struct score_pass_result *found, struct result *result)
{
    char count[COUNTED_TEXT];
    result_place_findings(result, "findings", "Findings");
    if (found->missing > 0)
        result_find(result, LCAP_SEVERITY_WARNING, found->missing,
                    "%s without a prediction, counted as wrong",
                    text_counted(found->missing, "sample", count));
    if (found->unknown > 0)
        result_find(result, LCAP_SEVERITY_WARNING, found->unknown,
                    "%s of samples that are not in the truth, ignored",
                    text_counted(found->unknown, "prediction", count));
}

void score_describe(const struct score_pass_result *found, struct result *result)
{
    const struct confusion *confusion = &found->confusion;
    const struct result_table labels = {RESULT_COLUMNS(label_columns), confusion->label_count,
                                        fill_label, confusion};
    const struct result_table cells = {RESULT_COLUMNS(cell_columns), confusion->matched_cells,
                                       fill_cell, confusion};
    const struct result_table intervals = {RESULT_COLUMNS(interval_columns),
                                           found->has_probabilities ? SCORE_INTERVALS : 0,
                                           fill_interval, found};
    describe_samples(found, result);
    describe_measures(found, result);
    result_add_table(result, "labels", "Labels", &labels);
    result_add_table(result, "confusion", "Samples by both labels", &cells);
    result_add_table(result, "calibration", "Calibration", &intervals);
    describe_findings(found, result);
}
