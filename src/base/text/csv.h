/* CSV (RFC 4180): records in, by libcsv, each with its place and its own bytes; fields out. */
#ifndef BASE_TEXT_CSV_H
#define BASE_TEXT_CSV_H

#include "base/buffer.h"
#include <labelcap/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct csv_field {
    const char *text; /* unquoted, NUL-terminated; holds no NUL byte itself */
    size_t len;
    uint32_t line, column; /* where its first character stands, from 1; columns count bytes */
};

struct csv_record {
    const struct csv_field *fields;
    size_t count;
    const char *bytes; /* the record as it stands in the file, without its line end */
    size_t bytes_len;
    uint32_t line; /* of its first byte, from 1 */
};

struct csv_reader;

/*
 * Opens `path` ("-": standard input). A UTF-8 byte order mark is skipped, so
 * are lines of nothing but spaces and lines whose first character is '#'; LF
 * and CRLF end a record; no space is trimmed. Wrong are: a carriage return
 * outside quotes that no line feed follows, a NUL byte anywhere, bytes in a
 * record that are no UTF-8, a quote that is not where RFC 4180 has it.
 */
int csv_reader_open(struct csv_reader **reader, const char *path, struct lcap_error *error);

/* The longest record in bytes: room for the longest comment (64 KiB) with every byte a quote. */
#define CSV_MAX_RECORD (1u << 20)

/*
 * The next record: a view valid until the next call. Errors in the text are
 * LCAP_ERR_FORMAT and begin with "PATH:LINE:COLUMN: "; nothing is read past them.
 */
int csv_reader_next(struct csv_reader *reader, struct csv_record *record, struct lcap_error *error);
/* What messages call the file: its path, or "standard input". */
const char *csv_reader_name(const struct csv_reader *reader);
void csv_reader_free(struct csv_reader *reader);

/* Where the byte at `offset` of a field's text stands in the file; doubled quotes are counted. */
void csv_field_place(const struct csv_record *record, const struct csv_field *field, size_t offset,
                     uint32_t *line, uint32_t *column);

/* Appends one field, quoted where RFC 4180 or a leading '#' or a space at an end asks for it. */
int csv_append_field(struct buffer *out, const char *text, size_t len, struct lcap_error *error);

#endif
