/* Labels are compared as written and in lower case without spaces. */
#include "label/label_spellings.h"

#include "base/memory.h"
#include <ctype.h>
#include <stdlib.h>

int label_spellings_init(struct label_spellings *spellings, struct lcap_error *error)
{
    *spellings = (struct label_spellings){0};
    int rc = intern_new(&spellings->exact, error);
    return rc == 0 ? intern_new(&spellings->folded, error) : rc;
}

static int fold(struct buffer *out, const char *label, size_t len, struct lcap_error *error)
{
    buffer_clear(out);
    int rc = buffer_reserve(out, len, error);
    for (size_t i = 0; rc == 0 && i < len; i++)
        if (!isspace((unsigned char)label[i]))
            out->data[out->len++] = (uint8_t)tolower((unsigned char)label[i]);
    return rc;
}

/* A label that was not there before, in any spelling if `id` is new. */
static int add_new(struct label_spellings *s, uint32_t label, uint64_t line, size_t known,
                   uint32_t id, struct first_spelling *first, struct lcap_error *error)
{
    if (id < known) {
        *first = s->first[id];
        return 1;
    }
    int rc = memory_grow((void **)&s->first, &s->capacity, (size_t)id + 1, sizeof *s->first, error);
    if (rc == 0)
        s->first[id] = (struct first_spelling){line, label};
    return rc;
}

int label_spellings_add(struct label_spellings *spellings, const char *label, size_t len,
                        uint64_t line, struct first_spelling *first, struct lcap_error *error)
{
    size_t known = intern_count(spellings->exact);
    uint32_t number = 0, id = 0;
    int rc = intern_add(spellings->exact, label, len, &number, error);
    if (rc < 0 || number < known)
        return rc;
    known = intern_count(spellings->folded);
    rc = fold(&spellings->text, label, len, error);
    if (rc == 0)
        rc = intern_add(spellings->folded, spellings->text.data, spellings->text.len, &id, error);
    return rc == 0 ? add_new(spellings, number, line, known, id, first, error) : rc;
}

void label_spellings_release(struct label_spellings *spellings)
{
    intern_free(spellings->exact);
    intern_free(spellings->folded);
    free(spellings->first);
    buffer_release(&spellings->text);
}
