/* labelcap label: captures + rules → labelled pcapng. */
#include "base/io/file.h"
#include "base/io/target.h"
#include "cmd/label_live.h"
#include "cmd/label_report.h"
#include "cmd/label_run.h"
#include "cmd/shared_options.h"
#include "cmd/talk.h"
#include <stdint.h>
#include <string.h>

#define ARG(member) offsetof(struct label_args, member)

static const struct option_row rows[] = {
    {'L', "rules", "FILE", "rules: traffic_filter,metadata[,hash_key]", OPTION_TEXT, ARG(rules),
     NULL},
    ROW_OUTPUT(struct label_args, "labelled pcapng; .gz and .zst compress; - is standard output"),
    {'s', "sort", NULL, "sort by sampleID, then time", OPTION_FLAG, ARG(sort), NULL},
    {'t', "stats", NULL, "print a line for every rule, also where there are many", OPTION_FLAG,
     ARG(stats), NULL},
    {0, "stats-json", "FILE", "write the report as JSON", OPTION_TEXT, ARG(stats_json), NULL},
    {0, "dry-run", NULL, "only report what each rule would label", OPTION_FLAG, ARG(dry_run), NULL},
    {0, "keep-unmatched", NULL, "keep packets that no rule matches, without a label", OPTION_FLAG,
     ARG(keep_unmatched), NULL},
    {0, "relabel", NULL, "replace labels that are there", OPTION_FLAG, ARG(relabel), NULL},
    {0, "strict", NULL, "any warning about the rules is an error", OPTION_FLAG, ARG(strict), NULL},
    {0, "split-linktypes", NULL, "one output for each link type", OPTION_FLAG, ARG(split_linktypes),
     NULL},
    {0, "write-pcapml-times", NULL, "write timestamps as pcapml does", OPTION_FLAG,
     ARG(write_pcapml_times), NULL},
    ROW_PCAPML_TIMES(struct label_args),
    ROW_MEMORY(struct label_args),
    ROW_TMPDIR(struct label_args),
    {'d', "device", "IFACE", "capture live from an interface", OPTION_TEXT, ARG(device), NULL},
    {0, "snaplen", "BYTES", "live: capture length (262144)", OPTION_COUNT, ARG(snaplen), NULL},
    {0, "no-promiscuous", NULL, "live: leave the interface's mode as it is", OPTION_FLAG,
     ARG(no_promiscuous), NULL},
    {0, "buffer-size", "SIZE", "live: the kernel's packet buffer", OPTION_SIZE, ARG(buffer_size),
     NULL},
    {'c', "count", "N", "live: stop after N packets", OPTION_COUNT, ARG(count), NULL},
    {0, "duration", "SECONDS", "live: stop after a time", OPTION_SECONDS, ARG(duration), NULL},
    {0, "rotate-seconds", "SECONDS", "live: start a new file after a time", OPTION_SECONDS,
     ARG(rotate_seconds), NULL},
    {0, "rotate-size", "SIZE", "live: start a new file after so many bytes", OPTION_SIZE,
     ARG(rotate_size), NULL},
    {0, "user", "NAME", "live: become this user once the device is open", OPTION_TEXT, ARG(user),
     NULL},
    ROW_FORCE(struct label_args),
    ROW_QUIET(struct label_args),
    OPTION_END,
};

/* libpcap's own limit. */
#define MAX_SNAPLEN 262144

static const struct label_args defaults = {.memory = DEFAULT_MEMORY, .snaplen = MAX_SNAPLEN};

/* What is wrong with the places that are written to, or NULL. */
static const char *find_output_fault(const struct label_args *args)
{
    bool several = args->split_linktypes || args->rotate_seconds > 0 || args->rotate_size;
    if (!args->output)
        return args->dry_run ? NULL : "no output (-W FILE), and no --dry-run";
    if (several && target_is_stream(args->output))
        return "--split-linktypes and --rotate-… write several files: -W takes a named file";
    if (args->stats_json && file_same_place(args->output, args->stats_json))
        return "-W and --stats-json write to the same file or to standard output";
    return NULL;
}

static bool has_standard_input(const char *const *operands, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(operands[i], "-") == 0)
            return true;
    return false;
}

static bool has_live_option(const struct label_args *args)
{
    return args->user || args->count || args->duration > 0 || args->rotate_seconds > 0 ||
           args->rotate_size || args->snaplen != MAX_SNAPLEN || args->no_promiscuous ||
           args->buffer_size;
}

