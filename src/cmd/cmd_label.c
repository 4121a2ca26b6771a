/* labelcap label: labels captures by rules. */
#include "base/io/file.h"
#include "base/io/target.h"
#include "base/text/text.h"
#include "cmd/inputs.h"
#include "cmd/label/label_device.h"
#include "cmd/label/label_report.h"
#include "cmd/outputs.h"
#include "cmd/shared_options.h"
#include "cmd/show_result.h"
#include "cmd/talk.h"
#include "dataset/labelling/label_findings.h"
#include <stdint.h>
#include <string.h>

#define ARGS struct label_args

enum { ORDER_GIVEN, ORDER_BY_TIME };
static const char *const order_choices[] = {"given", "time", NULL};

static const char *const bucket_choices[] = {"none", "write", "read", NULL};

static const struct option_row rows[] = {
    ROW_HEADING("Labels"),
    {'L', "rules", "FILE", ARG_TEXT(rules), "rules: traffic_filter,metadata[,hash_key]"},
    {0, "keep-unmatched", NULL, ARG_FLAG(keep_unmatched),
     "keep packets that no rule matches (unlabelled)"},
    {0, "relabel", NULL, ARG_FLAG(relabel), "replace existing labels"},
    {0, "join", NULL, ARG_FLAG(join),
     "treat the inputs as one capture: flows go on in the next one"},
    {0, "keep-source", NULL, ARG_FLAG(keep_source),
     "name the input of each packet in a second comment"},
    {0, "strict", NULL, ARG_FLAG(strict), "treat any warning about the rules as an error"},
    {0, "shift-rules", "SECONDS", ARG_SHIFT(shift_rules), "move the time windows of all rules"},
    ROW_HEADING("Output"),
    ROW_OUTPUT("labelled pcapng; .gz and .zst compress; - is standard output"),
    ROW_SNAPLEN,
    {'s', "sort", NULL, ARG_FLAG(sort), "sort by sampleID, then time"},
    {0, "split-linktypes", NULL, ARG_FLAG(split_linktypes), "write one output for each link type"},
    {0, "write-pcapml-times", NULL, ARG_FLAG(write_pcapml_times),
     "write timestamps as pcapml does"},
    ROW_HEADING("Report"),
    {'t', "stats", NULL, ARG_FLAG(stats), "always print a line for each rule"},
    ROWS_JSON,
    {0, "dry-run", NULL, ARG_FLAG(dry_run), "write no capture; report what each rule would label"},
    ROW_HEADING("Live capture"),
    {'d', "device", "IFACE", ARG_NAME(device, COMPLETE_INTERFACES), "capture from an interface"},
    {0, "no-promiscuous", NULL, ARG_FLAG(no_promiscuous),
     "do not put the interface into promiscuous mode"},
    {0, "buffer-size", "SIZE", ARG_SIZE(buffer_size), "size of the kernel's packet buffer"},
    {'c', "count", "N", ARG_COUNT(count), "stop after N packets"},
    {0, "duration", "SECONDS", ARG_SECONDS(duration), "stop after this time"},
    {0, "rotate-seconds", "SECONDS", ARG_SECONDS(rotate_seconds),
     "start a new file after this time"},
    {0, "rotate-size", "SIZE", ARG_SIZE(rotate_size), "start a new file after this many bytes"},
    {0, "user", "NAME", ARG_TEXT(user), "become this user once the interface is open"},
    ROW_HEADING("Shards"),
    ROW_SHARD,
    {0, "count-packets", NULL, ARG_FLAG(count_packets),
     "first, for rules with EACH:packet: only count the packets of the shard"},
    {0, "buckets", "WHAT", ARG_CHOICE(buckets, bucket_choices),
     "first, for rules with SCOPE:flow or EACH:flow: write buckets, then read them"},
    ROW_HEADING("General"),
    {0, "order", "ORDER", ARG_CHOICE(order, order_choices),
     "read inputs as given, or by time: that of their first packet (given)"},
    ROWS_READING,
    ROW_MEMORY("sorting, such as 256M (128M)"),
    ROW_TMPDIR("beside the output"),
    ROW_FORCE,
    ROW_NO_SYNC,
    ROW_LEVEL,
    ROW_THREADS,
    ROW_QUIET,
    ROW_SYNONYM('W', "write", "output"),
    {0},
};

static const struct option_relation relations[] = {
    {NULL, NEEDS, "rules", NULL},
    {NULL, NEEDS, "output|dry-run", NULL},
    {NULL, NEEDS, "INPUT|device", NULL},
    {"device", EXCLUDES, "linktype", "a device says its link type itself"},
    {"force", NEEDS, "output|stats-json", NULL},
    {"memory|tmpdir", NEEDS, "sort", NULL},
    {"shard", EXCLUDES, "device|dry-run", "a shard is a part of what a run reads and writes"},
    {"count-packets|buckets", NEEDS, "shard", NULL},
    {"count-packets", EXCLUDES, "buckets", "buckets count the packets, too"},
    {"device", EXCLUDES, "INPUT", "files and live traffic are labelled in separate runs"},
    {"device", EXCLUDES, "join|keep-source", "a live capture has no input files"},
    {"no-promiscuous|buffer-size|count|duration|rotate-seconds|rotate-size|user", NEEDS, "device",
     NULL},
    RELATION_JSON,
    {0},
};

static const struct label_args defaults = {.sorter.memory = SORTER_USUAL_MEMORY};

static bool has_standard_input(const char *const *operands, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(operands[i], "-") == 0)
            return true;
    return false;
}

