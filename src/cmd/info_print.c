/* What `info` found, printed. */
#include "cmd/info_print.h"

#include "base/number/number.h"
#include "base/text/json.h"
#include "base/text/text.h"
#include "cmd/talk.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define PIECE (64u << 10)

static void pass_on(struct buffer *out)
{
    fwrite(out->data, 1, out->len, stdout);
    buffer_clear(out);
}

/* After each line of a list that may be long: not all of the text is ever in memory. */
static void pass_on_piece(struct buffer *out)
{
    if (out->len >= PIECE)
        pass_on(out);
}

/* ---- text ---- */

/* How sort would find the file. */
static const char *order_text(const struct survey *survey)
{
    if (survey->in_order[ORDER_SAMPLE] && survey->labelled.packets)
        return "by sampleID, then time";
    if (survey->in_order[ORDER_TIME])
        return survey->grouped && survey->labelled.packets ? "by time; samples stand together"
                                                           : "by time";
    return survey->grouped && survey->labelled.packets ? "samples stand together" : "none";
}

/* "10^-6 s", "2^-20 s" */
static void resolution_text(uint8_t tsresol, char out[16])
{
    snprintf(out, 16, "%d^-%d s", tsresol & 0x80 ? 2 : 10, tsresol & 0x7f);
}

static double seconds(uint64_t ns)
{
    return (double)ns / 1e9;
}

static int append_span(struct buffer *out, const struct tally *tally, struct lcap_error *error)
{
    char first[TIME_TEXT], last[TIME_TEXT];
    if (!tally_has_time(tally))
        return buffer_append_text(out, "Time      none\n", error);
    text_from_time(tally->first_ns, first);
    text_from_time(tally->last_ns, last);
    return buffer_printf(out, error, "Time      %s to %s (%.6f s)\n", first, last,
                         seconds(tally_duration_ns(tally)));
}

static int append_overview(const struct info_pass_result *info, struct buffer *out,
                           struct lcap_error *error)
{
    const struct survey *survey = &info->survey;
    char a[GROUPED_TEXT], b[GROUPED_TEXT], c[GROUPED_TEXT];
    int rc = buffer_append_text(out, "File      ", error);
    const char *name = info->input.outcome.name;
    if (rc == 0)
        rc = text_append_escaped(out, name, strlen(name), error);
    if (rc == 0)
        rc = buffer_printf(out, error, "\nFormat    %s%s\n", info->input.outcome.format,
                           info->inputs.damaged ? " (damaged: figures are of what comes before)"
                                                : "");
    if (rc == 0)
        rc = buffer_printf(out, error, "Packets   %s: %s labelled, %s not\n",
                           text_grouped(survey->all.packets, a),
                           text_grouped(survey->labelled.packets, b),
                           text_grouped(survey->all.packets - survey->labelled.packets, c));
    if (rc == 0)
        rc = buffer_printf(out, error, "Bytes     %s on the wire, %s captured\n",
                           text_grouped(survey->all.bytes, a),
                           text_grouped(survey->all.captured, b));
    if (rc == 0)
        rc = append_span(out, &survey->all, error);
    if (rc == 0)
        rc = buffer_printf(out, error, "Order     %s\nSamples   %s, of %s\n", order_text(survey),
                           text_grouped(sample_registry_count(&survey->registry), a),
                           text_counted(info->label_count, "label", (char[COUNTED_TEXT]){0}));
    return rc;
}

static int append_interfaces(const struct info_pass_result *info, struct buffer *out,
                             struct lcap_error *error)
{
    enum { LINKTYPE_WIDTH = 20 }; /* longer ones are rare */
    int rc = buffer_append_text(
        out,
        "\nInterfaces\n  #        packets  snap length  resolution  link type             name\n",
        error);
    for (size_t i = 0; i < info->input.outcome.interfaces && rc == 0; i++) {
        const struct lcap_interface *interface = lcap_reader_interface(info->input.reader, i);
        char packets[GROUPED_TEXT], resolution[16];
        uint64_t count =
            i < info->survey.interface_capacity ? info->survey.interfaces[i].packets : 0;
        resolution_text(interface->tsresol, resolution);
        rc = buffer_printf(out, error, "%3zu  %13s  %11" PRIu32 "  %10s  %-*s", i,
                           text_grouped(count, packets), interface->snaplen, resolution,
                           interface->name_len ? LINKTYPE_WIDTH : 0,
                           lcap_linktype_name(interface->linktype));
        if (rc == 0 && interface->name_len)
            rc = buffer_append(out, "  ", 2, error);
        if (rc == 0)
            rc = text_append_escaped(out, interface->name, interface->name_len, error);
        if (rc == 0)
            rc = buffer_append(out, "\n", 1, error);
    }
    return rc;
}

