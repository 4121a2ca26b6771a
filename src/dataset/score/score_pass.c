/* Joins predictions with the truth by sampleID. */
#include "dataset/score/score_pass.h"

#include "base/io/input.h"
#include "base/memory.h"
#include "base/text/text.h"
#include "dataset/score/label_list.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* A sampleID in one of the files or both; a line is 0 where the file does not have it. */
struct scored_sample {
    uint32_t truth, predicted;
    uint32_t truth_line, predicted_line;
};

struct scoring {
    const struct score_pass_options *options;
    struct score_pass_result *result;
    struct idmap numbers; /* of samples, by sampleID */
    struct scored_sample *samples;
    size_t capacity;
};

/* ---- reading ---- */

static int find_sample(struct scoring *scoring, uint64_t id, struct scored_sample **sample,
                       struct lcap_error *error)
{
    uint32_t number;
    int rc = idmap_add(&scoring->numbers, id, &number, error);
    if (rc == 0)
        rc = memory_grow((void **)&scoring->samples, &scoring->capacity, (size_t)number + 1,
                         sizeof *scoring->samples, error);
    if (rc < 0)
        return rc;
    *sample = &scoring->samples[number];
    return LCAP_OK;
}

static int add_label(struct scoring *scoring, const struct label_line *line, uint32_t *label,
                     struct lcap_error *error)
{
    return intern_add(scoring->result->confusion.labels, line->label, line->label_len, label,
                      error);
}

static int repeated(const struct label_line *line, uint32_t earlier, struct lcap_error *error)
{
    return lcap_error_set(error, LCAP_ERR_LABEL,
                          "expected each sampleID once, found %" PRIu64 " also in line %u",
                          line->sample_id, earlier);
}

/* Whether the line is in the list that is scored; or LCAP_ERR_FORMAT. */
static int is_in_list(const struct scoring *scoring, const struct label_line *line,
                      struct lcap_error *error)
{
    const char *list = scoring->options->list;
    if (list && !line->split)
        return lcap_error_set(error, LCAP_ERR_FORMAT,
                              "expected a column 'split', which --list needs, found none");
    return !list || strcmp(line->split, list) == 0;
}

static int take_truth(void *context, const struct label_line *line, struct lcap_error *error)
{
    struct scoring *scoring = context;
    struct scored_sample *sample;
    const size_t known = scoring->numbers.count;
    int rc = is_in_list(scoring, line, error);
    if (rc <= 0)
        return rc;
    rc = find_sample(scoring, line->sample_id, &sample, error);
    if (rc == 0 && scoring->numbers.count == known)
        rc = repeated(line, sample->truth_line, error);
    if (rc < 0)
        return rc;
    *sample = (struct scored_sample){.truth_line = line->line};
    return add_label(scoring, line, &sample->truth, error);
}

/* Of a sample that is not in the truth. */
static int take_unknown(struct scoring *scoring, const struct label_line *line,
                        struct scored_sample *sample, struct lcap_error *error)
{
    *sample = (struct scored_sample){.predicted_line = line->line};
    scoring->result->unknown++;
    if (scoring->options->allow_missing)
        return LCAP_OK;
    return lcap_error_set(error, LCAP_ERR_LABEL,
                          "expected a sample of %s, found sampleID %" PRIu64
                          " (--allow-missing ignores such lines)",
                          scoring->result->names[0], line->sample_id);
}

/* Intervals include their upper end, which is as scikit-learn's calibration_curve() computes it:
 * the third one is 3 * 0.1, a little above 0.3. */
static size_t interval_of(double probability)
{
    const double width = 1.0 / SCORE_INTERVALS;
    size_t i = 0;
    while (i + 1 < SCORE_INTERVALS && probability > (double)(i + 1) * width)
        i++;
    return i;
}

static void add_probability(struct score_pass_result *result, double probability, bool is_correct)
{
    struct score_interval *interval = &result->intervals[interval_of(probability)];
    double_sums_add(&interval->probabilities, probability);
    interval->correct += is_correct;
    result->has_probabilities = true;
}

