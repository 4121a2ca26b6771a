/* Describes what a check found: figures, and a row for each finding. */
#include "dataset/check/check_result.h"

#include "base/text/text.h"
#include "dataset/leaks/leak_result.h"
#include "dataset/pass_results.h"
#include <inttypes.h>
#include <stdio.h>

static uint64_t id_of(const struct check_pass_result *found, uint32_t sample)
{
    return sample_registry_id(&found->packets.survey.registry, sample);
}

/* ---- findings as rows, for programs ---- */

static const struct result_column finding_columns[] = {
    {"kind", NULL, RESULT_TEXT, 0, 0},     {"severity", NULL, RESULT_TEXT, 0, 0},
    {"file", NULL, RESULT_TEXT, 0, 0},     {"packet", NULL, RESULT_NUMBER, 0, 0},
    {"offset", NULL, RESULT_NUMBER, 0, 0}, {"sample_id", NULL, RESULT_SAMPLE_ID, 0, 0},
    {"count", NULL, RESULT_COUNT, 0, 0},   {"text", NULL, RESULT_TEXT, 0, 0},
    {"advice", NULL, RESULT_TEXT, 0, 0},
};

static struct result_value number_or_nothing(uint64_t number, bool known)
{
    return known ? result_number(number) : result_nothing();
}

static void fill_finding(const void *owner, size_t index, struct result_row *row)
{
    const struct check_pass_result *found = owner;
    const struct check_finding *finding = &found->findings.items[index];
    const struct check_kind_row *kind = check_kind_row(finding->kind);
    const struct check_place *place = &finding->place;
    result_row_add(row, result_string(kind->name));
    result_row_add(row, result_string(findings_severity(kind->severity)));
    result_row_add(row, place->input == CHECK_NO_INPUT
                            ? result_nothing()
                            : result_string(check_pass_name_of(found, place->input)));
    result_row_add(row, number_or_nothing(place->packet, place->packet > 0));
    result_row_add(row, number_or_nothing(place->offset, place->packet > 0));
    result_row_add(row, place->sample == NO_SAMPLE ? result_nothing()
                                                   : result_sample_id(id_of(found, place->sample)));
    result_row_add(row, result_count(finding->count));
    result_row_add(row, result_string(finding->text));
    result_row_add(row, result_string(finding->advice));
}

/* ---- findings as lines, for people ---- */

/*
 * "from a.pcapng: packet 7 (offset 820, sample 5)", as far as it is known; "from" for
 * the first of several places, the file if there are several.
 */
static int write_place(const struct check_pass_result *found, const struct check_finding *finding,
                       struct buffer *out, struct lcap_error *error)
{
    const struct check_place *place = &finding->place;
    const bool file =
        place->input != CHECK_NO_INPUT && (found->sources->count > 1 || place->packet == 0);
    const bool sample = place->sample != NO_SAMPLE;
    int rc = LCAP_OK;
    buffer_clear(out);
    if (finding->count > 1 && ((file && found->sources->count > 1) || sample || place->packet > 0))
        rc = buffer_append_text(out, "from ", error);
    if (rc == 0 && file)
        rc = buffer_append_text(out, check_pass_name_of(found, place->input), error);
    if (rc == 0 && file && place->packet > 0)
        rc = buffer_append_text(out, ": ", error);
    if (rc == 0 && place->packet > 0)
        rc = buffer_printf(out, error, "packet %" PRIu64 " (offset %" PRIu64 "%s", place->packet,
                           place->offset, sample ? ", " : "");
    if (rc == 0 && sample)
        rc = buffer_printf(out, error, "sample %" PRIu64, id_of(found, place->sample));
    if (rc == 0 && place->packet > 0)
        rc = buffer_append_text(out, ")", error);
    return rc == 0 ? buffer_append(out, "", 1, error) : rc;
}

/* The text of damage names the file itself. */
static const char *place_to_show(const struct check_finding *finding, const struct buffer *place)
{
    const bool shown = place->len > 1 && finding->kind != CHECK_DAMAGED;
    return shown ? (const char *)place->data : NULL;
}

static int add_line(const struct check_pass_result *found, const struct check_finding *finding,
                    struct buffer *scratch, struct result *result)
{
    const struct check_kind_row *kind = check_kind_row(finding->kind);
    char text[2 * LCAP_ERROR_TEXT];
    const int rc = write_place(found, finding, scratch, result->error);
    if (rc < 0)
        return rc;
    snprintf(text, sizeof text, "%s; %s", finding->text, finding->advice);
    const struct lcap_finding line = {kind->severity, place_to_show(finding, scratch),
                                      finding->count, text};
    result_add_finding(result, &line);
    return result->status;
}

static void add_lines(const struct check_pass_result *found, struct result *result)
{
    struct buffer scratch = {0};
    for (size_t i = 0; i < found->findings.count && result->status == LCAP_OK; i++)
        result->status = add_line(found, &found->findings.items[i], &scratch, result);
    buffer_release(&scratch);
}

/* ---- the whole ---- */

static void describe_packets(const struct check_pass_result *found, struct result *result)
{
    const struct survey *survey = &found->packets.survey;
    result_add(result, "packets", "Packets", result_count(survey->all.packets));
    result_add(result, "labelled", "Packets labelled", result_count(survey->labelled.packets));
    result_add(result, "samples", "Samples",
               result_count(sample_registry_count(&survey->registry)));
    result_add(result, "labels", "Classes", result_count(found->class_count));
    result_add_count(result, "rules_unchecked",
                     found->findings.counts[CHECK_RULES_UNCHECKED].count);
    result_add_count(result, "conflicting_packets", survey->conflicting_packets);
}

static void describe_verdict(const struct check_findings *findings, struct result *result)
{
    const uint64_t errors = check_findings_of(findings, LCAP_SEVERITY_ERROR);
    result_add(result, "sound", NULL, result_truth(errors == 0));
    result_add(result, "errors", "Errors", result_count(errors));
    result_add(result, "warnings", "Warnings",
               result_count(check_findings_of(findings, LCAP_SEVERITY_WARNING)));
    result_add(result, "notes", "Notes",
               result_count(check_findings_of(findings, LCAP_SEVERITY_NOTE)));
}

void check_describe(const struct check_pass_result *found, struct result *result)
{
    const struct result_table findings = {RESULT_COLUMNS(finding_columns), found->findings.count,
                                          fill_finding, found};
    inputs_describe(&found->inputs, result);
    describe_packets(found, result);
    describe_verdict(&found->findings, result);
    result_add_table(result, "findings", NULL, &findings);
    if (found->leaks && leak_report_has_lists(found->leaks))
        leak_describe(found->leaks, result);
    result_place_findings(result, NULL, "Findings");
    add_lines(found, result);
    class_folders_find(&found->inputs.folders, found->packets.survey.labelled.packets, result);
    inputs_find(&found->inputs, result);
}
