/*
 * Writes JSON (RFC 8259), indented by two spaces. The writer takes care of commas
 * and quoting; errors stick in `error` of the struct and need to be checked only
 * once.
 */
#ifndef BASE_TEXT_JSON_H
#define BASE_TEXT_JSON_H

#include "base/buffer.h"
#include <stdbool.h>
#include <stdint.h>

struct json_writer {
    struct buffer *out;
    struct lcap_error *error;
    int status;    /* 0, or the code of the first failure */
    int depth;     /* of open objects and arrays */
    bool has_item; /* the innermost one already has an item */
};

void json_begin(struct json_writer *json, struct buffer *out, struct lcap_error *error);
void json_open_object(struct json_writer *json, const char *key); /* key NULL: in an array */
void json_open_array(struct json_writer *json, const char *key);
void json_close_object(struct json_writer *json);
void json_close_array(struct json_writer *json);
/* Bytes that are not UTF-8 become U+FFFD. */
void json_text(struct json_writer *json, const char *key, const char *text, size_t len);
void json_u64(struct json_writer *json, const char *key, uint64_t value);
void json_i64(struct json_writer *json, const char *key, int64_t value);
/* The fewest digits that give the double back; null if it is infinite or not a number. */
void json_real(struct json_writer *json, const char *key, double value);
void json_bool(struct json_writer *json, const char *key, bool value);
void json_null(struct json_writer *json, const char *key);
/* Ends the text with a line end. Returns the status. */
int json_end(struct json_writer *json);

#endif
