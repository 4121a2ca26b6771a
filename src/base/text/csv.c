/* CSV by libcsv, fed byte by byte where bytes mean something, so that every place is known. */
#include "base/text/csv.h"

#include "base/memory.h"
#include "base/text/text.h"
#include <csv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* libcsv grows a field by this much at a time; its default of 128 would copy long fields often. */
#define FIELD_STEP 4096

/* The longest record and its line end. */
#define RECORD_ROOM (CSV_MAX_RECORD + 1)

struct csv_reader {
    struct input *in;
    struct csv_parser parser;
    char *bytes; /* the raw record, in RECORD_ROOM bytes */
    size_t bytes_len;
    /* Its unquoted fields, each followed by a NUL. The NUL takes the place of the comma or the line
     * end, so the fields need no more room than the record. */
    char *text;
    size_t text_len;
    struct csv_field *fields;
    size_t count, capacity;
    uint32_t line, column;             /* of the next byte */
    uint32_t at_line, at_column;       /* of the current byte */
    uint32_t record_line;              /* of the record's first byte */
    uint32_t field_line, field_column; /* of the first character of the current field */
    bool field_begun, quoted;          /* quoted: it began with a quote */
    bool inside_quotes;                /* between an opening and a closing quote */
    bool done;                         /* the record is complete */
    int status;                        /* of storing fields, set by libcsv's callbacks */
    struct lcap_error *error;          /* the same */
};

static int wrong_at(const struct csv_reader *r, uint32_t line, uint32_t column, const char *what,
                    struct lcap_error *error)
{
    return lcap_error_set(error, LCAP_ERR_FORMAT, "%s:%u:%u: %s", input_name(r->in), line, column,
                          what);
}

/* libcsv trims nothing if nothing is a space. */
static int no_space(unsigned char c)
{
    (void)c;
    return 0;
}

#define A_CAPTURE "a packet capture, not CSV; are two files swapped?"

/* What spreadsheets save instead of CSV in UTF-8, and captures, by the first bytes. */
static const struct {
    const char *bytes;
    size_t len;
    const char *what;
} other_forms[] = {
    {"\xFF\xFE", 2,
     "text in UTF-16, not UTF-8; save it as CSV UTF-8, or convert it by iconv -f UTF-16 -t UTF-8"},
    {"\xFE\xFF", 2,
     "text in UTF-16, not UTF-8; save it as CSV UTF-8, or convert it by iconv -f UTF-16 -t UTF-8"},
    {"PK\x03\x04", 4,
     "a ZIP archive, as .xlsx and .ods workbooks are, not CSV; save the sheet as CSV UTF-8"},
    {"\xD0\xCF\x11\xE0", 4, "an .xls workbook, not CSV; save the sheet as CSV UTF-8"},
    {"\n\r\r\n", 4, A_CAPTURE}, /* pcapng; then pcap, in either byte order, of µs and ns */
    {"\xD4\xC3\xB2\xA1", 4, A_CAPTURE},
    {"\xA1\xB2\xC3\xD4", 4, A_CAPTURE},
    {"\x4D\x3C\xB2\xA1", 4, A_CAPTURE},
    {"\xA1\xB2\x3C\x4D", 4, A_CAPTURE},
};

/* What UTF-16 without a byte order mark makes of two letters or digits; or NULL. */
static const char *other_units(const uint8_t *data, int64_t have)
{
    if (have < 4)
        return NULL;
    if (data[0] && !data[1] && data[2] && !data[3])
        return "text that looks like UTF-16, not UTF-8; convert it by iconv -f UTF-16LE -t UTF-8";
    if (!data[0] && data[1] && !data[2] && data[3])
        return "text that looks like UTF-16, not UTF-8; convert it by iconv -f UTF-16BE -t UTF-8";
    return NULL;
}

int csv_check_beginning(struct input *in, struct lcap_error *error)
{
    const uint8_t *data;
    int64_t have = input_peek(in, 4, &data, error);
    if (have < 0)
        return (int)have;
    for (size_t i = 0; i < sizeof other_forms / sizeof *other_forms; i++)
        if ((size_t)have >= other_forms[i].len &&
            memcmp(data, other_forms[i].bytes, other_forms[i].len) == 0)
            return lcap_error_set(error, LCAP_ERR_FORMAT, "%s:1:1: %s", input_name(in),
                                  other_forms[i].what);
    const char *units = other_units(data, have);
    if (units)
        return lcap_error_set(error, LCAP_ERR_FORMAT, "%s:1:1: %s", input_name(in), units);
    if (have >= 3 && memcmp(data, "\xEF\xBB\xBF", 3) == 0)
        input_skip(in, 3);
    return LCAP_OK;
}

