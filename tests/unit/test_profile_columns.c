/* What the columns of every profile say of themselves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "features/profile.h"

/* Numbers that measure nothing: how their columns' names end. */
static const char *const pure_numbers[] = {
    "sample_id",
    "port",
    "protocol_number",
    "ip_version",
    "vlan_id",
    "icmp_type",
    "icmp_code",
    "ttl",
    "ttl_min",
    "ttl_max",
    "tos",
    "dscp",
    "window_scale",
    "init_seq",
    "init_seq_backward",
    "th_seq",
    "skewness",
    "ratio",
    "down_up_packets",
    "down_up_bytes",
    "down_up_rate",
    "packet_directions",
    "direction_forward",
    "direction_backward",
    "URG",
    "PSH",
    "RST",
    "FIN",
    "ACK",
    "SYN",
    "ECE",
    "CWR",
};

enum { PURE_NUMBERS = sizeof pure_numbers / sizeof *pure_numbers };

/* Whether the name is `end`, or ends in it behind "_" or ".". */
static bool ends_in(const char *name, const char *end)
{
    const size_t len = strlen(name), end_len = strlen(end);
    if (len < end_len || strcmp(name + len - end_len, end) != 0)
        return false;
    return len == end_len || strchr("_.", name[len - end_len - 1]) != NULL;
}

static bool is_pure_number(const char *name, bool used[PURE_NUMBERS])
{
    bool found = false;
    for (size_t i = 0; i < PURE_NUMBERS; i++) {
        if (ends_in(name, pure_numbers[i]))
            used[i] = found = true;
    }
    return found;
}

static bool is_number(enum lcap_cell_kind kind)
{
    return kind != LCAP_CELL_BOOL && kind != LCAP_CELL_TEXT && kind != LCAP_CELL_JSON;
}

/* Calls `check` for each column that people read of; a JSON cell has members in its place. */
static void for_each_column(void (*check)(const struct lcap_column *column, void *context),
                            void *context)
{
    const struct lcap_profile *profile;
    for (size_t i = 0; (profile = lcap_profile_at(i)); i++) {
        for (int compat = 0; compat <= 1; compat++) {
            const size_t count = lcap_profile_columns(profile, compat);
            for (size_t n = 0; n < count && !profile->fields; n++)
                check(lcap_profile_column(profile, compat, n), context);
            for (size_t n = 0; count > 0 && profile->fields && profile->fields[n].name; n++)
                check(&profile->fields[n], context);
        }
    }
}

static void is_well_written(const char *text, const char *name)
{
    if (!text)
        fail_msg("%s lacks a text", name);
    const size_t len = strlen(text);
    if (len == 0 || text[len - 1] == '.' || text[len - 1] == ' ' || strstr(text, "  "))
        fail_msg("%s: '%s'", name, text);
}

static void check_texts(const struct lcap_column *column, void *context)
{
    size_t *count = context;
    ++*count;
    is_well_written(column->description, column->name);
    is_well_written(column->formula, column->name);
    assert_string_not_equal(column->formula, column->description);
    if (column->original)
        is_well_written(column->original, column->name);
}

static void every_column_has_a_formula(void **state)
{
    (void)state;
    size_t count = 0;
    for_each_column(check_texts, &count);
    assert_in_range(count, 500, 700);
}

static void check_unit(const struct lcap_column *column, void *used)
{
    assert_non_null(column->unit);
    const bool measures = is_number(column->kind) && !is_pure_number(column->name, used);
    if (measures != (column->unit[0] != '\0'))
        fail_msg("%s: '%s'", column->name, column->unit);
}

static void every_measure_has_a_unit(void **state)
{
    (void)state;
    bool used[PURE_NUMBERS] = {false};
    for_each_column(check_unit, used);
    for (size_t i = 0; i < PURE_NUMBERS; i++) {
        if (!used[i])
            fail_msg("no column is called %s", pure_numbers[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_column_has_a_formula),
        cmocka_unit_test(every_measure_has_a_unit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
