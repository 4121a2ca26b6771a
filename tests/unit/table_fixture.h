/* For tests of tables: rows from plain arrays, encoded and written as a command does it. */
#ifndef TEST_TABLE_FIXTURE_H
#define TEST_TABLE_FIXTURE_H

#include "scratch.h"

#include "table/table.h"
#include <limits.h>
#include <math.h>

#define MOST_COLUMNS 32

/* Columns with the schema that takes them all in order. */
struct fixture {
    struct lcap_column columns[MOST_COLUMNS];
    const struct lcap_column *wanted[MOST_COLUMNS];
    uint32_t cells[MOST_COLUMNS];
    struct table_schema schema;
};

static inline void add_column(struct fixture *f, const char *name, enum lcap_cell_kind kind)
{
    size_t i = f->schema.count++;
    assert_in_range(i, 0, MOST_COLUMNS - 1);
    f->columns[i] = (struct lcap_column){.name = name, .kind = kind};
    f->wanted[i] = &f->columns[i];
    f->cells[i] = (uint32_t)i;
    f->schema.columns = f->wanted;
    f->schema.cells = f->cells;
}

static inline struct lcap_cell of_unsigned(uint64_t value)
{
    return (struct lcap_cell){.kind = LCAP_CELL_UNSIGNED, .value.u = value};
}

static inline struct lcap_cell of_signed(int64_t value)
{
    return (struct lcap_cell){.kind = LCAP_CELL_SIGNED, .value.i = value};
}

static inline struct lcap_cell of_seconds(int64_t ns)
{
    return (struct lcap_cell){.kind = LCAP_CELL_SECONDS, .value.i = ns};
}

static inline struct lcap_cell of_real(double value)
{
    return (struct lcap_cell){.kind = LCAP_CELL_REAL, .value.real = value};
}

static inline struct lcap_cell of_exact(double value)
{
    return (struct lcap_cell){.kind = LCAP_CELL_EXACT, .value.real = value};
}

static inline struct lcap_cell of_bool(bool value)
{
    return (struct lcap_cell){.kind = LCAP_CELL_BOOL, .value.truth = value};
}

static inline struct lcap_cell of_bytes(enum lcap_cell_kind kind, const char *text, size_t len)
{
    return (struct lcap_cell){.kind = kind, .text_len = (uint32_t)len, .value.text = text};
}

static inline struct lcap_cell of_text(const char *text)
{
    return of_bytes(LCAP_CELL_TEXT, text, strlen(text));
}

static inline struct lcap_cell empty_cell(void)
{
    return (struct lcap_cell){.kind = LCAP_CELL_EMPTY};
}

static inline void encode_well(struct table_encoder *encoder, const struct lcap_cell *cells)
{
    struct lcap_error error = {0};
    const struct lcap_row row = {.cells = cells, .count = encoder->schema->count};
    int rc = table_encode(encoder, &row, &error);
    assert_string_equal(error.text, "");
    assert_int_equal(rc, 0);
}

static inline struct table *open_well(const char *path, const struct table_schema *schema,
                                      const struct table_options *options)
{
    struct lcap_error error = {0};
    struct table *table = NULL;
    int rc = table_open(&table, path, schema, options, &error);
    assert_string_equal(error.text, "");
    assert_int_equal(rc, 0);
    return table;
}

static inline void append_well(struct table *table, const void *encoded, size_t len)
{
    struct lcap_error error = {0};
    int rc = table_append(table, encoded, len, &error);
    assert_string_equal(error.text, "");
    assert_int_equal(rc, 0);
}

static inline void close_well(struct table *table)
{
    struct lcap_error error = {0};
    int rc = table_close(table, &error);
    assert_string_equal(error.text, "");
    assert_int_equal(rc, 0);
}

static inline void assert_text(const char *path, const char *text)
{
    struct bytes all = slurp(path);
    all.data = realloc(all.data, all.len + 1);
    assert_non_null(all.data);
    all.data[all.len] = '\0';
    assert_string_equal((const char *)all.data, text);
    assert_int_equal(all.len, strlen(text));
    free(all.data);
}

/* A row with a cell of every kind but JSON. */
#define EVERY_KIND 9

static inline void every_kind(struct fixture *f, struct lcap_cell cells[EVERY_KIND])
{
    static const enum lcap_cell_kind kinds[EVERY_KIND] = {
        LCAP_CELL_UNSIGNED, LCAP_CELL_SIGNED, LCAP_CELL_REAL, LCAP_CELL_EXACT, LCAP_CELL_SECONDS,
        LCAP_CELL_BOOL,     LCAP_CELL_TEXT,   LCAP_CELL_REAL, LCAP_CELL_SERIES};
    static const char *const names[EVERY_KIND] = {"u", "i", "r", "x", "s", "b", "t", "e", "n"};
    for (size_t i = 0; i < EVERY_KIND; i++)
        add_column(f, names[i], kinds[i]);
    cells[0] = of_unsigned(UINT64_MAX);
    cells[1] = of_signed(INT64_MIN);
    cells[2] = of_real(2.0 / 3);
    cells[3] = of_exact(1e-5);
    cells[4] = of_seconds(-1500000001);
    cells[5] = of_bool(true);
    cells[6] = of_text("a \"b\"");
    cells[7] = empty_cell();
    cells[8] = of_bytes(LCAP_CELL_SERIES, "60 1500 -3", 10);
}

/* Writes `rows` rows of cells, handed over in pieces of `step` bytes; 0: all at once. */
static inline void write_cut(const char *path, const struct table_schema *schema,
                             const struct table_options *options, const struct lcap_cell *cells,
                             size_t rows, size_t step)
{
    struct table_encoder encoder = {.schema = schema};
    for (size_t i = 0; i < rows; i++)
        encode_well(&encoder, cells + i * schema->count);
    struct table *table = open_well(path, schema, options);
    size_t len = encoder.buffer.len;
    for (size_t at = 0; at < len; at += step ? step : len) {
        size_t part = step && step < len - at ? step : len - at;
        /* A copy of just these bytes, for sanitizers to guard. */
        void *copy = malloc(part);
        assert_non_null(copy);
        memcpy(copy, encoder.buffer.data + at, part);
        append_well(table, copy, part);
        free(copy);
    }
    close_well(table);
    buffer_release(&encoder.buffer);
}

static const struct table_options overwriting = {.overwrite = true};

static inline void write_table(const char *path, const struct table_schema *schema,
                               const struct lcap_cell *cells, size_t rows)
{
    write_cut(path, schema, &overwriting, cells, rows, 0);
}

static inline void assert_refused(const char *path, const struct table_schema *schema,
                                  const struct table_options *options, const char *text)
{
    struct lcap_error error = {0};
    struct table *table = (struct table *)&error;
    assert_true(table_open(&table, path, schema, options, &error) < 0);
    assert_string_equal(error.text, text);
    assert_null(table);
}

/* Appends rows until that fails, or after `most`; returns the code of the failure or of the close.
 */
static inline int write_until_failure(struct table *table, const struct table_schema *schema,
                                      const struct lcap_cell *cells, size_t most,
                                      struct lcap_error *error)
{
    struct table_encoder encoder = {.schema = schema};
    int rc = 0;
    for (size_t i = 0; i < most && rc == 0; i++) {
        encode_well(&encoder, cells);
        rc = table_append(table, encoder.buffer.data, encoder.buffer.len, error);
        buffer_clear(&encoder.buffer);
    }
    buffer_release(&encoder.buffer);
    if (rc == 0)
        return table_close(table, error);
    table_discard(table);
    return rc;
}

#endif
