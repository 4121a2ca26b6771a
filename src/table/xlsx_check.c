/* Reads a workbook back. */
#include "table/xlsx_check.h"

#include "base/codec/zip_reader.h"
#include "base/io/file.h"
#include <stdbool.h>
#include <string.h>

static const char sheet_name[] = "xl/worksheets/sheet1.xml";
static const char rows_begin[] = "<sheetData>", rows_end[] = "</sheetData>";

/* A lost block of the part shows at its ends: all but the rows have at most two blocks of 4 KiB. */
#define END_BYTES 64

struct check {
    const struct xlsx_rows *rows;
    bool has_sheet, wrong;
    uint64_t rows_at; /* in the sheet */
    uint32_t crc;     /* of the rows so far */
    char after[sizeof rows_end - 1];
    size_t after_len;
    char root[END_BYTES]; /* "</worksheet>" */
    size_t root_len;
    char end[END_BYTES]; /* the last bytes so far */
    size_t end_len;
};

int xlsx_rows_read(int fd, struct xlsx_rows *rows)
{
    uint8_t bytes[1 << 14];
    ssize_t got;
    *rows = (struct xlsx_rows){.size = 0};
    while ((got = file_read_at(fd, bytes, sizeof bytes, rows->size)) > 0) {
        rows->crc = zip_crc(rows->crc, bytes, (size_t)got);
        rows->size += (uint64_t)got;
    }
    return got < 0 ? -1 : 0;
}

static bool is_sheet(const struct zip_piece *piece)
{
    return piece->member_len == sizeof sheet_name - 1 &&
           memcmp(piece->member, sheet_name, sizeof sheet_name - 1) == 0;
}

/* Sets the closing tag of the root element, which follows the declaration. */
static bool find_root(struct check *check, const struct zip_piece *piece)
{
    static const char declaration[] = "<?xml ";
    const char *text = (const char *)piece->bytes;
    const char *root = NULL;
    if (piece->len > sizeof declaration && memcmp(text, declaration, sizeof declaration - 1) == 0)
        root = memchr(text + 1, '<', piece->len - 1);
    if (!root)
        return false;
    const char *name = root + 1;
    const size_t most = piece->len - (size_t)(name - text);
    size_t len = 0;
    while (len < most && !strchr(" >/", name[len]))
        len++;
    if (len + 3 > sizeof check->root)
        return false;
    memcpy(check->root, "</", 2);
    memcpy(check->root + 2, name, len);
    check->root[len + 2] = '>';
    check->root_len = len + 3;
    return true;
}

static bool begin_part(struct check *check, const struct zip_piece *piece)
{
    check->end_len = 0;
    if (!find_root(check, piece))
        return false;
    if (!is_sheet(piece))
        return true;
    const uint8_t *rows = memmem(piece->bytes, piece->len, rows_begin, sizeof rows_begin - 1);
    check->has_sheet = rows != NULL;
    check->crc = 0;
    check->after_len = 0;
    if (rows)
        check->rows_at = (uint64_t)(rows - piece->bytes) + sizeof rows_begin - 1;
    return check->has_sheet;
}

/* The part of the piece that is in [from, to) of the member. */
static const uint8_t *part_of(const struct zip_piece *piece, uint64_t from, uint64_t to,
                              size_t *len)
{
    const uint64_t end = piece->offset + piece->len;
    const uint64_t first = from > piece->offset ? from : piece->offset;
    const uint64_t last = to < end ? to : end;
    *len = last > first ? (size_t)(last - first) : 0;
    return *len ? piece->bytes + (first - piece->offset) : piece->bytes;
}

static void take_rows(struct check *check, const struct zip_piece *piece)
{
    const uint64_t end = check->rows_at + check->rows->size;
    size_t len;
    const uint8_t *rows = part_of(piece, check->rows_at, end, &len);
    check->crc = zip_crc(check->crc, rows, len);
    const uint8_t *after = part_of(piece, end, end + sizeof check->after, &len);
    memcpy(check->after + check->after_len, after, len);
    check->after_len += len;
}

static void take_end(struct check *check, const struct zip_piece *piece)
{
    const size_t len = piece->len < END_BYTES ? piece->len : END_BYTES;
    const size_t kept = check->end_len + len > END_BYTES ? END_BYTES - len : check->end_len;
    memmove(check->end, check->end + check->end_len - kept, kept);
    memcpy(check->end + kept, piece->bytes + piece->len - len, len);
    check->end_len = kept + len;
}

/* A last newline may follow. */
static bool is_closed(const struct check *check)
{
    size_t end = check->end_len;
    if (end > 0 && check->end[end - 1] == '\n')
        end--;
    return end >= check->root_len &&
           memcmp(check->end + end - check->root_len, check->root, check->root_len) == 0;
}

static bool has_rows(const struct check *check)
{
    return check->crc == check->rows->crc && check->after_len == sizeof check->after &&
           memcmp(check->after, rows_end, sizeof check->after) == 0;
}

static int take_piece(void *context, const struct zip_piece *piece, struct lcap_error *error)
{
    struct check *check = context;
    (void)error;
    if (piece->offset == 0)
        check->wrong |= !begin_part(check, piece);
    if (check->wrong)
        return LCAP_OK;
    if (is_sheet(piece))
        take_rows(check, piece);
    take_end(check, piece);
    if (piece->offset + piece->len == piece->size)
        check->wrong = !is_closed(check) || (is_sheet(piece) && !has_rows(check));
    return LCAP_OK;
}

int xlsx_check(int fd, const char *name, const struct xlsx_rows *rows, struct lcap_error *error)
{
    struct check check = {.rows = rows};
    int rc = zip_read(fd, name, take_piece, &check, error);
    if (rc == LCAP_OK && (check.wrong || !check.has_sheet))
        rc = lcap_error_set(error, LCAP_ERR_DAMAGED,
                            "%s: read back, it is not whole: a part is cut", name);
    return rc;
}
