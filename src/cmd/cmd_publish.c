/* labelcap publish: makes a directory that can go public, or checks one. */
#include "base/io/target.h"
#include "cmd/inputs.h"
#include "cmd/shared_options.h"
#include "cmd/show_result.h"
#include "dataset/publish/publish_pass.h"
#include "dataset/publish/publish_verify.h"
#include "publishing/side_files.h"
#include <stdlib.h>

struct publish_args {
    const char *output, *stats_json;
    const char *values[PUBLISH_FIELD_COUNT];
    const char *metadata, *splits, *rules, *allow, *remove;
    int payload;
    uint64_t snaplen;
    struct reading_args reading;
    bool verify, flows, report;
    struct output_options placing;
};

#define ARGS struct publish_args

static const char *const payload_choices[] = {"whole", "none", NULL};

static const struct option_row rows[] = {
    {'o', "output", "DIR", ARG_CHECKED(output, target_check_directory_name),
     "new directory for the data and what describes them"},
    {0, "verify", NULL, ARG_FLAG(verify), "check the published data set in DIR"},
    ROW_HEADING("About the data set"),
    {0, "name", "TEXT", ARG_TEXT(values[PUBLISH_NAME]), "its name"},
    {0, "description", "TEXT", ARG_TEXT(values[PUBLISH_DESCRIPTION]), "what it is, in a sentence"},
    {0, "license", "LICENSE", ARG_TEXT(values[PUBLISH_LICENSE]),
     "its licence: an SPDX identifier such as CC-BY-4.0, or a URL"},
    {0, "creator", "NAMES", ARG_TEXT(values[PUBLISH_CREATOR]),
     "who made it; several with ; between"},
    {0, "url", "URL", ARG_TEXT(values[PUBLISH_URL]), "its page"},
    {0, "date", "DATE", ARG_TEXT(values[PUBLISH_DATE]), "the day of publication: YYYY-MM-DD"},
    {0, "version", "TEXT", ARG_TEXT(values[PUBLISH_VERSION]), "its version (1.0.0)"},
    {0, "publisher", "NAME", ARG_TEXT(values[PUBLISH_PUBLISHER]),
     "who publishes it (the first creator)"},
    {0, "doi", "DOI", ARG_TEXT(values[PUBLISH_DOI]), "its DOI, such as 10.1234/set"},
    {0, "citation", "TEXT", ARG_TEXT(values[PUBLISH_CITATION]), "how to cite it (made of these)"},
    {0, "metadata", "FILE", ARG_TEXT(metadata),
     "take what is not given here from FILE: JSON, or lines NAME = \"TEXT\""},
    ROW_HEADING("What goes public"),
    {0, "allow", "LIST", ARG_TEXT(allow),
     "let these (A,B,…) go public: secrets, names, mac, addresses, payload, rules, comments"},
    {0, "remove", "LIST", ARG_TEXT(remove), "leave these out: secrets, names, comments"},
    {0, "payload", "WHICH", ARG_CHOICE(payload, payload_choices),
     "none: cut packets behind their transport header (whole)"},
    ROW_SNAPLEN,
    {0, "splits", "DIR", ARG_TEXT(splits), "only the samples in DIR/*.csv, and these lists"},
    {0, "rules", "FILE", ARG_TEXT(rules), "also the rules file"},
    {0, "flows", NULL, ARG_FLAG(flows), "also a table of the flows, flows.parquet"},
    {0, "report", NULL, ARG_FLAG(report), "also a web page that shows the data, report.html"},
    ROW_HEADING("General"),
    ROW_PCAPML_TIMES,
    {'f', "force", NULL, ARG_FLAG(placing.overwrite), "replace a published data set"},
    ROW_NO_SYNC,
    ROW_LEVEL,
    ROW_THREADS,
    ROWS_JSON,
    ROW_QUIET,
    {0},
};

static const struct option_relation relations[] = {
    {NULL, NEEDS, "output|verify", NULL},
    {"verify", EXCLUDES,
     "output|name|description|license|creator|url|date|version|publisher|doi|citation|metadata|"
     "allow|remove|payload|snaplen|splits|rules|flows|report|pcapml-times|force|no-sync|level",
     "it only checks DIR"},
    RELATION_JSON,
    {0}};

