/* Describes the findings of a pass of `info`. */
#include "dataset/info_result.h"

#include "base/text/text.h"
#include "dataset/pass_results.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* The order of the file, as sort would see it. */
static const char *order_text(const struct survey *survey)
{
    const bool grouped = survey->grouped && survey->labelled.packets;
    if (survey->in_order[ORDER_SAMPLE] && survey->labelled.packets)
        return "by sampleID, then time";
    if (survey->in_order[ORDER_TIME] && survey->all.packets)
        return grouped ? "by time; grouped by sample" : "by time";
    return grouped ? "grouped by sample" : "none";
}

static struct result_value time_of(const struct tally *tally, int64_t ns)
{
    return tally_has_time(tally) ? result_time(ns) : result_nothing();
}

static void describe_packets(const struct survey *survey, struct result *result)
{
    const struct tally *all = &survey->all;
    result_add(result, "packets", "Packets", result_count(all->packets));
    result_add(result, "bytes", "Bytes on the wire", result_count(all->bytes));
    result_add(result, "captured_bytes", "Bytes captured", result_count(all->captured));
    result_add(result, "first_ns", "First packet", time_of(all, all->first_ns));
    result_add(result, "last_ns", "Last packet", time_of(all, all->last_ns));
    result_add(result, NULL, "Duration", result_duration(tally_duration_ns(all)));
    result_add(result, "labelled", "Packets labelled", result_count(survey->labelled.packets));
    result_add(result, "samples", "Samples",
               result_count(sample_registry_count(&survey->registry)));
}

static void describe_order(const struct survey *survey, struct result *result)
{
    result_add(result, NULL, "Order", result_string(order_text(survey)));
    result_add(result, "sorted_by_sample", NULL, result_truth(survey->in_order[ORDER_SAMPLE]));
    result_add(result, "sorted_by_time", NULL, result_truth(survey->in_order[ORDER_TIME]));
    result_add(result, "grouped", NULL, result_truth(survey->grouped));
}

static void fill_tally(struct result_row *row, const struct tally *tally)
{
    result_row_add(row, result_count(tally->packets));
    result_row_add(row, result_count(tally->bytes));
    result_row_add(row, result_count(tally->captured));
    result_row_add(row, time_of(tally, tally->first_ns));
    result_row_add(row, time_of(tally, tally->last_ns));
}

static void fill_metadata(struct result_row *row, const struct survey *survey, uint32_t number)
{
    size_t len;
    const char *metadata = intern_get(survey->registry.texts, number, &len);
    result_row_add(row, result_text(metadata, len));
}

/* Leaves room for the sampleID and two figures in 80 columns. */
#define LEAST_OF_METADATA 24
#define LEAST_OF_NAME     48

static const struct result_column input_columns[] = {
    {"file", "input", RESULT_TEXT, 1, LEAST_OF_NAME},
    {"format", "format", RESULT_TEXT, 5, 18},
    {"damaged", NULL, RESULT_TRUTH, 0, 0},
    {"labelled", "labelled", RESULT_COUNT, 3, 0},
    {"packets", "packets", RESULT_COUNT, 2, 0},
    {"bytes", "bytes", RESULT_COUNT, 4, 0},
    {"captured_bytes", NULL, RESULT_COUNT, 0, 0},
    {"first_ns", "first packet", RESULT_TIME, 6, 0},
    {"last_ns", NULL, RESULT_TIME, 0, 0},
};

static void fill_input(const void *owner, size_t index, struct result_row *row)
{
    const struct info_pass_result *found = owner;
    const struct info_input *input = &found->inputs[index];
    result_row_add(row, result_string(input->name));
    result_row_add(row, result_string(input->format));
    result_row_add(row, result_truth(input->damaged));
    result_row_add(row, result_count(input->labelled));
    fill_tally(row, &input->tally);
}

