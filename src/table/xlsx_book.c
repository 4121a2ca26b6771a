/*
 * XLSX by libxlsxwriter in its constant memory mode: a row goes to libxlsxwriter's
 * temporary file as soon as the next one begins, and everything is packed when the
 * table is closed. By default these files are beside the output, because /tmp may
 * be memory. They are in a directory of ours, so that a signal before libxlsxwriter
 * unlinks them leaves nothing.
 */
#include "table/xlsx_book.h"

#include "base/io/target.h"
#include "base/io/tempfile.h"
#include "base/memory.h"
#include "table/table_cells.h"
#include "table/table_internal.h"
#include "table/xlsx_check.h"
#include "table/xlsx_library.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Excel's limits, "Excel specifications and limits". */
#define MAX_ROWS    1048576
#define MAX_COLUMNS 16384
#define MAX_UNITS   32767 /* of UTF-16 in a cell */

/* Above this size a ZIP member needs the 64-bit fields, which not every reader knows, so they are
 * used only then. */
#define MAX_ZIP32_SHEET UINT64_C(4000000000)

/* The date of the parts within the file, 1980-01-01; libxlsxwriter's default is the current time,
 * with which the same rows would not give the same bytes. */
#define CREATED 315532800

struct xlsx_table {
    struct table base;
    const struct table_schema *schema;
    struct table_options options;
    char *path;
    char *name;      /* of the sheet */
    char *directory; /* for temporary files */
    char *scratch;   /* in it, only for libxlsxwriter; NULL: not created */
    lxw_workbook *book;
    lxw_worksheet *sheet;
    lxw_row_t next_row;
    uint64_t rows; /* in all files */
    struct cells_feed feed;
    struct target target; /* the current file */
    size_t number;        /* of the current file, from 1 */
};

static int xlsx_failure(const struct xlsx_table *t, lxw_error failure, struct lcap_error *error)
{
    int code = failure == LXW_ERROR_MEMORY_MALLOC_FAILED ? LCAP_ERR_MEMORY : LCAP_ERR_IO;
    return lcap_error_set(error, code, "%s: libxlsxwriter: %s", t->target.name,
                          lxw.lxw_strerror(failure));
}

/*
 * "flows-2.xlsx" for "flows.xlsx"; the path itself for the first file. Freed
 * with buffer_release().
 */
static int name_part(const struct xlsx_table *t, size_t number, struct buffer *name,
                     struct lcap_error *error)
{
    const char *slash = strrchr(t->path, '/');
    const char *dot = strrchr(slash ? slash : t->path, '.');
    size_t stem = dot ? (size_t)(dot - t->path) : strlen(t->path);
    if (number == 1)
        return buffer_printf(name, error, "%s%c", t->path, '\0');
    return buffer_printf(name, error, "%.*s-%zu%s%c", (int)stem, t->path, number, t->path + stem,
                         '\0');
}

/* If the next file could not be put into place, this one need not be filled. */
static int check_next(const struct xlsx_table *t, struct lcap_error *error)
{
    struct buffer name = {0};
    if (!t->options.split || t->options.overwrite)
        return LCAP_OK;
    int rc = name_part(t, t->number + 1, &name, error);
    if (rc == LCAP_OK)
        rc = target_check_free((const char *)name.data, error);
    buffer_release(&name);
    return rc;
}

static int open_target(struct xlsx_table *t, struct lcap_error *error)
{
    struct buffer name = {0};
    int rc = name_part(t, ++t->number, &name, error);
    if (rc == LCAP_OK && target_is_stream((const char *)name.data))
        rc = lcap_error_set(error, LCAP_ERR_ARGUMENT,
                            "%s: XLSX needs a file, not a pipe or a device", t->path);
    if (rc == LCAP_OK)
        rc = target_open(&t->target, (const char *)name.data, t->options.overwrite, false, error);
    t->target.no_sync = t->options.no_sync;
    buffer_release(&name);
    return rc == LCAP_OK ? check_next(t, error) : rc;
}

