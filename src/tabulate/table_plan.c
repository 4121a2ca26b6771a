/* Makes a plan from options. */
#include "tabulate/table_plan.h"

#include "base/io/tempfile.h"
#include "base/memory.h"
#include "features/profile.h"
#include <stdlib.h>
#include <string.h>

bool tabulate_rows_are_json(const struct lcap_flow_options *flow)
{
    return lcap_profile_columns(flow->profile, flow->compat) == 1 &&
           lcap_profile_column(flow->profile, flow->compat, 0)->kind == LCAP_CELL_JSON;
}

int tabulate_schema(const struct tabulate_options *options, struct table_schema *schema,
                    struct lcap_error *error)
{
    const struct column_choice *columns = options->columns;
    const char *number_format = options->number_format;
    *schema = (struct table_schema){
        .columns = columns->wanted,
        .cells = columns->cells,
        .count = columns->count,
        .format = options->format ? options->format : &table_csv,
        .csv_safe = options->csv_safe,
        .for_terminal = options->for_terminal,
    };
    if (options->flow.compat)
        schema->dialect = &options->flow.profile->compat_dialect;
    if (!number_format && schema->dialect)
        number_format = schema->dialect->number_format;
    return number_format ? number_format_parse(number_format, &schema->number_format, error)
                         : LCAP_OK;
}

static bool writes_stream(const struct tabulate_options *options)
{
    return !options->output || strcmp(options->output, "-") == 0;
}

/* What does not fit into memory goes beside the output. */
static char *directory_beside(const struct tabulate_options *options, struct lcap_error *error)
{
    const bool stream = writes_stream(options);
    if (!stream && options->layout == LAYOUT_ONE)
        return tempfile_directory_of(options->output, error);
    const char *directory = stream ? tempfile_default_directory() : options->output;
    return memory_copy_text(directory, strlen(directory), error);
}

static int choose_memory(struct table_plan *plan, struct lcap_error *error)
{
    if (!plan->flow.memory)
        plan->flow.memory = (uint64_t)256 << 20;
    if (plan->flow.tmpdir)
        return LCAP_OK;
    plan->flow.tmpdir = plan->tmpdir = directory_beside(plan->options, error);
    return plan->tmpdir ? LCAP_OK : LCAP_ERR_MEMORY;
}

static int check_layout(const struct tabulate_options *options, struct lcap_error *error)
{
    if (options->layout != LAYOUT_ONE && writes_stream(options))
        return lcap_error_set(error, LCAP_ERR_ARGUMENT, "several tables need a directory");
    if (options->rows_per_file && (options->layout != LAYOUT_ONE || writes_stream(options)))
        return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                              "only a single table in a file can be continued in other files");
    return LCAP_OK;
}

int table_plan_init(struct table_plan *plan, const struct tabulate_options *options,
                    struct lcap_error *error)
{
    *plan = (struct table_plan){
        .options = options,
        .flow = options->flow,
        .jobs = options->jobs ? options->jobs : 1,
    };
    int rc = check_layout(options, error);
    if (rc == LCAP_OK)
        rc = choose_memory(plan, error);
    if (rc == LCAP_OK)
        rc = tabulate_schema(options, &plan->schema, error);
    if (rc == LCAP_OK)
        rc = input_groups_make(&plan->groups, options, error);
    plan->waits = plan->schema.dialect && plan->schema.dialect->pandas_frame;
    return rc;
}

bool table_plan_numbers_classes(const struct table_plan *plan)
{
    return plan->flow.compat && plan->options->layout == LAYOUT_CLASS &&
           plan->groups.class_count > 0;
}

struct lcap_flow_options table_plan_flow(const struct table_plan *plan,
                                         const struct input_group *group)
{
    struct lcap_flow_options flow = plan->flow;
    flow.metadata = group->metadata;
    flow.threads =
        plan->jobs > plan->groups.count ? (unsigned)(plan->jobs / plan->groups.count) : 1;
    return flow;
}

void table_plan_release(struct table_plan *plan)
{
    input_groups_release(&plan->groups);
    free(plan->tmpdir);
}
