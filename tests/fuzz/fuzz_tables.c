/*
 * Any bytes as a capture, as tables of flows and a summary: every profile, ours and exactly
 * as the original tools print it, in every format and layout, in one thread and in two,
 * which must agree. The capture is read twice, as two inputs.
 *
 * Input: a byte for the flows, a byte for the table, then the capture.
 */
#include "print_result.h"
#include "tabulate/flow_summary.h"
#include "tabulate/tabulate_result.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const profiles[] = {"labelcap", "nexusflowmeter", "netflowmeter", "pcap2json"};

/* Bits of the first byte, above those of the profile. */
enum { ORIGINAL = 4, UNIDIRECTIONAL = 8, INNER_TUNNELS = 16, DETAIL = 32, FEW = 64, JOIN = 128 };

/* The layout is in the upper bits of the second byte. */
enum { FORMATS = 8, LAYOUTS = LAYOUT_PROTOCOL + 1 };

static struct lcap_flow_options flow_of(uint8_t byte)
{
    const struct lcap_profile *profile = lcap_profile_find(profiles[byte % 4]);
    const bool original = (byte & ORIGINAL) && lcap_profile_columns(profile, true) > 0;
    struct lcap_flow_options flow = {.size = sizeof flow};
    lcap_flow_defaults(&flow, profile, original);
    if (original)
        return flow;
    flow.unidirectional = byte & UNIDIRECTIONAL;
    flow.inner_tunnels = byte & INNER_TUNNELS;
    flow.detail = (byte & DETAIL) && strcmp(lcap_profile_name(profile), "pcap2json") == 0;
    if (strcmp(lcap_profile_name(profile), "labelcap") == 0 && (byte & FEW)) {
        flow.max_flows = 2;
        flow.sequence_packets = 3;
        flow.payload_bytes = 5;
    }
    return flow;
}

/* Nested JSON is in no other format. */
static const struct table_class *format_of(uint8_t byte, const struct lcap_flow_options *flow)
{
    if (tabulate_rows_are_json(flow))
        return table_formats[byte & 1 ? table_json_number : table_jsonl_number];
    return table_formats[byte % FORMATS % TABLE_FORMAT_COUNT];
}

static void print_summary(struct flow_summary *summary, const struct tabulate_result *done,
                          bool original)
{
    const struct flow_summary_facts facts = {.sources = done->inputs.read, .counts = &done->counts};
    struct result result;
    result_begin(&result, NULL);
    tabulate_describe(done, &result);
    print_result(&result);
    if (original) {
        struct buffer text = {0};
        require(flow_summary_original_text(summary, &facts, &text, NULL) == 0);
        buffer_release(&text);
    } else {
        result_begin(&result, NULL);
        flow_summary_describe(summary, &facts, &result);
        print_result(&result);
    }
}

/* Returns the rows, or -1 where such a table cannot be. */
static int64_t make_table(const uint8_t *choice, const char *output, uint64_t jobs)
{
    struct sources sources = {0};
    struct column_choice columns = {0};
    struct flow_summary *summary;
    struct tabulate_result result = {.rows = 0};
    struct tabulate_options options = {
        .sources = &sources,
        .flow = flow_of(choice[0]),
        .join = choice[0] & JOIN,
        .max_flows = choice[0] & FEW ? 3 : 0,
        .columns = &columns,
        .output = output,
        .layout = choice[1] / FORMATS % LAYOUTS,
        .overwrite = true,
        .no_sync = true,
        .jobs = jobs,
    };
    const struct column_request request = {.flow = &options.flow};
    require(flow_summary_new(&summary, options.flow.compat, NULL) == 0);
    const struct row_listener listener = {.take = flow_summary_add, .context = summary};
    options.format = format_of(choice[1], &options.flow);
    options.listeners = &listener;
    options.listener_count = 1;
    require(sources_add(&sources, "in", NULL) == 0 && sources_add(&sources, "in", NULL) == 0);
    require(column_choice_make(&columns, &request, NULL, NULL) == 0);
    const int rc = tabulate_run(&options, &result, NULL);
    if (rc == 0)
        print_summary(summary, &result, options.flow.compat);
    flow_summary_free(summary);
    column_choice_release(&columns);
    sources_release(&sources);
    return rc == 0 ? (int64_t)result.rows : -1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    enter_scratch_folder();
    write_file("in", data + 2, size - 2);
    const int64_t one = make_table(data, "one", 1);
    const int64_t two = make_table(data, "two", 2);
    require(one == two);
    empty_scratch_folder();
    leave_scratch_folder();
    return 0;
}
