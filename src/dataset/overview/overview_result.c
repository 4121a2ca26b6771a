/* Describes what a data set looks like. */
#include "dataset/overview/overview_pass.h"

#include "dataset/check/check_result.h"
#include "dataset/pass_results.h"
#include "packet/address_text.h"
#include <labelcap/version.h>

static struct result_value label_name(const struct overview *overview, size_t label)
{
    size_t len;
    if (label == OVERVIEW_LABELS)
        return result_string("(all other labels)");
    const char *text = intern_get(overview->check.packets.survey.registry.texts,
                                  overview->check.classes[label].metadata, &len);
    return result_text(text, len);
}

/* ---- the labels and their packets ---- */

static const struct result_column label_columns[] = {
    {"label", "label", RESULT_TEXT, 1, 0},
    {"samples", "samples", RESULT_COUNT, 2, 0},
    {"packets", "packets", RESULT_COUNT, 3, 0},
    {"bytes", "bytes", RESULT_COUNT, 4, 0},
};

static void fill_label(const void *owner, size_t index, struct result_row *row)
{
    const struct overview *overview = owner;
    const struct label_figures *figures = overview->figures[index];
    result_row_add(row, label_name(overview, index));
    result_row_add(row, result_count(figures->samples));
    result_row_add(row, result_count(figures->packets));
    result_row_add(row, result_count(figures->bytes));
}

/* ---- distributions ---- */

#define BOX_COLUMNS(KIND)                                                                          \
    {                                                                                              \
        {"label", "label", RESULT_TEXT, 1, 0}, {"count", "number", RESULT_COUNT, 9, 0},            \
            {"least", "least", KIND, 2, 0}, {"p5", "5 %", KIND, 3, 0},                             \
            {"p25", "25 %", KIND, 4, 0}, {"median", "median", KIND, 5, 0},                         \
            {"p75", "75 %", KIND, 6, 0}, {"p95", "95 %", KIND, 7, 0},                              \
            {"most", "most", KIND, 8, 0},                                                          \
    }
static const struct result_column count_boxes[] = BOX_COLUMNS(RESULT_COUNT);
static const struct result_column duration_boxes[] = BOX_COLUMNS(RESULT_DURATION);

static void fill_box(const struct overview *overview, size_t label,
                     const struct log_histogram *histogram, enum result_kind kind,
                     struct result_row *row)
{
    static const double shares[] = {0.05, 0.25, 0.5, 0.75, 0.95};
    const bool any = histogram->count > 0;
    result_row_add(row, label_name(overview, label));
    result_row_add(row, result_count(histogram->count));
    result_row_add(row, any ? result_unsigned(kind, histogram->least) : result_nothing());
    for (size_t i = 0; i < sizeof shares / sizeof *shares; i++)
        result_row_add(row,
                       any ? result_unsigned(kind, log_histogram_quantile(histogram, shares[i]))
                           : result_nothing());
    result_row_add(row, any ? result_unsigned(kind, histogram->most) : result_nothing());
}

#define FILL_BOX(NAME, KIND)                                                                       \
    static void fill_##NAME(const void *owner, size_t index, struct result_row *row)               \
    {                                                                                              \
        const struct overview *overview = owner;                                                   \
        fill_box(overview, index, &overview->figures[index]->NAME, KIND, row);                     \
    }
FILL_BOX(lengths, RESULT_COUNT)
FILL_BOX(pauses, RESULT_DURATION)
FILL_BOX(durations, RESULT_DURATION)
FILL_BOX(sample_packets, RESULT_COUNT)

/* ---- packets of a label by something else ---- */

#define SHARE_COLUMNS(KEY, TITLE, KIND)                                                            \
    {                                                                                              \
        {"label", "label", RESULT_TEXT, 1, 0}, {KEY, TITLE, KIND, 2, 0},                           \
            {"packets", "packets", RESULT_COUNT, 3, 0},                                            \
            {"share", "share of the label", RESULT_SHARE, 4, 0},                                   \
    }
static const struct result_column protocol_columns[] =
    SHARE_COLUMNS("protocol", "protocol", RESULT_TEXT);
