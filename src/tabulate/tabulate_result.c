/* Describes what a run has done. */
#include "tabulate/tabulate_result.h"

#include "base/text/text.h"
#include "dataset/pass_results.h"

void skipped_describe(const struct lcap_flow_counts *counts, struct result *result)
{
    static const char *const keys[LCAP_SKIP_REASONS] = {
        [LCAP_SKIP_LINK_TYPE] = "link_type", [LCAP_SKIP_LINK_HEADER] = "link_header",
        [LCAP_SKIP_NO_IP] = "no_ip",         [LCAP_SKIP_NO_DATA_FRAME] = "no_data_frame",
        [LCAP_SKIP_ENCRYPTED] = "encrypted", [LCAP_SKIP_IP_HEADER] = "ip_header",
        [LCAP_SKIP_TRANSPORT] = "transport", [LCAP_SKIP_PROFILE] = "profile",
    };
    const bool any = counts->packets > counts->in_flows;
    result_open(result, "skipped", any ? "Packets left out" : NULL);
    for (int reason = 1; reason < LCAP_SKIP_REASONS; reason++) {
        const uint64_t count = counts->skipped[reason];
        result_add(result, keys[reason], count ? lcap_skip_text((enum lcap_skip)reason) : NULL,
                   result_count(count));
    }
    result_close(result);
}

static void say_summary(const struct tabulate_result *done, struct result *result)
{
    const struct lcap_flow_counts *counts = &done->counts;
    char flows[COUNTED_TEXT], packets[COUNTED_TEXT], inputs[COUNTED_TEXT], files[COUNTED_TEXT];
    text_counted(done->files, "file", files);
    result_say(result, NULL, "%s of %s in %s%s%s%s", text_counted(counts->flows, "flow", flows),
               text_counted(counts->packets, "packet", packets),
               text_counted(done->inputs.read, "input", inputs), done->files > 1 ? ", " : "",
               done->files > 1 ? files : "", done->files > 1 ? " written" : "");
    if (done->files && done->rows != counts->flows)
        result_say(result, NULL, "%s written", text_counted(done->rows, "row", flows));
}

static void find_skipped(const struct lcap_flow_counts *counts, struct result *result)
{
    char packets[COUNTED_TEXT];
    for (int reason = 1; reason < LCAP_SKIP_REASONS; reason++) {
        const uint64_t count = counts->skipped[reason];
        if (count)
            result_find(result, LCAP_SEVERITY_NOTE, count, "%s left out: %s",
                        text_counted(count, "packet", packets),
                        lcap_skip_text((enum lcap_skip)reason));
    }
}

static void find(const struct tabulate_result *done, struct result *result)
{
    const struct lcap_flow_counts *counts = &done->counts;
    char text[COUNTED_TEXT];
    find_skipped(counts, result);
    if (counts->evicted)
        result_find(result, LCAP_SEVERITY_WARNING, counts->evicted,
                    "%s written early because of --max-flows-in-memory",
                    text_counted(counts->evicted, "flow", text));
    if (counts->time_backwards)
        result_find(result, LCAP_SEVERITY_NOTE, counts->time_backwards,
                    "%s earlier than the previous one",
                    text_counted(counts->time_backwards, "packet", text));
    if (counts->unknown_fragments)
        result_find(result, LCAP_SEVERITY_NOTE, counts->unknown_fragments,
                    "%s without the first fragment: port 0",
                    text_counted(counts->unknown_fragments, "fragment", text));
    inputs_find(&done->inputs, result);
}

void tabulate_describe(const struct tabulate_result *done, struct result *result)
{
    const struct lcap_flow_counts *counts = &done->counts;
    say_summary(done, result);
    result_add_count(result, "packets", counts->packets);
    result_add_count(result, "in_flows", counts->in_flows);
    skipped_describe(counts, result);
    result_add_count(result, "flows", counts->flows);
    result_add_count(result, "rows", done->rows);
    result_add_count(result, "flows_evicted", counts->evicted);
    result_add_count(result, "time_backwards", counts->time_backwards);
    result_add_count(result, "unknown_fragments", counts->unknown_fragments);
    result_add_count(result, "peak_flows_in_memory", counts->peak_flows);
    inputs_describe(&done->inputs, result);
    result_place_findings(result, NULL, NULL);
    find(done, result);
}
