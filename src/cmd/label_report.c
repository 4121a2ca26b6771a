/* The report of `label`: warnings, table of rules, JSON. */
#include "cmd/label_report.h"

#include "base/buffer.h"
#include "base/number/number.h"
#include "base/text/json.h"
#include "base/text/text.h"
#include "cmd/talk.h"
#include <inttypes.h>
#include <string.h>

/* More would scroll the rest off the screen; --stats-json has them all. */
#define MAX_WARNINGS_SAID 20

/* A table of this many rules still fits a terminal; a longer one only on request. */
#define MAX_RULES_UNASKED 24

int label_report_open(struct label_run *run, struct lcap_error *error)
{
    const struct output_options placing = {.overwrite = run->args->force};
    if (!run->args->stats_json)
        return LCAP_OK;
    return output_open(&run->report, run->args->stats_json, &placing, error);
}

void label_report_warnings(const struct label_pass_result *result)
{
    const struct findings *findings = &result->findings;
    const char *path = lcap_rules_path(result->rules);
    for (size_t i = 0; i < findings->count && i < MAX_WARNINGS_SAID; i++)
        talk_warning("%s:%s: %s", path, findings->items[i].place, findings->items[i].text);
    char more[COUNTED_TEXT];
    if (findings->count > MAX_WARNINGS_SAID)
        talk_warning("%s: %s not shown (--stats-json FILE has them all)", path,
                     text_counted(findings->count - MAX_WARNINGS_SAID, "more warning", more));
}

/* The sampleID of the rule's packets; "" where they form several samples. */
static size_t sample_id_text(const struct lcap_rule *rule, char id[U64_TEXT])
{
    uint64_t sample_id;
    id[0] = '\0';
    return lcap_rule_sample_id(rule, &sample_id) ? number_from_unsigned(sample_id, id) : 0;
}

static int append_rule_row(const struct label_pass_result *result, size_t index, struct buffer *out,
                           struct lcap_error *error)
{
    const struct lcap_rule *rule = lcap_rules_get(result->rules, index);
    const char *metadata = lcap_rule_metadata(rule), *filter = lcap_rule_text(rule);
    char packets[GROUPED_TEXT], id[U64_TEXT];
    uint64_t labelled = lcap_labeller_packets(result->labeller, index);
    sample_id_text(rule, id);
    int rc = buffer_printf(out, error, "%7" PRIu64 "  %13s  %20s  ", lcap_rule_line(rule),
                           text_grouped(labelled, packets), id);
    if (rc == 0)
        rc = text_append_escaped(out, metadata, strlen(metadata), error);
    if (rc == 0)
        rc = buffer_append_text(out, "  <-  ", error);
    if (rc == 0)
        rc = text_append_escaped(out, filter, strlen(filter), error);
    return rc == 0 ? buffer_append(out, "\n", 1, error) : rc;
}

static int append_summary(const struct label_pass_result *result, struct buffer *out,
                          struct lcap_error *error)
{
    char packets[COUNTED_TEXT], labelled[GROUPED_TEXT], samples[COUNTED_TEXT], files[COUNTED_TEXT];
    int rc =
        buffer_printf(out, error, "%s of %s labelled, %s", text_grouped(result->labelled, labelled),
                      text_counted(result->all.packets, "packet", packets),
                      text_counted(lcap_labeller_samples(result->labeller), "sample", samples));
    uint64_t rest = result->all.packets - result->labelled;
    if (rc == 0 && rest)
        rc = buffer_printf(out, error, "; %s %s", text_counted(rest, "packet", packets),
                           result->kept ? "kept without a label" : "dropped");
    if (rc == 0 && result->inputs.read > 1)
        rc = buffer_printf(out, error, "; %s", text_counted(result->inputs.read, "file", files));
    return rc == 0 ? buffer_append(out, "\n", 1, error) : rc;
}

