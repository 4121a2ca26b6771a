/* Pages about profiles. */
#include "cmd/flows_describe.h"

#include "cmd/command.h"
#include "features/profile.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

int flows_list_profiles(void)
{
    for (size_t i = 0; lcap_profile_at(i); i++) {
        size_t columns;
        const struct lcap_profile *profile = lcap_profile_at(i);
        const bool compat = lcap_profile_columns(profile, true, &columns) != NULL;
        printf("%-16s %s%s\n", lcap_profile_name(profile), lcap_profile_summary(profile),
               compat ? " (--compat)" : "");
    }
    return LCAP_OK;
}

static const char *kind_name(enum lcap_cell_kind kind)
{
    static const char *const names[] = {
        [LCAP_CELL_EMPTY] = "",    [LCAP_CELL_UNSIGNED] = "integer", [LCAP_CELL_SIGNED] = "integer",
        [LCAP_CELL_REAL] = "real", [LCAP_CELL_SECONDS] = "decimal",  [LCAP_CELL_BOOL] = "boolean",
        [LCAP_CELL_TEXT] = "text", [LCAP_CELL_SERIES] = "series",    [LCAP_CELL_EXACT] = "real",
        [LCAP_CELL_JSON] = "JSON",
    };
    return names[kind];
}

static void print_column(const struct lcap_column *column)
{
    printf("### `%s`\n\n%s.\n\n", column->name, column->description);
    printf("- Type: %s%s%s\n", kind_name(column->kind), column->unit[0] ? ", in " : "",
           column->unit);
    if (column->formula)
        printf("- Formula: %s\n", column->formula);
    if (column->original)
        printf("- The original: %s\n", column->original);
    putchar('\n');
}

static void print_seconds(const char *what, int64_t ns)
{
    if (ns == LCAP_TIMEOUT_OFF)
        printf("- %s: off\n", what);
    else
        printf("- %s: %" PRId64 " s\n", what, ns / 1000000000);
}

static void print_defaults(const struct lcap_profile *profile, bool compat)
{
    const struct lcap_flow_options options = lcap_flow_defaults(profile, compat);
    printf("%s:\n\n", compat ? "With `--compat`, unless options say otherwise"
                             : "Unless options say otherwise");
    print_seconds("idle time-out", options.idle_ns);
    print_seconds("active time-out", options.active_ns);
    printf("- directions: %s\n\n",
           options.unidirectional ? "each is a flow of its own" : "both are one flow");
}

int flows_describe(const char *name, struct lcap_error *error)
{
    const struct lcap_profile *profile = lcap_profile_find(name);
    if (!profile) {
        lcap_error_set(error, LCAP_ERR_ARGUMENT,
                       "no profile is called '%s' (labelcap flows --list-profiles)", name);
        return COMMAND_USAGE;
    }
    printf("# Profile `%s`\n\n%s.\n\n", profile->name, profile->summary);
    if (profile->about)
        printf("%s\n\n", profile->about);
    print_defaults(profile, false);
    if (profile->compat)
        print_defaults(profile, true);
    const struct lcap_column *columns = profile->fields ? profile->fields : profile->columns;
    printf("## %s\n\n", profile->fields ? "Members" : "Columns");
    for (; columns->name; columns++)
        print_column(columns);
    return LCAP_OK;
}
