/* The known layouts, and the search for columns by name. */
#include "dataset/rule_tables/table_layout.h"

#include "base/text/spelling.h"
#include "base/text/text.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>

static const char *const key_names[TABLE_KEYS] = {
    [KEY_START] = "start",
    [KEY_END] = "end",
    [KEY_DURATION] = "duration",
    [KEY_SOURCE] = "source",
    [KEY_SOURCE_PORT] = "source_port",
    [KEY_DESTINATION] = "destination",
    [KEY_DESTINATION_PORT] = "destination_port",
    [KEY_PROTOCOL] = "protocol",
    [KEY_LABEL] = "label",
};

static const struct table_layout layouts[] = {
    /* conn.log; conn.log.labeled of IoT-23 has two labels, of which this is the first. */
    {.name = "zeek",
     .names = {[KEY_START] = "ts\0",
               [KEY_DURATION] = "duration\0",
               [KEY_SOURCE] = "id.orig_h\0",
               [KEY_SOURCE_PORT] = "id.orig_p\0",
               [KEY_DESTINATION] = "id.resp_h\0",
               [KEY_DESTINATION_PORT] = "id.resp_p\0",
               [KEY_PROTOCOL] = "proto\0",
               [KEY_LABEL] = "label\0"}},
    /* What ra writes as CSV; binetflow of CTU-13. */
    {.name = "argus",
     .names = {[KEY_START] = "StartTime\0stime\0",
               [KEY_END] = "LastTime\0ltime\0",
               [KEY_DURATION] = "Dur\0",
               [KEY_SOURCE] = "SrcAddr\0saddr\0",
               [KEY_SOURCE_PORT] = "Sport\0",
               [KEY_DESTINATION] = "DstAddr\0daddr\0",
               [KEY_DESTINATION_PORT] = "Dport\0",
               [KEY_PROTOCOL] = "Proto\0",
               [KEY_LABEL] = "Label\0"},
     .duration_unit_ns = NS_PER_SECOND},
    /* Versions 3 and 4; CIC-IDS2017 and CSE-CIC-IDS2018. */
    {.name = "cicflowmeter",
     .names = {[KEY_START] = "Timestamp\0",
               [KEY_DURATION] = "Flow Duration\0",
               [KEY_SOURCE] = "Source IP\0Src IP\0",
               [KEY_SOURCE_PORT] = "Source Port\0Src Port\0",
               [KEY_DESTINATION] = "Destination IP\0Dst IP\0",
               [KEY_DESTINATION_PORT] = "Destination Port\0Dst Port\0",
               [KEY_PROTOCOL] = "Protocol\0",
               [KEY_LABEL] = "Label\0"},
     .duration_unit_ns = 1000},
    /* The four tables of flows, which have no header, and the table of attacks. */
    {.name = "unsw-nb15",
     .names = {[KEY_START] = "Stime\0Start time\0",
               [KEY_END] = "Ltime\0Last time\0",
               [KEY_SOURCE] = "srcip\0Source IP\0",
               [KEY_SOURCE_PORT] = "sport\0Source Port\0",
               [KEY_DESTINATION] = "dstip\0Destination IP\0",
               [KEY_DESTINATION_PORT] = "dsport\0Destination Port\0",
               [KEY_PROTOCOL] = "proto\0Protocol\0",
               [KEY_LABEL] = "attack_cat\0Attack category\0"},
     .no_label = "Normal",
     .headerless_columns = 49,
     .places = {[KEY_START] = 29,
                [KEY_END] = 30,
                [KEY_SOURCE] = 1,
                [KEY_SOURCE_PORT] = 2,
                [KEY_DESTINATION] = 3,
                [KEY_DESTINATION_PORT] = 4,
                [KEY_PROTOCOL] = 5,
                [KEY_LABEL] = 48}},
    /* Anomalies of a trace of a quarter of an hour: no times, and empty fields mean any. */
    {.name = "mawilab",
     .names = {[KEY_SOURCE] = "srcIP\0",
               [KEY_SOURCE_PORT] = "srcPort\0",
               [KEY_DESTINATION] = "dstIP\0",
               [KEY_DESTINATION_PORT] = "dstPort\0",
               [KEY_LABEL] = "label\0"}},
};

#define LAYOUTS (sizeof layouts / sizeof *layouts)

const char *const table_layout_names[] = {"zeek",      "argus",   "cicflowmeter",
                                          "unsw-nb15", "mawilab", NULL};

const struct table_layout *table_layout_find(const char *name)
{
    for (size_t i = 0; i < LAYOUTS; i++)
        if (strcmp(layouts[i].name, name) == 0)
            return &layouts[i];
    return NULL;
}

static size_t find_name(const struct table_rows *rows, const char *name, size_t len)
{
    for (size_t i = 0; i < rows->count; i++)
        if (rows->fields[i].len == len && strncasecmp(rows->fields[i].text, name, len) == 0)
            return i;
    return NO_COLUMN;
}