int label_report_print(const struct label_run *run, FILE *out, struct lcap_error *error)
{
    const struct label_pass_result *result = run->result;
    size_t count = lcap_rules_count(result->rules);
    struct buffer text = {0};
    int rc = append_summary(result, &text, error);
    if (run->args->stats || run->args->dry_run || count <= MAX_RULES_UNASKED) {
        if (rc == 0)
            rc = buffer_printf(&text, error, "%7s  %13s  %20s  %s\n", "line", "packets", "sampleID",
                               "metadata  <-  filter");
        for (size_t i = 0; i < count && rc == 0; i++)
            rc = append_rule_row(result, i, &text, error);
    }
    if (rc == 0)
        fwrite(text.data, 1, text.len, out);
    buffer_release(&text);
    return rc;
}

static void json_rule(struct json_writer *json, const struct label_pass_result *result,
                      size_t index)
{
    const struct lcap_rule *rule = lcap_rules_get(result->rules, index);
    const char *metadata = lcap_rule_metadata(rule), *filter = lcap_rule_text(rule);
    char id[U64_TEXT];
    size_t id_len = sample_id_text(rule, id);
    json_open_object(json, NULL);
    json_u64(json, "line", lcap_rule_line(rule));
    json_text(json, "traffic_filter", filter, strlen(filter));
    json_text(json, "metadata", metadata, strlen(metadata));
    json_text(json, "sample_id", id, id_len);
    json_u64(json, "packets", lcap_labeller_packets(result->labeller, index));
    json_close_object(json);
}

/* Each as "LINE: text". */
static int json_warnings(struct json_writer *json, const struct findings *findings,
                         struct lcap_error *error)
{
    struct buffer text = {0};
    int rc = LCAP_OK;
    json_open_array(json, "warnings");
    for (size_t i = 0; i < findings->count && rc == 0; i++) {
        buffer_clear(&text);
        rc = buffer_printf(&text, error, "%s: %s", findings->items[i].place,
                           findings->items[i].text);
        if (rc == 0)
            json_text(json, NULL, (const char *)text.data, text.len);
    }
    json_close_array(json);
    buffer_release(&text);
    return rc;
}

/* The counts of the kernel for a live capture. */
static void json_counts(struct json_writer *json, const struct label_pass_result *result)
{
    const struct {
        const char *name;
        uint64_t value;
    } counts[] = {
        {"kernel_received", result->counts.received},
        {"kernel_dropped", result->counts.dropped},
        {"interface_dropped", result->counts.dropped_interface},
    };
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        if (result->has_counts)
            json_u64(json, counts[i].name, counts[i].value);
        else
            json_null(json, counts[i].name);
    }
}

static int append_json(const struct label_pass_result *result, struct buffer *out,
                       struct lcap_error *error)
{
    struct json_writer json;
    json_begin(&json, out, error);
    json_open_object(&json, NULL);
    json_u64(&json, "packets", result->all.packets);
    json_u64(&json, "labelled", result->labelled);
    json_u64(&json, "kept_without_label", result->kept);
    json_u64(&json, "dropped", result->all.packets - result->labelled - result->kept);
    json_u64(&json, "samples", lcap_labeller_samples(result->labeller));
    json_u64(&json, "inputs_read", result->inputs.read);
    json_u64(&json, "inputs_skipped", result->inputs.skipped);
    json_u64(&json, "inputs_damaged", result->inputs.damaged);
    json_counts(&json, result);
    json_open_array(&json, "rules");
    for (size_t i = 0; i < lcap_rules_count(result->rules); i++)
        json_rule(&json, result, i);
    json_close_array(&json);
    int rc = json_warnings(&json, &result->findings, error);
    json_close_object(&json);
    return rc == 0 ? json_end(&json) : rc;
}

int label_report_write_json(struct label_run *run, struct lcap_error *error)
{
    struct buffer text = {0};
    int rc = append_json(run->result, &text, error);
    if (rc == 0) {
        output_write(run->report, text.data, text.len);
        rc = output_close(run->report, error);
        run->report = NULL;
    }
    buffer_release(&text);
    return rc;
}