#define ALL_MATTERS (matter_bit(MATTER_COUNT) - 1)

static int read_matters(const struct publish_args *args, matter_set *allow, matter_set *remove,
                        struct lcap_error *error)
{
    if (matter_set_read(args->allow, ALL_MATTERS, allow, error) < 0)
        return lcap_error_prefix(error, "--allow: ");
    if (matter_set_read(args->remove, MATTERS_REMOVABLE, remove, error) < 0)
        return lcap_error_prefix(error, "--remove: ");
    return LCAP_OK;
}

static int check_publish(const void *given, const char *const *operands, size_t count,
                         struct lcap_error *error)
{
    matter_set allow, remove;
    (void)operands, (void)count;
    return read_matters(given, &allow, &remove, error);
}

/* ---- the run ---- */

static int report(const struct publish_pass *pass, const char *directory, struct lcap_error *error)
{
    struct result result;
    result_begin(&result, error);
    publish_describe(pass, directory, &result);
    const int rc = show_and_release(&result, error);
    return rc == LCAP_OK && publish_pass_refused(pass) ? COMMAND_TOLD : rc;
}

static int run_pass(const struct publish_args *args, const char *dataset,
                    const struct publish_pass_options *options, struct lcap_error *error)
{
    struct publish_pass pass;
    int rc = publish_pass_begin(&pass, dataset, args->output, options, error);
    const bool goes = rc == LCAP_OK && publish_pass_refused(&pass) == 0;
    if (goes)
        rc = publish_pass_finish(&pass, error);
    if (rc == LCAP_OK)
        rc = report(&pass, args->output, error);
    publish_pass_release(&pass);
    return rc;
}

static int publish(const struct publish_args *args, const char *const *operands, size_t count,
                   struct lcap_error *error)
{
    struct publish_pass_options options = {
        .values = args->values,
        .metadata = args->metadata,
        .splits = args->splits,
        .rules = args->rules,
        .makers = side_files(args->flows, args->report),
        .no_payload = args->payload == 1,
        .snaplen = (uint32_t)args->snaplen,
        .placing = args->placing,
        .input = inputs_options(&args->reading),
    };
    int rc = read_matters(args, &options.allow, &options.remove, error);
    if (rc == LCAP_OK)
        rc = show_open_json(args->stats_json, args->output, operands, count, &options.placing,
                            error);
    return rc == LCAP_OK ? run_pass(args, operands[0], &options, error) : rc;
}

static int show_verification(const struct publish_verification *found, const char *directory,
                             struct lcap_error *error)
{
    struct result result;
    result_begin(&result, error);
    publish_verify_describe(found, directory, &result);
    const int rc = show_and_release(&result, error);
    return rc == LCAP_OK && found->errors > 0 ? COMMAND_TOLD : rc;
}

static int verify(const struct publish_args *args, const char *const *operands, size_t count,
                  struct lcap_error *error)
{
    const struct input_options input = inputs_options(&args->reading);
    const struct publish_makers makers = side_files(true, true);
    struct publish_verification found;
    int rc = show_open_json(args->stats_json, NULL, operands, count, &args->placing, error);
    if (rc != LCAP_OK)
        return rc;
    rc = publish_verify_run(&found, operands[0], &makers, &input, error);
    if (rc == LCAP_OK)
        rc = show_verification(&found, operands[0], error);
    publish_verify_release(&found);
    return rc;
}

static int run_publish(const void *given, const char *const *operands, size_t count,
                       struct lcap_error *error)
{
    const struct publish_args *args = given;
    return args->verify ? verify(args, operands, count, error)
                        : publish(args, operands, count, error);
}

const struct command cmd_publish = {
    .name = "publish",
    .summary = "make a directory of a data set that can go public, or check one",
    .usage = "labelcap publish -o DIR [OPTION...] DATASET\n"
             "       labelcap publish --verify DIR",
    .operands = "DATASET",
    .min_operands = 1,
    .max_operands = 1,
    .details = "What should not go public unseen is named first: then nothing is published, and "
               "the exit status is 1, until --allow names it.",
    .example = "labelcap publish -o set/ --metadata about.json --payload none in.pcapng",
    .options = rows,
    .relations = relations,
    .args_size = sizeof(struct publish_args),
    .check = check_publish,
    .run = run_publish,
};
