/*
 * Rows of a table: columns, and the cells below them. They are all that producers
 * and writers of rows know of each other. Rows and cells do not grow; columns may.
 *
 * Threads: columns are constant. Several may read a row as long as it is valid, but only
 * one may take the pieces of a JSON cell.
 */
#ifndef LABELCAP_ROW_H
#define LABELCAP_ROW_H

#include <labelcap/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The contents of a cell. */
enum lcap_cell_kind {
    LCAP_CELL_EMPTY, /* undefined, such as the mean of no values */
    LCAP_CELL_UNSIGNED,
    LCAP_CELL_SIGNED,
    LCAP_CELL_REAL,    /* a double, printed in the number format chosen by the user */
    LCAP_CELL_SECONDS, /* nanoseconds, printed as seconds with all their decimals */
    LCAP_CELL_BOOL,
    LCAP_CELL_TEXT,   /* UTF-8 */
    LCAP_CELL_SERIES, /* text: numbers separated by spaces, such as "60 1500 -3" */
    LCAP_CELL_EXACT,  /* a double, always printed with the fewest digits that give it back */
    LCAP_CELL_JSON,   /* text: one JSON value, in any number of pieces */
    LCAP_CELL_NESTED, /* text: series separated by semicolons, such as "60 1500;-3" */
};

/* Returns 1 and the next piece of a long text, 0 at its end, or a negative code. After the end the
 * text begins anew. */
typedef int lcap_text_pieces(void *source, const char **text, size_t *len,
                             struct lcap_error *error);

struct lcap_cell {
    enum lcap_cell_kind kind;
    uint32_t text_len; /* of TEXT, SERIES, NESTED and JSON */
    union {
        uint64_t u;
        int64_t i; /* SIGNED and SECONDS */
        double real;
        bool truth;
        const char *text; /* not terminated; not owned. NULL for JSON that comes in pieces */
    } value;
};

struct lcap_column {
    const char *name;
    enum lcap_cell_kind kind; /* of its cells, unless they are EMPTY */
    const char *unit;         /* "bytes", "s", "packets", "bytes/s", …; "" for none */
    const char *description;  /* a sentence without the full stop */
    const char *formula;      /* how it is computed, in the terms explained in docs/profiles; NULL
                                 for JSON cells */
    const char *original;     /* how the tool that the profile is named after differs; or NULL */
};

/* One row; whoever passes it says how long it is valid. */
struct lcap_row {
    const struct lcap_cell *cells; /* one for each column, in the same order */
    size_t count;
    /* The source of a JSON cell without text. */
    lcap_text_pieces *pieces;
    void *pieces_source;
};

#ifdef __cplusplus
}
#endif

#endif
