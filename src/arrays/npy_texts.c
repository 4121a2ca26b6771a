/* Texts of one width in UTF-32. */
#include "arrays/npy_texts.h"

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

static size_t end_of(const struct buffer *ends, size_t index)
{
    size_t end;
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

static int make(struct npy_texts *texts, size_t count, text_getter *get, const void *owner,
                struct lcap_error *error)
{
    struct buffer ends = {0};
    *texts = (struct npy_texts){.count = count};
    int rc = gather(texts, &ends, get, owner, error);
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

int npy_texts_of_labels(struct npy_texts *texts, const struct array_labels *labels,
                        struct lcap_error *error)
{
    return make(texts, intern_count(labels->texts), get_label, labels, error);
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

int npy_texts_of_columns(struct npy_texts *texts, const struct array_settings *settings,
                         struct lcap_error *error)
{
    char name[ARRAY_COLUMN_NAME];
    const struct columns columns = {settings, name};
    const struct array_shape *shape = &settings->shape;
    const bool named = settings->form->name_column && shape->dimensions > 0;
    return make(texts, named ? shape->extents[shape->dimensions - 1] : 0, get_column, &columns,
                error);
}

void npy_texts_release(struct npy_texts *texts)
{
    buffer_release(&texts->bytes);
}
