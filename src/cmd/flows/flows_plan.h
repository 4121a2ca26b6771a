/* The plan of a run of `flows`: the checked command line and configuration file. */
#ifndef CMD_FLOWS_FLOWS_PLAN_H
#define CMD_FLOWS_FLOWS_PLAN_H

#include "cmd/flows/flows_args.h"
#include "cmd/flows/flows_config.h"
#include "features/profile.h"
#include "tabulate/tabulate.h"

/* The number of outputs; the table is the first. */
enum { FLOWS_PLACES = 5 };

struct flows_plan {
    struct flows_args args; /* including those of the configuration file */
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

/* COMMAND_USAGE: the options conflict. Release the plan even after errors. */
int flows_plan_init(struct flows_plan *plan, const struct flows_args *args,
                    const char *const *operands, size_t count, struct lcap_error *error);
void flows_plan_release(struct flows_plan *plan);

/* The only input, for people; NULL if there are several. */
const char *flows_plan_only_source(const struct flows_plan *plan);

#endif