int csv_reader_open(struct csv_reader **reader, const char *path, struct lcap_error *error)
{
    struct csv_reader *r = memory_new(1, sizeof *r, error);
    if (!r)
        return LCAP_ERR_MEMORY;
    csv_init(&r->parser, CSV_STRICT | CSV_STRICT_FINI | CSV_APPEND_NULL);
    csv_set_space_func(&r->parser, no_space);
    csv_set_blk_size(&r->parser, FIELD_STEP);
    r->line = r->column = 1;
    r->bytes = memory_new(RECORD_ROOM, 1, error);
    r->text = memory_new(RECORD_ROOM, 1, error);
    int rc = r->bytes && r->text ? input_open(&r->in, path, error) : LCAP_ERR_MEMORY;
    if (rc == 0)
        rc = csv_check_beginning(r->in, error);
    if (rc < 0) {
        csv_reader_free(r);
        return rc;
    }
    *reader = r;
    return LCAP_OK;
}

/* Returns 1 and the next byte, with CR LF outside quotes as one LF; 0 at the end. */
static int take_byte(struct csv_reader *r, char *byte, struct lcap_error *error)
{
    const uint8_t *data;
    r->at_line = r->line;
    r->at_column = r->column;
    int64_t have = input_peek(r->in, 1, &data, error);
    if (have <= 0)
        return (int)have;
    if (data[0] == '\0')
        return wrong_at(r, r->line, r->column, "a NUL byte; this is not text", error);
    if (data[0] == '\r' && !r->inside_quotes) {
        have = input_peek(r->in, 2, &data, error);
        if (have < 0)
            return (int)have;
        if (have < 2 || data[1] != '\n')
            return wrong_at(r, r->line, r->column,
                            "a carriage return without a line feed; lines end with LF or CR LF",
                            error);
        input_skip(r->in, 1);
        data++;
    }
    *byte = (char)data[0];
    input_skip(r->in, 1);
    r->column++;
    if (*byte == '\n') {
        r->line++;
        r->column = 1;
    }
    return 1;
}

static int skip_comment(struct csv_reader *r, struct lcap_error *error)
{
    char byte = '#';
    int rc = 1;
    while (rc == 1 && byte != '\n')
        rc = take_byte(r, &byte, error);
    return rc;
}

static void begin_field(struct csv_reader *r, char first)
{
    r->field_begun = true;
    r->quoted = first == '"';
    r->field_line = r->at_line;
    r->field_column = r->at_column + r->quoted;
}

static void on_field(void *text, size_t len, void *reader)
{
    struct csv_reader *r = reader;
    if (r->status == 0)
        r->status = memory_grow((void **)&r->fields, &r->capacity, r->count + 1, sizeof *r->fields,
                                r->error);
    if (r->status < 0)
        return;
    char *copy = r->text + r->text_len;
    memcpy(copy, text, len);
    copy[len] = '\0';
    r->text_len += len + 1;
    r->fields[r->count++] = (struct csv_field){
        .text = copy, .len = len, .line = r->field_line, .column = r->field_column};
    r->field_begun = false;
}

static void on_record(int end, void *reader)
{
    (void)end;
    ((struct csv_reader *)reader)->done = true;
}

static int not_closed(const struct csv_reader *r, struct lcap_error *error)
{
    return wrong_at(r, r->field_line, r->field_column - 1, "the quote opened here is never closed",
                    error);
}

_Static_assert(CSV_MAX_RECORD == 1048576, "the messages say 1 MiB");

static int too_long(const struct csv_reader *r, struct lcap_error *error)
{
    if (r->inside_quotes)
        return wrong_at(r, r->field_line, r->field_column - 1,
                        "the quote opened here is not closed within 1 MiB", error);
    return wrong_at(r, r->record_line, 1, "a record longer than 1 MiB", error);
}

static const char separate_by_commas[] = "columns are separated by commas";

void csv_suggest_commas(const struct csv_field *field, struct lcap_error *error)
{
    const char *found = memchr(field->text, ';', field->len)    ? "semicolons"
                        : memchr(field->text, '\t', field->len) ? "tabs"
                                                                : NULL;
    const struct lcap_error told = *error;
    if (!found)
        return;
    lcap_error_clear(error);
    lcap_error_set(error, told.code, "%s; %s, not by %s", told.text, separate_by_commas, found);
}

