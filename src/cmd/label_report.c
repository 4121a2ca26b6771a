/* The report of `label`: warnings, table of rules, JSON. */
#include "cmd/label_report.h"

#include "base/buffer.h"
#include "base/idmap.h"
#include "base/json.h"
#include "base/text.h"
#include "cmd/talk.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* More than these would scroll the rest off the screen; --stats-json has them all. */
#define MAX_WARNINGS_SAID 20

/* A table of this many rules still fits a terminal; a longer one only on request. */
#define MAX_RULES_UNASKED 24

static uint64_t count_samples(const struct label_run *run)
{
    struct idmap seen = {0};
    for (size_t i = 0; i < lcap_rules_count(run->rules); i++)
        if (run->rule_counts[i])
            idmap_put(&seen, lcap_rules_get(run->rules, i)->sample_id, 0, NULL);
    uint64_t samples = seen.count;
    idmap_release(&seen);
    return samples;
}

static bool outside_capture(const struct label_run *run, const struct lcap_rule *rule)
{
    return rule->has_window && tally_has_time(&run->all) &&
           (rule->end_ns < run->all.first_ns || rule->start_ns > run->all.last_ns);
}

/* Why a rule without packets may have none: appends one line, or nothing where it has some. */
static int explain_idle_rule(const struct label_run *run, size_t index, struct buffer *text,
                             struct lcap_error *error)
{
    const struct lcap_rule *rule = lcap_rules_get(run->rules, index);
    if (run->rule_counts[index] || rule->file_index == LCAP_NO_FILE)
        return LCAP_OK; /* a missing file has been told of at loading */
    if (!outside_capture(run, rule))
        return buffer_printf(text, error, "%" PRIu64 ": labelled no packet: %s", rule->line,
                             rule->text);
    char first[TIME_TEXT], last[TIME_TEXT];
    text_from_time(run->all.first_ns, first);
    text_from_time(run->all.last_ns, last);
    return buffer_printf(text, error,
                         "%" PRIu64 ": its time lies outside the capture (%s to %s): %s",
                         rule->line, first, last, rule->text);
}

/* Calls `each` with every warning, "LINE: text". */
static int for_each_warning(const struct label_run *run,
                            void (*each)(void *context, const char *text), void *context,
                            struct lcap_error *error)
{
    const char *text;
    for (size_t i = 0; (text = lcap_rules_warning(run->rules, i)); i++)
        each(context, text);
    for (size_t i = 0; (text = lcap_matcher_warning(run->matcher, i)); i++)
        each(context, text);
    struct buffer line = {0};
    int rc = LCAP_OK;
    for (size_t i = 0; i < lcap_rules_count(run->rules) && rc == 0; i++) {
        buffer_clear(&line);
        rc = explain_idle_rule(run, i, &line, error);
        if (rc == 0 && line.len > 0)
            rc = buffer_append(&line, "", 1, error);
        if (rc == 0 && line.len > 0)
            each(context, (const char *)line.data);
    }
    buffer_release(&line);
    return rc;
}

struct warning_count {
    const char *path;
    size_t count;
};

static void say_warning(void *context, const char *text)
{
    struct warning_count *warnings = context;
    if (warnings->count < MAX_WARNINGS_SAID)
        talk_warning("%s:%s", warnings->path, text);
    warnings->count++;
}

size_t label_report_warnings(const struct label_run *run)
{
    struct warning_count warnings = {lcap_rules_path(run->rules), 0};
    for_each_warning(run, say_warning, &warnings, NULL);
    if (warnings.count > MAX_WARNINGS_SAID)
        talk_warning("%s: %zu more warnings (--stats-json FILE has them all)", warnings.path,
                     warnings.count - MAX_WARNINGS_SAID);
    return warnings.count;
}

static int append_rule_row(const struct label_run *run, size_t index, struct buffer *out,
                           struct lcap_error *error)
{
    const struct lcap_rule *rule = lcap_rules_get(run->rules, index);
    char packets[GROUPED_TEXT];
    int rc = buffer_printf(out, error, "%7" PRIu64 "  %13s  %20" PRIu64 "  ", rule->line,
                           grouped(run->rule_counts[index], packets), rule->sample_id);
    if (rc == 0)
        rc = text_append_escaped(out, rule->metadata, strlen(rule->metadata), error);
    if (rc == 0)
        rc = buffer_append_text(out, "  <-  ", error);
    if (rc == 0)
        rc = text_append_escaped(out, rule->text, strlen(rule->text), error);
    return rc == 0 ? buffer_append(out, "\n", 1, error) : rc;
}

