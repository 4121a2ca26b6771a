/* Reads a data set and checks it. */
#include "dataset/check/check_pass.h"

#include "base/io/input.h"
#include "base/io/tempfile.h"
#include "base/text/text.h"
#include "dataset/check/check_lists.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A class this many times as large as the smallest is worth a note. */
#define UNBALANCED_FACTOR 10

#define SAMPLE_NAME 32 /* "sample 18446744073709551615" */

static int begin_duplicates(struct check_pass_result *result, const struct sorter_options *options,
                            struct lcap_error *error)
{
    struct sorter_options sorting = *options;
    if (!sorting.directory)
        sorting.directory = tempfile_default_directory();
    result->packets.duplicates = &result->duplicates;
    return check_duplicates_init(&result->duplicates, &sorting, error);
}

static int begin_leaks(struct check_pass_result *result, const struct check_pass_options *options,
                       struct lcap_error *error)
{
    int rc = split_lists_read(&result->lists, options->splits, error);
    if (rc == 0)
        rc = leak_report_new(&result->leaks, &result->lists, &options->leaks, error);
    result->packets.leaks = result->leaks;
    return rc;
}

int check_pass_begin(struct check_pass_result *result, const struct sources *sources,
                     const struct check_pass_options *options, struct lcap_error *error)
{
    *result = (struct check_pass_result){.sources = sources,
                                         .short_names = options->short_names,
                                         .inputs = input_counts_of(sources)};
    int rc = check_packets_init(&result->packets, &result->findings, error);
    result->packets.taker = options->taker;
    result->packets.taker_context = options->taker_context;
    if (rc == 0 && !options->no_duplicates)
        rc = begin_duplicates(result, &options->sorter, error);
    if (rc == 0 && options->splits)
        rc = begin_leaks(result, options, error);
    if (rc == 0 && options->rules) {
        result->packets.rules = &result->rules;
        rc = check_rules_init(&result->rules, options->rules, options->inputs, result->sources,
                              &options->input, error);
    }
    return rc;
}

/* ---- one file ---- */

/* A timestamp may be odd in several ways: the largest count is a lower bound. */
static uint64_t count_odd(const struct lcap_odd_times *odd)
{
    uint64_t most = odd->contradicting;
    if (odd->nanoseconds > most)
        most = odd->nanoseconds;
    return odd->held > most ? odd->held : most;
}

static void find_odd_times(struct check_pass_result *result, const struct lcap_odd_times *odd,
                           const struct check_place *place)
{
    struct check_count *found = &result->findings.counts[CHECK_TIME_ODD];
    if (found->count == 0)
        found->first = *place;
    found->count += count_odd(odd);
}

const char *check_pass_name_of(const struct check_pass_result *result, size_t input)
{
    const struct source *source = &result->sources->items[input];
    return result->short_names ? source_short_name(source) : input_name_of(source->path);
}

/* The error of an input begins with its path, which goes where names are to be short. */
static void name_damage(const struct check_pass_result *result, size_t number,
                        const struct input_outcome *outcome, char text[LCAP_ERROR_TEXT])
{
    const char *told = outcome->error.text, *path = outcome->name;
    const size_t len = strlen(path);
    if (strncmp(told, path, len) == 0 && told[len] == ':')
        snprintf(text, LCAP_ERROR_TEXT, "%s%s", check_pass_name_of(result, number), told + len);
    else
        snprintf(text, LCAP_ERROR_TEXT, "%s", told);
}

static int find_in_outcome(struct check_pass_result *result, const struct check_place *place,
                           const struct input_outcome *outcome, bool other_format,
                           struct lcap_error *error)
{
    char damage[LCAP_ERROR_TEXT];
    int rc = LCAP_OK;
    name_damage(result, place->input, outcome, damage);
    if (outcome->status == LCAP_ERR_DAMAGED)
        rc = check_findings_add(&result->findings, CHECK_DAMAGED, place, 1, damage, error);
    else if (outcome->opened && outcome->packets == 0)
        check_count_one(&result->findings, CHECK_EMPTY, place);
    if (other_format && !outcome->empty)
        check_count_one(&result->findings, CHECK_NOT_PCAPNG, place);
    find_odd_times(result, &outcome->odd_times, place);
    return rc;
}