static int write_text(const struct xlsx_table *t, lxw_col_t column, const char *text,
                      struct lcap_error *error)
{
    lxw_error failure = lxw.worksheet_write_string(t->sheet, t->next_row, column, text, NULL);
    return failure == LXW_NO_ERROR ? LCAP_OK : xlsx_failure(t, failure, error);
}

static int write_header(struct xlsx_table *t, struct lcap_error *error)
{
    struct buffer encoded = {0};
    struct cell_view cell;
    int rc = LCAP_OK;
    for (size_t i = 0; i < t->schema->count && rc == LCAP_OK; i++) {
        const char *name = t->schema->columns[i]->name;
        buffer_clear(&encoded);
        rc = cells_encode_text(&encoded, name, strlen(name), true, error);
        if (rc == LCAP_OK) {
            cells_next(encoded.data, &cell);
            rc = write_text(t, (lxw_col_t)i, cell.value.text, error);
        }
    }
    buffer_release(&encoded);
    t->next_row = 1;
    return rc;
}

/*
 * libxlsxwriter also prints some of the failures that it returns. Redirects
 * standard error to nowhere meanwhile, also for other threads, which write at most
 * a line of progress. Returns a copy of the old descriptor, or -1.
 */
static int hush(void)
{
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    int before = nowhere >= 0 ? fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1) : -1;
    if (before >= 0)
        dup2(nowhere, STDERR_FILENO);
    if (nowhere >= 0)
        close(nowhere);
    return before;
}

static void unhush(int before)
{
    if (before < 0)
        return;
    dup2(before, STDERR_FILENO);
    close(before);
}

static lxw_worksheet *add_sheet(const struct xlsx_table *t, struct lcap_error *error)
{
    const int before = hush();
    errno = 0;
    lxw_worksheet *sheet = lxw.workbook_add_worksheet(t->book, t->name);
    const int errnum = errno;
    unhush(before);
    if (!sheet)
        lcap_error_set_errno(error, errnum ? errnum : ENOMEM, "%s: cannot create a sheet", t->path);
    return sheet;
}

static int open_book(struct xlsx_table *t, struct lcap_error *error)
{
    lxw_workbook_options options = {.constant_memory = true, .tmpdir = t->scratch};
    t->book = lxw.workbook_new_opt(t->target.temporary, &options);
    if (!t->book)
        return lcap_error_set(error, LCAP_ERR_MEMORY, "out of memory: a workbook");
    lxw_doc_properties properties = {.created = CREATED};
    lxw_error failure = lxw.workbook_set_properties(t->book, &properties);
    if (failure == LXW_NO_ERROR)
        failure = lxw.workbook_validate_sheet_name(t->book, t->name);
    if (failure != LXW_NO_ERROR)
        return xlsx_failure(t, failure, error);
    t->sheet = add_sheet(t, error);
    t->next_row = 0;
    return t->sheet ? write_header(t, error) : LCAP_ERR_IO;
}

/* More than all parts of a workbook except the sheet need. */
#define OTHER_PARTS ((off_t)64 << 10)

/*
 * libxlsxwriter does not check its writes to temporary files. A full disk is noticed
 * before, though what comes out is read back in any case. Packing copies the sheet from one such
 * file to another and needs less after that, so there has to be room for a file of the same size.
 */
static int check_room(const struct xlsx_table *t, off_t rows_size, struct lcap_error *error)
{
    int fd = tempfile_open_unnamed(t->directory, error);
    if (fd < 0)
        return fd;
    int errnum = posix_fallocate(fd, 0, rows_size + OTHER_PARTS);
    close(fd);
    if (errnum != 0)
        return lcap_error_set_errno(error, errnum, "%s: cannot write a temporary file",
                                    t->directory);
    return LCAP_OK;
}

