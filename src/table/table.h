/*
 * Writing rows: CSV, JSON, JSON lines, XLSX and SQLite behind one interface.
 *
 * Encoding a row and writing it are two steps: many threads may encode rows at
 * once, and the owner of the table appends the results in any order it wants.
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
    TABLE_JSON,   /* RFC 8259: one array with one object per line; undefined: null */
    TABLE_JSONL,  /* one object per line */
    TABLE_XLSX,   /* numbers to 16 digits, as libxlsxwriter writes them; integers above 2^53 and
                     sampleIDs as text; undefined: an empty cell */
    TABLE_SQLITE, /* INTEGER, REAL and TEXT; sampleIDs as text; undefined: NULL */
    TABLE_TEXT,   /* aligned columns for people; rows wait, up to some MiB, for the widths */
    TABLE_FORMATS,
};

/* "csv", "json", "jsonl", "xlsx", "sqlite", "text". */
extern const char *const table_format_names[TABLE_FORMATS + 1];

/* The format for the suffix of a file name (.csv, .json, .jsonl, .ndjson, .xlsx, .sqlite, .db; for
 * text also followed by .gz or .zst); TABLE_FORMATS if there is none. */
enum table_format table_format_of_name(const char *path);

/* The layout of the rows; constant while encoders use it. */
struct table_schema {
    const struct lcap_column *const *columns; /* those to be written, in this order */
    const uint32_t *cells;                    /* the index of the cell of each in a row */
    size_t count;
    enum table_format format;
    struct number_format number_format;  /* of LCAP_CELL_REAL */
    const struct table_dialect *dialect; /* of CSV and JSON; NULL: our own */
};

/*
 * Encodes rows into a buffer: for text formats as the text itself, so that encoded
 * rows can be concatenated; for others in an internal form. `flush` (with its
 * context) is called when the buffer exceeds TABLE_FLUSH bytes, even in the middle
 * of a row whose JSON comes in pieces; it takes the bytes and empties the buffer.
 * If `flush` is NULL, the buffer grows. A row that is a single JSON value (one
 * column of LCAP_CELL_JSON with an empty name) is written as that value.
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
    bool append;        /* SQLite: add to the existing table */
    bool split;         /* XLSX: continue in a new file after 1,048,576 rows: NAME-2.xlsx, … */
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

/* Appends the output of encoders of the same schema. The bytes of all calls form one stream, which
 * may be cut anywhere. */
int table_append(struct table *table, const void *encoded, size_t len, struct lcap_error *error);

/* Finishes the file, renames it and frees the table; frees it on errors, too. */
int table_close(struct table *table, struct lcap_error *error);
/* Removes the unfinished file and frees the table. NULL is allowed. */
void table_discard(struct table *table);

#endif
