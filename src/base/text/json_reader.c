/* Settings from a JSON file. */
#include "base/text/json_reader.h"

#include "base/memory.h"
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct json_document {
    char *path;
    json_t *root;
};

/* `text` NULL: of the file. */
static int parse(struct json_document *document, const struct buffer *text,
                 struct lcap_error *error)
{
    json_error_t fault;
    document->root =
        text ? json_loadb((const char *)text->data, text->len, JSON_REJECT_DUPLICATES, &fault)
             : json_load_file(document->path, JSON_REJECT_DUPLICATES, &fault);
    if (!document->root && fault.line < 0)
        return lcap_error_set(error, LCAP_ERR_IO, "%s: %s", document->path, fault.text);
    if (!document->root)
        return lcap_error_set(error, LCAP_ERR_FORMAT, "%s:%d:%d: %s", document->path, fault.line,
                              fault.column, fault.text);
    if (!json_is_object(document->root))
        return lcap_error_set(error, LCAP_ERR_FORMAT, "%s:1:1: expected a JSON object of settings",
                              document->path);
    return LCAP_OK;
}

static int check_size(const char *path, struct lcap_error *error)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return lcap_error_set_errno(error, errno, "%s: cannot open", path);
    if (!S_ISREG(st.st_mode))
        return lcap_error_set(error, LCAP_ERR_IO, "%s: expected a regular file", path);
    if (st.st_size > (off_t)JSON_MAX_FILE)
        return lcap_error_set(error, LCAP_ERR_FORMAT,
                              "%s: expected at most %u MiB of settings, found %lld bytes", path,
                              JSON_MAX_FILE >> 20, (long long)st.st_size);
    return LCAP_OK;
}

/* NULL if there is no memory. */
static struct json_document *make_document(const char *path, struct lcap_error *error)
{
    struct json_document *new = memory_new(1, sizeof *new, error);
    if (new)
        new->path = memory_copy_text(path, strlen(path), error);
    if (new &&new->path)
        return new;
    free(new);
    return NULL;
}

int json_document_parse(struct json_document **document, const char *name,
                        const struct buffer *text, struct lcap_error *error)
{
    struct json_document *new = make_document(name, error);
    const int rc = new ? parse(new, text, error) : LCAP_ERR_MEMORY;
    if (rc == LCAP_OK)
        *document = new;
    else
        json_document_free(new);
    return rc;
}

int json_document_load(struct json_document **document, const char *path, struct lcap_error *error)
{
    const int rc = check_size(path, error);
    return rc == LCAP_OK ? json_document_parse(document, path, NULL, error) : rc;
}

const char *json_document_name(const struct json_document *document, size_t index)
{
    void *member = json_object_iter(document->root);
    while (member && index-- > 0)
        member = json_object_iter_next(document->root, member);
    return member ? json_object_iter_key(member) : NULL;
}

static int wrong_value(const struct json_document *document, const char *name, const json_t *value,
                       const char *expected, struct lcap_error *error)
{
    enum { MOST = 100 }; /* of the value, for people */
    char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_ENSURE_ASCII |
                                       JSON_REAL_PRECISION(15));
    if (!text)
        return lcap_error_set(error, LCAP_ERR_MEMORY, "out of memory: a setting");
    lcap_error_set(error, LCAP_ERR_FORMAT, "%s: \"%s\": expected %s, found %.*s%s", document->path,
                   name, expected, MOST, text, strlen(text) > MOST ? "..." : "");
    free(text);
    return LCAP_ERR_FORMAT;
}

int json_document_wrong(const struct json_document *document, const char *name,
                        const char *expected, struct lcap_error *error)
{
    return wrong_value(document, name, json_object_get(document->root, name), expected, error);
}

int json_document_text(const struct json_document *document, const char *name, const char **text,
                       struct lcap_error *error)
{
    const json_t *value = json_object_get(document->root, name);
    if (!value)
        return 0;
    if (!json_is_string(value))
        return wrong_value(document, name, value, "a string", error);
    *text = json_string_value(value);
    return 1;
}

int json_document_number(const struct json_document *document, const char *name, double *number,
                         struct lcap_error *error)
{
    const json_t *value = json_object_get(document->root, name);
    if (!value)
        return 0;
    if (!json_is_number(value))
        return wrong_value(document, name, value, "a number", error);
    *number = json_number_value(value);
    return 1;
}

int json_document_item(const struct json_document *document, const char *name, size_t index,
                       const char **text, struct lcap_error *error)
{
    const json_t *list = json_object_get(document->root, name);
    if (!list)
        return 0;
    if (!json_is_array(list))
        return wrong_value(document, name, list, "a list of strings", error);
    const json_t *item = json_array_get(list, index);
    if (!item)
        return 0;
    if (!json_is_string(item))
        return wrong_value(document, name, item, "a list of strings", error);
    *text = json_string_value(item);
    return 1;
}

int json_document_object(const struct json_document *document, const char *name, size_t index,
                         struct json_document **object, struct lcap_error *error)
{
    json_t *value = json_object_get(document->root, name);
    json_t *found = json_is_array(value) ? json_array_get(value, index) : index == 0 ? value : NULL;
    if (!found)
        return 0;
    if (!json_is_object(found))
        return wrong_value(document, name, found, "an object", error);
    struct json_document *new = make_document(document->path, error);
    if (!new)
        return LCAP_ERR_MEMORY;
    new->root = json_incref(found);
    *object = new;
    return 1;
}

int json_document_append(const struct json_document *document, const char *name, struct buffer *out,
                         struct lcap_error *error)
{
    const json_t *value = json_object_get(document->root, name);
    if (!value)
        return 0;
    char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(15));
    const int rc = text ? buffer_append(out, text, strlen(text) + 1, error)
                        : lcap_error_set(error, LCAP_ERR_MEMORY, "out of memory: a setting");
    free(text);
    return rc < 0 ? rc : 1;
}

void json_document_free(struct json_document *document)
{
    if (!document)
        return;
    json_decref(document->root);
    free(document->path);
    free(document);
}
