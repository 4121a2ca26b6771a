/* The figures of a run. */
#include "cmd/flows/flows_stats.h"

#include "base/text/json.h"
#include "base/text/text.h"
#include "cmd/inputs.h"
#include "cmd/talk.h"

static uint64_t skipped(const struct lcap_flow_counts *counts)
{
    return counts->packets - counts->in_flows;
}

static void note_packets(uint64_t count, const char *what)
{
    char text[COUNTED_TEXT];
    if (count)
        talk_note("  %s %s", text_counted(count, "packet", text), what);
}

void flows_stats_talk(const struct tabulate_result *result)
{
    const struct lcap_flow_counts *counts = &result->counts;
    char flows[COUNTED_TEXT], packets[COUNTED_TEXT], inputs[COUNTED_TEXT], outputs[COUNTED_TEXT];
    text_counted(counts->flows, "flow", flows);
    text_counted(counts->packets, "packet", packets);
    text_counted(result->inputs.read, "input", inputs);
    if (result->files > 1)
        talk_note("%s of %s in %s, %s written", flows, packets, inputs,
                  text_counted(result->files, "file", outputs));
    else
        talk_note("%s of %s in %s", flows, packets, inputs);
    if (result->rows != counts->flows)
        talk_note("%s written", text_counted(result->rows, "row", flows));
    if (skipped(counts))
        talk_note("%s in no flow:", text_counted(skipped(counts), "packet", packets));
    for (int reason = 1; reason < LCAP_SKIP_REASONS; reason++)
        note_packets(counts->skipped[reason], lcap_skip_text((enum lcap_skip)reason));
    if (counts->evicted)
        talk_warning("%s cut short by --max-flows-in-memory",
                     text_counted(counts->evicted, "flow", flows));
    if (counts->time_backwards)
        talk_note("%s earlier than the one before",
                  text_counted(counts->time_backwards, "packet", packets));
    if (counts->unknown_fragments)
        talk_note("%s whose first one was not seen: port 0",
                  text_counted(counts->unknown_fragments, "fragment", packets));
    inputs_tell_counts(&result->inputs);
}

static void json_skipped(struct json_writer *json, const struct lcap_flow_counts *counts)
{
    static const char *const names[LCAP_SKIP_REASONS] = {
        [LCAP_SKIP_LINK_TYPE] = "link_type", [LCAP_SKIP_LINK_HEADER] = "link_header",
        [LCAP_SKIP_NO_IP] = "no_ip",         [LCAP_SKIP_NO_DATA_FRAME] = "no_data_frame",
        [LCAP_SKIP_ENCRYPTED] = "encrypted", [LCAP_SKIP_IP_HEADER] = "ip_header",
        [LCAP_SKIP_TRANSPORT] = "transport", [LCAP_SKIP_PROFILE] = "profile",
    };
    json_open_object(json, "skipped");
    for (size_t i = 1; i < LCAP_SKIP_REASONS; i++)
        json_u64(json, names[i], counts->skipped[i]);
    json_close_object(json);
}

static int append_json(const struct tabulate_result *result, struct buffer *out,
                       struct lcap_error *error)
{
    const struct lcap_flow_counts *counts = &result->counts;
    struct json_writer json;
    json_begin(&json, out, error);
    json_open_object(&json, NULL);
    json_u64(&json, "packets", counts->packets);
    json_u64(&json, "in_flows", counts->in_flows);
    json_skipped(&json, counts);
    json_u64(&json, "flows", counts->flows);
    json_u64(&json, "rows", result->rows);
    json_u64(&json, "flows_evicted", counts->evicted);
    json_u64(&json, "time_backwards", counts->time_backwards);
    json_u64(&json, "unknown_fragments", counts->unknown_fragments);
    json_u64(&json, "peak_flows_in_memory", counts->peak_flows);
    json_u64(&json, "inputs_read", result->inputs.read);
    json_u64(&json, "inputs_skipped", result->inputs.skipped);
    json_u64(&json, "inputs_damaged", result->inputs.damaged);
    json_close_object(&json);
    return json_end(&json);
}

int flows_stats_write(const struct tabulate_result *result, struct output *out,
                      struct lcap_error *error)
{
    struct buffer text = {0};
    int rc = append_json(result, &text, error);
    if (rc == LCAP_OK) {
        output_write(out, text.data, text.len);
        rc = output_close(out, error);
    } else {
        output_discard(out);
    }
    buffer_release(&text);
    return rc;
}
