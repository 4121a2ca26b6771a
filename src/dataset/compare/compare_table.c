/* The figures of each label as rows of a table. */
#include "base/text/text.h"
#include "dataset/compare/compare_result.h"
#include "table/table.h"

enum { COLUMNS = 10 };

#define COUNT(NAME, DESCRIPTION)                                                                   \
    {                                                                                              \
        NAME, LCAP_CELL_UNSIGNED, "packets", DESCRIPTION, NULL, NULL                               \
    }
#define SHARE(NAME, DESCRIPTION)                                                                   \
    {                                                                                              \
        NAME, LCAP_CELL_REAL, "", DESCRIPTION, NULL, NULL                                          \
    }

static const struct lcap_column columns[COLUMNS] = {
    {"label", LCAP_CELL_TEXT, "", "The metadata", NULL, NULL},
    COUNT("truth", "Packets with this label in TRUTH"),
    COUNT("test", "Packets with this label in TEST"),
    COUNT("agreed", "Packets with this label in both"),
    SHARE("precision", "agreed / test"),
    SHARE("recall", "agreed / truth"),
    SHARE("f1", "The harmonic mean of precision and recall"),
    COUNT("missing", "Packets with this label in TRUTH that are not in TEST"),
    COUNT("unlabelled", "Packets with this label in TRUTH that have no label in TEST"),
    COUNT("additional", "Packets with this label in TEST that are not in TRUTH"),
};

static struct lcap_cell count_cell(uint64_t count)
{
    return (struct lcap_cell){.kind = LCAP_CELL_UNSIGNED, .value.u = count};
}

static struct lcap_cell share_cell(double share)
{
    const struct lcap_cell empty = {.kind = LCAP_CELL_EMPTY};
    const struct lcap_cell real = {.kind = LCAP_CELL_REAL, .value.real = share};
    return share < 0 ? empty : real;
}

/* `text` is the metadata in UTF-8. */
static int encode_label(struct table_encoder *encoder, const struct confusion_label *label,
                        const struct buffer *text, struct lcap_error *error)
{
    const struct lcap_cell cells[COLUMNS] = {
        {.kind = LCAP_CELL_TEXT,
         .text_len = (uint32_t)text->len,
         .value.text = text->len > 0 ? (const char *)text->data : ""},
        count_cell(label->truth),
        count_cell(label->test),
        count_cell(label->agreed),
        share_cell(confusion_precision(label)),
        share_cell(confusion_recall(label)),
        share_cell(confusion_f1(label)),
        count_cell(label->missing),
        count_cell(label->unlabelled),
        count_cell(label->additional),
    };
    const struct lcap_row row = {.cells = cells, .count = COLUMNS};
    return table_encode(encoder, &row, error);
}

static int flush_rows(void *table, struct buffer *rows, struct lcap_error *error)
{
    const int rc = table_append(table, rows->data, rows->len, error);
    buffer_clear(rows);
    return rc;
}

static int write_labels(const struct compare_pass_result *found, const struct table_schema *schema,
                        struct table *table, struct lcap_error *error)
{
    struct table_encoder encoder = {.schema = schema, .flush = flush_rows, .context = table};
    struct buffer text = {0};
    int rc = LCAP_OK;
    for (size_t i = 0; i < found->confusion.label_count && rc == 0; i++) {
        size_t len;
        const char *metadata =
            confusion_label_text(&found->confusion, found->confusion.by_label[i].metadata, &len);
        buffer_clear(&text);
        rc = text_append_utf8(&text, metadata, len, error);
        if (rc == 0)
            rc = encode_label(&encoder, &found->confusion.by_label[i], &text, error);
    }
    if (rc == 0)
        rc = flush_rows(table, &encoder.buffer, error);
    buffer_release(&encoder.buffer);
    buffer_release(&text);
    return rc;
}

int compare_check_table(const char *path, struct lcap_error *error)
{
    struct buffer known = {0};
    if (table_format_of_name(path) && !table_name_is_packed_binary(path))
        return LCAP_OK;
    int rc = table_list_suffixes(&known, error);
    if (rc == 0)
        rc = lcap_error_set(error, LCAP_ERR_ARGUMENT,
                            "%s: the name of the table has to end in one of %.*s", path,
                            (int)known.len, (const char *)known.data);
    buffer_release(&known);
    return rc;
}

int compare_write_table(const struct compare_pass_result *found, const char *path,
                        const struct output_options *options, struct lcap_error *error)
{
    const struct lcap_column *wanted[COLUMNS];
    uint32_t cells[COLUMNS];
    for (uint32_t i = 0; i < COLUMNS; i++) {
        wanted[i] = &columns[i];
        cells[i] = i;
    }
    const struct table_schema schema = {
        .columns = wanted, .cells = cells, .count = COLUMNS, .format = table_format_of_name(path)};
    const struct table_options opening = {
        .overwrite = options->overwrite, .no_sync = options->no_sync, .name = "labels"};
    struct table *table = NULL;
    int rc = table_open(&table, path, &schema, &opening, error);
    if (rc < 0)
        return rc;
    rc = write_labels(found, &schema, table, error);
    if (rc == 0)
        return table_close(table, error);
    table_discard(table);
    return rc;
}
