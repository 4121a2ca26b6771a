/* Makes cells of rows. */
#include "arrays/outputs/array_table.h"

#include "base/bytes.h"
#include "base/memory.h"
#include "base/number/number.h"
#include <stdlib.h>
#include <string.h>

/* ---- columns ---- */

static const struct lcap_column facts[] = {
    {"sample_id", LCAP_CELL_UNSIGNED, "", "The sampleID", NULL, NULL},
    {"flow", LCAP_CELL_UNSIGNED, "", "The number of the flow in its sample", NULL, NULL},
    {"label", LCAP_CELL_TEXT, "", "The metadata of the sample", NULL, NULL},
};
enum { FACTS = sizeof facts / sizeof *facts, FLOW = 1, LABEL = 2 };

static const struct lcap_column numbers = {"x", LCAP_CELL_SERIES, "", "The form", NULL, NULL};

/* How many numbers of X have a column each. */
static size_t count_named(const struct array_settings *settings)
{
    const bool named = settings->form->name_column && settings->shape.dimensions == 1;
    return named ? settings->shape.extents[0] : 0;
}

static void add_column(struct array_table *table, const struct lcap_column *column)
{
    table->columns[table->count++] = *column;
}

/* A form of text has its own columns for the label, and first of all. */
static bool has_fact(const struct array_settings *settings, size_t fact)
{
    if (settings->compat && settings->form->compat_is_arrow)
        return false;
    switch (fact) {
    case FLOW:
        return settings->per != ARRAY_PER_SAMPLE;
    case LABEL:
        return !settings->form->cells;
    default:
        return true;
    }
}

static void add_facts(struct array_table *table)
{
    for (size_t i = 0; i < FACTS; i++)
        if (has_fact(table->settings, i))
            add_column(table, &facts[i]);
}

static void add_texts(struct array_table *table)
{
    const struct array_form *form = table->settings->form;
    for (size_t i = 0; i < form->column_count; i++)
        add_column(table, &form->columns[i]);
}

static void add_form(struct array_table *table)
{
    const struct array_form *form = table->settings->form;
    for (size_t i = 0; i < table->named; i++) {
        form->name_column(table->settings, i, table->names[i]);
        add_column(table, &(struct lcap_column){table->names[i], LCAP_CELL_SIGNED, "", "A bit",
                                                NULL, NULL});
    }
    if (form->fill && table->named == 0)
        add_column(table, &numbers);
}

static void add_series(struct array_table *table)
{
    for (size_t i = table->items->series; i < table->items->count; i++)
        add_column(table, &(struct lcap_column){table->items->items[i].name, LCAP_CELL_SERIES, "",
                                                "A series", NULL, NULL});
}

int array_table_init(struct array_table *table, const struct array_settings *settings,
                     const struct array_items *items, const struct table_class *format,
                     struct lcap_error *error)
{
    *table = (struct array_table){.settings = settings, .items = items};
    table->named = count_named(settings);
    const size_t most = FACTS + settings->form->column_count + table->named + 1 + SERIES_COUNT;
    table->names = memory_new(table->named, sizeof *table->names, error);
    table->columns = memory_new(most, sizeof *table->columns, error);
    table->listed = memory_new(most, sizeof *table->listed, error);
    table->cells = memory_new(most, sizeof *table->cells, error);
    table->types = memory_new(most, sizeof *table->types, error);
    if (!table->names || !table->columns || !table->listed || !table->cells || !table->types)
        return LCAP_ERR_MEMORY;
    add_texts(table);
    add_facts(table);
    add_form(table);
    add_series(table);
    const char *const *types = settings->form->arrow_types;
    for (uint32_t i = 0; i < table->count; i++) {
        table->listed[i] = &table->columns[i];
        table->cells[i] = i;
        table->types[i] = types && i < settings->form->column_count ? types[i] : NULL;
    }
    table->schema = (struct table_schema){.columns = table->listed,
                                          .cells = table->cells,
                                          .types = table->types,
                                          .count = table->count,
                                          .format = format};
    return LCAP_OK;
}

void array_table_release(struct array_table *table)
{
    free(table->names);
    free(table->columns);
    free(table->listed);
    free(table->cells);
    free(table->types);
}

/* ---- cells ---- */

static struct lcap_cell cell_of(uint64_t value)
{
    return (struct lcap_cell){.kind = LCAP_CELL_UNSIGNED, .value.u = value};
}

static uint64_t unsigned_at(const uint8_t *bytes, unsigned size)
{
    switch (size) {
    case 1:
        return bytes[0];
    case 2:
        return load16(bytes, false);
    case 4:
        return load32(bytes, false);
    default:
        return load64(bytes, false);
    }
}

