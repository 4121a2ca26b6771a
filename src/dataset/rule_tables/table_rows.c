/* Reads line by line; a quoted field ends on its line. */
#include "dataset/rule_tables/table_rows.h"

#include "base/text/csv.h"
#include <inttypes.h>
#include <string.h>

/* Longer lines are no rows of a table. */
#define MAX_LINE ((size_t)1 << 20)

#define ZEEK_FIELDS "#fields"

int table_rows_open(struct table_rows *rows, const char *path, struct lcap_error *error)
{
    memset(rows, 0, sizeof *rows);
    int rc = input_open(&rows->in, path, error);
    return rc == 0 ? csv_check_beginning(rows->in, error) : rc;
}

static int too_long(const struct table_rows *rows, struct lcap_error *error)
{
    return lcap_error_set(error, LCAP_ERR_FORMAT, "%s:%" PRIu64 ": a line longer than 1 MiB",
                          input_name(rows->in), rows->number);
}

/* 1 with the line without its end in rows->line, 0 at the end of the file. */
static int read_line(struct table_rows *rows, struct lcap_error *error)
{
    const uint8_t *data, *end = NULL;
    int64_t have;
    buffer_clear(&rows->line);
    rows->number++;
    while (!end && (have = input_peek(rows->in, 1, &data, error)) > 0) {
        end = memchr(data, '\n', (size_t)have);
        const size_t part = end ? (size_t)(end - data) : (size_t)have;
        if (rows->line.len + part > MAX_LINE)
            return too_long(rows, error);
        int rc = buffer_append(&rows->line, data, part, error);
        if (rc < 0)
            return rc;
        input_skip(rows->in, part + (end != NULL));
    }
    if (!end && have < 0)
        return (int)have;
    if (rows->line.len > 0 && rows->line.data[rows->line.len - 1] == '\r')
        rows->line.len--;
    return end || rows->line.len > 0;
}

static size_t count_of(const struct buffer *line, char c)
{
    size_t count = 0;
    for (size_t i = 0; i < line->len; i++)
        count += line->data[i] == (uint8_t)c;
    return count;
}

/* The most frequent one in the header. */
static char separator_of(const struct buffer *line)
{
    static const char candidates[] = {'\t', ';', ','};
    char best = ',';
    for (size_t i = 0; i < sizeof candidates; i++)
        if (count_of(line, candidates[i]) > count_of(line, best))
            best = candidates[i];
    return best;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t';
}

static void add_field(struct table_rows *rows, const char *text, const char *end)
{
    while (text < end && is_space(*text))
        text++;
    while (end > text && is_space(end[-1]))
        end--;
    if (rows->count < TABLE_MAX_FIELDS)
        rows->fields[rows->count++] = (struct table_field){text, (size_t)(end - text)};
}

/* Takes a quoted field, undoubles its quotes in place, and returns what follows it. */
static char *take_quoted(struct table_rows *rows, char *text, const char *end)
{
    char *from = text, *to = text;
    for (; from < end; *to++ = *from++)
        if (*from == '"' && (++from == end || *from != '"'))
            break;
    add_field(rows, text, to);
    while (from < end && *from != rows->separator)
        from++;
    return from;
}

/* Columns of text without tabs between them, by runs of spaces. */
static void split_tail(struct table_rows *rows)
{
    const struct table_field tail = rows->fields[--rows->count];
    const char *at = tail.text, *end = tail.text + tail.len, *gap;
    while ((gap = memmem(at, (size_t)(end - at), "   ", 3))) {
        add_field(rows, at, gap);
        for (at = gap; at < end && *at == ' ';)
            at++;
    }
    add_field(rows, at, end);
}

static void split(struct table_rows *rows, size_t start)
{
    char *at = (char *)rows->line.data + start;
    char *end = (char *)rows->line.data + rows->line.len;
    for (rows->count = 0; at <= end; at++) {
        while (at < end && *at == ' ')
            at++;
        if (at < end && *at == '"') {
            at = take_quoted(rows, at + 1, end);
            continue;
        }
        char *stop = memchr(at, rows->separator, (size_t)(end - at));
        stop = stop ? stop : end;
        add_field(rows, at, stop);
        at = stop;
    }
    if (rows->tail_apart && rows->count > 0)
        split_tail(rows);
}

/* Whether a line that begins with '#' is the header of a Zeek log. */
static bool take_zeek_header(struct table_rows *rows)
{
    const size_t key = strlen(ZEEK_FIELDS);
    if (rows->line.len <= key || memcmp(rows->line.data, ZEEK_FIELDS, key) != 0)
        return false;
    rows->separator = (char)rows->line.data[key];
    rows->tail_apart = memmem(rows->line.data, rows->line.len, "   ", 3) != NULL;
    split(rows, key + 1);
    return true;
}

int table_rows_next(struct table_rows *rows, struct lcap_error *error)
{
    if (rows->again) {
        rows->again = false;
        return 1;
    }
    int rc;
    while ((rc = read_line(rows, error)) == 1) {
        if (rows->line.len == 0)
            continue;
        if (rows->line.data[0] == '#') {
            if (!rows->separator && take_zeek_header(rows))
                return 1;
            continue;
        }
        if (!rows->separator)
            rows->separator = separator_of(&rows->line);
        split(rows, 0);
        return 1;
    }
    return rc;
}

void table_rows_repeat(struct table_rows *rows)
{
    rows->again = true;
}

void table_rows_close(struct table_rows *rows)
{
    input_free(rows->in);
    buffer_release(&rows->line);
}