int check_pass_begin_input(struct check_pass_result *result, size_t number,
                           struct lcap_error *error)
{
    check_packets_begin(&result->packets, (uint32_t)number);
    return result->leaks
               ? leak_report_begin_input(result->leaks, check_pass_name_of(result, number), error)
               : LCAP_OK;
}

int check_pass_end_input(struct check_pass_result *result, size_t number,
                         const struct input_outcome *outcome, bool other_format,
                         struct lcap_error *error)
{
    const struct check_place place = {.input = (uint32_t)number, .sample = NO_SAMPLE};
    result->interfaces += outcome->interfaces;
    if (outcome->status != LCAP_ERR_FORMAT)
        class_folders_add(&result->inputs.folders, &result->sources->items[number]);
    return find_in_outcome(result, &place, outcome, other_format, error);
}

static bool has_other_format(const struct input_pass *input)
{
    return input->reader && lcap_reader_format(input->reader) != LCAP_FORMAT_PCAPNG;
}

static int check_source(struct check_pass_result *result, size_t number,
                        const struct check_pass_options *options, struct lcap_error *error)
{
    const struct source *source = &result->sources->items[number];
    struct input_pass input;
    int rc = input_pass_open(&input, source->path, source->walked, &options->input, error);
    input.number = number;
    if (rc == 0)
        rc = check_pass_begin_input(result, number, error);
    if (rc == 0)
        rc = input_pass_walk(&input, check_packets_block, &result->packets, error);
    if (rc == 0) {
        input_pass_settle(&input, &result->inputs);
        rc = check_pass_end_input(result, number, &input.outcome, has_other_format(&input), error);
    }
    input_pass_close(&input);
    return rc;
}

/* ---- the samples ---- */

static int find_conflicts(struct check_pass_result *result, struct lcap_error *error)
{
    const struct survey *survey = &result->packets.survey;
    int rc = LCAP_OK;
    for (size_t i = 0; i < survey->conflict_count && rc == 0; i++) {
        const struct survey_conflict *conflict = &survey->conflicts[i];
        const struct sample sample = sample_registry_get(&survey->registry, conflict->sample);
        const struct check_place place = {.input = CHECK_NO_INPUT, .sample = conflict->sample};
        char first[EXCERPT_TEXT], other[EXCERPT_TEXT], text[2 * EXCERPT_TEXT + 32];
        size_t len;
        const char *metadata = intern_get(survey->registry.texts, conflict->other, &len);
        text_excerpt(sample.metadata, sample.metadata_len, first);
        text_excerpt(metadata, len, other);
        snprintf(text, sizeof text, "two kinds of metadata: '%s' and '%s'", first, other);
        rc = check_findings_add(&result->findings, CHECK_METADATA, &place, 1, text, error);
    }
    return rc;
}

/* C0, DEL and, in two bytes, C1. */
static bool has_control_characters(const char *utf8, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        const unsigned char c = (unsigned char)utf8[i];
        if (c < ' ' || c == 0x7f || (c == 0xc2 && (unsigned char)utf8[i + 1] < 0xa0))
            return true;
    }
    return false;
}

static bool is_bad_metadata(const struct sample *sample)
{
    const size_t len = sample->metadata_len;
    return len == 0 || text_utf8_valid_length(sample->metadata, len) < len ||
           has_control_characters(sample->metadata, len);
}

static void check_samples(struct check_pass_result *result)
{
    const struct survey *survey = &result->packets.survey;
    for (uint32_t i = 0; i < sample_registry_count(&survey->registry); i++) {
        const struct sample sample = sample_registry_get(&survey->registry, i);
        const struct check_place place = {.input = CHECK_NO_INPUT, .sample = i};
        if (survey->samples[i].tally.packets == 1)
            check_count_one(&result->findings, CHECK_ONE_PACKET, &place);
        if (is_bad_metadata(&sample))
            check_count_one(&result->findings, CHECK_BAD_METADATA, &place);
    }
}

