/* CSV (RFC 4180): records in, by libcsv, each with its place and its own bytes; fields out. */
#ifndef BASE_CSV_H
#define BASE_CSV_H

#include "base/buffer.h"
#include <labelcap/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct csv_field {
    const char *text; /* unquoted, NUL-terminated; may hold NUL bytes itself: trust `len` */
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
 * are blank lines and lines whose first character is '#'; LF and CRLF end a
 * record; no space is trimmed.
 */
int csv_reader_open(struct csv_reader **reader, const char *path, struct lcap_error *error);

/*
 * The next record: a view valid until the next call. Errors begin with
 * "PATH:LINE:COLUMN: ". A record is at most CSV_MAX_RECORD bytes long.
 */
#define CSV_MAX_RECORD (1u << 20)
int csv_reader_next(struct csv_reader *reader, struct csv_record *record,
                    struct lcap_error *error);
void csv_reader_free(struct csv_reader *reader);

/* Appends one field, quoted where RFC 4180 or a leading '#' or a space at an end asks for it. */
int csv_append_field(struct buffer *out, const char *text, size_t len, struct lcap_error *error);

#endif
