/* Texts of one width in UTF-32. */
#include "arrays/outputs/npy_texts.h"

#include "base/text/text.h"
#include <stdio.h>
#include <string.h>

typedef const char *text_getter(const void *owner, uint32_t index, size_t *len);

/* Beside one another first, with where each ends. */
static int gather(struct npy_texts *texts, struct buffer *ends, text_getter *get, const void *owner,
                  struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (uint32_t i = 0; i < texts->count && rc == LCAP_OK; i++) {
        size_t len;
        const char *text = get(owner, i, &len);
        rc = text_append_utf32(&texts->bytes, text, len, error);
        if (rc == LCAP_OK)
            rc = buffer_append(ends, &texts->bytes.len, sizeof texts->bytes.len, error);
    }
    return rc;
}

/* Each has an end. */
static size_t end_of(const struct buffer *ends, size_t index)
{
    size_t end = 0;
    if (ends->data)
        memcpy(&end, ends->data + index * sizeof end, sizeof end);
    return end;
}

static size_t longest_of(const struct npy_texts *texts, const struct buffer *ends)
{
    size_t longest = sizeof(uint32_t), begin = 0;
    for (size_t i = 0; i < texts->count; i++) {
        const size_t end = end_of(ends, i);
        longest = end - begin > longest ? end - begin : longest;
        begin = end;
    }
    return longest;
}

/* From the last one on, each is moved to its place further back. */
static int spread(struct npy_texts *texts, const struct buffer *ends, size_t width,
                  struct lcap_error *error)
{
    const size_t all = texts->count * width;
    const int rc = buffer_reserve(&texts->bytes, all - texts->bytes.len, error);
    for (size_t i = texts->count; i-- > 0 && rc == LCAP_OK;) {
        const size_t begin = i > 0 ? end_of(ends, i - 1) : 0, len = end_of(ends, i) - begin;
        uint8_t *place = texts->bytes.data + i * width;
        memmove(place, texts->bytes.data + begin, len);
        memset(place + len, 0, width - len);
    }
    texts->bytes.len = rc == LCAP_OK ? all : texts->bytes.len;
    return rc;
}

/* The texts `get` gives. */
struct source {
    size_t count;
    text_getter *get;
    const void *owner;
};

static int make(struct npy_texts *texts, const struct source *source, struct lcap_error *error)
{
    struct buffer ends = {0};
    texts->count = source->count;
    int rc = gather(texts, &ends, source->get, source->owner, error);
    const size_t width = rc == LCAP_OK ? longest_of(texts, &ends) : 0;
    if (rc == LCAP_OK)
        rc = spread(texts, &ends, width, error);
    snprintf(texts->type, sizeof texts->type, "<U%zu", width / sizeof(uint32_t));
    texts->shape = (struct array_shape){texts->type, (unsigned)width, 0, {0}};
    buffer_release(&ends);
    return rc;
}

static const char *get_label(const void *owner, uint32_t index, size_t *len)
{
    return array_labels_get(owner, index, len);
}

struct columns {
    const struct array_settings *settings;
    char *name; /* of the column asked for last */
};

static const char *get_column(const void *owner, uint32_t index, size_t *len)
{
    const struct columns *columns = owner;
    columns->settings->form->name_column(columns->settings, index, columns->name);
    *len = strlen(columns->name);
    return columns->name;
}

static int pass_on(const struct source *source, const char *name, npy_texts_taker *take,
                   void *context, struct lcap_error *error)
{
    struct npy_texts texts = {.count = 0};
    int rc = make(&texts, source, error);
    if (rc == LCAP_OK)
        rc = take(context, name, &texts, error);
    buffer_release(&texts.bytes);
    return rc;
}

int npy_texts_make(const struct array_labels *labels, const struct array_settings *settings,
                   npy_texts_taker *take, void *context, struct lcap_error *error)
{
    char name[ARRAY_COLUMN_NAME];
    const struct columns names = {settings, name};
    const struct array_shape *x = &settings->shape;
    const struct source all = {intern_count(labels->texts), get_label, labels};
    const struct source columns = {x->extents[x->dimensions - 1], get_column, &names};
    const int rc = pass_on(&all, "labels", take, context, error);
    if (rc < 0 || !settings->form->name_column)
        return rc;
    return pass_on(&columns, "columns", take, context, error);
}
