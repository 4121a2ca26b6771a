/*
 * The plan of a run of `flows`: the checked request and configuration file.
 *
 *     int rc = flows_plan_init(&plan, &request, inputs, count, &error);
 *     if (rc == LCAP_OK)
 *         rc = flows_plan_list(&plan, &error);
 *     if (rc == LCAP_OK)
 *         rc = flows_plan_check_places(&plan, &error);
 *     if (rc == LCAP_OK)
 *         rc = flows_plan_check_inputs(&plan, &error);
 *     ... flows_run() ...
 *     flows_plan_release(&plan);
 */
#ifndef TABULATE_FLOWS_FLOWS_PLAN_H
#define TABULATE_FLOWS_FLOWS_PLAN_H

#include "features/profile.h"
#include "tabulate/flows/flows_config.h"
#include "tabulate/flows/flows_request.h"
#include "tabulate/tabulate.h"

/* The number of outputs; the table is the first. */
enum { FLOWS_PLACES = 3 + FLOWS_OTHER_PLACES };

struct flows_plan {
    struct flows_request wanted; /* with the settings of the configuration file */
    const char *const *inputs;
    size_t input_count;
    struct flows_config config;
    struct sources sources;
    struct column_choice columns;
    struct tabulate_options options;
    struct table_schema preview;
    const struct lcap_column *preview_columns[PROFILE_PREVIEW_MOST];
    uint32_t preview_cells[PROFILE_PREVIEW_MOST];
    struct buffer report; /* where it goes, NUL-terminated */
    struct output_place places[FLOWS_PLACES];
};

/* Everything is borrowed. LCAP_ERR_ARGUMENT: the options conflict. Release the plan even after
 * errors. */
int flows_plan_init(struct flows_plan *plan, const struct flows_request *wanted,
                    const char *const *inputs, size_t count, struct lcap_error *error);
void flows_plan_release(struct flows_plan *plan);

/* Lists the inputs, and says so to the caller. */
int flows_plan_list(struct flows_plan *plan, struct lcap_error *error);

/* No output may overwrite another one: LCAP_ERR_ARGUMENT. */
int flows_plan_check_places(const struct flows_plan *plan, struct lcap_error *error);

/* No output may overwrite an input. A directory of tables is created if it is missing, but a
 * file cannot become one. */
int flows_plan_check_inputs(const struct flows_plan *plan, struct lcap_error *error);

/* The only input, for people; NULL if there are several. */
const char *flows_plan_only_source(const struct flows_plan *plan);

#endif
