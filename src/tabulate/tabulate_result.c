/* Describes what a run has done. */
#include "tabulate/tabulate_result.h"

#include "base/text/text.h"
#include "dataset/pass_results.h"
#include <labelcap/packet.h>
#include <stdio.h>

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

/* ---- types that are unknown here ---- */

/* So many are named in a line of text; JSON has them all. */
#define MOST_TYPES_NAMED 4

static const char *name_of(const struct lcap_unknown_type *type)
{
    return type->reason == LCAP_SKIP_LINK_TYPE ? lcap_linktype_name(type->number)
                                               : lcap_ether_type_name(type->number);
}

/* "link type 147 (USER0)", "Ethernet type 0x88cc (LLDP)", "Ethernet type 0x4711". */
static size_t write_type(const struct lcap_unknown_type *type, char *text, size_t size)
{
    const bool link = type->reason == LCAP_SKIP_LINK_TYPE;
    const char *name = name_of(type);
    int len = snprintf(text, size, link ? "link type %u" : "Ethernet type 0x%04x", type->number);
    if (name)
        len += snprintf(text + len, size - (size_t)len, " (%s)", name);
    return (size_t)len;
}

/* ": 3 of link type 147 (USER0), 2 of link type 148 (USER1)". */
static void write_types(const struct unknown_types *types, enum lcap_skip reason, char *text,
                        size_t size)
{
    size_t len = 0, named = 0;
    *text = '\0';
    for (size_t i = 0; i < types->count && named <= MOST_TYPES_NAMED; i++) {
        const struct lcap_unknown_type *type = &types->items[i];
        char packets[GROUPED_TEXT];
        if (type->reason != reason)
            continue;
        if (named++ == MOST_TYPES_NAMED) {
            snprintf(text + len, size - len, ", …");
            continue;
        }
        len += (size_t)snprintf(text + len, size - len, "%s%s of ", named == 1 ? ": " : ", ",
                                text_grouped(type->packets, packets));
        len += write_type(type, text + len, size - len);
    }
}

static const struct result_column type_columns[] = {
    {.key = "kind", .kind = RESULT_TEXT},
    {.key = "number", .kind = RESULT_NUMBER},
    {.key = "name", .kind = RESULT_TEXT},
    {.key = "packets", .kind = RESULT_COUNT},
};

static void fill_type(const void *owner, size_t index, struct result_row *row)
{
    const struct unknown_types *types = owner;
    const struct lcap_unknown_type *type = &types->items[index];
    const char *name = name_of(type);
    result_row_add(row,
                   result_string(type->reason == LCAP_SKIP_LINK_TYPE ? "link_type" : "ether_type"));
    result_row_add(row, result_number(type->number));
    result_row_add(row, name ? result_string(name) : result_nothing());
    result_row_add(row, result_count(type->packets));
}

static void describe_types(const struct unknown_types *types, struct result *result)
{
    const struct result_table table = {RESULT_COLUMNS(type_columns), types->count, fill_type,
                                       types};
    result_add_table(result, "unknown_types", NULL, &table);
}

/* ---- findings ---- */

/* Room for the names of a few types. */
#define TYPES_TEXT 512

static void find_skipped(const struct tabulate_result *done, struct result *result)
{
    char packets[COUNTED_TEXT], types[TYPES_TEXT];
    for (int reason = 1; reason < LCAP_SKIP_REASONS; reason++) {
        const uint64_t count = done->counts.skipped[reason];
        write_types(&done->unknown, (enum lcap_skip)reason, types, sizeof types);
        if (count)
            result_find(result, LCAP_SEVERITY_NOTE, count, "%s left out: %s%s",
                        text_counted(count, "packet", packets),
                        lcap_skip_text((enum lcap_skip)reason), types);
    }
}

static void find(const struct tabulate_result *done, struct result *result)
{
    const struct lcap_flow_counts *counts = &done->counts;
    char text[COUNTED_TEXT];
    find_skipped(done, result);
    if (counts->evicted)
        result_find(result, LCAP_SEVERITY_WARNING, counts->evicted,
                    "%s written early: more were open than --max-flows-in-memory allows",
                    text_counted(counts->evicted, "flow", text));
    if (counts->time_backwards)
        result_find(result, LCAP_SEVERITY_NOTE, counts->time_backwards,
                    "%s earlier than the previous one",
                    text_counted(counts->time_backwards, "packet", text));
    if (counts->unknown_fragments)
        result_find(result, LCAP_SEVERITY_NOTE, counts->unknown_fragments,
                    "%s without the first fragment: port 0",
                    text_counted(counts->unknown_fragments, "fragment", text));
    if (!done->has_classes)
        class_folders_find(&done->inputs.folders, counts->labelled, result);
    inputs_find(&done->inputs, result);
    damage_find(&done->inputs, result);
}

void tabulate_describe(const struct tabulate_result *done, struct result *result)
{
    const struct lcap_flow_counts *counts = &done->counts;
    say_summary(done, result);
    result_add_count(result, "packets", counts->packets);
    result_add_count(result, "labelled", counts->labelled);
    result_add_count(result, "in_flows", counts->in_flows);
    skipped_describe(counts, result);
    describe_types(&done->unknown, result);
    result_add_count(result, "flows", counts->flows);
    result_add_count(result, "rows", done->rows);
    result_add_count(result, "flows_evicted", counts->evicted);
    result_add_count(result, "time_backwards", counts->time_backwards);
    result_add_count(result, "unknown_fragments", counts->unknown_fragments);
    result_add_count(result, "peak_flows_in_memory", counts->peak_flows);
    inputs_describe(&done->inputs, result);
    result_place_findings(result, "findings", NULL);
    find(done, result);
}
