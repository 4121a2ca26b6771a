/* The run that writes rules: lcap_rules(). */
#include "base/memory.h"
#include "base/sized.h"
#include "base/text/text.h"
#include "dataset/rule_tables/folder_rules.h"
#include "dataset/rule_tables/table_rules.h"
#include "dataset/runs/run.h"
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

static int look_at(const char *source, bool *is_directory, struct lcap_error *error)
{
    struct stat st = {0};
    if (strcmp(source, "-") != 0 && stat(source, &st) < 0)
        return lcap_error_set_errno(error, errno, "%s: cannot open", source);
    *is_directory = S_ISDIR(st.st_mode);
    return LCAP_OK;
}

/* ---- folders ---- */

static void release_folders(void *found)
{
    folder_rules_release(found);
}

static int from_folders(const struct lcap_run *run, const struct lcap_rules_options *how,
                        struct lcap_result **result, struct lcap_error *error)
{
    const struct folder_rules_options options = {.name_pattern = how->name_pattern,
                                                 .placing = run_placing(run)};
    struct result description;
    struct folder_rules_result *found = memory_new(1, sizeof *found, error);
    if (!found)
        return LCAP_ERR_MEMORY;
    const int rc = folder_rules_write(run->inputs[0], run->output, &options, found, error);
    result_begin(&description, error);
    if (rc == LCAP_OK)
        folder_rules_describe(found, run->inputs[0], &description);
    return run_finish(rc, &description, found, release_folders, result, error);
}

/* ---- tables ---- */

static void release_table(void *found)
{
    table_rules_release(found);
}

static int table_layout_of(const struct lcap_rules_options *how, const struct table_layout **layout,
                           struct lcap_error *error)
{
    *layout = how->layout ? table_layout_find(how->layout) : NULL;
    if (how->layout && !*layout)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                              "layout: expected zeek, argus, cicflowmeter, unsw-nb15 or mawilab, "
                              "found '%s'",
                              how->layout);
    if (!how->layout && !how->columns)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                              "a table needs a layout, or the names of its columns");
    return LCAP_OK;
}

static int table_options(const struct lcap_run *run, const struct lcap_rules_options *how,
                         struct table_rules_options *options, struct lcap_error *error)
{
    const int64_t tolerance_ns = how->tolerance_ns < 0 ? 0 : how->tolerance_ns;
    *options = (struct table_rules_options){
        .table = {.columns = how->columns,
                  .time = {.unit_ns = how->time_unit_ns > 0 ? how->time_unit_ns : NS_PER_SECOND,
                           .has_zone = how->zone != NULL,
                           .format = how->time_format},
                  .tolerance_ns = how->tolerance_ns == 0 ? -1 : tolerance_ns},
        .directed = how->directed,
        .placing = run_placing(run),
    };
    const int rc = table_layout_of(how, &options->table.layout, error);
    return rc == LCAP_OK && how->zone
               ? table_zone_read(how->zone, &options->table.time.zone_ns, error)
               : rc;
}

static int from_table(const struct lcap_run *run, const struct lcap_rules_options *how,
                      struct lcap_result **result, struct lcap_error *error)
{
    struct table_rules_options options;
    struct result description;
    int rc = file_check_not_input(run->output, run->inputs, 1, error);
    if (rc == LCAP_OK)
        rc = table_options(run, how, &options, error);
    struct table_rules_result *found = rc == LCAP_OK ? memory_new(1, sizeof *found, error) : NULL;
    if (!found)
        return rc < 0 ? rc : LCAP_ERR_MEMORY;
    rc = table_rules_write(run->inputs[0], run->output, &options, found, error);
    result_begin(&description, error);
    if (rc == LCAP_OK)
        table_rules_describe(found, run->inputs[0], &description);
    return run_finish(rc, &description, found, release_table, result, error);
}

/* Options that would change nothing. */
static int check_source(const char *source, bool is_directory, const struct lcap_rules_options *how,
                        struct lcap_error *error)
{
    if (is_directory && (how->layout || how->columns || how->zone || how->time_format))
        return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                              "%s: is a directory, but layout, columns, zone and time_format are "
                              "for a table",
                              source);
    if (!is_directory && how->name_pattern)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                              "%s: is a table, but name_pattern is for a directory", source);
    return LCAP_OK;
}

int lcap_rules(const struct lcap_run *run, const struct lcap_rules_options *options,
               struct lcap_result **result, struct lcap_error *error)
{
    struct lcap_run taken;
    struct lcap_rules_options how;
    bool is_directory = false;
    int rc = sized_take(&how, sizeof how, options, "lcap_rules_options", error);
    if (rc == LCAP_OK)
        rc = run_take(&taken, run, true, 1, 1, error);
    if (rc == LCAP_OK)
        rc = look_at(taken.inputs[0], &is_directory, error);
    if (rc == LCAP_OK)
        rc = check_source(taken.inputs[0], is_directory, &how, error);
    if (rc != LCAP_OK)
        return rc;
    return is_directory ? from_folders(&taken, &how, result, error)
                        : from_table(&taken, &how, result, error);
}
