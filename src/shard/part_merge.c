/* Merges the parts of shards. */
#include "shard/part_merge.h"

#include "base/io/output.h"
#include "base/io/target.h"
#include "base/text/text.h"
#include "dataset/catalogue/index_shard.h"
#include "dataset/check/check_result.h"
#include "dataset/labelling/label_findings.h"
#include "dataset/labelling/label_result.h"
#include "dataset/losses.h"
#include "dataset/pass_results.h"
#include "shard/arrays_merge.h"
#include "shard/captures_merge.h"
#include "shard/flows_merge.h"
#include <string.h>

/* "flows --buckets" leaves them. */
static int check_command(const struct part *part, struct lcap_error *error)
{
    if (!strchr(part->joint.command, ' '))
        return LCAP_OK;
    return lcap_error_set(
        error, LCAP_ERR_FORMAT,
        "%s: was written by 'labelcap %s' for other shards: merge the parts that they write",
        part->path, part->joint.command);
}

static enum merged kind_of_command(const char *command)
{
    static const struct {
        const char *command;
        enum merged kind;
    } others[] = {{"flows", MERGED_TABLE},
                  {"index", MERGED_CATALOGUE},
                  {"arrays", MERGED_ARRAYS},
                  {"check", MERGED_REPORT}};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strcmp(others[i].command, command) == 0)
            return others[i].kind;
    return MERGED_CAPTURE;
}

static int take_parts(struct part_merge_result *result, const char *const *paths, size_t count,
                      const char *output, unsigned threads, struct lcap_error *error)
{
    struct parts *parts = &result->parts;
    int rc = parts_read(parts, paths, count, error);
    if (rc == LCAP_OK)
        rc = parts_check_joints(parts, error);
    if (rc == LCAP_OK)
        rc = check_command(&parts->items[0], error);
    if (rc < 0)
        return rc;
    result->kind = kind_of_command(parts->items[0].joint.command);
    /* Captures are read as a whole, and put into place only then. */
    const bool later = output && !target_is_stream(output) && result->kind == MERGED_CAPTURE;
    return later ? LCAP_OK : parts_check_bytes(parts, threads, error);
}

static int note_segment(struct part_merge_result *result, const struct joint_segment *segment,
                        struct lcap_error *error)
{
    if (segment->left_out)
        return LCAP_OK;
    result->packets += segment->packets;
    result->labelled += segment->labelled;
    if (!segment->damage)
        return LCAP_OK;
    result->damaged++;
    const struct lcap_finding finding = {
        .severity = LCAP_SEVERITY_ERROR, .count = 1, .text = segment->damage};
    return findings_add(&result->findings, &finding, error);
}

/* What the shards have read. */
static int note_segments(struct part_merge_result *result, struct lcap_error *error)
{
    const struct parts *parts = &result->parts;
    size_t segments = 0;
    int rc = LCAP_OK;
    for (size_t i = 0; i < parts->count; i++)
        segments += parts->items[i].joint.segment_count;
    if (segments == 0)
        return lcap_error_set(error, LCAP_ERR_FORMAT, "no capture among the inputs");
    for (size_t i = 0; i < parts->count; i++)
        for (size_t k = 0; k < parts->items[i].joint.segment_count && rc == LCAP_OK; k++)
            rc = note_segment(result, &parts->items[i].joint.segments[k], error);
    return rc;
}

static int merge_labels(const char *output, const struct part_merge_options *options,
                        struct part_merge_result *result, struct lcap_error *error)
{
    const struct input_options input = {
        .threads = options->threads, .watcher = options->watcher, .listener = options->listener};
    int rc = label_sum_new(&result->labels, &result->parts, &input, error);
    if (rc == LCAP_OK && options->list_listener)
        options->list_listener(label_sum_sources(result->labels));
    if (rc == LCAP_OK)
        rc = label_sum_run(result->labels, &result->parts, error);
    if (rc == LCAP_OK && options->strict)
        rc = label_findings_refuse(label_pass_result(label_sum_pass(result->labels)), error);
    if (rc == LCAP_OK)
        rc = captures_merge_run(output, options, result, error);
    if (rc == LCAP_OK)
        label_sum_add_output(result->labels, &result->losses, result->linktypes);
    return rc;
}

static int merge_catalogue(const char *output, const struct part_merge_options *options,
                           struct part_merge_result *result, struct lcap_error *error)
{
    const struct index_pass_options indexing = {.placing = options->placing, .catalogue = output};
    const int rc = index_pass_merge(&result->parts, &indexing, &result->index, error);
    result->packets = result->index.packets;
    result->labelled = result->index.labelled;
    return rc;
}

