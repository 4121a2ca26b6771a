/* Reads metadata as people write them. */
#include "dataset/publish/metadata_lines.h"

#include "base/io/input.h"
#include "base/text/json.h"
#include "base/text/json_reader.h"
#include "base/text/text.h"
#include <string.h>

/* What is read, and what is made of it. */
struct lines {
    const char *path;
    uint32_t number;
    struct json_writer json;
    struct buffer value; /* of the line */
    struct buffer seen;  /* the names so far, each behind a line end */
};

static int wrong(const struct lines *lines, const char *expected, const char *found,
                 struct lcap_error *error)
{
    char excerpt[EXCERPT_TEXT];
    text_excerpt(found, strlen(found), excerpt);
    return lcap_error_set(error, LCAP_ERR_FORMAT, "%s:%u: expected %s, found '%s'", lines->path,
                          lines->number, expected, excerpt);
}

/* ---- values ---- */

/* Sets *at behind the escape, which begins with a backslash. */
static int append_escape(struct lines *lines, const char **at, struct lcap_error *error)
{
    static const char letters[] = "btnfr\"\\", meant[] = "\b\t\n\f\r\"\\";
    const char *known = (*at)[1] ? strchr(letters, (*at)[1]) : NULL;
    if (!known)
        return wrong(lines, "\\n, \\t, \\\" or \\\\", *at, error);
    *at += 2;
    return buffer_append(&lines->value, &meant[known - letters], 1, error);
}

/* A text in double quotes has escapes, one in single quotes has none. */
static int take_text(struct lines *lines, const char **at, struct lcap_error *error)
{
    const char quote = *(*at)++;
    const char *begin = *at;
    int rc = LCAP_OK;
    while (rc == LCAP_OK && **at && **at != quote)
        rc = quote == '"' && **at == '\\' ? append_escape(lines, at, error)
                                          : buffer_append(&lines->value, (*at)++, 1, error);
    if (rc == LCAP_OK && !**at)
        return wrong(lines, "a text that ends on its line with the quote it begins with", begin,
                     error);
    *at += rc == LCAP_OK;
    return rc;
}

static int take_value(struct lines *lines, const char **at, struct lcap_error *error)
{
    static const char of_dates[] = "0123456789-";
    const size_t date = strspn(*at, of_dates);
    buffer_clear(&lines->value);
    if (**at == '"' || **at == '\'')
        return take_text(lines, at, error);
    if (date == 0)
        return wrong(lines, "a text in quotes or a date", *at, error);
    const int rc = buffer_append(&lines->value, *at, date, error);
    *at += date;
    return rc;
}

/* ---- lines ---- */

static const char *skip_spaces(const char *at)
{
    return at + strspn(at, " \t");
}

static int note_name(struct lines *lines, const char *name, struct lcap_error *error)
{
    const size_t len = strlen(name), before = lines->seen.len;
    int rc = buffer_printf(&lines->seen, error, "\n%s\n", name);
    const char *seen = (const char *)lines->seen.data;
    if (rc == LCAP_OK && memmem(seen, before, seen + before, len + 2))
        rc = wrong(lines, "each name once", name, error);
    return rc;
}

static int take_setting(struct lines *lines, char *line, struct lcap_error *error)
{
    char *end = line + strspn(line, "abcdefghijklmnopqrstuvwxyz");
    const char *at = skip_spaces(end);
    if (end == line || *at != '=')
        return wrong(lines, "NAME = \"TEXT\"", line, error);
    at = skip_spaces(at + 1);
    int rc = take_value(lines, &at, error);
    at = skip_spaces(at);
    if (rc == LCAP_OK && *at && *at != '#')
        rc = wrong(lines, "the end of the line, or a # and a comment", at, error);
    *end = '\0';
    if (rc == LCAP_OK)
        rc = note_name(lines, line, error);
    if (rc == LCAP_OK)
        json_text(&lines->json, line, (const char *)lines->value.data, lines->value.len);
    return rc;
}

static int take_line(struct lines *lines, char *line, size_t len, struct lcap_error *error)
{
    lines->number++;
    if (len > 0 && line[len - 1] == '\r')
        line[len - 1] = '\0';
    line += strspn(line, " \t");
    return *line && *line != '#' ? take_setting(lines, line, error) : LCAP_OK;
}

static int take_lines(struct lines *lines, char *text, struct lcap_error *error)
{
    int rc = LCAP_OK;
    while (rc == LCAP_OK && *text) {
        const size_t len = strcspn(text, "\n");
        const bool last = text[len] == '\0';
        text[len] = '\0';
        rc = take_line(lines, text, len, error);
        text += len + !last;
    }
    return rc;
}

/* ---- the file ---- */

static bool is_text(const char *data, size_t len)
{
    return !memchr(data, '\0', len) && text_utf8_valid_length(data, len) == len;
}

/* Appends the file and a NUL. */
static int read_file(const char *path, struct buffer *text, struct lcap_error *error)
{
    struct input *in = NULL;
    const uint8_t *data = (const uint8_t *)"";
    int rc = input_open(&in, path, error);
    const int64_t have = rc == LCAP_OK ? input_peek(in, JSON_MAX_FILE + 1, &data, error) : rc;
    rc = have < 0 ? (int)have : LCAP_OK;
    if (have > JSON_MAX_FILE || (have > 0 && !is_text((const char *)data, (size_t)have)))
        rc = lcap_error_set(error, LCAP_ERR_FORMAT, "%s: expected at most 1 MiB of UTF-8 text",
                            path);
    if (rc == LCAP_OK)
        rc = buffer_append(text, data, (size_t)have, error);
    if (rc == LCAP_OK)
        rc = buffer_append(text, "", 1, error);
    input_free(in);
    return rc;
}

bool metadata_lines_are_in(const char *path)
{
    struct input *in = NULL;
    const uint8_t *data = (const uint8_t *)"";
    const int rc = file_is_regular(path) ? input_open(&in, path, NULL) : LCAP_ERR_IO;
    const int64_t have = rc == LCAP_OK ? input_peek(in, JSON_MAX_FILE, &data, NULL) : rc;
    int64_t at = 0;
    while (at < have && strchr(" \t\r\n", data[at]) && data[at])
        at++;
    const bool are = at < have && data[at] != '{';
    input_free(in);
    return are;
}

int metadata_lines_read(const char *path, struct buffer *json, struct lcap_error *error)
{
    struct lines lines = {.path = path};
    struct buffer text = {0};
    json_begin(&lines.json, json, error);
    json_open_object(&lines.json, NULL);
    int rc = read_file(path, &text, error);
    if (rc == LCAP_OK)
        rc = take_lines(&lines, (char *)text.data, error);
    json_close_object(&lines.json);
    const int written = json_end(&lines.json);
    buffer_release(&text);
    buffer_release(&lines.value);
    buffer_release(&lines.seen);
    return rc == LCAP_OK ? written : rc;
}
