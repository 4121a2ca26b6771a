/*
 * Rows of a table: columns, and the cells that stand under them. What makes
 * rows and what writes them know each other by these alone.
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

/* What a cell of a row holds. */
enum lcap_cell_kind {
    LCAP_CELL_EMPTY, /* undefined, such as the mean of nothing */
    LCAP_CELL_UNSIGNED,
    LCAP_CELL_SIGNED,
    LCAP_CELL_REAL,    /* a double, printed in the number format that the user chose */
    LCAP_CELL_SECONDS, /* nanoseconds, printed as seconds with all their decimals */
    LCAP_CELL_BOOL,
    LCAP_CELL_TEXT,   /* UTF-8 */
    LCAP_CELL_SERIES, /* text: numbers with a space between, such as "60 1500 -3" */
    LCAP_CELL_EXACT,  /* a double that is always printed with the fewest digits that give it back */
    LCAP_CELL_JSON,   /* text: one JSON value, in as many pieces as there are */
};

/* Gives the next piece of a long text: 1 and the piece, 0 at its end, or a negative code. */
typedef int lcap_text_pieces(void *source, const char **text, size_t *len,
                             struct lcap_error *error);

struct lcap_cell {
    enum lcap_cell_kind kind;
    uint32_t text_len; /* of TEXT, SERIES and JSON */
    union {
        uint64_t u;
        int64_t i; /* SIGNED and SECONDS */
        double real;
        bool truth;
        const char *text; /* not terminated; not owned. JSON with NULL: comes in pieces */
    } value;
};

struct lcap_column {
    const char *name;
    enum lcap_cell_kind kind; /* of its cells, unless they are EMPTY */
    const char *unit;         /* "bytes", "s", "packets", "bytes/s", …; "" where there is none */
    const char *description;  /* a sentence without its full stop */
    const char *formula;      /* how it is computed, in the terms that docs/profiles explains; NULL
                                 of JSON cells */
    const char *original;     /* how the tool that the profile is named after differs; or NULL */
    size_t offset;            /* where its cell lies in the profile's own row */
};

/* One row, valid while whoever handed it out says so. */
struct lcap_row {
    const struct lcap_cell *cells; /* one for each column, in their order */
    size_t count;
    /* What a JSON cell without text reads from. */
    lcap_text_pieces *pieces;
    void *pieces_source;
};

#ifdef __cplusplus
}
#endif

#endif
