/*
 * Any cells as a Parquet file, which a reader of its own (parquet_reader.h) takes apart: the
 * structure must be sound, and every cell what was written, whatever text is in it.
 *
 * Input: a byte for the number of columns, a byte for the number of times that the rows
 * repeat, a byte for the kind of each column, then the cells.
 */
#include "base/buffer.h"
#include "base/number/exact.h"
#include "base/text/text.h"
#include "parquet_reader.h"
#include "table/table.h"
#include <math.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MOST_COLUMNS = 6, MOST_TEXT = 64, SERIES_TEXT = 200 };

static const enum lcap_cell_kind kinds[] = {
    LCAP_CELL_UNSIGNED, LCAP_CELL_SIGNED, LCAP_CELL_REAL,  LCAP_CELL_SECONDS, LCAP_CELL_BOOL,
    LCAP_CELL_TEXT,     LCAP_CELL_SERIES, LCAP_CELL_EXACT, LCAP_CELL_NESTED,
};

/* What the input says. */
struct plan {
    size_t columns, rows, times;
    struct lcap_column column[MOST_COLUMNS];
    struct lcap_cell *cells; /* rows × columns */
    char (*texts)[SERIES_TEXT];
};

/* ---- the input ---- */

static uint8_t next_byte(struct bytes *input)
{
    return input->at < input->end ? *input->at++ : 0;
}

static uint64_t next_number(struct bytes *input)
{
    uint64_t number = 0;
    for (int i = 0; i < 8; i++)
        number = number << 8 | next_byte(input);
    return number;
}

static struct lcap_cell text_cell(enum lcap_cell_kind kind, const char *text, size_t len)
{
    return (struct lcap_cell){.kind = kind, .text_len = (uint32_t)len, .value.text = text};
}

static struct lcap_cell next_text(struct bytes *input, uint8_t tag)
{
    size_t len = tag % MOST_TEXT;
    if (len > (size_t)(input->end - input->at))
        len = (size_t)(input->end - input->at);
    input->at += len;
    return text_cell(LCAP_CELL_TEXT, (const char *)input->at - len, len);
}

/* In nested ones, bits of the tag say which numbers begin a list. */
static struct lcap_cell next_series(struct bytes *input, enum lcap_cell_kind kind, uint8_t tag,
                                    char text[SERIES_TEXT])
{
    size_t len = 0;
    for (int i = 0; i < tag % 8; i++) {
        const bool begins = kind == LCAP_CELL_NESTED && tag >> i & 1;
        len += (size_t)snprintf(text + len, SERIES_TEXT - len, "%s%lld",
                                i == 0   ? ""
                                : begins ? ";"
                                         : " ",
                                (long long)(int64_t)next_number(input));
    }
    text[len] = '\0';
    return text_cell(kind, text, len);
}

static struct lcap_cell next_cell(struct bytes *input, enum lcap_cell_kind kind,
                                  char text[SERIES_TEXT])
{
    struct lcap_cell cell = {.kind = LCAP_CELL_EMPTY};
    const uint8_t tag = next_byte(input);
    if (tag % 4 == 0)
        return cell;
    if (kind == LCAP_CELL_TEXT)
        return next_text(input, tag);
    if (kind == LCAP_CELL_SERIES || kind == LCAP_CELL_NESTED)
        return next_series(input, kind, tag, text);
    cell.kind = kind;
    cell.value.u = kind == LCAP_CELL_BOOL ? 0 : next_number(input);
    if (kind == LCAP_CELL_BOOL)
        cell.value.truth = tag % 2;
    return cell;
}

static void make_plan(struct plan *plan, struct bytes input)
{
    static const char *const names[MOST_COLUMNS] = {"a", "sample_id", "c", "d", "\xc3\xa4", "PAR1"};
    *plan = (struct plan){.columns = 1 + next_byte(&input) % MOST_COLUMNS};
    plan->times = 1 + next_byte(&input);
    for (size_t i = 0; i < plan->columns; i++) {
        plan->column[i] = (struct lcap_column){.name = names[i], .unit = ""};
        plan->column[i].kind = kinds[next_byte(&input) % (sizeof kinds / sizeof *kinds)];
    }
    const size_t most = (size_t)(input.end - input.at) + plan->columns;
    plan->cells = calloc(most, sizeof *plan->cells);
    plan->texts = calloc(most, sizeof *plan->texts);
    require(plan->cells && plan->texts);
    for (; input.at < input.end; plan->rows++)
        for (size_t i = 0; i < plan->columns; i++) {
            const size_t at = plan->rows * plan->columns + i;
            plan->cells[at] = next_cell(&input, plan->column[i].kind, plan->texts[at]);
        }
}