static int check_usage(const struct label_args *args, const char *const *operands, size_t inputs,
                       struct lcap_error *error)
{
    const char *wrong = find_output_fault(args);
    if (!args->rules)
        wrong = "no rules file (-L FILE)";
    else if (!args->device && inputs == 0)
        wrong = "no input: expected files, directories, - or a device (-d)";
    else if (args->device && inputs > 0)
        wrong = "a device (-d) and files cannot be labelled in one run";
    else if (!args->device && has_live_option(args))
        wrong = "options for live capture go with a device (-d)";
    else if (args->snaplen > MAX_SNAPLEN)
        wrong = "--snaplen: expected 1 to 262144";
    else if (strcmp(args->rules, "-") == 0 && has_standard_input(operands, inputs))
        wrong = "standard input cannot be both the rules and a capture";
    if (!wrong)
        return LCAP_OK;
    lcap_error_set(error, LCAP_ERR_ARGUMENT, "%s", wrong);
    return COMMAND_USAGE;
}

/* With --strict a warning is an error; so nothing is written. */
static int check_strict(const struct label_run *run, size_t warnings, struct lcap_error *error)
{
    if (!run->args->strict || warnings == 0)
        return LCAP_OK;
    return lcap_error_set(error, LCAP_ERR_RULES, "%s: %zu warning%s, and --strict",
                          lcap_rules_path(run->rules), warnings, warnings == 1 ? "" : "s");
}

/* Rules that are odd by themselves need no run to be refused. */
static int check_rules(const struct label_run *run, struct lcap_error *error)
{
    const char *first = lcap_rules_warning(run->rules, 0);
    if (!run->args->strict || !first)
        return LCAP_OK;
    return lcap_error_set(error, LCAP_ERR_RULES, "%s:%s (--strict)", lcap_rules_path(run->rules),
                          first);
}

/* A dry run's table is data. */
static FILE *place_of_table(const struct label_args *args)
{
    bool free = !args->stats_json || strcmp(args->stats_json, "-") != 0;
    return args->dry_run && free ? stdout : stderr;
}

static int report(struct label_run *run, struct lcap_error *error)
{
    const struct label_args *args = run->args;
    progress_end();
    talk_losses(&run->losses);
    if (!args->split_linktypes)
        talk_linktypes(args->output, run->linktypes);
    int rc = LCAP_OK;
    if (!args->quiet || args->dry_run || args->stats)
        rc = label_report_print(run, place_of_table(args), error);
    if (rc == 0 && run->report)
        rc = label_report_write_json(run, error);
    if (rc == 0 && run->files_damaged)
        rc = COMMAND_TOLD;
    return rc;
}

static int run_offline(struct label_run *run, struct lcap_error *error)
{
    int rc = label_run_open(run, run->args->output, error);
    if (rc == 0)
        rc = label_run_files(run, error);
    if (rc == 0)
        rc = check_strict(run, label_report_warnings(run), error);
    return rc == 0 ? label_run_close(run, error) : rc;
}

static int run_label(const void *given, const char *const *operands, size_t count,
                     struct lcap_error *error)
{
    const struct label_args *args = given;
    struct label_run run = {0};
    int rc = check_usage(args, operands, count, error);
    if (rc != LCAP_OK)
        return rc;
    if (args->quiet)
        talk_be_quiet();
    rc = label_run_init(&run, args, operands, count, error);
    if (rc == 0)
        rc = check_rules(&run, error);
    if (rc == 0)
        rc = args->device ? label_live(&run, error) : run_offline(&run, error);
    if (rc < 0)
        rc = label_run_keep(&run, rc, error);
    if (rc >= 0) {
        int reported = report(&run, error);
        rc = reported == LCAP_OK ? rc : reported;
    }
    label_run_release(&run);
    return rc;
}

const struct command cmd_label = {
    .name = "label",
    .summary = "label the packets of captures by rules",
    .usage = "labelcap label -L RULES -W OUTPUT [OPTION...] INPUT...\n"
             "       labelcap label -L RULES -W OUTPUT [OPTION...] -d IFACE",
    .operands = "INPUT",
    .max_operands = SIZE_MAX,
    .details =
        "Inputs are captures (pcap, pcapng; gzip, zstd), directories and - (standard input).\n"
        "The first rule in the file that matches a packet labels it: see labelcap-rules(5).",
    .example = "labelcap label -L rules.csv -W labelled.pcapng captures/",
    .options = rows,
    .defaults = &defaults,
    .args_size = sizeof defaults,
    .run = run_label,
};
