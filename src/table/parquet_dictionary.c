#include "table/parquet_dictionary.h"

#include "base/bytes.h"
#include "base/idmap.h"
#include "base/intern.h"

/* A dictionary of more is too large for the cache of a reader's processor. */
#define MOST_VALUES (1 << 16)

/* Adds a value where `number` says that it is new. */
static int add(struct parquet_dictionary *d, uint32_t number, const uint8_t *value, size_t len,
               struct lcap_error *error)
{
    int rc = buffer_append(&d->places, &number, sizeof number, error);
    if (rc < 0 || number < d->count)
        return rc;
    d->count++;
    return buffer_append(&d->values, value, len, error);
}

/* Whether a dictionary makes `count` values smaller: zstd packs values that repeat less than four
 * times as well without one (measured on flows). */
static bool is_small(const struct parquet_dictionary *d, size_t count)
{
    return d->count <= MOST_VALUES && d->count <= count / 4;
}

static int number_texts(struct parquet_dictionary *d, const struct parquet_column *column,
                        struct lcap_error *error)
{
    struct intern *texts = NULL;
    const uint8_t *at = column->values.data;
    int rc = intern_new(&texts, error);
    for (size_t i = 0; rc == LCAP_OK && i < column->value_count && is_small(d, column->value_count);
         i++) {
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

static int number_numbers(struct parquet_dictionary *d, const struct parquet_column *column,
                          struct lcap_error *error)
{
    struct idmap numbers = {0};
    const uint8_t *at = column->values.data;
    int rc = LCAP_OK;
    for (size_t i = 0; rc == LCAP_OK && i < column->value_count && is_small(d, column->value_count);
         i++, at += sizeof(uint64_t)) {
        uint32_t number = 0;
        rc = idmap_add(&numbers, load64(at, false), &number, error);
        if (rc == LCAP_OK)
            rc = add(d, number, at, sizeof(uint64_t), error);
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
    const int rc = column->type == PARQUET_TEXT ? number_texts(dictionary, column, error)
                                                : number_numbers(dictionary, column, error);
    return rc < 0 ? rc : is_small(dictionary, column->value_count);
}

void parquet_dictionary_release(struct parquet_dictionary *dictionary)
{
    buffer_release(&dictionary->values);
    buffer_release(&dictionary->places);
}
