/* Describes the findings of a pass of `info`. */
#include "dataset/info_result.h"

#include "base/text/text.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* The order of the file, as sort would see it. */
static const char *order_text(const struct survey *survey)
{
    const bool grouped = survey->grouped && survey->labelled.packets;
    if (survey->in_order[ORDER_SAMPLE] && survey->labelled.packets)
        return "by sampleID, then time";
    if (survey->in_order[ORDER_TIME])
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
#define LEAST_OF_LABEL 24

static const struct result_column interface_columns[] = {
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
    static const struct tally empty = TALLY_EMPTY;
    const struct info_pass_result *found = owner;
    const struct survey *survey = &found->survey;
    const struct lcap_interface *interface = lcap_reader_interface(found->input.reader, index);
    result_row_add(row, result_number(index));
    result_row_add(row, result_number(interface->linktype));
    result_row_add(row, result_string(lcap_linktype_name(interface->linktype)));
    result_row_add(row, result_number(interface->snaplen));
    result_row_add(row, result_number(interface->tsresol));
    result_row_add(row, result_signed(interface->tsoffset));
    result_row_add(row, result_text(interface->name, interface->name_len));
    fill_tally(row, index < survey->interface_capacity ? &survey->interfaces[index] : &empty);
    result_row_printf(row, "%d^-%d s", interface->tsresol & 0x80 ? 2 : 10,
                      interface->tsresol & 0x7f);
}

static const struct result_column class_columns[] = {
    {"metadata", "label", RESULT_TEXT, 1, LEAST_OF_LABEL},
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
    {"metadata", "label", RESULT_TEXT, 1, LEAST_OF_LABEL},
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

static void describe_tables(const struct info_pass_result *found, bool list_samples,
                            struct result *result)
{
    const struct result_table interfaces = {RESULT_COLUMNS(interface_columns),
                                            found->input.outcome.interfaces, fill_interface, found};
    const struct result_table classes = {RESULT_COLUMNS(class_columns), found->class_count,
                                         fill_class, found};
    const struct result_table samples = {RESULT_COLUMNS(sample_columns),
                                         sample_registry_count(&found->survey.registry),
                                         fill_sample, found};
    result_add_table(result, "interfaces", "Interfaces", &interfaces);
    result_add_table(result, "labels", "Labels and durations of their samples", &classes);
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

static void describe_findings(const struct info_pass_result *found, struct result *result)
{
    const struct survey *survey = &found->survey;
    const uint64_t large = survey->overflowing;
    char comments[COUNTED_TEXT];
    result_place_findings(result, NULL, "Findings");
    if (found->inputs.damaged)
        result_find(result, LCAP_SEVERITY_ERROR, 1,
                    "the capture is damaged: the figures cover what comes before the damage");
    if (large)
        result_find(result, LCAP_SEVERITY_WARNING, large,
                    "%s %s the form of a label, but a number of 2^64 or more",
                    text_counted(large, "comment", comments), large == 1 ? "has" : "have");
    for (size_t i = 0; i < survey->conflict_count; i++)
        find_second_label(survey, &survey->conflicts[i], result);
}

void info_describe(const struct info_pass_result *found, bool list_samples, struct result *result)
{
    const struct survey *survey = &found->survey;
    const struct lcap_odd_times *odd = &found->input.outcome.odd_times;
    result_add(result, "file", "File", result_string(found->input.outcome.name));
    result_add(result, "format", "Format", result_string(found->input.outcome.format));
    result_add(result, "damaged", NULL, result_truth(found->inputs.damaged));
    describe_packets(survey, result);
    result_add(result, NULL, "Labels", result_count(found->class_count));
    describe_order(survey, result);
    result_add_count(result, "conflicting_packets", survey->conflicting_packets);
    result_add_count(result, "overflowing_comments", survey->overflowing);
    result_add_count(result, "pcapml_times", odd->pcapml);
    result_add_count(result, "held_times", odd->held);
    describe_tables(found, list_samples, result);
    describe_findings(found, result);
}
