/* Chooses columns from lists of names. */
#include "tabulate/column_choice.h"

#include "base/memory.h"
#include "features/profile.h"
#include <stdlib.h>
#include <string.h>

static const struct lcap_column source_file_column = {
    .name = "source_file",
    .kind = LCAP_CELL_TEXT,
    .unit = "",
    .description = "Name of the input file",
};

/* A name in a list, not terminated. */
struct name {
    const char *text;
    size_t len;
};

/* The next name of a comma-separated list; false at its end. */
static bool next_name(const char **list, struct name *name)
{
    if (!**list)
        return false;
    name->text = *list + strspn(*list, " ");
    name->len = strcspn(name->text, ",");
    *list = name->text + name->len + (name->text[name->len] == ',');
    while (name->len > 0 && name->text[name->len - 1] == ' ')
        name->len--;
    return true;
}

struct choosing {
    const struct column_request *request;
    size_t count; /* of the profile's columns */
    struct column_choice *choice;
    struct column_fault fault;
};

static const struct lcap_column *column_at(const struct choosing *choosing, size_t index)
{
    const struct lcap_flow_options *flow = choosing->request->flow;
    return lcap_profile_column(flow->profile, flow->compat, index);
}

static bool is_name_of(const struct choosing *choosing, struct name name,
                       const struct lcap_column *column)
{
    return column_has_name(choosing->request->flow->profile, column, name.text, name.len);
}

static bool is_dropped(const struct choosing *choosing, const struct lcap_column *column)
{
    const char *list = choosing->request->drop;
    struct name name;
    while (list && next_name(&list, &name))
        if (is_name_of(choosing, name, column))
            return true;
    return false;
}

static int find_fault(struct choosing *choosing, int kind, struct name name)
{
    choosing->fault = (struct column_fault){.kind = kind, .name = name.text, .name_len = name.len};
    return LCAP_ERR_ARGUMENT;
}

static void take(const struct choosing *choosing, size_t cell, const struct lcap_column *column)
{
    struct column_choice *choice = choosing->choice;
    choice->wanted[choice->count] = column;
    choice->cells[choice->count++] = (uint32_t)cell;
}

static bool is_taken(const struct column_choice *choice, size_t cell)
{
    for (size_t i = 0; i < choice->count; i++)
        if (choice->cells[i] == cell)
            return true;
    return false;
}

/* What a column (sequences, payload) lacks to be filled: an enumerator of struct column_fault, or
 * 0. */
static int missing(const struct choosing *choosing, const struct lcap_column *column)
{
    const struct lcap_flow_options *flow = choosing->request->flow;
    if (column->kind == LCAP_CELL_SERIES)
        return flow->sequence_packets > 0 ? 0 : COLUMN_NEEDS_PACKETS;
    return strcmp(column->name, "payload") == 0 && flow->payload_bytes == 0 ? COLUMN_NEEDS_PAYLOAD
                                                                            : 0;
}

static int take_once(struct choosing *choosing, size_t cell, const struct lcap_column *column)
{
    const struct name name = {column->name, strlen(column->name)};
    if (is_taken(choosing->choice, cell))
        return find_fault(choosing, COLUMN_NAMED_TWICE, name);
    if (missing(choosing, column))
        return find_fault(choosing, missing(choosing, column), name);
    take(choosing, cell, column);
    return LCAP_OK;
}

static int take_named(struct choosing *choosing, struct name name)
{
    for (size_t i = 0; i < choosing->count; i++)
        if (is_name_of(choosing, name, column_at(choosing, i)))
            return take_once(choosing, i, column_at(choosing, i));
    if (choosing->request->source_file && is_name_of(choosing, name, &source_file_column))
        return take_once(choosing, choosing->count, &source_file_column);
    return find_fault(choosing, COLUMN_UNKNOWN, name);
}

static int take_all_named(struct choosing *choosing)
{
    const char *list = choosing->request->names;
    struct name name;
    int rc = LCAP_OK;
    while (rc == LCAP_OK && next_name(&list, &name))
        rc = take_named(choosing, name);
    return rc;
}

static int check_names(struct choosing *choosing, const char *list)
{
    struct name name;
    while (next_name(&list, &name)) {
        bool known = false;
        for (size_t i = 0; i < choosing->count && !known; i++)
            known = is_name_of(choosing, name, column_at(choosing, i));
        if (!known)
            return find_fault(choosing, COLUMN_UNKNOWN, name);
    }
    return LCAP_OK;
}

static int take_all_but_dropped(struct choosing *choosing)
{
    const char *drop = choosing->request->drop;
    const int rc = drop ? check_names(choosing, drop) : LCAP_OK;
    for (size_t i = 0; rc == LCAP_OK && i < choosing->count; i++)
        if (!missing(choosing, column_at(choosing, i)) &&
            !is_dropped(choosing, column_at(choosing, i)))
            take(choosing, i, column_at(choosing, i));
    return rc;
}

static int make_room(struct column_choice *choice, size_t count, struct lcap_error *error)
{
    choice->wanted = memory_new(count, sizeof *choice->wanted, error);
    choice->cells = memory_new(count, sizeof *choice->cells, error);
    return choice->wanted && choice->cells ? LCAP_OK : LCAP_ERR_MEMORY;
}

static int say_fault(const struct choosing *choosing, struct lcap_error *error)
{
    const struct column_fault *fault = &choosing->fault;
    const char *profile = lcap_profile_name(choosing->request->flow->profile);
    static const char *const texts[] = {
        [COLUMN_UNKNOWN] = "is not one of its columns",
        [COLUMN_NAMED_TWICE] = "is named twice",
        [COLUMN_NEEDS_PACKETS] = "needs a number of packets",
        [COLUMN_NEEDS_PAYLOAD] = "needs a number of bytes of payload",
    };
    if (fault->kind == COLUMN_NONE_LEFT)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT, "no columns left to write");
    return lcap_error_set(error, LCAP_ERR_ARGUMENT, "profile %s: '%.*s' %s", profile,
                          (int)fault->name_len, fault->name, texts[fault->kind]);
}

static int choose(struct choosing *choosing)
{
    struct column_choice *choice = choosing->choice;
    int rc = choosing->request->names ? take_all_named(choosing) : take_all_but_dropped(choosing);
    if (rc < 0)
        return rc;
    if (choosing->request->source_file && !is_taken(choice, choosing->count))
        take(choosing, choosing->count, &source_file_column);
    return choice->count ? LCAP_OK : find_fault(choosing, COLUMN_NONE_LEFT, (struct name){0});
}

int column_choice_make(struct column_choice *choice, const struct column_request *request,
                       struct column_fault *fault, struct lcap_error *error)
{
    struct choosing choosing = {.request = request, .choice = choice};
    choice->source_file = request->source_file;
    choosing.count = lcap_profile_columns(request->flow->profile, request->flow->compat);
    int rc = make_room(choice, choosing.count + 1, error);
    if (rc < 0)
        return rc;
    rc = choose(&choosing);
    if (fault)
        *fault = choosing.fault;
    return rc < 0 ? say_fault(&choosing, error) : LCAP_OK;
}

void column_choice_release(struct column_choice *choice)
{
    free(choice->wanted);
    free(choice->cells);
    *choice = (struct column_choice){0};
}
