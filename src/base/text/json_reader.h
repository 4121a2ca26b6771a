/* Settings in a JSON file (RFC 8259), by jansson: one object with texts, numbers, lists of texts,
 * and other objects. */
#ifndef BASE_TEXT_JSON_READER_H
#define BASE_TEXT_JSON_READER_H

#include "base/buffer.h"
#include <labelcap/error.h>
#include <stddef.h>

struct json_document;

/* Longer files are not settings. */
#define JSON_MAX_FILE (1u << 20)

/* LCAP_ERR_FORMAT begins with "PATH:LINE:COLUMN: ". */
int json_document_load(struct json_document **document, const char *path, struct lcap_error *error);

/* The same, of text (NULL: of a file of any size); `name` is for messages. */
int json_document_parse(struct json_document **document, const char *name,
                        const struct buffer *text, struct lcap_error *error);

/*
 * The n-th name in the object, NULL after the last one. All text is valid as
 * long as the document.
 */
const char *json_document_name(const struct json_document *document, size_t index);

/*
 * Returns 1 and the value of `name`, 0 if there is none (then nothing is set), or
 * LCAP_ERR_FORMAT, set by json_document_wrong(), if it has another type.
 */
int json_document_text(const struct json_document *document, const char *name, const char **text,
                       struct lcap_error *error);
int json_document_number(const struct json_document *document, const char *name, double *number,
                         struct lcap_error *error);
/* The index-th text of the list; 0 past its end, too. */
int json_document_item(const struct json_document *document, const char *name, size_t index,
                       const char **text, struct lcap_error *error);

/* The object `name`, or the index-th object of the list `name`; 0 past its end, too. Freed with
 * json_document_free(). */
int json_document_object(const struct json_document *document, const char *name, size_t index,
                         struct json_document **object, struct lcap_error *error);

/* Appends the value of `name`, whatever it is, as JSON on one line, and a NUL. */
int json_document_append(const struct json_document *document, const char *name, struct buffer *out,
                         struct lcap_error *error);

/* PATH: "NAME": expected `expected`, found the value that `name` has. Returns LCAP_ERR_FORMAT. */
int json_document_wrong(const struct json_document *document, const char *name,
                        const char *expected, struct lcap_error *error);
void json_document_free(struct json_document *document);

#endif