/* A number of an array, of NumPy's type `type`. */
static int64_t number_at(const struct array_shape *shape, const uint8_t *bytes, uint64_t index)
{
    const unsigned unused = 64 - 8 * shape->item_size;
    const uint64_t number = unsigned_at(bytes + index * shape->item_size, shape->item_size);
    return shape->type[1] == 'i' ? (int64_t)(number << unused) >> unused : (int64_t)number;
}

static uint64_t numbers_of(const struct array_shape *shape)
{
    return array_shape_bytes(shape) / shape->item_size;
}

/* Numbers separated by spaces. */
static int make_series(const struct array_shape *shape, const uint8_t *bytes, struct arena *texts,
                       struct lcap_cell *cell, struct lcap_error *error)
{
    enum { LONGEST = U64_TEXT + 1 };
    const uint64_t count = numbers_of(shape);
    char *text = arena_take(texts, count * (shape->item_size == 1 ? 5 : LONGEST) + 1, error);
    size_t len = 0;
    if (!text)
        return LCAP_ERR_MEMORY;
    for (uint64_t i = 0; i < count; i++) {
        if (i > 0)
            text[len++] = ' ';
        len += number_from_signed(number_at(shape, bytes, i), text + len);
    }
    *cell =
        (struct lcap_cell){.kind = LCAP_CELL_SERIES, .text_len = (uint32_t)len, .value.text = text};
    return LCAP_OK;
}

/* The numbers of an array, which are in `texts` only for a while. */
static uint8_t *fill_item(const struct array_table *table, const struct array_item *item,
                          const struct array_row *row, struct arena *texts,
                          struct lcap_error *error)
{
    uint8_t *bytes = (uint8_t *)arena_take(texts, item->bytes, error);
    if (bytes)
        array_item_fill(item, table->settings, row, bytes);
    return bytes;
}

static int make_x(const struct array_table *table, const struct array_row *row, struct arena *texts,
                  struct lcap_cell **cells, struct lcap_error *error)
{
    const struct array_item *x = &table->items->items[ARRAY_X];
    const uint8_t *bytes = fill_item(table, x, row, texts, error);
    if (!bytes)
        return LCAP_ERR_MEMORY;
    for (size_t i = 0; i < table->named; i++)
        *(*cells)++ =
            (struct lcap_cell){.kind = LCAP_CELL_SIGNED, .value.i = number_at(&x->shape, bytes, i)};
    return table->named > 0 ? LCAP_OK : make_series(&x->shape, bytes, texts, (*cells)++, error);
}

static int make_all_series(const struct array_table *table, const struct array_row *row,
                           struct arena *texts, struct lcap_cell *cells, struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (size_t i = table->items->series; i < table->items->count && rc == LCAP_OK; i++) {
        const struct array_item *item = &table->items->items[i];
        const uint8_t *bytes = fill_item(table, item, row, texts, error);
        rc = bytes ? make_series(&item->shape, bytes, texts, cells++, error) : LCAP_ERR_MEMORY;
    }
    return rc;
}

static struct lcap_cell *make_facts(const struct array_table *table, const struct array_row *row,
                                    struct lcap_cell *cells)
{
    const struct lcap_cell label = {
        .kind = LCAP_CELL_TEXT, .text_len = row->label_len, .value.text = row->label_text};
    const struct lcap_cell made[FACTS] = {cell_of(row->sample_id), cell_of(row->flow), label};
    for (size_t i = 0; i < FACTS; i++)
        if (has_fact(table->settings, i))
            *cells++ = made[i];
    return cells;
}

static int make_cells(const struct array_table *table, const struct array_row *row,
                      struct arena *texts, struct lcap_cell *cells, struct lcap_error *error)
{
    const struct array_form *form = table->settings->form;
    int rc = LCAP_OK;
    if (form->cells)
        rc = form->cells(table->settings, row, texts, cells, error);
    cells = make_facts(table, row, cells + form->column_count);
    if (rc == LCAP_OK && form->fill)
        rc = make_x(table, row, texts, &cells, error);
    return rc == LCAP_OK ? make_all_series(table, row, texts, cells, error) : rc;
}

int array_table_encode(const struct array_table *table, const struct array_row *row,
                       struct array_encoded *encoded, struct lcap_error *error)
{
    struct table_encoder encoder = {.schema = &table->schema, .buffer = encoded->buffers[0]};
    buffer_clear(&encoded->cells);
    arena_reset(&encoded->texts);
    int rc = buffer_reserve(&encoded->cells, table->count * sizeof(struct lcap_cell), error);
    if (rc < 0)
        return rc;
    struct lcap_cell *cells = (struct lcap_cell *)encoded->cells.data;
    rc = make_cells(table, row, &encoded->texts, cells, error);
    if (rc == LCAP_OK)
        rc = table_encode(&encoder, &(struct lcap_row){cells, table->count, NULL, NULL}, error);
    encoded->buffers[0] = encoder.buffer;
    return rc;
}
