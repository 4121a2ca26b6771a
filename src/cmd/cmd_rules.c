/* labelcap rules: writes a rules file from class folders or from a table of flows. */
#include "base/text/text.h"
#include "cmd/shared_options.h"
#include "cmd/show_result.h"
#include "cmd/talk.h"
#include "dataset/rule_tables/folder_rules.h"
#include "dataset/rule_tables/table_rules.h"
#include "report/report_file.h"
#include <string.h>

struct rules_args {
    const char *folders, *table;
    const char *label_from;
    const char *columns, *zone, *time_format;
    const char *output, *stats_json;
    int64_t tolerance;
    int layout, time_unit; /* indexes into table_layout_names and unit_choices */
    bool layout_given, tolerance_given, directed;
    struct output_options placing;
};

#define ARGS struct rules_args

/* More would scroll the rest off the screen; --stats-json has them all. */
#define MAX_WARNINGS_SAID 20

#define NAME_PREFIX "name:"

static const char *const unit_choices[] = {"s", "ms", "us", "ns", NULL};
static const int64_t units_ns[] = {NS_PER_SECOND, 1000000, 1000, 1};

static const struct option_row rows[] = {
    ROW_HEADING("Source"),
    {0, "from-folders", "DIR", ARG_TEXT(folders), "class folders: DIR/web/a.pcap is web"},
    {0, "label-from", "WHAT", ARG_TEXT(label_from),
     "take labels from: folder, or name:REGEX of the file (folder)"},
    {0, "from-table", "TABLE", ARG_TEXT(table),
     "a table with one flow per row (CSV, TSV, Zeek log)"},
    ROW_HEADING("Table"),
    {0, "layout", "NAME", ARG_NOTED_CHOICE(layout, table_layout_names),
     "zeek, argus, cicflowmeter, unsw-nb15 or mawilab"},
    {0, "columns", "LIST", ARG_TEXT(columns),
     "columns by name: start=COLUMN,label=COLUMN,... (those of the layout)"},
    {0, "time-unit", "UNIT", ARG_CHOICE(time_unit, unit_choices),
     "unit of times that are numbers: s, ms, us or ns (s)"},
    {0, "zone", "ZONE", ARG_TEXT(zone), "zone of times without one, such as -03:00"},
    {0, "time-format", "FORMAT", ARG_TEXT(time_format), "form of times, as strptime(3) takes it"},
    {0, "tolerance", "SECONDS", ARG_NOTED_TIMEOUT(tolerance),
     "widen windows at both ends (by how coarse the times are)"},
    {0, "directed", NULL, ARG_FLAG(directed), "the source must send the first packet of a flow"},
    ROW_HEADING("General"),
    ROW_OUTPUT("the rules file; - is standard output"),
    ROW_FORCE,
    ROW_NO_SYNC,
    ROWS_JSON,
    ROW_QUIET,
    {0},
};

static const struct option_relation relations[] = {
    {NULL, NEEDS, "from-folders|from-table", NULL},
    {NULL, NEEDS, "output", NULL},
    {"from-folders", EXCLUDES, "from-table", NULL},
    {"label-from", NEEDS, "from-folders", NULL},
    {"layout|columns|time-unit|zone|time-format|tolerance|directed", NEEDS, "from-table", NULL},
    {"from-table", NEEDS, "layout|columns", NULL},
    RELATION_JSON,
    {0},
};

static int check_rules(const void *given, const char *const *operands, size_t count,
                       struct lcap_error *error)
{
    const struct rules_args *args = given;
    int64_t zone_ns;
    (void)operands;
    (void)count;
    if (args->label_from && strcmp(args->label_from, "folder") != 0 &&
        strncmp(args->label_from, NAME_PREFIX, strlen(NAME_PREFIX)) != 0)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                              "--label-from %s: expected folder or name:REGEX", args->label_from);
    return args->zone ? table_zone_read(args->zone, &zone_ns, error) : LCAP_OK;
}