static const struct result_column port_columns[] = SHARE_COLUMNS("port", "port", RESULT_NUMBER);
static const struct result_column address_columns[] =
    SHARE_COLUMNS("address", "address", RESULT_TEXT);
static const struct result_column list_columns[] = {
    {"label", "label", RESULT_TEXT, 1, 0},
    {"list", "list", RESULT_TEXT, 2, 0},
    {"samples", "samples", RESULT_COUNT, 3, 0},
};
static const struct result_column timeline_columns[] = {
    {"label", "label", RESULT_TEXT, 1, 0},
    {"from", "from", RESULT_TIME, 2, 0},
    {"to", "to", RESULT_TIME, 4, 0},
    {"packets", "packets", RESULT_COUNT, 3, 0},
    {"share", "share of the label", RESULT_SHARE, 5, 0},
};

static void begin_row(const struct overview *overview, const struct label_row *entry,
                      struct result_row *row)
{
    result_row_add(row, label_name(overview, entry->label));
}

static void end_row(const struct overview *overview, const struct label_row *entry,
                    struct result_row *row)
{
    const double packets = (double)overview->figures[entry->label]->packets;
    result_row_add(row, result_count(entry->count));
    result_row_add(row, result_share((double)entry->count / packets));
}

static const char *kind_name(uint32_t kind)
{
    if (kind == PROTOCOL_KIND_NONE)
        return "neither IP nor ARP";
    const bool arp = kind == PROTOCOL_KIND_ARP;
    return protocol_name(arp ? FAMILY_ARP : FAMILY_IPV4, (uint8_t)(arp ? 0 : kind));
}

static void fill_protocol(const void *owner, size_t index, struct result_row *row)
{
    const struct overview *overview = owner;
    const struct label_row *entry = &overview->protocols.rows[index];
    begin_row(overview, entry, row);
    result_row_add(row, result_string(kind_name(entry->what)));
    end_row(overview, entry, row);
}

static void fill_port(const void *owner, size_t index, struct result_row *row)
{
    const struct overview *overview = owner;
    const struct label_row *entry = &overview->ports.rows[index];
    begin_row(overview, entry, row);
    result_row_add(row, result_number(entry->what));
    end_row(overview, entry, row);
}

static void fill_address(const void *owner, size_t index, struct result_row *row)
{
    const struct overview *overview = owner;
    const struct label_row *entry = &overview->addresses.rows[index];
    const struct top_values *values = &overview->figures[entry->label]->addresses;
    const uint8_t *bytes = values->counters[entry->what].bytes;
    char text[ADDRESS_TEXT];
    address_to_text(bytes[0], bytes + 1, text);
    begin_row(overview, entry, row);
    result_row_printf(row, "%s", text);
    end_row(overview, entry, row);
}

/* The last bin may end after the last time that there is. */
static struct result_value time_of_bin(const struct overview *overview, uint32_t bin)
{
    const uint64_t first = (uint64_t)overview->first_ns;
    uint64_t after;
    const bool is_later = __builtin_mul_overflow(bin, overview->bin_ns, &after) ||
                          after > (uint64_t)INT64_MAX - first;
    return result_time(is_later ? INT64_MAX : (int64_t)(first + after));
}

static void fill_time(const void *owner, size_t index, struct result_row *row)
{
    const struct overview *overview = owner;
    const struct label_row *entry = &overview->timeline.rows[index];
    begin_row(overview, entry, row);
    result_row_add(row, time_of_bin(overview, entry->what));
    result_row_add(row, time_of_bin(overview, entry->what + 1));
    end_row(overview, entry, row);
}

static void fill_list(const void *owner, size_t index, struct result_row *row)
{
    const struct overview *overview = owner;
    const struct label_row *entry = &overview->lists.rows[index];
    begin_row(overview, entry, row);
    result_row_add(row, result_string(overview->check.lists.folder.names[entry->what]));
    result_row_add(row, result_count(entry->count));
}

/* ---- the whole ---- */