static int append_metadata(const struct info_pass_result *info, uint32_t number, struct buffer *out,
                           struct lcap_error *error)
{
    size_t len;
    const char *metadata = intern_get(info->survey.registry.texts, number, &len);
    int rc = text_append_escaped(out, metadata, len, error);
    return rc == 0 ? buffer_append(out, "\n", 1, error) : rc;
}

static int append_labels(const struct info_pass_result *info, struct buffer *out,
                         struct lcap_error *error)
{
    int rc = buffer_append_text(out,
                                "\nLabels\n    samples        packets            bytes  "
                                "shortest, mean, longest sample [s]    label\n",
                                error);
    for (size_t i = 0; i < info->label_count && rc == 0; i++) {
        const struct survey_label *label = &info->labels[i];
        char samples[GROUPED_TEXT], packets[GROUPED_TEXT], bytes[GROUPED_TEXT];
        rc = buffer_printf(out, error, "%11s  %13s  %15s  %10.6f  %10.6f  %10.6f    ",
                           text_grouped(label->samples, samples),
                           text_grouped(label->tally.packets, packets),
                           text_grouped(label->tally.bytes, bytes), seconds(label->shortest_ns),
                           seconds(survey_label_mean_ns(label)), seconds(label->longest_ns));
        if (rc == 0)
            rc = append_metadata(info, label->metadata, out, error);
        pass_on_piece(out);
    }
    return rc;
}

static int append_samples(const struct info_pass_result *info, struct buffer *out,
                          struct lcap_error *error)
{
    const struct sample_registry *registry = &info->survey.registry;
    int rc = buffer_append_text(out,
                                "\nSamples\n             sampleID        packets            bytes  "
                                "first packet                    duration [s]  label\n",
                                error);
    for (size_t i = 0; i < sample_registry_count(registry) && rc == 0; i++) {
        const struct survey_sample *sample = &info->survey.samples[i];
        char packets[GROUPED_TEXT], bytes[GROUPED_TEXT], first[TIME_TEXT] = "";
        if (tally_has_time(&sample->tally))
            text_from_time(sample->tally.first_ns, first);
        rc = buffer_printf(out, error, "%21" PRIu64 "  %13s  %15s  %-30s  %12.6f  ",
                           registry->numbers.ids[i], text_grouped(sample->tally.packets, packets),
                           text_grouped(sample->tally.bytes, bytes), first,
                           seconds(tally_duration_ns(&sample->tally)));
        if (rc == 0)
            rc = append_metadata(info, registry->metadata_of[i], out, error);
        pass_on_piece(out);
    }
    return rc;
}

static int append_oddities(const struct info_pass_result *info, struct buffer *out,
                           struct lcap_error *error)
{
    const struct survey *survey = &info->survey;
    char count[COUNTED_TEXT];
    int rc = LCAP_OK;
    if (survey->overflowing)
        rc = buffer_printf(out, error, "\n%s looks like a label with a number of 2^64 or more\n",
                           text_counted(survey->overflowing, "comment", count));
    for (size_t i = 0; i < survey->conflict_count && rc == 0; i++) {
        const struct survey_conflict *conflict = &survey->conflicts[i];
        rc = buffer_printf(out, error, "\nSample %" PRIu64 " has two labels; the other one is: ",
                           sample_registry_id(&survey->registry, conflict->sample));
        if (rc == 0)
            rc = append_metadata(info, conflict->other, out, error);
    }
    return rc;
}

int info_print_text(const struct info_pass_result *info, bool samples, struct lcap_error *error)
{
    struct buffer out = {0};
    int rc = append_overview(info, &out, error);
    if (rc == 0)
        rc = append_interfaces(info, &out, error);
    if (rc == 0 && info->label_count)
        rc = append_labels(info, &out, error);
    if (rc == 0 && samples)
        rc = append_samples(info, &out, error);
    if (rc == 0)
        rc = append_oddities(info, &out, error);
    pass_on(&out);
    buffer_release(&out);
    return rc;
}

/* ---- JSON ---- */

