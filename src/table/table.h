/*
 * Writing rows: CSV, TSV, JSON, JSON lines, XLSX, SQLite and Parquet behind one interface.
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

struct table;
struct table_class;

/* The layout of the rows; constant while encoders use it. */
struct table_schema {
    const struct lcap_column *const *columns; /* those to be written, in this order */
    const uint32_t *cells;                    /* the index of the cell of each in a row */
    size_t count;
    const struct table_class *format;
    struct number_format number_format;  /* of LCAP_CELL_REAL */
    const struct table_dialect *dialect; /* of CSV and JSON; NULL: our own */
    const char *const *types; /* Arrow: of the columns, as in table_arrow.c; NULL: by their kinds */
    bool csv_safe;     /* CSV: an apostrophe before texts that spreadsheets take for formulas */
    bool for_terminal; /* CSV: what acts on a terminal is escaped */
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

struct table_options {
    bool overwrite;      /* replace an existing file */
    bool no_sync;        /* do not wait until a new file is on the disk */
    bool append;         /* add to the existing table */
    bool split;          /* continue in a new file when one is full: NAME-2.xlsx, … */
    const char *name;    /* of the SQLite table and the XLSX sheet; NULL = "flows" */
    const char *profile; /* Parquet: of the columns, for the metadata; NULL = none */
    size_t width;        /* text: columns of the terminal, to which lines are cut; 0 = no limit */
    unsigned threads;    /* Parquet: that pack, the caller's included; 0: only that one */
    const char *tmpdir;  /* XLSX: for the rows until the file is packed; NULL = beside the output */
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

/*
 * Everything about a format. The functions are those above of the same names;
 * `open` sets *table only on success.
 */
struct table_class {
    const char *name;
    const char *suffixes[3]; /* of file names, the usual one first */
    bool by_suffix;          /* a file name with such a suffix asks for this format */
    const char *lacks;       /* without `open`: the library that this build does without */
    bool text;    /* encoded rows are written as they are, also to a pipe or compressed */
    bool json;    /* can hold cells of JSON */
    bool appends; /* can add to an existing table */
    bool splits;  /* can continue in a new file when one is full */
    int (*encode)(struct table_encoder *encoder, const struct lcap_row *row,
                  struct lcap_error *error);
    int (*open)(struct table **table, const char *path, const struct table_schema *schema,
                const struct table_options *options, struct lcap_error *error);
    int (*append)(struct table *table, const uint8_t *encoded, size_t len,
                  struct lcap_error *error);
    /* Whether bytes of unknown origin are encoded rows; NULL: any are. */
    bool (*check)(const struct table_schema *schema, const uint8_t *encoded, size_t len);
    int (*close)(struct table *table, struct lcap_error *error);
    void (*discard)(struct table *table);
};

/* All formats: the name for users, and the class. */
#define TABLE_FORMATS(FORMAT)                                                                      \
    FORMAT("csv", table_csv)                                                                       \
    FORMAT("tsv", table_tsv)                                                                       \
    FORMAT("json", table_json)                                                                     \
    FORMAT("jsonl", table_jsonl)                                                                   \
    FORMAT("xlsx", table_xlsx)                                                                     \
    FORMAT("sqlite", table_sqlite)                                                                 \
    FORMAT("parquet", table_parquet)                                                               \
    FORMAT("text", table_aligned)

/* The names for a text that continues behind them: "csv, json, …, ". */
#define TABLE_LISTED(NAME, CLASS) NAME ", "
#define TABLE_FORMAT_LIST         TABLE_FORMATS(TABLE_LISTED)

#define TABLE_DECLARE(NAME, CLASS) extern const struct table_class CLASS;
TABLE_FORMATS(TABLE_DECLARE)

#define TABLE_NUMBER(NAME, CLASS) CLASS##_number,
enum { TABLE_FORMATS(TABLE_NUMBER) TABLE_FORMAT_COUNT };

/* A stream of Arrow, for programs that read nothing else; only for tables of arrays. */
extern const struct table_class table_arrow;

/* In the same order, with NULL at the end. */
extern const struct table_class *const table_formats[TABLE_FORMAT_COUNT + 1];
extern const char *const table_format_names[TABLE_FORMAT_COUNT + 1];

/* The format for the suffix of a file name, which for text may be followed by .gz or .zst; NULL if
 * there is none. */
const struct table_class *table_format_of_name(const char *path);

/* Appends the suffixes that table_format_of_name() knows: ".csv, .json, …". */
int table_list_suffixes(struct buffer *list, struct lcap_error *error);

/*
 * Whether the suffix is that of a format that is not text, followed by .gz or
 * .zst: flows.xlsx.gz.
 */
bool table_name_is_packed_binary(const char *path);

#endif
