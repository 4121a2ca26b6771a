/* A row record: its numbers, its names, its cells. */
#include "tabulate/shards/row_record.h"

#include "base/bytes.h"

/* Bits of one byte. */
enum { HAS_LABEL = 1, BIDIRECTIONAL = 2, HAS_DNS = 4 };

/* ---- writing ---- */

static int put64(struct buffer *out, uint64_t value, struct lcap_error *error)
{
    uint8_t bytes[8];
    store64(bytes, value, false);
    return buffer_append(out, bytes, sizeof bytes, error);
}

static int put32(struct buffer *out, uint32_t value, struct lcap_error *error)
{
    uint8_t bytes[4];
    store32(bytes, value, false);
    return buffer_append(out, bytes, sizeof bytes, error);
}

static int put_text(struct buffer *out, const char *text, struct lcap_error *error)
{
    return buffer_append(out, text, strlen(text) + 1, error);
}

static int put_numbers(struct buffer *out, const struct lcap_flow_row *row,
                       struct lcap_error *error)
{
    const uint64_t numbers[] = {
        row->number,    row->order[0], row->order[1], row->order[2],
        row->sample_id, row->packets,  row->bytes,    (uint64_t)row->duration_ns};
    const uint8_t flags =
        (uint8_t)((row->has_label ? HAS_LABEL : 0) | (row->bidirectional ? BIDIRECTIONAL : 0) |
                  (row->dns ? HAS_DNS : 0));
    int rc = LCAP_OK;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers && rc == LCAP_OK; i++)
        rc = put64(out, numbers[i], error);
    if (rc == LCAP_OK)
        rc = put32(out, (uint32_t)row->ports[0] << 16 | row->ports[1], error);
    if (rc == LCAP_OK)
        rc = buffer_append(out, &flags, 1, error);
    if (rc == LCAP_OK)
        rc = buffer_append(out, &row->family, 1, error);
    return rc == LCAP_OK ? buffer_append(out, row->addresses, sizeof row->addresses, error) : rc;
}

static bool holds_text(uint8_t kind)
{
    return kind == LCAP_CELL_TEXT || kind == LCAP_CELL_SERIES || kind == LCAP_CELL_JSON ||
           kind == LCAP_CELL_NESTED;
}

static int put_pieces(struct buffer *out, const struct lcap_row *row, struct lcap_error *error)
{
    const char *piece;
    size_t len;
    int rc;
    while ((rc = row->pieces(row->pieces_source, &piece, &len, error)) == 1)
        if ((rc = buffer_append(out, piece, len, error)) < 0)
            return rc;
    return rc;
}

static int put_text_of(struct buffer *out, const struct lcap_row *row, const struct lcap_cell *cell,
                       struct lcap_error *error)
{
    const size_t at = out->len;
    int rc = put32(out, 0, error);
    if (rc == LCAP_OK)
        rc = cell->value.text ? buffer_append(out, cell->value.text, cell->text_len, error)
                              : put_pieces(out, row, error);
    if (rc < 0)
        return rc;
    const size_t len = out->len - at - 4;
    if (len > UINT32_MAX)
        return lcap_error_set(error, LCAP_ERR_MEMORY, "a flow of %zu bytes is too long to keep",
                              len);
    store32(out->data + at, (uint32_t)len, false);
    return LCAP_OK;
}

static uint64_t value_of(const struct lcap_cell *cell)
{
    uint64_t value = cell->value.u;
    if (cell->kind == LCAP_CELL_BOOL)
        return cell->value.truth;
    if (cell->kind == LCAP_CELL_REAL || cell->kind == LCAP_CELL_EXACT)
        memcpy(&value, &cell->value.real, sizeof value);
    return value;
}

static int put_cell(struct buffer *out, const struct lcap_row *row, const struct lcap_cell *cell,
                    struct lcap_error *error)
{
    const uint8_t kind = (uint8_t)cell->kind;
    const int rc = buffer_append(out, &kind, 1, error);
    if (rc < 0 || kind == LCAP_CELL_EMPTY)
        return rc;
    return holds_text(kind) ? put_text_of(out, row, cell, error)
                            : put64(out, value_of(cell), error);
}