static const struct lcap_cell *cell_of(const struct plan *plan, size_t row, size_t column)
{
    return &plan->cells[row % plan->rows * plan->columns + column];
}

/* ---- writing ---- */

static int flush_rows(void *table, struct buffer *rows, struct lcap_error *error)
{
    const int rc = table_append(table, rows->data, rows->len, error);
    buffer_clear(rows);
    return rc;
}

static void write_table(const struct plan *plan)
{
    const struct lcap_column *columns[MOST_COLUMNS];
    const uint32_t cells[MOST_COLUMNS] = {0, 1, 2, 3, 4, 5};
    const struct table_options options = {.overwrite = true, .no_sync = true};
    struct table *table = NULL;
    for (size_t i = 0; i < plan->columns; i++)
        columns[i] = &plan->column[i];
    const struct table_schema schema = {
        .columns = columns, .cells = cells, .count = plan->columns, .format = &table_parquet};
    require(table_open(&table, "out.parquet", &schema, &options, NULL) == 0);
    struct table_encoder encoder = {.schema = &schema, .flush = flush_rows, .context = table};
    for (size_t row = 0; row < plan->rows * plan->times; row++) {
        const struct lcap_row cells_of_row = {.cells = cell_of(plan, row, 0),
                                              .count = plan->columns};
        require(table_encode(&encoder, &cells_of_row, NULL) == 0);
        if (row % 7 == 0)
            require(flush_rows(table, &encoder.buffer, NULL) == 0);
    }
    require(flush_rows(table, &encoder.buffer, NULL) == 0);
    buffer_release(&encoder.buffer);
    require(table_close(table, NULL) == 0);
}

/* ---- what must be in a column ---- */

/* The values as PLAIN has them, a boolean as a byte, and the levels. */
struct expected {
    struct buffer values, definitions, repetitions;
};

static void add(struct buffer *to, uint64_t value, unsigned len)
{
    for (unsigned i = 0; i < len; i++, value >>= 8)
        require(buffer_append(to, &(uint8_t){(uint8_t)value}, 1, NULL) == 0);
}

static void add_level(struct expected *column, uint8_t definition, uint8_t repetition)
{
    add(&column->definitions, definition, 1);
    add(&column->repetitions, repetition, 1);
}

static uint32_t lists_of(enum lcap_cell_kind kind)
{
    return kind == LCAP_CELL_NESTED ? 2 : kind == LCAP_CELL_SERIES;
}

static void expect_series(struct expected *column, const char *text, uint8_t lists)
{
    char *end;
    for (uint8_t level = 0; *text; text = end + (*end != '\0')) {
        add(&column->values, (uint64_t)strtoll(text, &end, 10), 8);
        add_level(column, lists + 1, level);
        level = *end == ';' ? 1 : lists;
    }
}

static void expect_text(struct expected *column, const struct lcap_cell *cell)
{
    struct buffer text = {0};
    require(text_append_utf8(&text, cell->value.text, cell->text_len, NULL) == 0);
    add(&column->values, text.len, 4);
    require(buffer_append(&column->values, text.data, text.len, NULL) == 0);
    add_level(column, 1, 0);
    buffer_release(&text);
}

static void expect_real(struct expected *column, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    if (isfinite(value))
        add(&column->values, bits, 8);
    add_level(column, isfinite(value), 0);
}

static void expect_cell(struct expected *column, const struct lcap_cell *cell,
                        enum lcap_cell_kind kind)
{
    const int64_t ns = cell->value.i;
    switch (cell->kind) {
    case LCAP_CELL_SERIES:
    case LCAP_CELL_NESTED:
        if (cell->text_len > 0)
            expect_series(column, cell->value.text, (uint8_t)lists_of(kind));
        else
            add_level(column, 1, 0);
        break;
    case LCAP_CELL_TEXT:
        expect_text(column, cell);
        break;
    case LCAP_CELL_REAL:
    case LCAP_CELL_EXACT:
        expect_real(column, cell->value.real);
        break;
    case LCAP_CELL_SECONDS: {
        const double seconds = exact_ratio(ns < 0 ? -(uint64_t)ns : (uint64_t)ns, NS_PER_SECOND);
        expect_real(column, ns < 0 ? -seconds : seconds);
        break;
    }
    case LCAP_CELL_EMPTY:
    case LCAP_CELL_JSON:
        add_level(column, 0, 0);
        break;
    default:
        add(&column->values, kind == LCAP_CELL_BOOL ? cell->value.truth : cell->value.u,
            kind == LCAP_CELL_BOOL ? 1 : 8);
        add_level(column, 1, 0);
    }
}

