/* Describes what was written. */
#include "arrays/array_pass.h"
#include "base/io/target.h"
#include "base/text/text.h"
#include "dataset/pass_results.h"
#include <inttypes.h>
#include <stdio.h>

static const struct result_column output_columns[] = {
    {"list", "list", RESULT_TEXT, 1, 0},
    {"rows", "rows", RESULT_COUNT, 2, 0},
};

static void fill_output(const void *owner, size_t index, struct result_row *row)
{
    const struct array_pass *pass = owner;
    result_row_add(row, result_string(pass->lists.folder.names[index]));
    result_row_add(row, result_count(pass->rows[index]));
}

static const struct result_column skip_columns[] = {
    {"reason", "reason", RESULT_TEXT, 1, 0},
    {"packets", "packets", RESULT_COUNT, 2, 0},
};

/* ARP is what follows the reasons of the parser. */
static uint64_t skipped(const struct array_counts *counts, size_t reason)
{
    return reason < LCAP_SKIP_REASONS ? counts->skipped[reason] : counts->arp;
}

static void fill_skip(const void *owner, size_t index, struct result_row *row)
{
    const struct array_counts *counts = owner;
    size_t reason = 0;
    while (skipped(counts, reason) == 0 || index-- > 0)
        reason++;
    result_row_add(
        row,
        result_string(reason < LCAP_SKIP_REASONS ? lcap_skip_text((enum lcap_skip)reason) : "ARP"));
    result_row_add(row, result_count(skipped(counts, reason)));
}

static size_t count_skips(const struct array_counts *counts, uint64_t *packets)
{
    size_t reasons = 0;
    *packets = 0;
    for (size_t i = 0; i <= LCAP_SKIP_REASONS; i++) {
        reasons += skipped(counts, i) > 0;
        *packets += skipped(counts, i);
    }
    return reasons;
}

static void describe_shape(const struct array_settings *settings, uint64_t rows,
                           struct result *result)
{
    char shape[128];
    size_t len = (size_t)snprintf(shape, sizeof shape, "%" PRIu64, rows);
    for (unsigned i = 0; i < settings->shape.dimensions; i++)
        len += (size_t)snprintf(shape + len, sizeof shape - len, " x %" PRIu64,
                                settings->shape.extents[i]);
    result_add(result, "shape", NULL, result_string(shape));
    result_add(result, "dtype", NULL, result_string(settings->shape.type));
}

static void describe_counts(const struct array_pass *pass, uint64_t skips, struct result *result)
{
    const struct array_counts *counts = &pass->collector.counts;
    result_add_count(result, "rows", counts->rows);
    result_add_count(result, "labels", intern_count(pass->labels.texts));
    result_add_count(result, "samples", counts->samples);
    result_add_count(result, "packets", counts->packets);
    result_add_count(result, "skipped", skips);
    result_add_count(result, "unlabelled", counts->unlabelled);
    result_add_count(result, "too_few_packets", counts->few);
    result_add_count(result, "flows_in_several_samples", pass->collector.overlaps.count);
    result_add_count(result, "flows_ended_early", counts->ended_early);
    result_add_count(result, "unlisted_samples", pass->reading.unlisted);
    result_add(result, "by_catalogue", NULL, result_truth(pass->reading.by_catalogue));
}

static void find_left_out(const struct array_pass *pass, uint64_t skips, struct result *result)
{
    const struct array_counts *counts = &pass->collector.counts;
    const bool flows = pass->settings.per == ARRAY_PER_FLOW;
    char text[COUNTED_TEXT];
    if (skips > 0)
        result_find(result, LCAP_SEVERITY_NOTE, skips, "%s left out: without IP, or malformed",
                    text_counted(skips, "packet", text));
    if (counts->unlabelled > 0)
        result_find(result, LCAP_SEVERITY_NOTE, counts->unlabelled, "%s left out: without a label",
                    text_counted(counts->unlabelled, "packet", text));
    if (counts->few > 0)
        result_find(result, LCAP_SEVERITY_NOTE, counts->few, "%s left out: with too few packets",
                    text_counted(counts->few, flows ? "flow" : "sample", text));
    if (pass->reading.unlisted > 0)
        result_find(result, LCAP_SEVERITY_NOTE, pass->reading.unlisted, "%s left out: in no list",
                    text_counted(pass->reading.unlisted, "sample", text));
    if (pass->collector.overlaps.count > 0)
        result_find(result, LCAP_SEVERITY_WARNING, pass->collector.overlaps.count,
                    "%s with packets in several samples: a row in each",
                    text_counted(pass->collector.overlaps.count, "flow", text));
    if (counts->ended_early > 0)
        result_find(result, LCAP_SEVERITY_WARNING, counts->ended_early,
                    "%s ended early: too many were open at once",
                    text_counted(counts->ended_early, "flow", text));
    if (pass->reading.unused_catalogue.code < 0)
        result_find(result, LCAP_SEVERITY_WARNING, 1, "the catalogue was not used: %s",
                    pass->reading.unused_catalogue.text);
}

static void say_rows(const struct array_pass *pass, const char *output, struct result *result)
{
    char rows[COUNTED_TEXT], labels[COUNTED_TEXT];
    const struct split_folder *lists = &pass->lists.folder;
    result_say(result, NULL, "wrote %s of %s to %s",
               text_counted(pass->collector.counts.rows, "row", rows),
               text_counted(intern_count(pass->labels.texts), "label", labels),
               target_name(output));
    for (size_t i = 0; i < lists->count && pass->reading.list == SPLIT_NO_LIST; i++)
        result_say(result, NULL, "%s: %s", lists->names[i],
                   text_counted(pass->rows[i], "row", rows));
}

void array_describe(const struct array_pass *pass, const char *output, struct result *result)
{
    const struct array_counts *counts = &pass->collector.counts;
    const struct result_table outputs = {RESULT_COLUMNS(output_columns), pass->output_count,
                                         fill_output, pass};
    uint64_t skips;
    const size_t reasons = count_skips(counts, &skips);
    const struct result_table skipped = {RESULT_COLUMNS(skip_columns), reasons, fill_skip, counts};
    say_rows(pass, output, result);
    result_add(result, "form", NULL, result_string(pass->settings.form->name));
    describe_shape(&pass->settings, counts->rows, result);
    describe_counts(pass, skips, result);
    inputs_describe(&pass->reading.inputs, result);
    if (pass->lists.folder.count > 0 && pass->reading.list == SPLIT_NO_LIST)
        result_add_table(result, "lists", NULL, &outputs);
    result_add_table(result, "skips", NULL, &skipped);
    result_place_findings(result, "findings", NULL);
    damage_find(&pass->reading.inputs, result);
    find_left_out(pass, skips, result);
}