/* Errors that strict libcsv finds. */
static int misplaced_quote(struct csv_reader *r, char byte, struct lcap_error *error)
{
    if (csv_error(&r->parser) == CSV_ENOMEM)
        return lcap_error_set(error, LCAP_ERR_MEMORY, "out of memory: a CSV field");
    if (!r->quoted)
        return wrong_at(r, r->at_line, r->at_column,
                        "a quote inside a field that does not begin with one; "
                        "quote the whole field and double the quotes in it",
                        error);
    char what[128];
    bool printable = byte > ' ' && byte < 0x7F;
    snprintf(what, sizeof what,
             printable ? "expected a comma or a line end after the closing quote, found %c%s%s"
                       : "expected a comma or a line end after the closing quote, "
                         "found byte 0x%02x%s%s",
             (uint8_t)byte, byte == ';' || byte == '\t' ? "; " : "",
             byte == ';' || byte == '\t' ? separate_by_commas : "");
    return wrong_at(r, r->at_line, r->at_column, what, error);
}

static int feed(struct csv_reader *r, char byte, struct lcap_error *error)
{
    if (r->bytes_len == 0)
        r->record_line = r->at_line;
    if (r->bytes_len == CSV_MAX_RECORD && byte != '\n')
        return too_long(r, error);
    if (!r->field_begun)
        begin_field(r, byte);
    if (byte == '"')
        r->inside_quotes = !r->inside_quotes;
    r->bytes[r->bytes_len++] = byte;
    if (csv_parse(&r->parser, &byte, 1, on_field, on_record, r) != 1)
        return misplaced_quote(r, byte, error);
    if (r->done)
        r->bytes_len--; /* the line end is not part of it */
    else if (r->bytes_len > CSV_MAX_RECORD)
        return too_long(r, error); /* a line feed inside quotes */
    return r->status;
}

static bool is_plain(uint8_t byte)
{
    return byte != ',' && byte != '"' && byte != '\n' && byte != '\r' && byte != '\0';
}

/* Bytes in the middle of a field, about which nothing is to be decided. */
static int feed_plain(struct csv_reader *r, struct lcap_error *error)
{
    const uint8_t *data = r->in->next;
    const size_t have = (size_t)(r->in->end - data), room = CSV_MAX_RECORD - r->bytes_len;
    const size_t most = have < room ? have : room;
    size_t len = 0;
    while (len < most && is_plain(data[len]))
        len++;
    if (len == 0)
        return LCAP_OK;
    memcpy(r->bytes + r->bytes_len, data, len);
    r->bytes_len += len;
    r->column += (uint32_t)len;
    input_skip(r->in, len);
    if (csv_parse(&r->parser, data, len, on_field, on_record, r) != len)
        return lcap_error_set(error, LCAP_ERR_MEMORY, "out of memory: a CSV field");
    return LCAP_OK;
}

/* The end of the file also ends the record. */
static int feed_end(struct csv_reader *r, struct lcap_error *error)
{
    if (!r->field_begun)
        begin_field(r, '\n');
    if (csv_fini(&r->parser, on_field, on_record, r) != 0)
        return not_closed(r, error);
    return r->status;
}

/* 1 if there is a record, 0 at the end. */
static int read_record(struct csv_reader *r, struct lcap_error *error)
{
    r->bytes_len = r->text_len = r->count = 0;
    r->field_begun = r->inside_quotes = r->done = false;
    r->error = error;
    char byte = '\0';
    int rc = 1;
    while (!r->done && (rc = take_byte(r, &byte, error)) == 1) {
        bool first = r->bytes_len == 0;
        if (first && byte == '\n')
            continue;
        rc = first && byte == '#' ? skip_comment(r, error) : feed(r, byte, error);
        if (rc == 0 && r->field_begun && r->quoted == r->inside_quotes)
            rc = feed_plain(r, error);
        if (rc < 0)
            return rc;
    }
    if (rc < 0)
        return rc;
    if (!r->done && r->bytes_len > 0)
        rc = feed_end(r, error);
    return rc < 0 ? rc : r->done;
}

/* Advances a position over raw bytes. */
static void advance_place(const char *bytes, size_t len, uint32_t *line, uint32_t *column)
{
    for (size_t i = 0; i < len; i++) {
        (*column)++;
        if (bytes[i] == '\n') {
            (*line)++;
            *column = 1;
        }
    }
}

