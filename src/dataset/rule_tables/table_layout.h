/* Which column of a table of flows means what. */
#ifndef DATASET_RULE_TABLES_TABLE_LAYOUT_H
#define DATASET_RULE_TABLES_TABLE_LAYOUT_H

#include "dataset/rule_tables/table_rows.h"

enum table_key {
    KEY_START,
    KEY_END,
    KEY_DURATION,
    KEY_SOURCE,
    KEY_SOURCE_PORT,
    KEY_DESTINATION,
    KEY_DESTINATION_PORT,
    KEY_PROTOCOL,
    KEY_LABEL,
    TABLE_KEYS
};

/* A form in which tools write tables of flows. */
struct table_layout {
    const char *name;
    /* Names of the column, each followed by a NUL, and one more at the end; NULL: there is none. */
    const char *names[TABLE_KEYS];
    const char *no_label;       /* what an empty label means; NULL: nothing */
    int64_t duration_unit_ns;   /* 0: that of times */
    size_t headerless_columns;  /* how many columns a table without a header has; 0: always one */
    uint8_t places[TABLE_KEYS]; /* of the columns then, from 1; 0: there is none */
};

/* NULL if there is no layout of that name. */
const struct table_layout *table_layout_find(const char *name);
/* Their names, then NULL. */
extern const char *const table_layout_names[];

#define NO_COLUMN SIZE_MAX

struct table_columns {
    const struct table_layout *layout; /* or NULL */
    size_t at[TABLE_KEYS];             /* NO_COLUMN: there is none */
};

/*
 * Finds the columns by the first row, which is repeated if it is no header. `given`
 * names columns as "start=…,label=…" (NULL: none) and comes before the layout.
 */
int table_columns_find(struct table_columns *columns, const struct table_layout *layout,
                       const char *given, struct table_rows *rows, struct lcap_error *error);

/* The field of the current row; empty if there is none, or "-" stands there. */
struct table_field table_columns_get(const struct table_columns *columns,
                                     const struct table_rows *rows, enum table_key key);

#endif
