/* The report of `label`: warnings, summary, table of rules, JSON. */
#include "cmd/label_report.h"

#include "base/text/text.h"
#include "cmd/show_result.h"
#include "cmd/talk.h"
#include "dataset/label_result.h"
#include <string.h>

/* More would scroll the rest off the screen; --stats-json has them all. */
#define MAX_WARNINGS_SAID 20

/* A table of this many rules still fits a terminal; a longer one only on request. */
#define MAX_RULES_UNASKED 24

int label_report_open(struct label_run *run, struct lcap_error *error)
{
    const struct label_args *args = run->args;
    const struct output_options placing = {.overwrite = args->force, .no_sync = args->no_sync};
    return show_open_json(&run->report, args->stats_json, args->dry_run ? NULL : args->output,
                          &args->rules, 1, &placing, error);
}

void label_report_warnings(const struct label_pass_result *result)
{
    const struct findings *findings = &result->findings;
    const char *path = lcap_rules_path(result->rules);
    for (size_t i = 0; i < findings->count && i < MAX_WARNINGS_SAID; i++)
        talk_warning("%s:%s: %s", path, findings->items[i].place, findings->items[i].text);
    char more[COUNTED_TEXT];
    if (findings->count > MAX_WARNINGS_SAID)
        talk_warning("%s: %s not shown (--stats-json FILE lists them all)", path,
                     text_counted(findings->count - MAX_WARNINGS_SAID, "more warning", more));
}

/* The table of a dry run is data. */
static FILE *place_of_table(const struct label_args *args)
{
    const bool taken = args->stats_json && strcmp(args->stats_json, "-") == 0;
    return args->dry_run && !taken ? stdout : stderr;
}

int label_report_show(struct label_run *run, struct lcap_error *error)
{
    const struct label_args *args = run->args;
    const bool wanted = args->stats || args->dry_run;
    const bool few = lcap_rules_count(run->result->rules) <= MAX_RULES_UNASKED;
    struct output *report = run->report;
    struct result result;
    int rc = LCAP_OK;
    result_begin(&result, error);
    label_describe(run->result, wanted || few, &result);
    if (wanted || !args->quiet)
        rc = show_text(&result, place_of_table(args), error);
    if (rc == LCAP_OK) {
        run->report = NULL;
        rc = show_json_in_file(&result, report, error);
    }
    result_release(&result);
    return rc;
}
