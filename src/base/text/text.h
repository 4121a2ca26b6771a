/* Parsing and writing text: numbers, times, sizes, UTF-8, file names, text for terminals. */
#ifndef BASE_TEXT_TEXT_H
#define BASE_TEXT_TEXT_H

#include "base/buffer.h"
#include <labelcap/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NS_PER_SECOND 1000000000

/* Parses all of text[0..len) as decimal digits of a value below 2^64; false for anything else. */
bool text_to_u64(const char *text, size_t len, uint64_t *value);

/* Returns how many decimal digits text[0..len) begins with, and their value unless it does not fit.
 */
size_t text_leading_u64(const char *text, size_t len, uint64_t *value, bool *fits);

/* Whether text[0..len) ends in `ending` and holds more than that. */
bool text_ends_in(const char *text, size_t len, const char *ending);

/* "64", "64k", "512M", "1GiB" (powers of 1024; case does not matter): bytes. */
int text_to_size(const char *text, uint64_t *bytes, struct lcap_error *error);

/* 1234567 → "1,234,567". */
#define GROUPED_TEXT 32
const char *text_grouped(uint64_t value, char out[GROUPED_TEXT]);

/* "1 packet", "2 packets": the number is grouped, the plural formed with s. */
#define COUNTED_TEXT 64
const char *text_counted(uint64_t value, const char *noun, char out[COUNTED_TEXT]);

/*
 * A moment: whole seconds since the epoch ("1499169172"), seconds with up to nine
 * decimals, or ISO 8601 with a zone ("2017-07-04T09:17:52.838272-03:00", "…Z"). *ns
 * is exact, limited to INT64_MIN and INT64_MAX; *whole_second says that there was
 * no fraction. Surrounding spaces are not allowed.
 */
int text_to_time(const char *text, size_t len, int64_t *ns, bool *whole_second,
                 struct lcap_error *error);

/* "2017-07-04T12:17:52.838272000Z" with a NUL; always UTC and nine decimals. */
#define TIME_TEXT 40
void text_from_time(int64_t ns, char out[TIME_TEXT]);

/* The offset of the first byte that is not valid UTF-8 (RFC 3629), or `len`. */
size_t text_utf8_valid_length(const char *text, size_t len);

/* Appends text, with every byte that is not valid UTF-8 replaced by U+FFFD. */
int text_append_utf8(struct buffer *out, const char *text, size_t len, struct lcap_error *error);

/* The same as UTF-32 in little-endian order. */
int text_append_utf32(struct buffer *out, const char *text, size_t len, struct lcap_error *error);

/*
 * Appends text for a terminal: control characters (C0, DEL, C1), bytes that are not
 * UTF-8, bidirectional overrides and backslashes become escapes (\n, \t, \x1b, \\).
 */
int text_append_escaped(struct buffer *out, const char *text, size_t len, struct lcap_error *error);

/* The same, but of a text that is wider than `width` columns only a beginning that is wider, too.
 */
int text_append_escaped_to(struct buffer *out, const char *text, size_t len, size_t width,
                           struct lcap_error *error);

/* The same for a whole message: backslashes stay, because text_excerpt() made some of them. */
int text_append_message(struct buffer *out, const char *text, size_t len, struct lcap_error *error);

/*
 * The same for a message that quotes what it found: as much of `text` as fits, with
 * a NUL; "..." stands for the rest.
 */
#define EXCERPT_TEXT 128
void text_excerpt(const char *text, size_t len, char out[EXCERPT_TEXT]);

/* Appends `text` with the letters of ASCII in lower case. */
int text_append_lower(struct buffer *out, const char *text, size_t len, struct lcap_error *error);

/* Whether Windows takes a file of this name, whatever its ending, for a device: CON, LPT1, … */
bool text_is_device_name(const char *text, size_t len);

/*
 * Appends `text` made safe as part of a file name: '/', control characters, bytes
 * that are not UTF-8 and characters special to shells or other file systems become
 * '_'; cut between characters so that at most `max` bytes are appended.
 */
int text_append_file_name(struct buffer *out, const char *text, size_t len, size_t max,
                          struct lcap_error *error);

/*
 * Orders names as people count: runs of digits by their value, the slash before any other byte,
 * everything else bytewise. Equal only for equal texts.
 */
int text_compare_naturally(const char *a, const char *b);

#endif