/* Classes are in the order of their samples. */
static int check_balance(struct check_pass_result *result, struct lcap_error *error)
{
    static const struct check_place nowhere = CHECK_NOWHERE;
    if (result->class_count == 0)
        return LCAP_OK;
    const struct survey_class *large = &result->classes[0];
    const struct survey_class *small = &result->classes[result->class_count - 1];
    if (large->samples / UNBALANCED_FACTOR < small->samples)
        return LCAP_OK;
    const struct intern *texts = result->packets.survey.registry.texts;
    char large_name[EXCERPT_TEXT], small_name[EXCERPT_TEXT], text[2 * EXCERPT_TEXT + 128];
    size_t len;
    const char *name = intern_get(texts, large->metadata, &len);
    text_excerpt(name, len, large_name);
    name = intern_get(texts, small->metadata, &len);
    text_excerpt(name, len, small_name);
    snprintf(text, sizeof text,
             "the largest class, '%s', has %" PRIu64 " samples, the smallest, '%s', has %" PRIu64,
             large_name, large->samples, small_name, small->samples);
    return check_findings_add(&result->findings, CHECK_UNBALANCED, &nowhere, 1, text, error);
}

/* Both samples of the first leak are told. */
static int find_duplicates(struct check_pass_result *result, struct lcap_error *error)
{
    struct check_findings *findings = &result->findings;
    uint32_t other;
    const int rc = check_duplicates_finish(&result->duplicates, findings, &other, error);
    if (rc < 0 || other == NO_SAMPLE)
        return rc;
    char *detail = arena_take(&findings->texts, SAMPLE_NAME, error);
    if (!detail)
        return LCAP_ERR_MEMORY;
    snprintf(detail, SAMPLE_NAME, "sample %" PRIu64,
             sample_registry_id(&result->packets.survey.registry, other));
    findings->counts[CHECK_LEAK].detail = detail;
    return LCAP_OK;
}

static int find_leaks(struct check_pass_result *result, double most, struct lcap_error *error)
{
    static const struct check_place nowhere = CHECK_NOWHERE;
    char text[LCAP_ERROR_TEXT];
    int rc = leak_report_finish(result->leaks, error);
    if (rc < 0)
        return rc;
    if (!leak_report_has_lists(result->leaks))
        return check_findings_add(&result->findings, CHECK_NO_LEAKS, &nowhere, 1, NULL, error);
    return leak_report_tell_excess(result->leaks, most, text)
               ? check_findings_add(&result->findings, CHECK_SPLIT_LEAK, &nowhere, 1, text, error)
               : LCAP_OK;
}

int check_pass_finish(struct check_pass_result *result, const struct check_pass_options *options,
                      struct lcap_error *error)
{
    struct survey *survey = &result->packets.survey;
    int rc = input_counts_check(&result->inputs, error);
    if (rc < 0)
        return rc;
    time_spread_finish(&result->packets.times, &result->findings);
    check_samples(result);
    rc = survey_classes(survey, &result->classes, &result->class_count, error);
    if (rc == 0)
        rc = check_balance(result, error);
    if (rc == 0)
        rc = find_conflicts(result, error);
    if (rc == 0 && !options->no_duplicates)
        rc = find_duplicates(result, error);
    if (rc == 0 && options->splits)
        rc = check_lists(options->splits, &survey->registry, &result->findings, error);
    if (rc == 0 && options->splits)
        rc = find_leaks(result, options->max_leak, error);
    return rc == 0 ? check_findings_finish(&result->findings, error) : rc;
}

int check_pass_run(const struct sources *sources, const struct check_pass_options *options,
                   struct check_pass_result *result, struct lcap_error *error)
{
    int rc = check_pass_begin(result, sources, options, error);
    for (size_t i = 0; i < sources->count && rc == 0; i++)
        rc = check_source(result, i, options, error);
    return rc == 0 ? check_pass_finish(result, options, error) : rc;
}

int check_pass_try_output(const char *output, const struct check_pass_options *options,
                          struct lcap_error *error)
{
    const int rc =
        options->rules ? file_check_not_input(output, &options->rules, 1, error) : LCAP_OK;
    return rc == LCAP_OK ? split_folder_check_output(options->splits, output, error) : rc;
}

void check_pass_release(struct check_pass_result *result)
{
    free(result->classes);
    check_packets_release(&result->packets);
    check_duplicates_release(&result->duplicates);
    check_rules_release(&result->rules);
    leak_report_free(result->leaks);
    split_lists_release(&result->lists);
    check_findings_release(&result->findings);
}