static int append_summary(const struct label_run *run, struct buffer *out, struct lcap_error *error)
{
    char packets[COUNTED_TEXT], labelled[GROUPED_TEXT], samples[COUNTED_TEXT], files[COUNTED_TEXT];
    int rc = buffer_printf(out, error, "%s of %s labelled, %s", grouped(run->labelled, labelled),
                           counted(run->all.packets, "packet", packets),
                           counted(count_samples(run), "sample", samples));
    uint64_t rest = run->all.packets - run->labelled;
    if (rc == 0 && rest)
        rc = buffer_printf(out, error, "; %s %s", counted(rest, "packet", packets),
                           run->kept ? "kept without a label" : "dropped");
    if (rc == 0 && run->files_read > 1)
        rc = buffer_printf(out, error, "; %s", counted(run->files_read, "file", files));
    if (rc == 0 && run->files_skipped)
        rc = buffer_printf(out, error, "; %s skipped, no captures",
                           counted(run->files_skipped, "file", files));
    return rc == 0 ? buffer_append(out, "\n", 1, error) : rc;
}

int label_report_print(const struct label_run *run, FILE *out, struct lcap_error *error)
{
    size_t count = lcap_rules_count(run->rules);
    struct buffer text = {0};
    int rc = append_summary(run, &text, error);
    if (run->args->stats || run->args->dry_run || count <= MAX_RULES_UNASKED) {
        if (rc == 0)
            rc = buffer_printf(&text, error, "%7s  %13s  %20s  %s\n", "line", "packets", "sampleID",
                               "metadata  <-  filter");
        for (size_t i = 0; i < count && rc == 0; i++)
            rc = append_rule_row(run, i, &text, error);
    }
    if (rc == 0)
        fwrite(text.data, 1, text.len, out);
    buffer_release(&text);
    return rc;
}

static void json_rule(struct json_writer *json, const struct label_run *run, size_t index)
{
    const struct lcap_rule *rule = lcap_rules_get(run->rules, index);
    char id[U64_TEXT];
    size_t id_len = text_from_u64(rule->sample_id, id);
    json_open_object(json, NULL);
    json_u64(json, "line", rule->line);
    json_text(json, "traffic_filter", rule->text, strlen(rule->text));
    json_text(json, "metadata", rule->metadata, strlen(rule->metadata));
    json_text(json, "sample_id", id, id_len);
    json_u64(json, "packets", run->rule_counts[index]);
    json_close_object(json);
}

static void json_warning(void *json, const char *text)
{
    json_text(json, NULL, text, strlen(text));
}

static int append_json(const struct label_run *run, struct buffer *out, struct lcap_error *error)
{
    struct json_writer json;
    json_begin(&json, out, error);
    json_open_object(&json, NULL);
    json_u64(&json, "packets", run->all.packets);
    json_u64(&json, "labelled", run->labelled);
    json_u64(&json, "kept_without_label", run->kept);
    json_u64(&json, "dropped", run->all.packets - run->labelled - run->kept);
    json_u64(&json, "samples", count_samples(run));
    json_u64(&json, "files_read", run->files_read);
    json_u64(&json, "files_skipped", run->files_skipped);
    json_u64(&json, "files_damaged", run->files_damaged);
    json_open_array(&json, "rules");
    for (size_t i = 0; i < lcap_rules_count(run->rules); i++)
        json_rule(&json, run, i);
    json_close_array(&json);
    json_open_array(&json, "warnings");
    for_each_warning(run, json_warning, &json, error);
    json_close_array(&json);
    json_close_object(&json);
    return json_end(&json);
}

int label_report_write_json(struct label_run *run, struct lcap_error *error)
{
    struct buffer text = {0};
    int rc = append_json(run, &text, error);
    if (rc == 0) {
        output_write(run->report, text.data, text.len);
        rc = output_close(run->report, error);
        run->report = NULL;
    }
    buffer_release(&text);
    return rc;
}
