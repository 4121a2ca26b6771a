/* The report of `label`: warnings, table of rules, JSON. */
#include "cmd/label_report.h"

#include "base/buffer.h"
#include "base/number/number.h"
#include "base/text/json.h"
#include "base/text/text.h"
#include "cmd/talk.h"
#include <inttypes.h>
#include <string.h>

/* More than these would scroll the rest off the screen; --stats-json has them all. */
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
    const struct label_warnings *warnings = &result->warnings;
    const char *path = lcap_rules_path(result->rules);
    for (size_t i = 0; i < warnings->count && i < MAX_WARNINGS_SAID; i++)
        talk_warning("%s:%s", path, label_warnings_text(warnings, i));
    char more[COUNTED_TEXT];
    if (warnings->count > MAX_WARNINGS_SAID)
        talk_warning("%s: %s not shown (--stats-json FILE has them all)", path,
                     text_counted(warnings->count - MAX_WARNINGS_SAID, "more warning", more));
}

static int append_rule_row(const struct label_pass_result *result, size_t index, struct buffer *out,
                           struct lcap_error *error)
{
    const struct lcap_rule *rule = lcap_rules_get(result->rules, index);
    char packets[GROUPED_TEXT];
    int rc = buffer_printf(out, error, "%7" PRIu64 "  %13s  %20" PRIu64 "  ", rule->line,
                           text_grouped(result->rule_counts[index], packets), rule->sample_id);
    if (rc == 0)
        rc = text_append_escaped(out, rule->metadata, strlen(rule->metadata), error);
    if (rc == 0)
        rc = buffer_append_text(out, "  <-  ", error);
    if (rc == 0)
        rc = text_append_escaped(out, rule->text, strlen(rule->text), error);
    return rc == 0 ? buffer_append(out, "\n", 1, error) : rc;
}

static int append_summary(const struct label_pass_result *result, struct buffer *out,
                          struct lcap_error *error)
{
    char packets[COUNTED_TEXT], labelled[GROUPED_TEXT], samples[COUNTED_TEXT], files[COUNTED_TEXT];
    int rc =
        buffer_printf(out, error, "%s of %s labelled, %s", text_grouped(result->labelled, labelled),
                      text_counted(result->all.packets, "packet", packets),
                      text_counted(result->samples, "sample", samples));
    uint64_t rest = result->all.packets - result->labelled;
    if (rc == 0 && rest)
        rc = buffer_printf(out, error, "; %s %s", text_counted(rest, "packet", packets),
                           result->kept ? "kept without a label" : "dropped");
    if (rc == 0 && result->inputs.read > 1)
        rc = buffer_printf(out, error, "; %s", text_counted(result->inputs.read, "file", files));
    if (rc == 0 && result->inputs.skipped)
        rc = buffer_printf(out, error, "; %s skipped, no captures",
                           text_counted(result->inputs.skipped, "file", files));
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
    char id[U64_TEXT];
    size_t id_len = number_from_unsigned(rule->sample_id, id);
    json_open_object(json, NULL);
    json_u64(json, "line", rule->line);
    json_text(json, "traffic_filter", rule->text, strlen(rule->text));
    json_text(json, "metadata", rule->metadata, strlen(rule->metadata));
    json_text(json, "sample_id", id, id_len);
    json_u64(json, "packets", result->rule_counts[index]);
    json_close_object(json);
}

static void json_warnings(struct json_writer *json, const struct label_warnings *warnings)
{
    json_open_array(json, "warnings");
    for (size_t i = 0; i < warnings->count; i++) {
        const char *text = label_warnings_text(warnings, i);
        json_text(json, NULL, text, strlen(text));
    }
    json_close_array(json);
}

/* What the kernel counted of a live capture. */
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
    json_u64(&json, "samples", result->samples);
    json_u64(&json, "files_read", result->inputs.read);
    json_u64(&json, "files_skipped", result->inputs.skipped);
    json_u64(&json, "files_damaged", result->inputs.damaged);
    json_counts(&json, result);
    json_open_array(&json, "rules");
    for (size_t i = 0; i < lcap_rules_count(result->rules); i++)
        json_rule(&json, result, i);
    json_close_array(&json);
    json_warnings(&json, &result->warnings);
    json_close_object(&json);
    return json_end(&json);
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
