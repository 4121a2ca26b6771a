/* Writes JSON. */
#include "base/text/json.h"

#include "base/number/number.h"
#include "base/text/text.h"
#include <math.h>
#include <string.h>

static void put(struct json_writer *json, const char *bytes, size_t len)
{
    if (json->status == 0)
        json->status = buffer_append(json->out, bytes, len, json->error);
}

static void put_text(struct json_writer *json, const char *text)
{
    put(json, text, strlen(text));
}

static void put_line(struct json_writer *json)
{
    put_text(json, "\n");
    for (int i = 0; i < json->depth; i++)
        put_text(json, "  ");
}

/* RFC 8259, section 7: the quote, the backslash and U+0000 to U+001F must be escaped. */
static void put_escape(struct json_writer *json, char c)
{
    static const char named[] = "\"\"\\\\\bb\ff\nn\rr\tt";
    char escape[7] = "\\";
    for (size_t i = 0; named[i] != '\0'; i += 2)
        if (c == named[i])
            escape[1] = named[i + 1];
    if (escape[1] == '\0')
        memcpy(escape,
               (char[]){'\\', 'u', '0', '0', (char)('0' + (c >> 4)), "0123456789abcdef"[c & 0xF],
                        '\0'},
               sizeof escape);
    put_text(json, escape);
}

static bool needs_escape(char c)
{
    return (uint8_t)c < 0x20 || c == '"' || c == '\\';
}

/* Escaped characters are ASCII, so they are never inside a multibyte character. */
static void put_string(struct json_writer *json, const char *text, size_t len)
{
    put_text(json, "\"");
    for (size_t at = 0; at < len; at++) { /* an empty text may have no address */
        const size_t plain = at;
        while (at < len && !needs_escape(text[at]))
            at++;
        if (json->status == 0)
            json->status = text_append_utf8(json->out, text + plain, at - plain, json->error);
        if (at < len)
            put_escape(json, text[at]);
    }
    put_text(json, "\"");
}

/* Writes what precedes a value: comma, line end, key. */
static void begin_item(struct json_writer *json, const char *key)
{
    if (json->has_item)
        put_text(json, ",");
    if (json->depth > 0)
        put_line(json);
    json->has_item = true;
    if (key) {
        put_string(json, key, strlen(key));
        put_text(json, ": ");
    }
}

void json_begin(struct json_writer *json, struct buffer *out, struct lcap_error *error)
{
    *json = (struct json_writer){.out = out, .error = error};
}

static void open_with(struct json_writer *json, const char *key, const char *bracket)
{
    begin_item(json, key);
    put_text(json, bracket);
    json->depth++;
    json->has_item = false;
}

static void close_with(struct json_writer *json, const char *bracket)
{
    json->depth--;
    if (json->has_item)
        put_line(json);
    put_text(json, bracket);
    json->has_item = true;
}

void json_open_object(struct json_writer *json, const char *key)
{
    open_with(json, key, "{");
}

void json_open_array(struct json_writer *json, const char *key)
{
    open_with(json, key, "[");
}

void json_close_object(struct json_writer *json)
{
    close_with(json, "}");
}

void json_close_array(struct json_writer *json)
{
    close_with(json, "]");
}

void json_text(struct json_writer *json, const char *key, const char *text, size_t len)
{
    begin_item(json, key);
    put_string(json, text, len);
}

void json_u64(struct json_writer *json, const char *key, uint64_t value)
{
    char digits[U64_TEXT];
    begin_item(json, key);
    put(json, digits, number_from_unsigned(value, digits));
}

void json_i64(struct json_writer *json, const char *key, int64_t value)
{
    char digits[NUMBER_TEXT];
    begin_item(json, key);
    put(json, digits, number_from_signed(value, digits));
}

void json_real(struct json_writer *json, const char *key, double value)
{
    char digits[NUMBER_TEXT];
    if (!isfinite(value)) {
        json_null(json, key);
        return;
    }
    begin_item(json, key);
    put(json, digits, number_from_real(value, digits));
}

void json_bool(struct json_writer *json, const char *key, bool value)
{
    begin_item(json, key);
    put_text(json, value ? "true" : "false");
}

void json_null(struct json_writer *json, const char *key)
{
    begin_item(json, key);
    put_text(json, "null");
}

int json_end(struct json_writer *json)
{
    put_text(json, "\n");
    return json->status;
}
