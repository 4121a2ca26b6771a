#include "table/parquet/parquet_footer.h"

#include "table/parquet/parquet_statistics.h"
#include <labelcap/version.h>

enum { OPTIONAL = 1, REPEATED = 2 };               /* FieldRepetitionType; 0 is REQUIRED */
enum { AS_UTF8 = 0, AS_LIST = 3, AS_UINT64 = 14 }; /* ConvertedType, for old readers */
enum { STRING = 1, LIST = 3, INTEGER = 10 };       /* fields of the union LogicalType */
enum { ZSTD = 6 };                                 /* CompressionCodec */

/* The names of the two inner levels of a list that the format prescribes. */
static const char list_name[] = "list", element_name[] = "element";

/* ---- SchemaElement ---- */

static void put_empty_struct(struct thrift *t, int field)
{
    thrift_begin(t, field);
    thrift_end(t);
}

static void put_text_type(struct thrift *t)
{
    thrift_i32(t, 6, AS_UTF8);
    thrift_begin(t, 10);
    put_empty_struct(t, STRING);
    thrift_end(t);
}

static void put_unsigned_type(struct thrift *t)
{
    thrift_i32(t, 6, AS_UINT64);
    thrift_begin(t, 10);
    thrift_begin(t, INTEGER);
    thrift_i8(t, 1, 64);
    thrift_bool(t, 2, false); /* signed */
    thrift_end(t);
    thrift_end(t);
}

static void put_leaf(struct thrift *t, const struct parquet_column *column)
{
    thrift_begin(t, THRIFT_ELEMENT);
    thrift_i32(t, 1, column->type);
    thrift_i32(t, 3, column->lists > 0 ? 0 : OPTIONAL);
    thrift_text(t, 4, column->lists > 0 ? element_name : column->name);
    if (column->type == PARQUET_TEXT)
        put_text_type(t);
    else if (column->is_unsigned)
        put_unsigned_type(t);
    thrift_end(t);
}

/* A group of one column, or one inside another. */
static void put_list(struct thrift *t, const char *name, int repetition)
{
    thrift_begin(t, THRIFT_ELEMENT);
    thrift_i32(t, 3, repetition);
    thrift_text(t, 4, name);
    thrift_i32(t, 5, 1);
    thrift_i32(t, 6, AS_LIST);
    thrift_begin(t, 10);
    put_empty_struct(t, LIST);
    thrift_end(t);
    thrift_end(t);
    thrift_begin(t, THRIFT_ELEMENT);
    thrift_i32(t, 3, REPEATED);
    thrift_text(t, 4, list_name);
    thrift_i32(t, 5, 1);
    thrift_end(t);
}

static void put_column(struct thrift *t, const struct parquet_column *column)
{
    for (uint32_t i = 0; i < column->lists; i++)
        put_list(t, i > 0 ? element_name : column->name, i > 0 ? 0 : OPTIONAL);
    put_leaf(t, column);
}

static void put_schema(struct thrift *t, const struct parquet_footer *footer)
{
    size_t elements = 1 + footer->column_count;
    for (size_t i = 0; i < footer->column_count; i++)
        elements += 2 * footer->columns[i].lists;
    thrift_list(t, 2, THRIFT_STRUCT, elements);
    thrift_begin(t, THRIFT_ELEMENT);
    thrift_text(t, 4, footer->name);
    thrift_i32(t, 5, (int32_t)footer->column_count);
    thrift_end(t);
    for (size_t i = 0; i < footer->column_count; i++)
        put_column(t, &footer->columns[i]);
}

/* ---- ColumnChunk ---- */

static void put_path(struct thrift *t, const struct parquet_column *column)
{
    thrift_list(t, 3, THRIFT_BINARY, 1 + 2 * column->lists);
    thrift_text(t, THRIFT_ELEMENT, column->name);
    for (uint32_t i = 0; i < column->lists; i++) {
        thrift_text(t, THRIFT_ELEMENT, list_name);
        thrift_text(t, THRIFT_ELEMENT, element_name);
    }
}

static bool has_dictionary(const struct parquet_chunk *chunk)
{
    return chunk->encoding == PARQUET_BY_DICTIONARY;
}

/* Of the levels, the values and the values of a dictionary. */
static void put_encodings(struct thrift *t, const struct parquet_chunk *chunk)
{
    thrift_list(t, 2, THRIFT_I32, has_dictionary(chunk) ? 3 : 2);
    thrift_i32(t, THRIFT_ELEMENT, PARQUET_RLE);
    thrift_i32(t, THRIFT_ELEMENT, chunk->encoding);
    if (has_dictionary(chunk))
        thrift_i32(t, THRIFT_ELEMENT, PARQUET_PLAIN);
}

void parquet_footer_chunk(struct thrift *t, const struct parquet_column *column,
                          const struct parquet_chunk *chunk)
{
    thrift_begin(t, THRIFT_ELEMENT);
    thrift_i64(t, 2, (int64_t)(has_dictionary(chunk) ? chunk->dictionary_at : chunk->data_at));
    thrift_begin(t, 3);
    thrift_i32(t, 1, column->type);
    put_encodings(t, chunk);
    put_path(t, column);
    thrift_i32(t, 4, ZSTD);
    thrift_i64(t, 5, (int64_t)parquet_column_levels(column));
    thrift_i64(t, 6, (int64_t)chunk->unpacked);
    thrift_i64(t, 7, (int64_t)chunk->packed);
    thrift_i64(t, 9, (int64_t)chunk->data_at);
    if (has_dictionary(chunk))
        thrift_i64(t, 11, (int64_t)chunk->dictionary_at);
    parquet_statistics_write(t, 12, column, &chunk->values);
    thrift_end(t);
    thrift_end(t);
}

/* ---- FileMetaData ---- */

static void put_pair(struct thrift *t, const char *key, const char *value)
{
    thrift_begin(t, THRIFT_ELEMENT);
    thrift_text(t, 1, key);
    thrift_text(t, 2, value);
    thrift_end(t);
}

static void put_key_values(struct thrift *t, const struct parquet_footer *footer)
{
    thrift_list(t, 5, THRIFT_STRUCT, footer->profile ? 2 : 1);
    put_pair(t, "labelcap.version", LCAP_VERSION);
    if (footer->profile)
        put_pair(t, "labelcap.profile", footer->profile);
}

/* That statistics are in the order of the type, once for each column. */
static void put_orders(struct thrift *t, size_t count)
{
    thrift_list(t, 7, THRIFT_STRUCT, count);
    for (size_t i = 0; i < count; i++) {
        thrift_begin(t, THRIFT_ELEMENT);
        put_empty_struct(t, 1);
        thrift_end(t);
    }
}

void parquet_footer_write(struct thrift *t, const struct parquet_footer *footer)
{
    thrift_i32(t, 1, 1); /* the version of the format */
    put_schema(t, footer);
    thrift_i64(t, 3, (int64_t)footer->rows);
    thrift_list(t, 4, THRIFT_STRUCT, footer->group_count);
    thrift_copy(t, footer->groups);
    put_key_values(t, footer);
    thrift_text(t, 6, "labelcap version " LCAP_VERSION);
    put_orders(t, footer->column_count);
    thrift_end(t);
}
