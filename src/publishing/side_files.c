/* The same data set gives the same bytes, for whoever verifies it: there are no options. */
#include "publishing/side_files.h"

#include "dataset/overview/overview_pass.h"
#include "publishing/report_page.h"
#include "tabulate/tabulate.h"

#define MEMORY ((uint64_t)1 << 30)

/* ---- flows ---- */

static int make_flows(const struct publish_sources *from, const char *path,
                      struct lcap_error *error)
{
    struct sources sources = {0};
    struct column_choice columns = {0};
    struct tabulate_result result;
    struct tabulate_options options = {
        .sources = &sources,
        .inputs = *from->input,
        .flow.size = sizeof options.flow,
        .columns = &columns,
        .output = path,
        .format = table_format_of_name(path),
        .no_sync = true,
    };
    lcap_flow_defaults(&options.flow, lcap_profile_find("labelcap"), false);
    int rc = sources_add(&sources, from->data, error);
    if (rc == LCAP_OK)
        rc = column_choice_make(&columns, &(struct column_request){.flow = &options.flow}, NULL,
                                error);
    if (rc == LCAP_OK)
        rc = tabulate_run(&options, &result, error);
    column_choice_release(&columns);
    sources_release(&sources);
    return rc;
}

/* ---- report ---- */

static int write_page(const struct overview *overview, const char *title, const char *path,
                      struct lcap_error *error)
{
    const struct output_options placing = {.no_sync = true};
    struct result result;
    result_begin(&result, error);
    overview_describe(overview, &result);
    const int rc = report_page_write(&result, title, path, &placing, error);
    result_release(&result);
    return rc;
}

static int make_report(const struct publish_sources *from, const char *path,
                       struct lcap_error *error)
{
    const struct check_pass_options options = {
        .splits = from->splits,
        .leaks = {.memory = MEMORY},
        .max_leak = -1,
        .short_names = true,
        .sorter = {.memory = MEMORY},
        .input = *from->input,
    };
    struct sources sources = {0};
    struct overview overview = {.label_count = 0};
    int rc = sources_add(&sources, from->data, error);
    if (rc == LCAP_OK)
        rc = overview_run(&sources, &options, &overview, error);
    if (rc == LCAP_OK)
        rc = write_page(&overview, from->name, path, error);
    overview_release(&overview);
    sources_release(&sources);
    return rc;
}

struct publish_makers side_files(bool flows, bool report)
{
    return (struct publish_makers){flows ? make_flows : NULL, report ? make_report : NULL};
}