int row_record_append(const struct lcap_flow_row *row, struct buffer *out, struct lcap_error *error)
{
    int rc = put_numbers(out, row, error);
    if (rc == LCAP_OK)
        rc = put_text(out, row->metadata, error);
    if (rc == LCAP_OK)
        rc = put_text(out, row->protocol, error);
    if (rc == LCAP_OK)
        rc = put32(out, (uint32_t)row->row.count, error);
    for (size_t i = 0; i < row->row.count && rc == LCAP_OK; i++)
        rc = put_cell(out, &row->row, &row->row.cells[i], error);
    return rc;
}

/* ---- reading ---- */

static bool take_numbers(struct cursor *in, struct lcap_flow_row *row)
{
    uint64_t duration;
    uint32_t ports;
    uint8_t flags;
    if (!cursor_take64(in, &row->number) || !cursor_take64(in, &row->order[0]) ||
        !cursor_take64(in, &row->order[1]) || !cursor_take64(in, &row->order[2]) ||
        !cursor_take64(in, &row->sample_id) || !cursor_take64(in, &row->packets) ||
        !cursor_take64(in, &row->bytes) || !cursor_take64(in, &duration) ||
        !cursor_take32(in, &ports) || !cursor_take8(in, &flags) || !cursor_take8(in, &row->family))
        return false;
    row->duration_ns = (int64_t)duration;
    row->ports[0] = (uint16_t)(ports >> 16);
    row->ports[1] = (uint16_t)ports;
    row->has_label = flags & HAS_LABEL;
    row->bidirectional = flags & BIDIRECTIONAL;
    row->dns = flags & HAS_DNS;
    const uint8_t *addresses = cursor_take(in, sizeof row->addresses);
    if (addresses)
        memcpy(row->addresses, addresses, sizeof row->addresses);
    return addresses != NULL;
}

bool row_record_order(const uint8_t *bytes, size_t len, uint64_t order[3])
{
    struct cursor in = {.at = bytes, .left = len};
    uint64_t number;
    return cursor_take64(&in, &number) && cursor_take64(&in, &order[0]) &&
           cursor_take64(&in, &order[1]) && cursor_take64(&in, &order[2]);
}

static bool take_text(struct cursor *in, const char **text)
{
    const uint8_t *end = memchr(in->at, '\0', in->left);
    *text = (const char *)in->at;
    return end && cursor_take(in, (size_t)(end - in->at) + 1);
}

static bool take_text_of(struct cursor *in, struct lcap_cell *cell)
{
    if (!cursor_take32(in, &cell->text_len))
        return false;
    cell->value.text = (const char *)cursor_take(in, cell->text_len);
    return cell->value.text != NULL;
}

static bool take_value(struct cursor *in, struct lcap_cell *cell)
{
    uint64_t value;
    if (!cursor_take64(in, &value))
        return false;
    if (cell->kind == LCAP_CELL_BOOL)
        cell->value.truth = value != 0;
    else if (cell->kind == LCAP_CELL_REAL || cell->kind == LCAP_CELL_EXACT)
        memcpy(&cell->value.real, &value, sizeof value);
    else
        cell->value.u = value;
    return true;
}

static bool take_cell(struct cursor *in, struct lcap_cell *cell)
{
    uint8_t kind;
    if (!cursor_take8(in, &kind) || kind > LCAP_CELL_NESTED)
        return false;
    *cell = (struct lcap_cell){.kind = kind};
    if (kind == LCAP_CELL_EMPTY)
        return true;
    return holds_text(kind) ? take_text_of(in, cell) : take_value(in, cell);
}

bool row_record_read(const uint8_t *bytes, size_t len, struct lcap_cell cells[ROW_COPY_CELLS],
                     struct lcap_flow_row *row)
{
    struct cursor in = {.at = bytes, .left = len};
    uint32_t count;
    *row = (struct lcap_flow_row){.row.cells = cells};
    if (!take_numbers(&in, row) || !take_text(&in, &row->metadata) ||
        !take_text(&in, &row->protocol) || !cursor_take32(&in, &count) || count > ROW_COPY_CELLS)
        return false;
    row->row.count = count;
    for (uint32_t i = 0; i < count; i++)
        if (!take_cell(&in, &cells[i]))
            return false;
    return in.left == 0;
}
