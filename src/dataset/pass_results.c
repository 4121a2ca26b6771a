/* Describes what became of inputs, and what sort, split and strip have done. */
#include "dataset/pass_results.h"

#include "base/io/target.h"
#include "base/text/text.h"
#include "dataset/losses.h"
#include <inttypes.h>

void inputs_describe(const struct input_counts *inputs, struct result *result)
{
    result_add_count(result, "inputs_read", inputs->read);
    result_add_count(result, "inputs_skipped", inputs->skipped);
    result_add_count(result, "inputs_damaged", inputs->damaged);
    result_add_count(result, "links_skipped", inputs->links);
}

void inputs_find(const struct input_counts *inputs, struct result *result)
{
    char files[COUNTED_TEXT];
    if (inputs->skipped)
        result_find(result, LCAP_SEVERITY_NOTE, inputs->skipped, "%s skipped: not %s",
                    text_counted(inputs->skipped, "file", files),
                    inputs->skipped == 1 ? "a capture" : "captures");
}

void damage_find(const struct input_counts *inputs, struct result *result)
{
    char damaged[COUNTED_TEXT];
    if (inputs->damaged)
        result_find(result, LCAP_SEVERITY_WARNING, inputs->damaged,
                    "%s damaged: the run went on with what comes before the damage",
                    text_counted(inputs->damaged, "input", damaged));
}

static void find_second_labels(const struct survey *survey, struct result *result)
{
    for (size_t i = 0; i < survey->conflict_count; i++) {
        const struct survey_conflict *conflict = &survey->conflicts[i];
        const struct sample sample = sample_registry_get(&survey->registry, conflict->sample);
        char first[EXCERPT_TEXT], other[EXCERPT_TEXT];
        size_t len;
        const char *metadata = intern_get(survey->registry.texts, conflict->other, &len);
        text_excerpt(sample.metadata, sample.metadata_len, first);
        text_excerpt(metadata, len, other);
        result_find(result, LCAP_SEVERITY_WARNING, 1,
                    "sample %" PRIu64 " has two labels: '%s' and '%s'", sample.id, first, other);
    }
}

void linktypes_find(size_t linktypes, const char *output, struct result *result)
{
    if (linktypes > 1)
        result_find(result, LCAP_SEVERITY_WARNING, linktypes,
                    "%s: has %zu link types; tcpdump and others refuse such files (use label "
                    "--split-linktypes)",
                    target_name(output), linktypes);
}

void no_labels_find(const struct survey *survey, struct result *result)
{
    if (survey->all.packets > 0 && survey->labelled.packets == 0)
        result_find(result, LCAP_SEVERITY_WARNING, survey->all.packets,
                    "no packet is labelled; labelcap label does that");
}

static void say_sort(const struct survey *survey, struct result *result)
{
    char packets[COUNTED_TEXT], samples[COUNTED_TEXT];
    result_say(result, NULL, "sorted %s of %s",
               text_counted(survey->all.packets, "packet", packets),
               text_counted(sample_registry_count(&survey->registry), "sample", samples));
}

void sort_describe(const struct sort_pass_result *done, const char *output, struct result *result)
{
    const struct survey *survey = &done->survey;
    result_add_count(result, "packets", survey->all.packets);
    result_add_count(result, "labelled", survey->labelled.packets);
    result_add_count(result, "samples", sample_registry_count(&survey->registry));
    result_add_count(result, "conflicting_packets", survey->conflicting_packets);
    result_add_count(result, "linktypes", done->linktypes);
    inputs_describe(&done->inputs, result);
    result_place_findings(result, "findings", NULL);
    find_second_labels(survey, result);
    no_labels_find(survey, result);
    class_folders_find(&done->inputs.folders, survey->labelled.packets, result);
    inputs_find(&done->inputs, result);
    damage_find(&done->inputs, result);
    losses_find(&done->losses, result);
    linktypes_find(done->linktypes, output, result);
    say_sort(survey, result);
}

static void say_split(const struct split_pass_result *done, const char *directory,
                      struct result *result)
{
    char packets[COUNTED_TEXT], samples[COUNTED_TEXT], files[COUNTED_TEXT];
    result_say(result, NULL, "wrote %s of %s in %s to %s",
               text_counted(done->packets, "packet", packets),
               text_counted(done->samples, "sample", samples),
               text_counted(done->files, "file", files), directory);
}

void split_describe(const struct split_pass_result *done, const char *directory,
                    struct result *result)
{
    char counted[COUNTED_TEXT];
    result_add_count(result, "packets", done->packets + done->unlabelled);
    result_add_count(result, "labelled", done->packets);
    result_add_count(result, "samples", done->samples);
    result_add_count(result, "conflicting_packets", done->two_labels);
    result_add_count(result, "files", done->files);
    result_add_count(result, "blocks_left_out", done->blocks);
    inputs_describe(&done->inputs, result);
    result_place_findings(result, "findings", NULL);
    damage_find(&done->inputs, result);
    losses_find(&done->losses, result);
    if (done->two_labels)
        result_find(result, LCAP_SEVERITY_WARNING, done->two_labels,
                    "%s labelled differently from the first packet of the sample",
                    text_counted(done->two_labels, "packet", counted));
    if (done->unlabelled)
        result_find(result, LCAP_SEVERITY_WARNING, done->unlabelled, "%s left out: no label",
                    text_counted(done->unlabelled, "packet", counted));
    if (done->blocks)
        result_find(result, LCAP_SEVERITY_NOTE, done->blocks, "%s left out: not part of a sample",
                    text_counted(done->blocks, "block", counted));
    say_split(done, directory, result);
}

void strip_describe(const struct strip_pass_result *done, struct result *result)
{
    char labels[COUNTED_TEXT], packets[COUNTED_TEXT];
    result_add_count(result, "packets", done->packets);
    result_add_count(result, "labelled", done->labels);
    inputs_describe(&done->inputs, result);
    result_place_findings(result, "findings", NULL);
    damage_find(&done->inputs, result);
    losses_find(&done->losses, result);
    result_say(result, NULL, "removed %s from %s", text_counted(done->labels, "label", labels),
               text_counted(done->packets, "packet", packets));
}