/* A temporary file of libxlsxwriter is at fault: it checks what it writes to the workbook. */
static int check_book(const struct xlsx_table *t, const struct xlsx_rows *rows,
                      struct lcap_error *error)
{
    struct lcap_error failure = {0};
    const int rc = xlsx_check(t->target.fd, t->target.name, rows, &failure);
    if (rc != LCAP_ERR_DAMAGED)
        return rc < 0 ? lcap_error_set(error, rc, "%s", failure.text) : rc;
    return lcap_error_set(
        error, LCAP_ERR_IO,
        "%s (a temporary file in %s could not be written or read: is there room?)", failure.text,
        t->directory);
}

static int pack(struct xlsx_table *t, const struct xlsx_rows *rows, struct lcap_error *error)
{
    t->book->options.use_zip64 = rows->size > MAX_ZIP32_SHEET;
    const int before = hush();
    errno = 0;
    lxw_error failure = lxw.workbook_close(t->book); /* frees it in any case */
    const int errnum = errno;
    unhush(before);
    t->book = NULL;
    t->sheet = NULL;
    if (failure == LXW_NO_ERROR)
        return check_book(t, rows, error);
    return errnum ? lcap_error_set_errno(error, errnum, "%s: cannot write", t->target.name)
                  : xlsx_failure(t, failure, error);
}

static int close_book(struct xlsx_table *t, struct lcap_error *error)
{
    FILE *file = t->sheet->optimize_tmpfile;
    struct xlsx_rows rows;
    lxw.lxw_worksheet_write_single_row(t->sheet);
    errno = 0;
    if (fflush(file) != 0 || ferror(file) || xlsx_rows_read(fileno(file), &rows) < 0)
        return lcap_error_set_errno(error, errno ? errno : EIO, "%s: cannot write a temporary file",
                                    t->directory);
    int rc = check_room(t, (off_t)rows.size, error);
    return rc == LCAP_OK ? pack(t, &rows, error) : rc;
}

/* A full file is renamed at once: it stays, whatever happens to the next one. */
static int finish_part(struct xlsx_table *t, struct lcap_error *error)
{
    int rc = close_book(t, error);
    return rc == LCAP_OK ? target_finish(&t->target, error) : rc;
}

static void release(struct xlsx_table *t)
{
    if (t->book)
        lxw.lxw_workbook_free(t->book);
    if (t->target.name)
        target_discard(&t->target);
    cells_feed_release(&t->feed);
    if (t->scratch)
        tempfile_remove(t->scratch);
    free(t->scratch);
    free(t->directory);
    free(t->name);
    free(t->path);
    free(t);
}

static int make_scratch(struct xlsx_table *t, struct lcap_error *error)
{
    return tempfile_create_directory(t->directory, &t->scratch, error);
}

int xlsx_book_open(struct table **table, const char *path, const struct table_schema *schema,
                   const struct table_options *options, struct lcap_error *error)
{
    const char *name = options->name ? options->name : TABLE_DEFAULT_NAME;
    if (schema->count > MAX_COLUMNS)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                              "%s: %zu columns, but an XLSX sheet has at most %d", path,
                              schema->count, MAX_COLUMNS);
    struct xlsx_table *t = memory_new(1, sizeof *t, error);
    if (!t)
        return LCAP_ERR_MEMORY;
    t->schema = schema;
    t->options = *options;
    t->path = memory_copy_text(path, strlen(path), error);
    t->name = memory_copy_text(name, strlen(name), error);
    t->directory = options->tmpdir
                       ? memory_copy_text(options->tmpdir, strlen(options->tmpdir), error)
                       : tempfile_directory_of(path, error);
    int rc = t->path && t->name && t->directory ? LCAP_OK : LCAP_ERR_MEMORY;
    if (rc == LCAP_OK)
        rc = xlsx_library_load(error);
    if (rc == LCAP_OK)
        rc = open_target(t, error);
    if (rc == LCAP_OK)
        rc = make_scratch(t, error);
    if (rc == LCAP_OK)
        rc = open_book(t, error);
    if (rc < 0)
        release(t);
    else
        *table = &t->base;
    return rc;
}

