/* CSV (RFC 4180): reads records, by libcsv, with their position and raw bytes; writes fields. */
#ifndef BASE_TEXT_CSV_H
#define BASE_TEXT_CSV_H

#include "base/buffer.h"
#include "base/io/input.h"
#include <labelcap/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct csv_field {
    const char *text; /* unquoted, NUL-terminated; holds no NUL byte itself */
    size_t len;
    uint32_t line, column; /* of its first character, from 1; columns count bytes */
};

struct csv_record {
    const struct csv_field *fields;
    size_t count;
    const char *bytes; /* the raw record, without its line end */
    size_t bytes_len;
    uint32_t line; /* of its first byte, from 1 */
};

struct csv_reader;

/*
 * Skips a UTF-8 byte order mark. Text in UTF-16 and files of spreadsheets are
 * errors that say how to get CSV from them.
 */
int csv_check_beginning(struct input *in, struct lcap_error *error);

/*
 * Opens `path` ("-": standard input), which csv_check_beginning() accepts. A UTF-8 byte order mark,
 * lines of only spaces and lines that begin with '#' are skipped; LF and CRLF end a record; no
 * space is trimmed. Errors are: a carriage return outside quotes without a line feed, a NUL byte,
 * bytes in a record that are not UTF-8, and a quote where RFC 4180 allows none.
 */
int csv_reader_open(struct csv_reader **reader, const char *path, struct lcap_error *error);

/*
 * The longest record in bytes: room for the longest comment (64 KiB) even if
 * every byte is a quote.
 */
#define CSV_MAX_RECORD (1u << 20)

/*
 * The next record: a view valid until the next call. Errors in the text are
 * LCAP_ERR_FORMAT and begin with "PATH:LINE:COLUMN: "; nothing is read past them.
 */
int csv_reader_next(struct csv_reader *reader, struct csv_record *record, struct lcap_error *error);
/* The name of the file in messages: its path, or "standard input". */
const char *csv_reader_name(const struct csv_reader *reader);
void csv_reader_free(struct csv_reader *reader);

/* The position in the file of the byte at `offset` of a field's text; counts doubled quotes. */
void csv_field_place(const struct csv_record *record, const struct csv_field *field, size_t offset,
                     uint32_t *line, uint32_t *column);

/* For a record of a single field: adds to the error what else separates the columns, if anything.
 */
void csv_suggest_commas(const struct csv_field *field, struct lcap_error *error);

/* Appends one field, quoted if RFC 4180, a leading '#' or a space at either end requires it. */
int csv_append_field(struct buffer *out, const char *text, size_t len, struct lcap_error *error);

/* The same for any bytes: those that are not UTF-8, and NUL, become U+FFFD. */
int csv_append_text(struct buffer *out, const char *text, size_t len, struct lcap_error *error);

#endif
