#include "table/parquet/parquet_dictionary.h"

#include "base/bytes.h"
#include "base/intern.h"
#include <string.h>

/* A dictionary of more is too large for the cache of a reader's processor. */
#define MOST_VALUES (1 << 16)

/* The values of a column, while they are numbered. */
struct numbering {
    const struct parquet_column *column;
    const uint8_t *next; /* the first value without a number */
    const uint8_t *last; /* the one before */
    size_t done, most;   /* values with a number; how many of them may be different */
    struct intern *texts;
    struct parquet_dictionary *dictionary;
};

static int add_value(struct parquet_dictionary *d, const uint8_t *value, size_t len,
                     struct lcap_error *error)
{
    d->count++;
    return buffer_append(&d->values, value, len, error);
}

static bool is_same_text(const uint8_t *a, const uint8_t *b)
{
    const size_t len = load32(a, false);
    return load32(b, false) == len && memcmp(a + sizeof(uint32_t), b + sizeof(uint32_t), len) == 0;
}

static int add_text(struct numbering *n, uint32_t *place, struct lcap_error *error)
{
    struct parquet_dictionary *d = n->dictionary;
    const size_t len = load32(n->next, false);
    const int rc = intern_add(n->texts, n->next + sizeof(uint32_t), len, place, error);
    return rc == LCAP_OK && *place == d->count
               ? add_value(d, n->next, sizeof(uint32_t) + len, error)
               : rc;
}

/* Numbers the values before `end`, or fewer where too many are different. A value is often the one
 * before again. */
static int number_texts(struct numbering *n, size_t end, struct lcap_error *error)
{
    struct parquet_dictionary *d = n->dictionary;
    uint32_t *places = (uint32_t *)(void *)d->places.data;
    int rc = LCAP_OK;
    for (; rc == LCAP_OK && n->done < end && d->count <= n->most; n->done++) {
        if (n->done > 0 && is_same_text(n->next, n->last))
            places[n->done] = places[n->done - 1];
        else
            rc = add_text(n, &places[n->done], error);
        n->last = n->next;
        n->next += sizeof(uint32_t) + load32(n->next, false);
    }
    return rc;
}

static int add_number(struct numbering *n, uint64_t value, uint32_t *place,
                      struct lcap_error *error)
{
    uint8_t bytes[sizeof value];
    store64(bytes, value, false);
    const int rc = idmap_add(&n->dictionary->numbers, value, place, error);
    return rc == LCAP_OK ? add_value(n->dictionary, bytes, sizeof bytes, error) : rc;
}

/* The same. */
static int number_numbers(struct numbering *n, size_t end, struct lcap_error *error)
{
    struct parquet_dictionary *d = n->dictionary;
    uint32_t *places = (uint32_t *)(void *)d->places.data;
    const uint8_t *values = parquet_column_values(n->column).data;
    size_t i = n->done;
    int rc = LCAP_OK;
    for (; rc == LCAP_OK && i < end && d->count <= n->most; i++) {
        const uint64_t value = load64(values + i * sizeof value, false);
        if (i > 0 && value == load64(values + (i - 1) * sizeof value, false)) {
            places[i] = places[i - 1];
            continue;
        }
        places[i] = idmap_find(&d->numbers, value);
        if (places[i] == IDMAP_NONE)
            rc = add_number(n, value, &places[i], error);
    }
    n->done = i;
    return rc;
}

static int number_until(struct numbering *n, size_t end, struct lcap_error *error)
{
    return n->texts ? number_texts(n, end, error) : number_numbers(n, end, error);
}

/*
 * A dictionary can make the values of a column smaller if they come four times or more: zstd
 * packs others as well without one (measured on flows). Of n values, drawn from so many that each
 * comes four times in 32 n, a share of 8 (1 - exp(-1/8)) = 0.940 is different: if more are after
 * a 32nd, the rest is not looked at.
 */
static int number_values(struct numbering *n, struct lcap_error *error)
{
    const size_t count = n->column->value_count, first = count / 32;
    n->most = count / 4 < MOST_VALUES ? count / 4 : MOST_VALUES;
    int rc = number_until(n, first, error);
    if (rc == LCAP_OK && n->dictionary->count <= first - first / 17)
        rc = number_until(n, count, error);
    return rc;
}

int parquet_dictionary_make(struct parquet_dictionary *dictionary,
                            const struct parquet_column *column, struct lcap_error *error)
{
    dictionary->count = 0;
    idmap_clear(&dictionary->numbers);
    buffer_clear(&dictionary->values);
    buffer_clear(&dictionary->places);
    if (column->type == PARQUET_BOOLEAN || column->value_count == 0)
        return 0;
    struct numbering n = {
        .column = column, .next = parquet_column_values(column).data, .dictionary = dictionary};
    int rc = buffer_reserve(&dictionary->places, column->value_count * sizeof(uint32_t), error);
    if (rc == LCAP_OK && column->type == PARQUET_TEXT)
        rc = intern_new(&n.texts, error);
    if (rc == LCAP_OK)
        rc = number_values(&n, error);
    dictionary->places.len = n.done * sizeof(uint32_t);
    intern_free(n.texts);
    return rc < 0 ? rc : n.done == column->value_count;
}

void parquet_dictionary_release(struct parquet_dictionary *dictionary)
{
    buffer_release(&dictionary->values);
    buffer_release(&dictionary->places);
    idmap_release(&dictionary->numbers);
}
