/* Rows of a result as rows of a table. */
#include "dataset/result_file.h"

#include "base/text/text.h"
#include "table/table.h"

struct row_writer {
    const struct result_table *rows;
    struct lcap_column columns[RESULT_MAX_COLUMNS];
    const struct lcap_column *wanted[RESULT_MAX_COLUMNS];
    uint32_t places[RESULT_MAX_COLUMNS]; /* of the cells in a row */
    struct table_schema schema;
    struct table_encoder encoder;
    struct buffer texts; /* of a row, in UTF-8 */
};

static enum lcap_cell_kind cell_kind(enum result_kind kind)
{
    switch (kind) {
    case RESULT_NOTHING:
        return LCAP_CELL_EMPTY;
    case RESULT_TRUTH:
        return LCAP_CELL_BOOL;
    case RESULT_SIGNED:
    case RESULT_TIME:
        return LCAP_CELL_SIGNED;
    case RESULT_REAL:
    case RESULT_SHARE:
        return LCAP_CELL_REAL;
    case RESULT_TEXT:
        return LCAP_CELL_TEXT;
    case RESULT_COUNT:
    case RESULT_NUMBER:
    case RESULT_DURATION:
    case RESULT_SAMPLE_ID:
        break;
    }
    return LCAP_CELL_UNSIGNED;
}

static void choose_columns(struct row_writer *writer)
{
    const struct result_table *rows = writer->rows;
    size_t count = 0;
    for (uint32_t i = 0; i < rows->column_count; i++) {
        if (!rows->columns[i].key)
            continue;
        writer->columns[count] = (struct lcap_column){.name = rows->columns[i].key,
                                                      .kind = cell_kind(rows->columns[i].kind),
                                                      .unit = "",
                                                      .description = ""};
        writer->wanted[count] = &writer->columns[count];
        writer->places[count++] = i;
    }
    writer->schema.columns = writer->wanted;
    writer->schema.cells = writer->places;
    writer->schema.count = count;
}

/* ---- rows ---- */

/* All but the bytes of a text. */
static struct lcap_cell cell_of(const struct result_value *value)
{
    struct lcap_cell cell = {.kind = cell_kind(value->kind)};
    if (cell.kind == LCAP_CELL_UNSIGNED)
        cell.value.u = value->as.u;
    else if (cell.kind == LCAP_CELL_SIGNED)
        cell.value.i = value->as.i;
    else if (cell.kind == LCAP_CELL_REAL)
        cell.value.real = value->as.real;
    else if (cell.kind == LCAP_CELL_BOOL)
        cell.value.truth = value->as.u != 0;
    return cell;
}

/* Makes the texts of a row UTF-8, and sets the lengths of their cells. */
static int convert_texts(struct row_writer *writer, const struct result_row *row,
                         struct lcap_cell *cells, struct lcap_error *error)
{
    int rc = LCAP_OK;
    buffer_clear(&writer->texts);
    for (size_t i = 0; i < row->count && rc == LCAP_OK; i++) {
        const struct result_value *value = &row->cells[i];
        const size_t before = writer->texts.len;
        if (value->kind == RESULT_TEXT)
            rc = text_append_utf8(&writer->texts, value->as.text, value->text_len, error);
        cells[i].text_len = (uint32_t)(writer->texts.len - before);
    }
    return rc;
}

/* Their bytes do not move any more. */
static void place_texts(const struct row_writer *writer, struct lcap_cell *cells, size_t count)
{
    const char *at = writer->texts.data ? (const char *)writer->texts.data : "";
    for (size_t i = 0; i < count; i++) {
        if (cells[i].kind == LCAP_CELL_TEXT)
            cells[i].value.text = at;
        at += cells[i].text_len;
    }
}

static int encode_row(struct row_writer *writer, size_t index, struct lcap_error *error)
{
    struct lcap_cell cells[RESULT_MAX_COLUMNS];
    struct result_row row;
    result_make_row(writer->rows, index, &row);
    for (size_t i = 0; i < row.count; i++)
        cells[i] = cell_of(&row.cells[i]);
    const int rc = convert_texts(writer, &row, cells, error);
    if (rc < 0)
        return rc;
    place_texts(writer, cells, row.count);
    return table_encode(&writer->encoder, &(struct lcap_row){.cells = cells, .count = row.count},
                        error);
}

static int flush_rows(void *table, struct buffer *rows, struct lcap_error *error)
{
    const int rc = table_append(table, rows->data, rows->len, error);
    buffer_clear(rows);
    return rc;
}

static int write_rows(struct row_writer *writer, struct table *table, struct lcap_error *error)
{
    int rc = LCAP_OK;
    writer->encoder =
        (struct table_encoder){.schema = &writer->schema, .flush = flush_rows, .context = table};
    for (size_t i = 0; i < writer->rows->row_count && rc == LCAP_OK; i++)
        rc = encode_row(writer, i, error);
    if (rc == LCAP_OK)
        rc = flush_rows(table, &writer->encoder.buffer, error);
    buffer_release(&writer->encoder.buffer);
    buffer_release(&writer->texts);
    return rc;
}

/* ---- files ---- */

int result_file_check(const char *path, struct lcap_error *error)
{
    struct buffer known = {0};
    if (table_format_of_name(path) && !table_name_is_packed_binary(path))
        return LCAP_OK;
    int rc = table_list_suffixes(&known, error);
    if (rc == LCAP_OK)
        rc = lcap_error_set(error, LCAP_ERR_ARGUMENT,
                            "%s: the name of the table has to end in one of %.*s", path,
                            (int)known.len, (const char *)known.data);
    buffer_release(&known);
    return rc;
}

int result_file_write(const struct result_table *rows, const char *name, const char *path,
                      const struct output_options *options, struct lcap_error *error)
{
    struct row_writer writer = {.rows = rows, .schema.format = table_format_of_name(path)};
    const struct table_options opening = {
        .overwrite = options->overwrite, .no_sync = options->no_sync, .name = name};
    struct table *table = NULL;
    choose_columns(&writer);
    int rc = table_open(&table, path, &writer.schema, &opening, error);
    if (rc < 0)
        return rc;
    rc = write_rows(&writer, table, error);
    if (rc == LCAP_OK)
        return table_close(table, error);
    table_discard(table);
    return rc;
}
