/* Relations of options: which exclude each other, which need others. */
#include "commandline/option_relations.h"

#include "commandline/options.h"
#include <stdio.h>
#include <string.h>

/* Room for an option as it is typed, with its argument. */
#define SPELLED_TEXT 64

struct command_line {
    const struct command *command;
    const struct options_given *given;
};

/* A name in "a|b|c": that of an option, or of the operands if `row` is NULL. */
struct member {
    const char *name;
    size_t len;
    const struct option_row *row;
};

static bool next_member(const struct command_line *line, const char **list, struct member *member)
{
    if (!**list)
        return false;
    member->name = *list;
    member->len = strcspn(*list, "|");
    member->row = options_find(line->command->options, member->name, member->len);
    *list += member->len + ((*list)[member->len] == '|');
    return true;
}

static size_t index_of(const struct command_line *line, const struct member *member)
{
    return (size_t)(member->row - line->command->options);
}

static bool is_given(const struct command_line *line, const struct member *member)
{
    return member->row ? line->given->rows[index_of(line, member)] : line->given->operands;
}

/* The option as the user typed it, or could type it: "-o FILE", "--count". */
static const char *spelled(const struct command_line *line, const struct member *member,
                           char text[SPELLED_TEXT])
{
    const struct option_row *row = member->row;
    const bool given = is_given(line, member);
    if (!row)
        snprintf(text, SPELLED_TEXT, "%.*s", (int)member->len, member->name);
    else if (given ? line->given->letters[index_of(line, member)] : row->letter != 0)
        snprintf(text, SPELLED_TEXT, "-%c", row->letter);
    else
        snprintf(text, SPELLED_TEXT, "--%s", row->name);
    if (row && row->argument && !given)
        snprintf(text + strlen(text), SPELLED_TEXT - strlen(text),
                 row->value.preset ? "[=%s]" : " %s", row->argument);
    return text;
}

/* "-o FILE", "-o FILE or --dry-run", "-a, -b or -c". */
static void list_members(const struct command_line *line, const char *list, char *text, size_t size)
{
    struct member member;
    char name[SPELLED_TEXT];
    const char *separator = "";
    *text = '\0';
    while (next_member(line, &list, &member)) {
        const size_t used = strlen(text);
        snprintf(text + used, size - used, "%s%s", separator, spelled(line, &member, name));
        separator = strchr(list, '|') ? ", " : " or ";
    }
}

static bool has_any(const struct command_line *line, const char *list)
{
    struct member member;
    while (next_member(line, &list, &member))
        if (is_given(line, &member))
            return true;
    return false;
}

static int check_exclusion(const struct command_line *line, const struct option_relation *relation,
                           const struct member *option, struct lcap_error *error)
{
    const char *others = relation->others;
    struct member other;
    char a[SPELLED_TEXT], b[SPELLED_TEXT];
    while (next_member(line, &others, &other))
        if (other.row != option->row && is_given(line, &other))
            return lcap_error_set(error, LCAP_ERR_ARGUMENT, "%s cannot be used with %s%s%s",
                                  spelled(line, option, a), spelled(line, &other, b),
                                  relation->why ? ": " : "", relation->why ? relation->why : "");
    return LCAP_OK;
}

static int check_need(const struct command_line *line, const struct option_relation *relation,
                      const struct member *option, struct lcap_error *error)
{
    char list[256], name[SPELLED_TEXT];
    if (has_any(line, relation->others))
        return LCAP_OK;
    list_members(line, relation->others, list, sizeof list);
    if (!option)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT, "no %s given", list);
    return lcap_error_set(error, LCAP_ERR_ARGUMENT, "%s needs %s%s%s", spelled(line, option, name),
                          list, relation->why ? ": " : "", relation->why ? relation->why : "");
}

static int check_relation(const struct command_line *line, const struct option_relation *relation,
                          struct lcap_error *error)
{
    const char *options = relation->options;
    struct member option;
    int rc = LCAP_OK;
    if (!options)
        return check_need(line, relation, NULL, error);
    while (rc == LCAP_OK && next_member(line, &options, &option))
        if (is_given(line, &option))
            rc = relation->kind == NEEDS ? check_need(line, relation, &option, error)
                                         : check_exclusion(line, relation, &option, error);
    return rc;
}

int option_relations_check(const struct command *command, const struct options_given *given,
                           struct lcap_error *error)
{
    const struct command_line line = {command, given};
    const struct option_relation *relation = command->relations;
    int rc = LCAP_OK;
    for (; relation && relation->others && rc == LCAP_OK; relation++)
        rc = check_relation(&line, relation, error);
    return rc;
}