/* ---- reading ---- */

static bool is_text(const struct chunk *chunk)
{
    return chunk->type == 6;
}

static void require_same(struct bytes *expected, const uint8_t *value, size_t len)
{
    require(memcmp(take(expected, len), value, len) == 0);
}

/* Where each value of a dictionary begins. */
static const uint8_t **places_in(const struct page *dictionary, const struct chunk *chunk)
{
    struct bytes from = {dictionary->data, dictionary->data + dictionary->unpacked};
    const uint8_t **places = calloc((size_t)dictionary->count + 1, sizeof *places);
    require(places && dictionary->type == 2 && dictionary->encoding == 0);
    for (int64_t i = 0; i < dictionary->count; i++) {
        places[i] = from.at;
        take(&from, is_text(chunk) ? (size_t)take_little(&from, 4) : 8);
    }
    require(from.at == from.end);
    return places;
}

static void check_by_dictionary(struct bytes *page, const struct page *dictionary,
                                const struct chunk *chunk, size_t count, struct bytes *expected)
{
    const uint8_t **places = places_in(dictionary, chunk);
    uint32_t *numbers = calloc(count + 1, sizeof *numbers);
    require(numbers != NULL);
    const unsigned width = *take(page, 1);
    require(width <= 32);
    take_runs(page, width, numbers, count);
    for (size_t i = 0; i < count; i++) {
        require(numbers[i] < dictionary->count);
        struct bytes value = {places[numbers[i]], dictionary->data + dictionary->unpacked};
        const size_t len = is_text(chunk) ? 4 + (size_t)take_little(&value, 4) : 8;
        require_same(expected, places[numbers[i]], len);
    }
    free(numbers);
    free(places);
}

static void check_plain(struct bytes *page, const struct chunk *chunk, size_t count,
                        struct bytes *expected)
{
    if (chunk->type != 0) {
        const size_t len = (size_t)(page->end - page->at);
        require_same(expected, take(page, len), len);
        return;
    }
    const uint8_t *bits = take(page, (count + 7) / 8);
    for (size_t i = 0; i < count; i++)
        require(*take(expected, 1) == (bits[i / 8] >> i % 8 & 1));
}

/* The first bytes of all values, then their second bytes, and so on. */
static void check_split(struct bytes *page, size_t count, struct bytes *expected)
{
    const uint8_t *streams = take(page, count * 8);
    for (size_t i = 0; i < count; i++) {
        uint8_t value[8];
        for (size_t byte = 0; byte < 8; byte++)
            value[byte] = streams[byte * count + i];
        require_same(expected, value, sizeof value);
    }
}

/* The levels of a page, of at most `most`; returns how many are that. */
static size_t check_levels(struct bytes *page, uint32_t most, size_t count, struct bytes *expected)
{
    uint32_t *levels = calloc(count + 1, sizeof *levels);
    const uint64_t len = take_little(page, 4);
    const uint8_t *start = take(page, (size_t)len);
    struct bytes from = {start, start + len};
    size_t full = 0;
    require(levels != NULL);
    take_runs(&from, most > 1 ? 2 : 1, levels, count);
    require(from.at == from.end);
    for (size_t i = 0; i < count; i++) {
        require(levels[i] == *take(expected, 1));
        full += levels[i] == most;
    }
    free(levels);
    return full;
}

/* What a column still has to hold, group by group. */
struct rest {
    struct bytes values, definitions, repetitions;
};

/* Returns how many cells and elements are in the page. */
static int64_t check_data_page(struct bytes *from, const struct page *dictionary,
                               const struct chunk *chunk, uint32_t lists, struct rest *rest)
{
    struct page page = take_page(from);
    require(page.type == 0 && page.count > 0);
    struct bytes data = {page.data, page.data + page.unpacked};
    const size_t count = (size_t)page.count;
    require(lists == 0 || *rest->repetitions.at == 0); /* rows are whole */
    if (lists > 0)
        check_levels(&data, lists, count, &rest->repetitions);
    const size_t values = check_levels(&data, lists + 1, count, &rest->definitions);
    const bool is_split = !chunk->has_dictionary && chunk->type == 5;
    require(page.encoding == (chunk->has_dictionary ? 8 : is_split ? 9 : 0));
    if (chunk->has_dictionary)
        check_by_dictionary(&data, dictionary, chunk, values, &rest->values);
    else if (is_split)
        check_split(&data, values, &rest->values);
    else
        check_plain(&data, chunk, values, &rest->values);
    require(data.at == data.end);
    free(page.data);
    return page.count;
}