static int take_prediction(void *context, const struct label_line *line, struct lcap_error *error)
{
    struct scoring *scoring = context;
    struct scored_sample *sample;
    const size_t known = scoring->numbers.count;
    int rc = find_sample(scoring, line->sample_id, &sample, error);
    if (rc == 0 && scoring->numbers.count > known)
        return take_unknown(scoring, line, sample, error);
    if (rc == 0 && sample->predicted_line > 0)
        rc = repeated(line, sample->predicted_line, error);
    if (rc == 0)
        rc = add_label(scoring, line, &sample->predicted, error);
    if (rc < 0)
        return rc;
    sample->predicted_line = line->line;
    if (line->probability >= 0)
        add_probability(scoring->result, line->probability, sample->predicted == sample->truth);
    return LCAP_OK;
}

/* ---- joining ---- */

static int missing_predictions(const struct scoring *scoring, size_t first,
                               struct lcap_error *error)
{
    const struct score_pass_result *result = scoring->result;
    char missing[GROUPED_TEXT], all[COUNTED_TEXT];
    return lcap_error_set(
        error, LCAP_ERR_LABEL,
        "%s: expected a prediction for every sample of %s, found none for %s of "
        "%s, first for sampleID %" PRIu64
        " of line %u (--list scores one list only, --allow-missing counts them as wrong)",
        result->names[1], result->names[0], text_grouped(result->missing, missing),
        text_counted(result->samples, "sample", all), scoring->numbers.ids[first],
        scoring->samples[first].truth_line);
}

/* The samples of the truth come first. */
static int join(struct scoring *scoring, struct lcap_error *error)
{
    struct score_pass_result *result = scoring->result;
    size_t first = 0;
    int rc = LCAP_OK;
    for (size_t i = 0; i < result->samples && rc == 0; i++) {
        const struct scored_sample *sample = &scoring->samples[i];
        const bool is_missing = sample->predicted_line == 0;
        if (is_missing && result->missing++ == 0)
            first = i;
        rc = confusion_add(&result->confusion, sample->truth,
                           is_missing ? CONFUSION_ABSENT : sample->predicted, 1, error);
    }
    if (rc == 0 && result->missing > 0 && !scoring->options->allow_missing)
        rc = missing_predictions(scoring, first, error);
    return rc;
}

/* ---- the run ---- */

static int read_both(struct scoring *scoring, struct lcap_error *error)
{
    const struct score_pass_options *options = scoring->options;
    struct score_pass_result *result = scoring->result;
    int rc = label_list_read(options->truth, LABEL_LIST_TRUTH, take_truth, scoring, error);
    result->samples = scoring->numbers.count;
    if (rc == 0 && result->samples == 0)
        rc = lcap_error_set(error, LCAP_ERR_LABEL,
                            "%s: expected lines of sample_id,label%s%s, found none",
                            result->names[0], options->list ? " of the split " : "",
                            options->list ? options->list : "");
    if (rc == 0)
        rc = label_list_read(options->predictions, LABEL_LIST_PREDICTIONS, take_prediction, scoring,
                             error);
    return rc;
}

int score_pass_run(const struct score_pass_options *options, struct score_pass_result *result,
                   struct lcap_error *error)
{
    struct scoring scoring = {.options = options, .result = result};
    *result = (struct score_pass_result){
        .names = {input_name_of(options->truth), input_name_of(options->predictions)}};
    int rc = confusion_init(&result->confusion, error);
    if (rc == 0)
        rc = read_both(&scoring, error);
    if (rc == 0)
        rc = join(&scoring, error);
    if (rc == 0)
        rc = confusion_add_up(&result->confusion, error);
    if (rc == 0)
        score_measure(result);
    idmap_release(&scoring.numbers);
    free(scoring.samples);
    return rc;
}

void score_pass_release(struct score_pass_result *result)
{
    confusion_release(&result->confusion);
}