/*
 * What there is to say, and all of it as JSON. `sign` is between the source and a place in it:
 * a line of a table, a capture in a directory. Releases the result.
 */
static int report(struct result *result, const char *source, char sign, struct lcap_error *error)
{
    const struct findings *findings = &result->findings;
    char more[COUNTED_TEXT];
    for (size_t i = 0; i < findings->count && i < MAX_WARNINGS_SAID; i++)
        talk_warning("%s%c%s: %s", source, sign, findings->items[i].place, findings->items[i].text);
    if (findings->count > MAX_WARNINGS_SAID)
        talk_warning("%s: %s not shown (--stats-json FILE lists them)", source,
                     text_counted(findings->count - MAX_WARNINGS_SAID, "more warning", more));
    for (size_t i = 0; i < result->item_count; i++)
        if (result->items[i].kind == RESULT_LINE)
            talk_note("%s", result->items[i].value.as.text);
    return show_json_and_release(result, error);
}

static int from_table(const struct rules_args *args, struct lcap_error *error)
{
    struct table_rules_options options = {
        .table = {.layout = args->layout_given ? table_layout_find(table_layout_names[args->layout])
                                               : NULL,
                  .columns = args->columns,
                  .time = {.unit_ns = units_ns[args->time_unit],
                           .has_zone = args->zone != NULL,
                           .format = args->time_format},
                  .tolerance_ns = args->tolerance_given ? args->tolerance : -1},
        .directed = args->directed,
        .placing = args->placing,
    };
    struct table_rules_result done;
    struct result result;
    if (args->zone && table_zone_read(args->zone, &options.table.time.zone_ns, error) < 0)
        return LCAP_ERR_ARGUMENT;
    int rc = table_rules_write(args->table, args->output, &options, &done, error);
    if (rc == 0) {
        result_begin(&result, error);
        table_rules_describe(&done, args->table, &result);
        rc = report(&result, args->table, ':', error);
    }
    table_rules_release(&done);
    return rc;
}

static int from_folders(const struct rules_args *args, struct lcap_error *error)
{
    const bool by_name = args->label_from && strcmp(args->label_from, "folder") != 0;
    const struct folder_rules_options options = {
        .name_pattern = by_name ? args->label_from + strlen(NAME_PREFIX) : NULL,
        .placing = args->placing,
    };
    struct folder_rules_result done;
    struct result result;
    int rc = folder_rules_write(args->folders, args->output, &options, &done, error);
    if (rc == 0) {
        result_begin(&result, error);
        folder_rules_describe(&done, args->folders, &result);
        rc = report(&result, args->folders, '/', error);
    }
    folder_rules_release(&done);
    return rc;
}

static int run_rules(const void *given, const char *const *operands, size_t count,
                     struct lcap_error *error)
{
    const struct rules_args *args = given;
    (void)operands;
    (void)count;
    int rc = args->table ? file_check_not_input(args->output, &args->table, 1, error) : LCAP_OK;
    if (rc == 0)
        rc = show_open_json(args->stats_json, args->output, &args->table, args->table != NULL,
                            &args->placing, error);
    if (rc != LCAP_OK)
        return rc;
    return args->table ? from_table(args, error) : from_folders(args, error);
}

const struct command cmd_rules = {
    .name = "rules",
    .summary = "write rules from class folders or from a table of flows",
    .usage = "labelcap rules --from-folders DIR -o RULES [OPTION...]\n"
             "       labelcap rules --from-table TABLE --layout NAME -o RULES [OPTION...]",
    .details = "Rules of folders make a sample of every capture; rules of a table label each flow "
               "that the table names: see labelcap-rules(5).",
    .example = "labelcap rules --from-table conn.log.labeled --layout zeek -o rules.csv",
    .options = rows,
    .relations = relations,
    .args_size = sizeof(struct rules_args),
    .run = run_rules,
    .check = check_rules,
};
