#include "table/parquet/parquet_statistics.h"

#include "base/bytes.h"
#include <string.h>

/* Fields of Statistics. */
enum { NULL_COUNT = 3, MAX_VALUE = 5, MIN_VALUE = 6 };

/* Longer text would cost more than it saves. */
#define LONGEST_TEXT 64

#define SIGN (UINT64_C(1) << 63)

static const uint8_t *text_of(const uint8_t *value, size_t *len)
{
    *len = load32(value, false);
    return value + sizeof(uint32_t);
}

static size_t size_of(const struct parquet_column *column, const uint8_t *value)
{
    if (column->type == PARQUET_TEXT)
        return sizeof(uint32_t) + load32(value, false);
    return column->type == PARQUET_BOOLEAN ? 1 : sizeof(uint64_t);
}

struct range {
    const uint8_t *least, *greatest;
};

static bool is_text_before(const uint8_t *a, const uint8_t *b)
{
    size_t a_len, b_len;
    const uint8_t *a_text = text_of(a, &a_len), *b_text = text_of(b, &b_len);
    const int order = memcmp(a_text, b_text, a_len < b_len ? a_len : b_len);
    return order < 0 || (order == 0 && a_len < b_len);
}

static struct range range_of_texts(const struct parquet_column *column,
                                   const struct parquet_bytes *values)
{
    const uint8_t *value = values->data, *end = value + values->len;
    struct range range = {value, value};
    for (; value < end; value += size_of(column, value)) {
        if (is_text_before(value, range.least))
            range.least = value;
        else if (is_text_before(range.greatest, value))
            range.greatest = value;
    }
    return range;
}

/* A number that is ordered as the values are; -0.0 comes before 0.0. */
static inline uint64_t rank_of(const uint8_t *value, uint64_t sign, bool is_double)
{
    const uint64_t bits = load64(value, false);
    return is_double && bits & SIGN ? ~bits : bits ^ sign;
}

static inline struct range range_by_rank(const struct parquet_bytes *values, uint64_t sign,
                                         bool is_double)
{
    const uint8_t *value = values->data, *end = value + values->len;
    struct range range = {value, value};
    uint64_t least = rank_of(value, sign, is_double), greatest = least;
    for (; value < end; value += sizeof(uint64_t)) {
        const uint64_t rank = rank_of(value, sign, is_double);
        if (rank < least) {
            least = rank;
            range.least = value;
        } else if (rank > greatest) {
            greatest = rank;
            range.greatest = value;
        }
    }
    return range;
}

/* Three loops, each for one type. */
static struct range range_of_numbers(const struct parquet_column *column,
                                     const struct parquet_bytes *values)
{
    if (column->type == PARQUET_DOUBLE)
        return range_by_rank(values, SIGN, true);
    return column->is_unsigned ? range_by_rank(values, 0, false)
                               : range_by_rank(values, SIGN, false);
}

static struct range range_of_booleans(const struct parquet_bytes *values)
{
    const uint8_t *no = memchr(values->data, 0, values->len);
    const uint8_t *yes = memchr(values->data, 1, values->len);
    return (struct range){no ? no : values->data, yes ? yes : values->data};
}

static struct range range_of(const struct parquet_column *column,
                             const struct parquet_bytes *values)
{
    if (column->type == PARQUET_TEXT)
        return range_of_texts(column, values);
    return column->type == PARQUET_BOOLEAN ? range_of_booleans(values)
                                           : range_of_numbers(column, values);
}

/* A zero of either sign becomes `zero`: writers are asked for -0.0 as least and 0.0 as greatest. */
static void put_double(struct thrift *t, int field, const uint8_t *value, uint64_t zero)
{
    uint8_t bytes[sizeof(uint64_t)];
    const uint64_t bits = load64(value, false);
    store64(bytes, (bits & ~SIGN) == 0 ? zero : bits, false);
    thrift_binary(t, field, bytes, sizeof bytes);
}

static void put_range(struct thrift *t, const struct parquet_column *column, struct range range)
{
    if (column->type == PARQUET_DOUBLE) {
        put_double(t, MAX_VALUE, range.greatest, 0);
        put_double(t, MIN_VALUE, range.least, SIGN);
    } else if (column->type == PARQUET_TEXT) {
        size_t least_len, greatest_len;
        const uint8_t *least = text_of(range.least, &least_len);
        const uint8_t *greatest = text_of(range.greatest, &greatest_len);
        if (least_len > LONGEST_TEXT || greatest_len > LONGEST_TEXT)
            return;
        thrift_binary(t, MAX_VALUE, greatest, greatest_len);
        thrift_binary(t, MIN_VALUE, least, least_len);
    } else {
        thrift_binary(t, MAX_VALUE, range.greatest, size_of(column, range.greatest));
        thrift_binary(t, MIN_VALUE, range.least, size_of(column, range.least));
    }
}

/* Whether all texts are so long that no range is written. */
static bool has_long_text(const struct parquet_column *column)
{
    return column->type == PARQUET_TEXT && column->shortest_text > LONGEST_TEXT;
}

void parquet_statistics_write(struct thrift *t, int field, const struct parquet_column *column,
                              const struct parquet_bytes *values)
{
    thrift_begin(t, field);
    thrift_i64(t, NULL_COUNT, (int64_t)(parquet_column_levels(column) - column->value_count));
    if (column->value_count > 0 && !has_long_text(column))
        put_range(t, column, range_of(column, values));
    thrift_end(t);
}
