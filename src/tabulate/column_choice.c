/* Chooses columns. */
#include "tabulate/column_choice.h"

#include "base/memory.h"
#include "features/profile.h"
#include <stdlib.h>
#include <string.h>

/* The name of the input of a flow, for --merge. */
static const struct lcap_column source_file_column = {
    .name = "source_file",
    .kind = LCAP_CELL_TEXT,
    .unit = "",
    .description = "Name of the input file",
};

/* The next name of a list with commas; false at its end. */
static bool next_name(const char **list, const char **name, size_t *len)
{
    if (!**list)
        return false;
    *name = *list + strspn(*list, " ");
    *len = strcspn(*name, ",");
    *list = *name + *len + ((*name)[*len] == ',');
    while (*len > 0 && (*name)[*len - 1] == ' ')
        --*len;
    return true;
}

static bool list_has(const char *list, const struct lcap_column *column)
{
    const char *name;
    size_t len;
    while (next_name(&list, &name, &len))
        if (column_has_name(column, name, len))
            return true;
    return false;
}

static int unknown(const struct lcap_flow_options *options, const char *name, size_t len,
                   struct lcap_error *error)
{
    const char *profile = lcap_profile_name(options->profile);
    return lcap_error_set(
        error, LCAP_ERR_ARGUMENT,
        "profile %s has no column '%.*s' (labelcap flows --describe %s lists them)", profile,
        (int)len, name, profile);
}

struct choice {
    const struct lcap_flow_options *options;
    size_t all_count;
    struct column_choice *columns;
    bool source_file; /* may be named, too */
};

static const struct lcap_column *column_at(const struct choice *choice, size_t index)
{
    return lcap_profile_column(choice->options->profile, choice->options->compat, index);
}

static void take(const struct choice *choice, size_t cell, const struct lcap_column *column)
{
    struct column_choice *columns = choice->columns;
    columns->wanted[columns->count] = column;
    columns->cells[columns->count++] = (uint32_t)cell;
}

static bool is_taken(const struct column_choice *columns, size_t index)
{
    for (size_t i = 0; i < columns->count; i++)
        if (columns->cells[i] == index)
            return true;
    return false;
}

/* The option without which a column (sequences, payload) is missing; NULL if it is always there. */
static const char *missing_option(const struct lcap_column *column,
                                  const struct lcap_flow_options *options)
{
    if (column->kind == LCAP_CELL_SERIES)
        return options->sequence_packets > 0 ? NULL : "--packets";
    return strcmp(column->name, "payload") == 0 && options->payload_bytes == 0 ? "--payload" : NULL;
}

static int take_once(const struct choice *choice, size_t cell, const struct lcap_column *column,
                     struct lcap_error *error)
{
    const char *option = missing_option(column, choice->options);
    if (is_taken(choice->columns, cell))
        return lcap_error_set(error, LCAP_ERR_ARGUMENT, "--columns names '%s' twice", column->name);
    if (option)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT, "--columns names '%s', which needs %s",
                              column->name, option);
    take(choice, cell, column);
    return LCAP_OK;
}

static int take_named(const struct choice *choice, const char *name, size_t len,
                      struct lcap_error *error)
{
    for (size_t i = 0; i < choice->all_count; i++)
        if (column_has_name(column_at(choice, i), name, len))
            return take_once(choice, i, column_at(choice, i), error);
    if (choice->source_file && column_has_name(&source_file_column, name, len))
        return take_once(choice, choice->all_count, &source_file_column, error);
    return unknown(choice->options, name, len, error);
}

static int check_names(const struct choice *choice, const char *list, struct lcap_error *error)
{
    const char *name;
    size_t len;
    while (next_name(&list, &name, &len)) {
        bool known = false;
        for (size_t i = 0; i < choice->all_count && !known; i++)
            known = column_has_name(column_at(choice, i), name, len);
        if (!known)
            return unknown(choice->options, name, len, error);
    }
    return LCAP_OK;
}

static int fill(const struct choice *choice, const struct flows_args *args,
                struct lcap_error *error)
{
    const char *list = args->columns, *name;
    size_t len;
    int rc = LCAP_OK;
    if (list) {
        while (rc == LCAP_OK && next_name(&list, &name, &len))
            rc = take_named(choice, name, len, error);
        return rc;
    }
    if (args->drop && !args->drop_loosely)
        rc = check_names(choice, args->drop, error);
    for (size_t i = 0; rc == LCAP_OK && i < choice->all_count; i++)
        if (!missing_option(column_at(choice, i), choice->options) &&
            !(args->drop && list_has(args->drop, column_at(choice, i))))
            take(choice, i, column_at(choice, i));
    return rc;
}

static int make_room(struct column_choice *columns, size_t count, struct lcap_error *error)
{
    columns->wanted = memory_new(count, sizeof *columns->wanted, error);
    columns->cells = memory_new(count, sizeof *columns->cells, error);
    return columns->wanted && columns->cells ? LCAP_OK : LCAP_ERR_MEMORY;
}

int column_choice_make(struct column_choice *columns, const struct lcap_flow_options *options,
                       const struct flows_args *args, struct lcap_error *error)
{
    struct choice choice = {.options = options, .columns = columns, .source_file = args->merge};
    choice.all_count = lcap_profile_columns(options->profile, options->compat);
    int rc = make_room(columns, choice.all_count + 1, error);
    if (rc == LCAP_OK)
        rc = fill(&choice, args, error);
    if (rc == LCAP_OK && args->merge && !is_taken(columns, choice.all_count))
        take(&choice, choice.all_count, &source_file_column);
    if (rc == LCAP_OK && columns->count == 0)
        rc = lcap_error_set(error, LCAP_ERR_ARGUMENT, "no column is left to write");
    return rc;
}

void column_choice_release(struct column_choice *columns)
{
    free(columns->wanted);
    free(columns->cells);
    *columns = (struct column_choice){0};
}