static int check_output(const struct part_merge_result *result, const char *output,
                        struct lcap_error *error)
{
    if (!output && result->kind != MERGED_REPORT)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                              "no output given for the parts of %s (-o FILE)",
                              result->parts.items[0].joint.command);
    return LCAP_OK;
}

static int merge_check(const char *output, const struct part_merge_options *options,
                       struct part_merge_result *result, struct lcap_error *error)
{
    const struct check_merge_options checking = {
        .sorter = options->sorter, .output = output, .placing = options->placing};
    const int rc = check_merge_run(&result->check, &result->parts, &checking, error);
    result->packets = result->check.found.packets.survey.all.packets;
    result->labelled = result->check.found.packets.survey.labelled.packets;
    return rc;
}

int part_merge_run(const char *const *paths, size_t count, const char *output,
                   const struct part_merge_options *options, struct part_merge_result *result,
                   struct lcap_error *error)
{
    *result = (struct part_merge_result){0};
    int rc = take_parts(result, paths, count, output, options->threads, error);
    if (rc == LCAP_OK)
        rc = check_output(result, output, error);
    if (rc < 0)
        return rc;
    if (result->kind == MERGED_REPORT)
        return merge_check(output, options, result, error);
    if (result->kind == MERGED_TABLE)
        return flows_merge_run(output, options, result, error);
    if (result->kind == MERGED_CATALOGUE)
        return merge_catalogue(output, options, result, error);
    rc = note_segments(result, error);
    if (rc < 0)
        return rc;
    if (result->kind == MERGED_ARRAYS)
        return arrays_merge_run(output, options, result, error);
    if (!result->parts.items[0].joint.output.split_linktypes)
        rc = output_try(output, &options->placing, error);
    if (rc < 0)
        return rc;
    return strcmp(result->parts.items[0].joint.command, "label") == 0
               ? merge_labels(output, options, result, error)
               : captures_merge_run(output, options, result, error);
}

int part_merge_check_labels(const struct part_merge_result *done, struct lcap_error *error)
{
    char packets[COUNTED_TEXT];
    if (!done->parts.items[0].joint.output.needs_labels || done->packets == 0 || done->labelled > 0)
        return LCAP_OK;
    return lcap_error_set(error, LCAP_ERR_LABEL, "no packet got a label (%s read)",
                          text_counted(done->packets, "packet", packets));
}

void part_merge_release(struct part_merge_result *result)
{
    label_sum_free(result->labels);
    parts_release(&result->parts);
    check_merge_release(&result->check);
    arrays_merge_release(result);
    findings_release(&result->findings);
}

/* ---- the result ---- */

static void say_merge(const struct part_merge_result *done, const char *output,
                      struct result *result)
{
    char packets[COUNTED_TEXT], parts[COUNTED_TEXT];
    if (done->kind == MERGED_TABLE) {
        result_say(result, NULL, "merged %s of %s into %s",
                   text_counted(done->flows.rows, "row", packets),
                   text_counted(done->parts.count, "part", parts), target_name(output));
        return;
    }
    result_say(result, NULL, "merged %s of %s into %s",
               text_counted(done->written, "packet", packets),
               text_counted(done->parts.count, "part", parts), target_name(output));
}

void part_merge_describe(const struct part_merge_result *done, const char *output,
                         struct result *result)
{
    if (done->kind == MERGED_REPORT) {
        check_describe(&done->check.found, result);
        return;
    }
    if (done->kind == MERGED_ARRAYS) {
        array_describe(&done->arrays.pass, output, result);
        return;
    }
    if (done->kind == MERGED_CATALOGUE) {
        index_describe(&done->index, index_shard_dataset(&done->parts), result);
        return;
    }
    if (done->labels) {
        label_describe(label_pass_result(label_sum_pass(done->labels)), true, result);
        return;
    }
    result_add_count(result, "parts", done->parts.count);
    result_add_count(result, "packets", done->packets);
    if (done->kind == MERGED_TABLE) {
        result_add_count(result, "flows", done->flows.counts.flows);
        result_add_count(result, "rows", done->flows.rows);
    } else {
        result_add_count(result, "written", done->written);
    }
    result_add_count(result, "labelled", done->labelled);
    result_add_count(result, "damaged_inputs", done->damaged);
    if (done->kind == MERGED_CAPTURE)
        result_add_count(result, "linktypes", done->linktypes);
    result_place_findings(result, "findings", NULL);
    for (size_t i = 0; i < done->findings.count; i++)
        result_find(result, LCAP_SEVERITY_ERROR, 1, "%s", done->findings.items[i].text);
    losses_find(&done->losses, result);
    if (done->kind == MERGED_CAPTURE && done->parts.count > 0 &&
        !done->parts.items[0].joint.output.split_linktypes)
        linktypes_find(done->linktypes, output, result);
    say_merge(done, output, result);
}