static int check_label(const void *given, const char *const *operands, size_t count,
                       struct lcap_error *error)
{
    const struct label_args *args = given;
    const bool several = args->split_linktypes || args->rotate_seconds > 0 || args->rotate_size;
    if (several && args->output && target_is_stream(args->output))
        return lcap_error_set(
            error, LCAP_ERR_ARGUMENT,
            "--split-linktypes and --rotate-… options need -o FILE: a stream holds one file");
    if (strcmp(args->rules, "-") == 0 && has_standard_input(operands, count))
        return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                              "standard input cannot be both the rules and a capture");
    return LCAP_OK;
}

/* Warnings known from the rules alone need no run. */
static int check_rules(const struct label_run *run, struct lcap_error *error)
{
    const struct lcap_rules *rules = run->result->rules;
    const struct lcap_finding *first = lcap_rules_finding(rules, 0);
    if (!run->args->strict || !first)
        return LCAP_OK;
    return lcap_error_set(error, LCAP_ERR_RULES, "%s:%s: %s (--strict)", lcap_rules_path(rules),
                          first->place, first->text);
}

static int report(struct label_run *run, struct lcap_error *error)
{
    if (run->result->is_done) {
        talk_note("%s: is done already", run->result->part);
        return LCAP_OK;
    }
    if (run->args->count_packets || run->args->buckets != BUCKETS_NONE)
        return LCAP_OK;
    const int rc = label_report_show(run, error);
    /* The joint of a shard tells of damage, and merge fails. */
    return run->args->shard.count > 0 ? rc : inputs_status(rc, &run->result->inputs);
}

/* With --strict a warning is an error, so nothing is written. */
static int run_offline(struct label_run *run, struct lcap_error *error)
{
    int rc = label_report_open(run, error);
    if (rc == 0)
        rc = label_pass_run(run->pass, error);
    if (rc != LCAP_OK)
        return rc;
    label_report_warnings(run->result);
    rc = run->args->strict ? label_findings_refuse(run->result, error) : LCAP_OK;
    return rc == LCAP_OK ? label_pass_finish(run->pass, error) : rc;
}

static int order_sources(struct label_run *run, const struct input_options *reading,
                         struct lcap_error *error)
{
    const char *other;
    if (run->args->order != ORDER_BY_TIME)
        return LCAP_OK;
    if (!sources_are_regular(&run->sources, &other))
        return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                              "--order time looks into files first, but %s is no regular file",
                              other);
    return sources_order_by_time(&run->sources, reading, error);
}

/* The report and the rules are not captures either. */
static int list_sources(struct label_run *run, const struct label_pass_options *options,
                        const char *const *operands, size_t count, struct lcap_error *error)
{
    const struct label_args *args = run->args;
    int rc = label_pass_exclude_outputs(&run->sources, options, error);
    if (rc == 0 && args->stats_json)
        rc = file_check_not_input(args->stats_json, &args->rules, 1, error);
    if (rc == 0)
        rc = inputs_list(&run->sources, operands, count, args->stats_json, error);
    return rc == 0 ? order_sources(run, &options->input, error) : rc;
}

static int begin(struct label_run *run, const char *const *operands, size_t count,
                 struct lcap_error *error)
{
    const struct label_args *args = run->args;
    struct label_pass_options options = {
        .rules = args->rules,
        .output = args->output,
        .dry_run = args->dry_run,
        .sort = args->sort,
        .keep_unmatched = args->keep_unmatched,
        .relabel = args->relabel,
        .shift_rules_ns = args->shift_rules,
        .split_linktypes = args->split_linktypes,
        .join = args->join,
        .keep_source = args->keep_source,
        .placing = args->placing,
        .write_pcapml_times = args->write_pcapml_times,
        .snaplen = (uint32_t)args->snaplen,
        .sorter = args->sorter,
        .input = inputs_options(&args->reading),
        .count_packets = args->count_packets,
        .buckets = args->buckets,
        .shard = args->shard,
    };
    int rc = list_sources(run, &options, operands, count, error);
    if (rc == 0)
        rc = label_pass_new(&run->pass, &run->sources, &options, error);
    if (rc < 0)
        return rc;
    run->result = label_pass_result(run->pass);
    return check_rules(run, error);
}

static int run_label(const void *given, const char *const *operands, size_t count,
                     struct lcap_error *error)
{
    const struct label_args *args = given;
    struct label_run run = {.args = args};
    int rc = outputs_check_capture(args->output, args->placing.level, args->shard, error);
    if (rc != 0)
        return rc;
    outputs_note_format(args->output);
    rc = begin(&run, operands, count, error);
    if (rc == 0)
        rc = args->device ? label_device(&run, error) : run_offline(&run, error);
    if (rc == LCAP_OK || rc == COMMAND_TOLD) {
        int reported = report(&run, error);
        rc = reported == LCAP_OK ? rc : reported;
    }
    label_pass_free(run.pass);
    sources_release(&run.sources);
    return rc;
}

const struct command cmd_label = {
    .name = "label",
    .summary = "label the packets of captures according to rules",
    .usage = "labelcap label -L RULES -o OUTPUT [OPTION...] INPUT...\n"
             "       labelcap label -L RULES --dry-run [OPTION...] INPUT...\n"
             "       labelcap label -L RULES -o OUTPUT [OPTION...] -d IFACE",
    .operands = "INPUT",
    .max_operands = SIZE_MAX,
    .details =
        "Inputs are captures (pcap, pcapng; also compressed), directories and - (standard input). "
        "The first rule in the file that matches a packet labels it: see labelcap-rules(5).",
    .example = "labelcap label -L rules.csv -o labelled.pcapng captures/",
    .options = rows,
    .relations = relations,
    .defaults = &defaults,
    .args_size = sizeof defaults,
    .check = check_label,
    .run = run_label,
};