static const struct result_column interface_columns[] = {
    {"input", NULL, RESULT_NUMBER, 0, 0},
    {"number", "#", RESULT_NUMBER, 1, 0},
    {"linktype", NULL, RESULT_NUMBER, 0, 0},
    {"linktype_name", "link type", RESULT_TEXT, 2, 20},
    {"snaplen", "snap length", RESULT_NUMBER, 4, 0},
    {"tsresol", NULL, RESULT_NUMBER, 0, 0},
    {"tsoffset", NULL, RESULT_SIGNED, 0, 0},
    {"name", "name", RESULT_TEXT, 6, 0},
    {"packets", "packets", RESULT_COUNT, 3, 0},
    {"bytes", NULL, RESULT_COUNT, 0, 0},
    {"captured_bytes", NULL, RESULT_COUNT, 0, 0},
    {"first_ns", NULL, RESULT_TIME, 0, 0},
    {"last_ns", NULL, RESULT_TIME, 0, 0},
    {NULL, "resolution", RESULT_TEXT, 5, 10},
};

static void fill_interface(const void *owner, size_t index, struct result_row *row)
{
    const struct info_pass_result *found = owner;
    const struct lcap_interface *about = &found->interfaces[index].about;
    result_row_add(row, result_number(found->interfaces[index].input));
    result_row_add(row, result_number(about->number));
    result_row_add(row, result_number(about->linktype));
    result_row_add(row, result_string(lcap_linktype_name(about->linktype)));
    result_row_add(row, result_number(about->snaplen));
    result_row_add(row, result_number(about->tsresol));
    result_row_add(row, result_signed(about->tsoffset));
    result_row_add(row, result_text(about->name, about->name_len));
    fill_tally(row, &found->interfaces[index].tally);
    result_row_printf(row, "%d^-%d s", about->tsresol & 0x80 ? 2 : 10, about->tsresol & 0x7f);
}

static const struct result_column class_columns[] = {
    {"metadata", "metadata", RESULT_TEXT, 1, LEAST_OF_METADATA},
    {"samples", "samples", RESULT_COUNT, 2, 0},
    {"packets", "packets", RESULT_COUNT, 3, 0},
    {"bytes", "bytes", RESULT_COUNT, 4, 0},
    {"captured_bytes", NULL, RESULT_COUNT, 0, 0},
    {"first_ns", NULL, RESULT_TIME, 0, 0},
    {"last_ns", NULL, RESULT_TIME, 0, 0},
    {"shortest_ns", "shortest", RESULT_DURATION, 6, 0},
    {"mean_ns", "mean", RESULT_DURATION, 5, 0},
    {"longest_ns", "longest", RESULT_DURATION, 7, 0},
};

static void fill_class(const void *owner, size_t index, struct result_row *row)
{
    const struct info_pass_result *found = owner;
    const struct survey_class *class = &found->classes[index];
    fill_metadata(row, &found->survey, class->metadata);
    result_row_add(row, result_count(class->samples));
    fill_tally(row, &class->tally);
    result_row_add(row, result_duration(class->shortest_ns));
    result_row_add(row, result_duration(survey_class_mean_ns(class)));
    result_row_add(row, result_duration(class->longest_ns));
}

static const struct result_column sample_columns[] = {
    {"sample_id", "sampleID", RESULT_SAMPLE_ID, 2, 0},
    {"metadata", "metadata", RESULT_TEXT, 1, LEAST_OF_METADATA},
    {"packets", "packets", RESULT_COUNT, 3, 0},
    {"bytes", "bytes", RESULT_COUNT, 4, 0},
    {"captured_bytes", NULL, RESULT_COUNT, 0, 0},
    {"first_ns", "first packet", RESULT_TIME, 6, 0},
    {"last_ns", NULL, RESULT_TIME, 0, 0},
    {NULL, "duration", RESULT_DURATION, 5, 0},
};

static void fill_sample(const void *owner, size_t index, struct result_row *row)
{
    const struct info_pass_result *found = owner;
    const struct sample_registry *registry = &found->survey.registry;
    const struct survey_sample *sample = &found->survey.samples[index];
    result_row_add(row, result_sample_id(registry->numbers.ids[index]));
    fill_metadata(row, &found->survey, registry->metadata_of[index]);
    fill_tally(row, &sample->tally);
    result_row_add(row, result_duration(tally_duration_ns(&sample->tally)));
}