static void check_chunk(const struct bytes *file, const struct chunk *chunk, uint32_t lists,
                        struct rest *rest)
{
    const int64_t start = chunk->has_dictionary ? chunk->dictionary_at : chunk->data_at;
    require(start >= 4 && start < file->end - file->at);
    struct bytes from = {file->at + start, file->end};
    struct page dictionary = {.data = NULL};
    if (chunk->has_dictionary)
        dictionary = take_page(&from);
    require(from.at == file->at + chunk->data_at);
    int64_t left = chunk->values;
    while (left > 0)
        left -= check_data_page(&from, &dictionary, chunk, lists, rest);
    require(left == 0 && from.at - (file->at + start) == chunk->packed);
    free(dictionary.data);
}

static void check_group(const struct plan *plan, const struct bytes *file, struct bytes *from,
                        struct rest *rests, int64_t *rows)
{
    int type, inner, number = 0;
    while ((type = take_field(from, &number))) {
        if (number == 3) {
            *rows += take_zigzag(from);
        } else if (number != 1) {
            skip(from, type);
        } else {
            require(take_list(from, &inner) == plan->columns && inner == T_STRUCT);
            for (size_t i = 0; i < plan->columns; i++) {
                const struct chunk chunk = take_chunk(from);
                check_chunk(file, &chunk, lists_of(plan->column[i].kind), &rests[i]);
            }
        }
    }
}

static void check_footer(const struct plan *plan, const struct bytes *file, struct rest *rests)
{
    int type, inner, number = 0;
    int64_t rows = 0, told = -1;
    require(file->end - file->at > 12 && memcmp(file->at, "PAR1", 4) == 0);
    require(memcmp(file->end - 4, "PAR1", 4) == 0);
    struct bytes tail = {file->end - 8, file->end};
    const uint64_t len = take_little(&tail, 4);
    require(len <= (uint64_t)(file->end - file->at) - 12);
    struct bytes from = {file->end - 8 - len, file->end - 8};
    while ((type = take_field(&from, &number))) {
        if (number == 3) {
            told = take_zigzag(&from);
        } else if (number == 4) {
            for (uint64_t left = take_list(&from, &inner); left > 0; left--)
                check_group(plan, file, &from, rests, &rows);
        } else {
            skip(&from, type);
        }
    }
    require(from.at == from.end && told == rows);
    require(rows == (int64_t)(plan->rows * plan->times));
}

/* An empty buffer has no address. */
static struct bytes bytes_of(const struct buffer *buffer)
{
    static const uint8_t none;
    const uint8_t *data = buffer->data ? buffer->data : &none;
    return (struct bytes){data, data + buffer->len};
}

static void check_table(const struct plan *plan, const struct bytes *file)
{
    struct expected columns[MOST_COLUMNS] = {{{0}, {0}, {0}}};
    struct rest rests[MOST_COLUMNS];
    for (size_t i = 0; i < plan->columns; i++) {
        for (size_t row = 0; row < plan->rows * plan->times; row++)
            expect_cell(&columns[i], cell_of(plan, row, i), plan->column[i].kind);
        rests[i] = (struct rest){bytes_of(&columns[i].values), bytes_of(&columns[i].definitions),
                                 bytes_of(&columns[i].repetitions)};
    }
    check_footer(plan, file, rests);
    for (size_t i = 0; i < plan->columns; i++) {
        require(rests[i].values.at == rests[i].values.end);
        require(rests[i].definitions.at == rests[i].definitions.end);
        buffer_release(&columns[i].values);
        buffer_release(&columns[i].definitions);
        buffer_release(&columns[i].repetitions);
    }
}

static void read_table(const struct plan *plan)
{
    struct stat st;
    const int fd = open("out.parquet", O_RDONLY | O_CLOEXEC);
    require(fd >= 0 && fstat(fd, &st) == 0);
    uint8_t *data = malloc((size_t)st.st_size);
    require(data && read(fd, data, (size_t)st.st_size) == st.st_size);
    close(fd);
    check_table(plan, &(struct bytes){data, data + st.st_size});
    free(data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct plan plan;
    if (size < 3 || size > 4096)
        return 0;
    enter_scratch_folder();
    make_plan(&plan, (struct bytes){data, data + size});
    write_table(&plan);
    read_table(&plan);
    free(plan.cells);
    free(plan.texts);
    empty_scratch_folder();
    leave_scratch_folder();
    return 0;
}
