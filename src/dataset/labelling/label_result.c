/* Describes what labelling has done. */
#include "dataset/labelling/label_result.h"

#include "base/text/text.h"
#include "dataset/pass_results.h"
#include <stdio.h>
#include <string.h>

/* "; 4 packets left out; 3 files", as far as there is something to say. */
static void write_rest(const struct label_pass_result *done, char *text, size_t size)
{
    const uint64_t rest = done->all.packets - done->labelled;
    char packets[COUNTED_TEXT], files[COUNTED_TEXT];
    size_t len = 0;
    text[0] = '\0';
    if (rest)
        len = (size_t)snprintf(text, size, "; %s %s", text_counted(rest, "packet", packets),
                               done->kept ? "kept without a label" : "left out");
    if (done->inputs.read > 1)
        snprintf(text + len, size - len, "; %s", text_counted(done->inputs.read, "file", files));
}

static void say_summary(const struct label_pass_result *done, struct result *result)
{
    char labelled[GROUPED_TEXT], packets[COUNTED_TEXT], samples[COUNTED_TEXT], rest[256];
    write_rest(done, rest, sizeof rest);
    result_say(result, NULL, "%s of %s labelled, %s%s", text_grouped(done->labelled, labelled),
               text_counted(done->all.packets, "packet", packets),
               text_counted(lcap_labeller_samples(done->labeller), "sample", samples), rest);
}

static void describe_counts(const struct label_pass_result *done, struct result *result)
{
    result_add_count(result, "packets", done->all.packets);
    result_add_count(result, "labelled", done->labelled);
    result_add_count(result, "kept_without_label", done->kept);
    result_add_count(result, "dropped", done->all.packets - done->labelled - done->kept);
    result_add_count(result, "samples", lcap_labeller_samples(done->labeller));
}

static void describe_flows(const struct label_pass_result *done, struct result *result)
{
    const struct lcap_labeller_counts *counts = lcap_labeller_counts(done->labeller);
    char text[COUNTED_TEXT];
    if (counts->lost_fragments)
        result_say(result, NULL, "%s in no flow, because the first one did not come in time",
                   text_counted(counts->lost_fragments, "fragment", text));
    if (counts->cut_flows && done->inputs.read > 1 && !done->joined)
        result_say(result, NULL, "%s open at the end of an input (--join lets them go on)",
                   text_counted(counts->cut_flows, "flow", text));
    if (counts->uncounted)
        result_say(result, NULL, "more samples than were counted: %s not told apart",
                   text_counted(counts->uncounted, "packet", text));
    result_add_count(result, "fragments_without_flow", counts->lost_fragments);
    result_add_count(result, "flows_open_at_end", counts->cut_flows);
    result_add_count(result, "packets_of_uncounted_samples", counts->uncounted);
}

/* A count of the kernel for a live capture. */
static void add_kernel_count(const struct label_pass_result *done, struct result *result,
                             const char *key, uint64_t count)
{
    result_add(result, key, NULL, done->has_counts ? result_count(count) : result_nothing());
}

static void describe_kernel(const struct label_pass_result *done, struct result *result)
{
    add_kernel_count(done, result, "kernel_received", done->counts.received);
    add_kernel_count(done, result, "kernel_dropped", done->counts.dropped);
    add_kernel_count(done, result, "interface_dropped", done->counts.dropped_interface);
}

void label_find_missed(const struct label_pass_result *done, struct result *result)
{
    const struct live_counts *counts = &done->counts;
    char lost[GROUPED_TEXT], received[COUNTED_TEXT];
    if (done->has_counts && counts->dropped)
        result_find(result, LCAP_SEVERITY_WARNING, counts->dropped,
                    "the kernel lost %s of %s: its buffer was full (--buffer-size enlarges it)",
                    text_grouped(counts->dropped, lost),
                    text_counted(counts->received, "packet", received));
    if (done->has_counts && counts->dropped_interface)
        result_find(result, LCAP_SEVERITY_WARNING, counts->dropped_interface,
                    "the interface lost %s",
                    text_counted(counts->dropped_interface, "packet", received));
}

/* At least so much of a filter, for its beginning often says little. */
#define LEAST_OF_FILTER 32

static const struct result_column rule_columns[] = {
    {"line", "line", RESULT_NUMBER, 4, 0},
    {"traffic_filter", "filter", RESULT_TEXT, 5, LEAST_OF_FILTER},
    {"metadata", "metadata", RESULT_TEXT, 1, 0},
    {"sample_id", "sampleID", RESULT_SAMPLE_ID, 6, 0},
    {"packets", "packets", RESULT_COUNT, 2, 0},
    {"samples", "samples", RESULT_COUNT, 3, 0},
};

/* A rule that forms several samples has no sampleID. */
static void fill_rule(const void *owner, size_t index, struct result_row *row)
{
    const struct label_pass_result *done = owner;
    const struct lcap_rule *rule = lcap_rules_get(done->rules, index);
    uint64_t id;
    const bool one_sample = lcap_rule_sample_id(rule, &id);
    result_row_add(row, result_number(lcap_rule_line(rule)));
    result_row_add(row, result_string(lcap_rule_text(rule)));
    result_row_add(row, result_string(lcap_rule_metadata(rule)));
    result_row_add(row, one_sample ? result_sample_id(id) : result_nothing());
    result_row_add(row, result_count(lcap_labeller_packets(done->labeller, index)));
    result_row_add(row, result_count(lcap_labeller_rule_samples(done->labeller, index)));
}

static const struct result_column input_columns[] = {
    {.key = "path", .kind = RESULT_TEXT},
    {.key = "packets", .kind = RESULT_COUNT},
};

static void fill_unlabelled_input(const void *owner, size_t index, struct result_row *row)
{
    const struct label_pass_result *done = owner;
    const struct unlabelled_input *input = &done->unlabelled_inputs[index];
    result_row_add(row, result_string(input->path));
    result_row_add(row, result_count(input->packets));
}

void label_describe(const struct label_pass_result *done, bool show_rules, struct result *result)
{
    const struct result_table rules = {RESULT_COLUMNS(rule_columns), lcap_rules_count(done->rules),
                                       fill_rule, done};
    const struct result_table unlabelled = {
        RESULT_COLUMNS(input_columns), done->unlabelled_input_count, fill_unlabelled_input, done};
    say_summary(done, result);
    describe_counts(done, result);
    describe_flows(done, result);
    inputs_describe(&done->inputs, result);
    describe_kernel(done, result);
    result_add_table(result, "rules", show_rules ? "Rules" : NULL, &rules);
    result_add_table(result, "unlabelled_inputs", NULL, &unlabelled);
    result_place_findings(result, "warnings", NULL);
    for (size_t i = 0; i < done->findings.count; i++)
        result_add_finding(result, &done->findings.items[i]);
}