/* The number of UTF-16 units: two for a character of four bytes, one for any other. */
static size_t utf16_length(const char *text, size_t len)
{
    size_t units = 0;
    for (size_t i = 0; i < len; i++)
        units += ((uint8_t)text[i] & 0xC0) != 0x80 ? 1 + ((uint8_t)text[i] >= 0xF0) : 0;
    return units;
}

static int write_cell_text(const struct xlsx_table *t, lxw_col_t column,
                           const struct cell_view *cell, struct lcap_error *error)
{
    /* A text has no more units than bytes. */
    if (cell->text_len > MAX_UNITS) {
        size_t units = utf16_length(cell->value.text, cell->text_len);
        if (units > MAX_UNITS)
            return lcap_error_set(
                error, LCAP_ERR_ARGUMENT,
                "%s: row %" PRIu64
                ", column %s: text of %zu characters, but an XLSX cell can hold at most %d",
                t->target.name, t->rows + 1, t->schema->columns[column]->name, units, MAX_UNITS);
    }
    return write_text(t, column, cell->value.text, error);
}

static int write_cell(const struct xlsx_table *t, lxw_col_t column, const struct cell_view *cell,
                      struct lcap_error *error)
{
    lxw_error failure = LXW_NO_ERROR;
    switch (cell->form) {
    case FORM_NOTHING:
        break;
    case FORM_UNSIGNED:
        failure =
            lxw.worksheet_write_number(t->sheet, t->next_row, column, (double)cell->value.u, NULL);
        break;
    case FORM_SIGNED:
        failure =
            lxw.worksheet_write_number(t->sheet, t->next_row, column, (double)cell->value.i, NULL);
        break;
    case FORM_REAL:
        failure = lxw.worksheet_write_number(t->sheet, t->next_row, column, cell->value.real, NULL);
        break;
    case FORM_BOOL:
        failure =
            lxw.worksheet_write_boolean(t->sheet, t->next_row, column, (int)cell->value.u, NULL);
        break;
    case FORM_TEXT:
        return write_cell_text(t, column, cell, error);
    }
    return failure == LXW_NO_ERROR ? LCAP_OK : xlsx_failure(t, failure, error);
}

/* The sheet is full: continues in another file if that is wanted. */
static int next_part(struct xlsx_table *t, struct lcap_error *error)
{
    if (!t->options.split)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                              "%s: more rows than the %d that an XLSX sheet can hold: use "
                              "--xlsx-split, csv or sqlite",
                              t->path, MAX_ROWS);
    int rc = finish_part(t, error);
    if (rc == LCAP_OK)
        rc = open_target(t, error);
    return rc == LCAP_OK ? open_book(t, error) : rc;
}

static int write_row(void *context, const uint8_t *cells, struct lcap_error *error)
{
    struct xlsx_table *t = context;
    int rc = t->next_row == MAX_ROWS ? next_part(t, error) : LCAP_OK;
    for (size_t i = 0; i < t->schema->count && rc == LCAP_OK; i++) {
        struct cell_view cell;
        cells = cells_next(cells, &cell);
        rc = write_cell(t, (lxw_col_t)i, &cell, error);
    }
    t->next_row++;
    t->rows++;
    return rc;
}

int xlsx_book_append(struct table *table, const uint8_t *encoded, size_t len,
                     struct lcap_error *error)
{
    struct xlsx_table *t = (struct xlsx_table *)table;
    return cells_feed(&t->feed, encoded, len, write_row, t, error);
}

int xlsx_book_close(struct table *table, struct lcap_error *error)
{
    struct xlsx_table *t = (struct xlsx_table *)table;
    int rc = finish_part(t, error);
    release(t);
    return rc;
}

void xlsx_book_discard(struct table *table)
{
    release((struct xlsx_table *)table);
}