static void json_tally(struct json_writer *json, const struct tally *tally)
{
    json_u64(json, "packets", tally->packets);
    json_u64(json, "bytes", tally->bytes);
    json_u64(json, "captured_bytes", tally->captured);
    if (tally_has_time(tally)) {
        json_i64(json, "first_ns", tally->first_ns);
        json_i64(json, "last_ns", tally->last_ns);
    } else {
        json_null(json, "first_ns");
        json_null(json, "last_ns");
    }
}

static void json_interfaces(struct json_writer *json, const struct info_pass_result *info)
{
    static const struct tally empty = TALLY_EMPTY;
    json_open_array(json, "interfaces");
    for (size_t i = 0; i < info->input.outcome.interfaces; i++) {
        const struct lcap_interface *interface = lcap_reader_interface(info->input.reader, i);
        const char *linktype = lcap_linktype_name(interface->linktype);
        json_open_object(json, NULL);
        json_u64(json, "number", i);
        json_u64(json, "linktype", interface->linktype);
        json_text(json, "linktype_name", linktype, strlen(linktype));
        json_u64(json, "snaplen", interface->snaplen);
        json_u64(json, "tsresol", interface->tsresol);
        json_i64(json, "tsoffset", interface->tsoffset);
        json_text(json, "name", interface->name, interface->name_len);
        json_tally(json,
                   i < info->survey.interface_capacity ? &info->survey.interfaces[i] : &empty);
        json_close_object(json);
    }
    json_close_array(json);
}

static void json_metadata(struct json_writer *json, const struct info_pass_result *info,
                          uint32_t number)
{
    size_t len;
    const char *metadata = intern_get(info->survey.registry.texts, number, &len);
    json_text(json, "metadata", metadata, len);
}

static void json_labels(struct json_writer *json, const struct info_pass_result *info)
{
    json_open_array(json, "labels");
    for (size_t i = 0; i < info->label_count; i++) {
        json_open_object(json, NULL);
        json_metadata(json, info, info->labels[i].metadata);
        json_u64(json, "samples", info->labels[i].samples);
        json_tally(json, &info->labels[i].tally);
        json_u64(json, "shortest_ns", info->labels[i].shortest_ns);
        json_u64(json, "mean_ns", survey_label_mean_ns(&info->labels[i]));
        json_u64(json, "longest_ns", info->labels[i].longest_ns);
        json_close_object(json);
        pass_on_piece(json->out);
    }
    json_close_array(json);
}

static void json_samples(struct json_writer *json, const struct info_pass_result *info)
{
    const struct sample_registry *registry = &info->survey.registry;
    json_open_array(json, "sample_list");
    for (size_t i = 0; i < sample_registry_count(registry); i++) {
        const struct survey_sample *sample = &info->survey.samples[i];
        char id[U64_TEXT];
        size_t id_len = number_from_unsigned(registry->numbers.ids[i], id);
        json_open_object(json, NULL);
        json_text(json, "sample_id", id, id_len);
        json_metadata(json, info, registry->metadata_of[i]);
        json_tally(json, &sample->tally);
        json_close_object(json);
        pass_on_piece(json->out);
    }
    json_close_array(json);
}

int info_print_json(const struct info_pass_result *info, bool samples, struct lcap_error *error)
{
    struct buffer out = {0};
    const struct survey *survey = &info->survey;
    const char *name = info->input.outcome.name;
    const char *format = info->input.outcome.format;
    struct json_writer json;
    json_begin(&json, &out, error);
    json_open_object(&json, NULL);
    json_text(&json, "file", name, strlen(name));
    json_text(&json, "format", format, strlen(format));
    json_bool(&json, "damaged", info->inputs.damaged > 0);
    json_tally(&json, &survey->all);
    json_u64(&json, "labelled", survey->labelled.packets);
    json_u64(&json, "samples", sample_registry_count(&survey->registry));
    json_bool(&json, "sorted_by_sample", survey->in_order[ORDER_SAMPLE]);
    json_bool(&json, "sorted_by_time", survey->in_order[ORDER_TIME]);
    json_bool(&json, "grouped", survey->grouped);
    json_u64(&json, "conflicting_packets", survey->conflicting_packets);
    json_u64(&json, "overflowing_comments", survey->overflowing);
    json_u64(&json, "pcapml_times", info->input.outcome.pcapml_times);
    json_interfaces(&json, info);
    json_labels(&json, info);
    if (samples)
        json_samples(&json, info);
    json_close_object(&json);
    int rc = json_end(&json);
    pass_on(&out);
    buffer_release(&out);
    return rc;
}