/* The interfaces of several inputs would be as many lines as these. */
static void describe_tables(const struct info_pass_result *found, bool list_samples,
                            struct result *result)
{
    const bool one = found->input_count == 1;
    const struct result_table inputs = {RESULT_COLUMNS(input_columns), found->input_count,
                                        fill_input, found};
    const struct result_table interfaces = {RESULT_COLUMNS(interface_columns),
                                            found->interface_count, fill_interface, found};
    const struct result_table classes = {RESULT_COLUMNS(class_columns), found->class_count,
                                         fill_class, found};
    const struct result_table samples = {RESULT_COLUMNS(sample_columns),
                                         sample_registry_count(&found->survey.registry),
                                         fill_sample, found};
    result_add_table(result, "inputs", one ? NULL : "Inputs", &inputs);
    result_add_table(result, "interfaces", one ? "Interfaces" : NULL, &interfaces);
    result_add_table(result, "labels", "Classes and durations of their samples", &classes);
    if (list_samples)
        result_add_table(result, "sample_list", "Samples", &samples);
}

/* The first packet of a sample names it. */
static void find_second_label(const struct survey *survey, const struct survey_conflict *conflict,
                              struct result *result)
{
    char place[64], label[EXCERPT_TEXT], text[EXCERPT_TEXT + 64];
    size_t len;
    const char *metadata = intern_get(survey->registry.texts, conflict->other, &len);
    text_excerpt(metadata, len, label);
    snprintf(place, sizeof place, "sample %" PRIu64,
             sample_registry_id(&survey->registry, conflict->sample));
    snprintf(text, sizeof text, "also has packets with other metadata: %s", label);
    const struct lcap_finding finding = {LCAP_SEVERITY_WARNING, place, 1, text};
    result_add_finding(result, &finding);
}

static void find_damage(const struct info_pass_result *found, struct result *result)
{
    const uint64_t damaged = found->counts.damaged;
    char inputs[COUNTED_TEXT] = "the capture";
    if (damaged == 0)
        return;
    if (found->input_count > 1)
        text_counted(damaged, "input", inputs);
    result_find(result, LCAP_SEVERITY_ERROR, damaged,
                "%s %s damaged: the figures cover what comes before the damage", inputs,
                damaged == 1 ? "is" : "are");
}

static void describe_findings(const struct info_pass_result *found, struct result *result)
{
    const struct survey *survey = &found->survey;
    const uint64_t large = survey->overflowing;
    char comments[COUNTED_TEXT];
    result_place_findings(result, "findings", "Findings");
    find_damage(found, result);
    if (large)
        result_find(result, LCAP_SEVERITY_WARNING, large,
                    "%s %s the form of a label, but a number of 2^64 or more",
                    text_counted(large, "comment", comments), large == 1 ? "has" : "have");
    for (size_t i = 0; i < survey->conflict_count; i++)
        find_second_label(survey, &survey->conflicts[i], result);
    class_folders_find(&found->counts.folders, survey->labelled.packets, result);
    inputs_find(&found->counts, result);
}

static void describe_inputs(const struct info_pass_result *found, struct result *result)
{
    const struct info_input *one = found->input_count == 1 ? found->inputs : NULL;
    result_add(result, "file", one ? "File" : NULL,
               one ? result_string(one->name) : result_nothing());
    result_add(result, "format", one ? "Format" : NULL,
               one ? result_string(one->format) : result_nothing());
    if (!one)
        result_add(result, NULL, "Inputs", result_count(found->input_count));
    result_add(result, "damaged", NULL, result_truth(found->counts.damaged > 0));
    result_add_count(result, "links_skipped", found->counts.links);
}

void info_describe(const struct info_pass_result *found, bool list_samples, struct result *result)
{
    const struct survey *survey = &found->survey;
    describe_inputs(found, result);
    describe_packets(survey, result);
    result_add(result, NULL, "Classes", result_count(found->class_count));
    describe_order(survey, result);
    result_add_count(result, "conflicting_packets", survey->conflicting_packets);
    result_add_count(result, "overflowing_comments", survey->overflowing);
    result_add_count(result, "pcapml_times", found->odd_times.pcapml);
    result_add_count(result, "held_times", found->odd_times.held);
    describe_tables(found, list_samples, result);
    describe_findings(found, result);
}