static int check_utf8(const struct csv_reader *r, struct lcap_error *error)
{
    size_t good = text_utf8_valid_length(r->bytes, r->bytes_len);
    if (good == r->bytes_len)
        return LCAP_OK;
    uint32_t line = r->record_line, column = 1;
    advance_place(r->bytes, good, &line, &column);
    char what[32];
    snprintf(what, sizeof what, "byte 0x%02x is not UTF-8", (uint8_t)r->bytes[good]);
    return wrong_at(r, line, column, what, error);
}

static bool is_blank(const struct csv_reader *r)
{
    for (size_t i = 0; i < r->bytes_len; i++)
        if (r->bytes[i] != ' ' && r->bytes[i] != '\t')
            return false;
    return true;
}

int csv_reader_next(struct csv_reader *reader, struct csv_record *record, struct lcap_error *error)
{
    int rc;
    do {
        rc = read_record(reader, error);
    } while (rc == 1 && is_blank(reader));
    if (rc == 1 && check_utf8(reader, error) < 0)
        rc = LCAP_ERR_FORMAT;
    if (rc == 1)
        *record = (struct csv_record){.fields = reader->fields,
                                      .count = reader->count,
                                      .bytes = reader->bytes,
                                      .bytes_len = reader->bytes_len,
                                      .line = reader->record_line};
    return rc;
}

const char *csv_reader_name(const struct csv_reader *reader)
{
    return input_name(reader->in);
}

void csv_reader_free(struct csv_reader *reader)
{
    if (!reader)
        return;
    csv_free(&reader->parser);
    input_free(reader->in);
    free(reader->bytes);
    free(reader->text);
    free(reader->fields);
    free(reader);
}

void csv_field_place(const struct csv_record *record, const struct csv_field *field, size_t offset,
                     uint32_t *line, uint32_t *column)
{
    const char *bytes = record->bytes;
    size_t at = 0;
    *line = record->line;
    *column = 1;
    while (at < record->bytes_len && (*line != field->line || *column != field->column))
        advance_place(bytes + at++, 1, line, column);
    bool quoted = at > 0 && bytes[at - 1] == '"';
    for (; offset > 0 && at < record->bytes_len; offset--) {
        size_t step = quoted && bytes[at] == '"' && at + 1 < record->bytes_len ? 2 : 1;
        advance_place(bytes + at, step, line, column);
        at += step;
    }
}

static bool needs_quotes(const char *text, size_t len)
{
    if (len == 0)
        return false;
    for (size_t i = 0; i < len; i++)
        if (strchr(",\"\r\n", text[i])) /* also finds NUL bytes, which are better quoted */
            return true;
    char first = text[0], last = text[len - 1];
    return first == '#' || first == ' ' || first == '\t' || last == ' ' || last == '\t';
}

int csv_append_field(struct buffer *out, const char *text, size_t len, struct lcap_error *error)
{
    if (!needs_quotes(text, len))
        return buffer_append(out, text, len, error);
    int rc = buffer_append(out, "\"", 1, error);
    while (rc == 0 && len > 0) {
        const char *quote = memchr(text, '"', len);
        size_t run = quote ? (size_t)(quote - text) + 1 : len;
        rc = buffer_append(out, text, run, error);
        if (rc == 0 && quote)
            rc = buffer_append(out, "\"", 1, error); /* again: doubled */
        text += run;
        len -= run;
    }
    return rc < 0 ? rc : buffer_append(out, "\"", 1, error);
}

/* How much of the text a reader takes as it is. */
static size_t readable_length(const char *text, size_t len)
{
    const size_t valid = text_utf8_valid_length(text, len);
    const char *nul = memchr(text, '\0', valid);
    return nul ? (size_t)(nul - text) : valid;
}

static int append_readable(struct buffer *out, const char *text, size_t len,
                           struct lcap_error *error)
{
    static const char replacement[] = "\xEF\xBF\xBD";
    int rc = LCAP_OK;
    while (len > 0 && rc == LCAP_OK) {
        const size_t good = readable_length(text, len);
        rc = buffer_append(out, text, good, error);
        if (rc == LCAP_OK && good < len)
            rc = buffer_append_text(out, replacement, error);
        text += good + (good < len);
        len -= good + (good < len);
    }
    return rc;
}

int csv_append_text(struct buffer *out, const char *text, size_t len, struct lcap_error *error)
{
    struct buffer readable = {0};
    if (readable_length(text, len) == len)
        return csv_append_field(out, text, len, error);
    int rc = append_readable(&readable, text, len, error);
    if (rc == LCAP_OK)
        rc = csv_append_field(out, (const char *)readable.data, readable.len, error);
    buffer_release(&readable);
    return rc;
}
