/* The report of `label`: warnings, summary, table of rules, JSON. */
#include "cmd/label/label_report.h"

#include "base/text/text.h"
#include "cmd/show_result.h"
#include "cmd/talk.h"
#include "dataset/labelling/label_result.h"
#include "dataset/losses.h"
#include "dataset/pass_results.h"
#include <string.h>

/* More would scroll the rest off the screen; --stats-json has them all. */
#define MAX_WARNINGS_SAID 20

#define MAX_INPUTS_SAID 10

/* A table of this many rules still fits a terminal; a longer one only on request. */
#define MAX_RULES_UNASKED 24

int label_report_open(struct label_run *run, struct lcap_error *error)
{
    const struct label_args *args = run->args;
    return show_open_json(args->stats_json, args->dry_run ? NULL : args->output, &args->rules, 1,
                          &args->placing, error);
}

static void warn_of_rules(const struct label_pass_result *result)
{
    const struct findings *findings = &result->findings;
    const char *path = lcap_rules_path(result->rules);
    for (size_t i = 0; i < findings->count && i < MAX_WARNINGS_SAID; i++) {
        const char *place = findings->items[i].place;
        talk_warning("%s%s%s: %s", path, place ? ":" : "", place ? place : "",
                     findings->items[i].text);
    }
    char more[COUNTED_TEXT];
    if (findings->count > MAX_WARNINGS_SAID)
        talk_warning("%s: %s not shown (--stats-json FILE lists them all)", path,
                     text_counted(findings->count - MAX_WARNINGS_SAID, "more warning", more));
}

/* Where no packet got a label, an error says so. */
static void warn_of_inputs(const struct label_pass_result *result)
{
    char packets[COUNTED_TEXT], more[COUNTED_TEXT];
    const size_t count = result->labelled ? result->unlabelled_input_count : 0;
    for (size_t i = 0; i < count && i < MAX_INPUTS_SAID; i++) {
        const struct unlabelled_input *input = &result->unlabelled_inputs[i];
        talk_warning("%s: no packet got a label (%s read)", input->path,
                     text_counted(input->packets, "packet", packets));
    }
    if (count > MAX_INPUTS_SAID)
        talk_warning("%s without a label not shown (--stats-json FILE lists them all)",
                     text_counted(count - MAX_INPUTS_SAID, "more file", more));
}

void label_report_warnings(const struct label_pass_result *result)
{
    warn_of_rules(result);
    warn_of_inputs(result);
}

/* The table of a dry run is data. */
static FILE *place_of_table(const struct label_args *args)
{
    const bool taken = args->stats_json && strcmp(args->stats_json, "-") == 0;
    return args->dry_run && !taken ? stdout : stderr;
}

static void tell_findings(const struct label_args *args, const struct label_pass_result *done)
{
    struct result result;
    result_begin(&result, NULL);
    if (!args->device)
        inputs_find(&done->inputs, &result);
    damage_find(&done->inputs, &result);
    if (!args->sort)
        order_find(&done->order, &result);
    label_find_missed(done, &result);
    losses_find(&done->losses, &result);
    if (!args->split_linktypes)
        linktypes_find(done->linktypes, args->output, &result);
    talk_findings(&result);
    result_release(&result);
}

/* The output is in its place all the same. */
static int check_labelled(const struct label_run *run, struct lcap_error *error)
{
    char packets[COUNTED_TEXT];
    if (run->args->device || !label_pass_is_futile(run->pass))
        return LCAP_OK;
    return lcap_error_set(error, LCAP_ERR_LABEL, "no packet got a label (%s read)",
                          text_counted(run->result->all.packets, "packet", packets));
}

static int show_result(struct label_run *run, struct lcap_error *error)
{
    const struct label_args *args = run->args;
    const bool wanted = args->stats || args->dry_run;
    const bool few = lcap_rules_count(run->result->rules) <= MAX_RULES_UNASKED;
    struct result result;
    int rc = LCAP_OK;
    result_begin(&result, error);
    label_describe(run->result, wanted || few, &result);
    if (wanted || !talk_is_quiet())
        rc = show_text(&result, place_of_table(args), error);
    if (rc == LCAP_OK)
        return show_json_and_release(&result, error);
    result_release(&result);
    return rc;
}

int label_report_show(struct label_run *run, struct lcap_error *error)
{
    tell_findings(run->args, run->result);
    const int rc = show_result(run, error);
    return rc == LCAP_OK ? check_labelled(run, error) : rc;
}