static size_t find_any(const struct table_rows *rows, const char *names)
{
    size_t found = NO_COLUMN;
    for (; names && *names && found == NO_COLUMN; names += strlen(names) + 1)
        found = find_name(rows, names, strlen(names));
    return found;
}

static int no_such_column(const struct table_rows *rows, const char *name, size_t len,
                          struct lcap_error *error)
{
    char quoted[EXCERPT_TEXT], offered[64];
    struct spelling spelling = {.word = name, .len = len};
    for (size_t i = 0; i < rows->count; i++) {
        snprintf(offered, sizeof offered, "%.*s", (int)rows->fields[i].len, rows->fields[i].text);
        spelling_try(&spelling, offered);
        if (spelling.meant == offered)
            break;
    }
    text_excerpt(name, len, quoted);
    return lcap_error_set(error, LCAP_ERR_ARGUMENT, "%s: the table has no column \"%s\"%s%s%s",
                          input_name(rows->in), quoted, spelling.meant ? "; did you mean \"" : "",
                          spelling.meant ? spelling.meant : "", spelling.meant ? "\"?" : "");
}

static enum table_key key_of(const char *text, size_t len)
{
    for (int key = 0; key < TABLE_KEYS; key++)
        if (strlen(key_names[key]) == len && memcmp(key_names[key], text, len) == 0)
            return (enum table_key)key;
    return TABLE_KEYS;
}

/* One "key=name" of --columns. */
static int take_given(struct table_columns *columns, const struct table_rows *rows,
                      const char *text, size_t len, struct lcap_error *error)
{
    const char *equals = memchr(text, '=', len);
    const enum table_key key = equals ? key_of(text, (size_t)(equals - text)) : TABLE_KEYS;
    if (key == TABLE_KEYS)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                              "--columns: \"%.*s\" is not KEY=COLUMN with one of the keys start, "
                              "end, duration, source, source_port, destination, "
                              "destination_port, protocol, label",
                              (int)len, text);
    const size_t name_len = len - (size_t)(equals + 1 - text);
    columns->at[key] = find_name(rows, equals + 1, name_len);
    return columns->at[key] == NO_COLUMN ? no_such_column(rows, equals + 1, name_len, error)
                                         : LCAP_OK;
}

static int take_all_given(struct table_columns *columns, const struct table_rows *rows,
                          const char *given, struct lcap_error *error)
{
    int rc = LCAP_OK;
    while (rc == 0 && given && *given) {
        const size_t len = strcspn(given, ",");
        rc = take_given(columns, rows, given, len, error);
        given += len + (given[len] == ',');
    }
    return rc;
}

static bool is_headerless(const struct table_layout *layout, const struct table_rows *rows)
{
    return layout && layout->headerless_columns > 0 && rows->count == layout->headerless_columns &&
           find_any(rows, layout->names[KEY_SOURCE]) == NO_COLUMN;
}

/* Every rule needs a label, and something that a packet can be compared with. */
static int check_columns(const struct table_columns *columns, const struct table_rows *rows,
                         struct lcap_error *error)
{
    if (columns->at[KEY_LABEL] == NO_COLUMN)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                              "%s: no column with the label; name it by --columns label=COLUMN",
                              input_name(rows->in));
    if (columns->at[KEY_SOURCE] == NO_COLUMN && columns->at[KEY_DESTINATION] == NO_COLUMN)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                              "%s: no column with addresses; name them by --columns "
                              "source=COLUMN,destination=COLUMN, or choose a --layout",
                              input_name(rows->in));
    return LCAP_OK;
}

int table_columns_find(struct table_columns *columns, const struct table_layout *layout,
                       const char *given, struct table_rows *rows, struct lcap_error *error)
{
    const bool headerless = is_headerless(layout, rows);
    columns->layout = layout;
    for (int key = 0; key < TABLE_KEYS; key++) {
        columns->at[key] = NO_COLUMN;
        if (headerless && layout->places[key])
            columns->at[key] = layout->places[key] - 1u;
        else if (layout && !headerless)
            columns->at[key] = find_any(rows, layout->names[key]);
    }
    if (headerless)
        table_rows_repeat(rows);
    int rc = take_all_given(columns, rows, given, error);
    return rc == 0 ? check_columns(columns, rows, error) : rc;
}

struct table_field table_columns_get(const struct table_columns *columns,
                                     const struct table_rows *rows, enum table_key key)
{
    const size_t at = columns->at[key];
    if (at >= rows->count)
        return (struct table_field){"", 0};
    const struct table_field field = rows->fields[at];
    const bool unset = field.len == 1 && field.text[0] == '-';
    return (struct table_field){field.text, unset ? 0 : field.len};
}