static void describe_set(const struct overview *overview, struct result *result)
{
    const struct check_pass_result *check = &overview->check;
    const struct tally *labelled = &check->packets.survey.labelled;
    result_open(result, "overview", "Data set");
    result_add(result, "files", "Files", result_count(check->inputs.read));
    result_add(result, "interfaces", "Interfaces", result_count(check->interfaces));
    result_add(result, "packets", "Packets with a label", result_count(labelled->packets));
    result_add(result, "bytes", "Their bytes on the wire", result_count(labelled->bytes));
    result_add(result, "samples", "Samples",
               result_count(sample_registry_count(&check->packets.survey.registry)));
    result_add(result, "labels", "Labels", result_count(check->class_count));
    if (overview->has_time) {
        result_add(result, "first_ns", "First packet", result_time(labelled->first_ns));
        result_add(result, "last_ns", "Last packet", result_time(labelled->last_ns));
    }
    result_close(result);
}

static void add_plot(const struct overview *overview, struct result *result, const char *key,
                     const char *title, enum result_plot plot, const struct result_column *columns,
                     size_t column_count, size_t rows,
                     void (*fill)(const void *, size_t, struct result_row *))
{
    const struct result_table table = {columns, column_count, rows, fill, overview};
    result_add_plot(result, key, title, plot, &table);
}

static void describe_labels(const struct overview *overview, struct result *result)
{
    const size_t labels = overview->label_count;
    add_plot(overview, result, "labels", "Labels", RESULT_PLOT_BARS, RESULT_COLUMNS(label_columns),
             labels, fill_label);
    add_plot(overview, result, "lists", "Samples of each list", RESULT_PLOT_HEAT,
             RESULT_COLUMNS(list_columns), overview->lists.count, fill_list);
    add_plot(overview, result, "timeline", "Packets over time", RESULT_PLOT_HEAT,
             RESULT_COLUMNS(timeline_columns), overview->timeline.count, fill_time);
    add_plot(overview, result, "lengths", "Bytes of a packet on the wire", RESULT_PLOT_BOXES,
             RESULT_COLUMNS(count_boxes), labels, fill_lengths);
    add_plot(overview, result, "pauses", "Time between packets of a sample", RESULT_PLOT_BOXES,
             RESULT_COLUMNS(duration_boxes), labels, fill_pauses);
    add_plot(overview, result, "durations", "Duration of a sample", RESULT_PLOT_BOXES,
             RESULT_COLUMNS(duration_boxes), labels, fill_durations);
    add_plot(overview, result, "sample_packets", "Packets of a sample", RESULT_PLOT_BOXES,
             RESULT_COLUMNS(count_boxes), labels, fill_sample_packets);
    add_plot(overview, result, "protocols", "Protocols of each label", RESULT_PLOT_HEAT,
             RESULT_COLUMNS(protocol_columns), overview->protocols.count, fill_protocol);
    add_plot(overview, result, "ports", "Most frequent ports of each label", RESULT_PLOT_BARS,
             RESULT_COLUMNS(port_columns), overview->ports.count, fill_port);
    add_plot(overview, result, "addresses", "Most frequent addresses of each label",
             RESULT_PLOT_BARS, RESULT_COLUMNS(address_columns), overview->addresses.count,
             fill_address);
}

void overview_describe(const struct overview *overview, struct result *result)
{
    describe_set(overview, result);
    describe_labels(overview, result);
    result_open(result, "check", "Check");
    check_describe(&overview->check, result);
    no_labels_find(&overview->check.packets.survey, result);
    result_close(result);
    result_open(result, "made_by", "How this was made");
    result_add(result, "labelcap", "labelcap", result_string(lcap_version()));
    if (overview->rules_name)
        result_add(result, "rules", "Rules", result_string(overview->rules_name));
    if (overview->rules_name)
        result_add(result, "rules_sha256", "SHA-256 of the rules",
                   result_string(overview->rules_sha256));
    result_say(result, "Precision",
               "quantiles are exact below 64, and within 1.6 %% above; counts of addresses are "
               "exact for labels with up to %d, and beyond that too large by at most 1/%d of the "
               "packets",
               TOP_VALUES_COUNTERS, TOP_VALUES_COUNTERS / 2);
    result_close(result);
}
