/*
 * Rows out: CSV, JSON, JSON lines, XLSX and SQLite behind one interface.
 *
 * Encoding a row and writing it are two steps: many threads may encode rows at
 * once, and whoever owns the table appends what they made, in the order it wants.
 */
#ifndef TABLE_TABLE_H
#define TABLE_TABLE_H

#include "base/buffer.h"
#include "base/number/number.h"
#include "table/dialect.h"
#include <labelcap/error.h>
#include <labelcap/row.h>

enum table_format {
    TABLE_CSV,    /* RFC 4180, LF line ends, a header record; undefined: an empty field */
    TABLE_JSON,   /* RFC 8259: one array with an object a line; undefined: null */
    TABLE_JSONL,  /* an object a line */
    TABLE_XLSX,   /* numbers to 16 digits, as libxlsxwriter writes them; integers above 2^53 and
                     sampleIDs as text; undefined: an empty cell */
    TABLE_SQLITE, /* INTEGER, REAL and TEXT; sampleIDs as text; undefined: NULL */
    TABLE_TEXT,   /* aligned columns for people; rows wait, up to some MiB, for the widths */
    TABLE_FORMATS,
};

/* "csv", "json", "jsonl", "xlsx", "sqlite", "text". */
extern const char *const table_format_names[TABLE_FORMATS + 1];

/* The format that a file's name asks for (.csv, .json, .jsonl, .ndjson, .xlsx, .sqlite, .db; for
 * text also with .gz or .zst behind); TABLE_FORMATS where it asks for none. */
enum table_format table_format_of_name(const char *path);

/* What the rows look like; constant while encoders use it. */
struct table_schema {
    const struct lcap_column *const *columns; /* those that are wanted, in their order */
    const uint32_t *cells;                    /* where the cell of each lies in a row handed in */
    size_t count;
    enum table_format format;
    struct number_format number_format;  /* of LCAP_CELL_REAL */
    const struct table_dialect *dialect; /* of CSV and JSON; NULL: our own */
};

/*
 * Encodes rows into a buffer: for text formats the text itself, so that rows put
 * one after the other are text again; for others a form of its own.
 * `flush` (with its context) is called when the buffer has grown past
 * TABLE_FLUSH bytes, also in the middle of a row whose JSON comes in pieces; it
 * takes the buffer's bytes and empties it; with `flush` NULL the buffer grows. A row that is one
 * JSON value alone (one column of LCAP_CELL_JSON with an empty name) is written as that value.
 */
#define TABLE_FLUSH (64 << 10)

struct table_encoder {
    const struct table_schema *schema;
    struct buffer buffer;
    int (*flush)(void *context, struct buffer *buffer, struct lcap_error *error);
    void *context;
};

int table_encode(struct table_encoder *encoder, const struct lcap_row *row,
                 struct lcap_error *error);

struct table;

struct table_options {
    bool overwrite;     /* replace an existing file */
    bool append;        /* SQLite: add to the table that is there */
    bool split;         /* XLSX: go on in a new file after 1,048,576 rows: NAME-2.xlsx, … */
    const char *name;   /* of the SQLite table and the XLSX sheet; NULL = "flows" */
    const char *tmpdir; /* XLSX: for the rows until the file is packed; NULL = beside the output */
};

/*
 * Opens a table file ("-": standard output, text formats only). LCAP_ERR_ARGUMENT:
 * the schema does not suit the format, such as nested JSON in CSV. The schema
 * outlives the table; path and options are copied.
 */
int table_open(struct table **table, const char *path, const struct table_schema *schema,
               const struct table_options *options, struct lcap_error *error);

/* Adds what encoders of the same schema made. The bytes of all calls count as one run of them, cut
 * anywhere. */
int table_append(struct table *table, const void *encoded, size_t len, struct lcap_error *error);

/* Finishes the file, puts it into place and frees; frees on errors too. */
int table_close(struct table *table, struct lcap_error *error);
/* Drops table and unfinished file. NULL is allowed. */
void table_discard(struct table *table);

#endif
