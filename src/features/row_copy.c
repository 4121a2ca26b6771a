/* A packed row: the row, its cells, its metadata, text in the order of the cells, the part. */
#include "features/row_copy.h"

#include <string.h>

static bool holds_text(const struct lcap_cell *cell)
{
    return cell->kind == LCAP_CELL_TEXT || cell->kind == LCAP_CELL_SERIES ||
           cell->kind == LCAP_CELL_JSON;
}

/* Joins text that comes in pieces, because its flow will be gone. */
static int gather_pieces(const struct lcap_flow_row *row, struct buffer *text,
                         struct lcap_error *error)
{
    const char *piece;
    size_t len;
    int rc;
    while ((rc = row->row.pieces(row->row.pieces_source, &piece, &len, error)) == 1) {
        rc = buffer_append(text, piece, len, error);
        if (rc < 0)
            return rc;
    }
    return rc;
}

/* The text of a cell at `at`; its length is in the packed cell. */
static int pack_text(const struct lcap_flow_row *row, const struct lcap_cell *cell, size_t at,
                     struct buffer *out, struct lcap_error *error)
{
    struct lcap_cell packed = *cell;
    const size_t start = out->len;
    const int rc = cell->value.text ? buffer_append(out, cell->value.text, cell->text_len, error)
                                    : gather_pieces(row, out, error);
    if (rc < 0)
        return rc;
    const size_t len = out->len - start;
    if (len > UINT32_MAX)
        return lcap_error_set(error, LCAP_ERR_MEMORY, "a flow of %zu bytes is too long to keep",
                              len);
    packed.text_len = (uint32_t)len;
    memcpy(out->data + at, &packed, sizeof packed);
    return LCAP_OK;
}

int row_copy_pack(const struct lcap_flow_row *row, const char *part, struct buffer *out,
                  struct lcap_error *error)
{
    int rc = buffer_append(out, row, sizeof *row, error);
    const size_t cells = out->len;
    if (rc == LCAP_OK)
        rc = buffer_append(out, row->row.cells, row->row.count * sizeof *row->row.cells, error);
    if (rc == LCAP_OK)
        rc = buffer_append(out, row->metadata, strlen(row->metadata) + 1, error);
    for (size_t i = 0; i < row->row.count && rc == LCAP_OK; i++)
        if (holds_text(&row->row.cells[i]))
            rc = pack_text(row, &row->row.cells[i], cells + i * sizeof *row->row.cells, out, error);
    return rc == LCAP_OK ? buffer_append(out, part, strlen(part) + 1, error) : rc;
}

const char *row_copy_unpack(const uint8_t *bytes, struct lcap_cell cells[ROW_COPY_CELLS],
                            struct lcap_flow_row *row)
{
    memcpy(row, bytes, sizeof *row);
    memcpy(cells, bytes + sizeof *row, row->row.count * sizeof *cells);
    const char *text = (const char *)bytes + sizeof *row + row->row.count * sizeof *cells;
    row->row.cells = cells;
    row->metadata = text;
    text += strlen(text) + 1;
    for (size_t i = 0; i < row->row.count; i++)
        if (holds_text(&cells[i])) {
            cells[i].value.text = text;
            text += cells[i].text_len;
        }
    return text;
}
