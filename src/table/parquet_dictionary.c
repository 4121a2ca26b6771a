#include "table/parquet_dictionary.h"

#include "base/bytes.h"
#include "base/idmap.h"
#include "base/intern.h"
#include <string.h>

/* A dictionary of more is too large for the cache of a reader's processor. */
#define MOST_VALUES (1 << 16)

/* Adds the place of a value, and the value if it is new. There is room for the place. */
static int add(struct parquet_dictionary *d, uint32_t number, const uint8_t *value, size_t len,
               struct lcap_error *error)
{
    memcpy(d->places.data + d->places.len, &number, sizeof number);
    d->places.len += sizeof number;
    if (number < d->count)
        return LCAP_OK;
    d->count++;
    return buffer_append(&d->values, value, len, error);
}

/*
 * Whether a dictionary can make the values of a column smaller, after `seen` of them: zstd
 * packs values that repeat less than four times as well without one (measured on flows).
 * Of n values, drawn from so many that each comes four times in 32 n, a share of
 * 8 (1 - exp(-1/8)) = 0.940 is different: if more are after a 32nd, the rest is not looked at.
 */
static bool is_small(const struct parquet_dictionary *d, size_t seen, size_t count)
{
    return d->count <= MOST_VALUES && d->count <= count / 4 &&
           (seen != count / 32 || d->count <= seen - seen / 17);
}

static int number_texts(struct parquet_dictionary *d, const struct parquet_column *column,
                        struct lcap_error *error)
{
    struct intern *texts = NULL;
    const size_t count = column->value_count;
    const uint8_t *at = column->values.data;
    int rc = intern_new(&texts, error);
    for (size_t i = 0; rc == LCAP_OK && i < count && is_small(d, i, count); i++) {
        uint32_t number = 0;
        const size_t len = load32(at, false);
        rc = intern_add(texts, at + sizeof(uint32_t), len, &number, error);
        if (rc == LCAP_OK)
            rc = add(d, number, at, sizeof(uint32_t) + len, error);
        at += sizeof(uint32_t) + len;
    }
    intern_free(texts);
    return rc;
}

/* A value is often the one before again. */
static int number_numbers(struct parquet_dictionary *d, const struct parquet_column *column,
                          struct lcap_error *error)
{
    struct idmap numbers = {0};
    const size_t count = column->value_count;
    const uint8_t *at = column->values.data;
    uint64_t before = 0;
    uint32_t number = 0;
    int rc = LCAP_OK;
    for (size_t i = 0; rc == LCAP_OK && i < count && is_small(d, i, count); i++) {
        const uint64_t value = load64(at, false);
        if (i == 0 || value != before)
            rc = idmap_add(&numbers, value, &number, error);
        if (rc == LCAP_OK)
            rc = add(d, number, at, sizeof value, error);
        before = value;
        at += sizeof value;
    }
    idmap_release(&numbers);
    return rc;
}

int parquet_dictionary_make(struct parquet_dictionary *dictionary,
                            const struct parquet_column *column, struct lcap_error *error)
{
    *dictionary = (struct parquet_dictionary){0};
    if (column->type == PARQUET_BOOLEAN || column->value_count == 0)
        return 0;
    int rc = buffer_reserve(&dictionary->places, column->value_count * sizeof(uint32_t), error);
    if (rc == LCAP_OK)
        rc = column->type == PARQUET_TEXT ? number_texts(dictionary, column, error)
                                          : number_numbers(dictionary, column, error);
    return rc < 0 ? rc : dictionary->places.len == column->value_count * sizeof(uint32_t);
}

void parquet_dictionary_release(struct parquet_dictionary *dictionary)
{
    buffer_release(&dictionary->values);
    buffer_release(&dictionary->places);
}
