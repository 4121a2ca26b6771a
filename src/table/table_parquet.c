/*
 * Parquet (https://parquet.apache.org/docs/file-format/), by a writer of our own. Rows
 * are gathered by column until a row group is full; its pages are then written, and
 * only their metadata waits for the end of the file.
 */
#include "base/bytes.h"
#include "base/memory.h"
#include "table/parquet/parquet_footer.h"
#include "table/parquet/parquet_packer.h"
#include "table/table_cells.h"
#include "table/table_internal.h"
#include <stdlib.h>

/* The memory for the cells of a row group: 100 columns of 40,000 rows. */
#define GROUP_BYTES (32 << 20)

static const char magic[4] = {'P', 'A', 'R', '1'};

struct parquet_table {
    struct table base;
    struct output *out;
    struct parquet_packer *packer;
    struct parquet_column *columns;
    size_t column_count;
    char *name, *profile; /* profile: may be NULL */
    struct cells_feed feed;
    const uint8_t *batch[PARQUET_BATCH]; /* the cells of rows that are not gathered yet */
    size_t batch_rows;
    bool is_first;     /* of an append: the row may be in memory that the feed uses again */
    size_t group_rows; /* gathered so far */
    uint64_t rows;     /* written */
    struct buffer groups;
    size_t group_count;
};

static void release(struct parquet_table *t)
{
    for (size_t i = 0; i < t->column_count; i++)
        parquet_column_release(&t->columns[i]);
    parquet_packer_free(t->packer);
    output_discard(t->out);
    cells_feed_release(&t->feed);
    buffer_release(&t->groups);
    free(t->columns);
    free(t->profile);
    free(t->name);
    free(t);
}

static int copy_names(struct parquet_table *t, const struct table_options *options,
                      struct lcap_error *error)
{
    const char *name = options->name ? options->name : TABLE_DEFAULT_NAME;
    const char *profile = options->profile;
    t->name = memory_copy_text(name, strlen(name), error);
    if (profile)
        t->profile = memory_copy_text(profile, strlen(profile), error);
    return t->name && (t->profile || !profile) ? LCAP_OK : LCAP_ERR_MEMORY;
}

static int make_columns(struct parquet_table *t, const struct table_schema *schema,
                        struct lcap_error *error)
{
    t->columns = memory_new(schema->count, sizeof *t->columns, error);
    if (!t->columns)
        return LCAP_ERR_MEMORY;
    t->column_count = schema->count;
    int rc = LCAP_OK;
    for (size_t i = 0; i < schema->count && rc == LCAP_OK; i++)
        rc = parquet_column_init(&t->columns[i], schema->columns[i], GROUP_BYTES / schema->count,
                                 error);
    return rc;
}

static int open_file(struct parquet_table *t, const char *path, const struct table_options *options,
                     struct lcap_error *error)
{
    const struct output_options output = {.overwrite = options->overwrite,
                                          .no_sync = options->no_sync};
    int rc = output_open(&t->out, path, &output, error);
    if (rc == LCAP_OK)
        rc = parquet_packer_new(&t->packer, t->out, options->threads, error);
    if (rc == LCAP_OK)
        output_write(t->out, magic, sizeof magic);
    return rc;
}

static int open_parquet(struct table **table, const char *path, const struct table_schema *schema,
                        const struct table_options *options, struct lcap_error *error)
{
    struct parquet_table *t = memory_new(1, sizeof *t, error);
    if (!t)
        return LCAP_ERR_MEMORY;
    int rc = copy_names(t, options, error);
    if (rc == LCAP_OK)
        rc = make_columns(t, schema, error);
    if (rc == LCAP_OK)
        rc = open_file(t, path, options, error);
    if (rc < 0)
        release(t);
    else
        *table = &t->base;
    return rc;
}

/* ---- row groups ---- */

static int write_group(struct parquet_table *t, struct lcap_error *error)
{
    struct thrift group = {.error = error};
    uint64_t unpacked = 0;
    thrift_list(&group, 1, THRIFT_STRUCT, t->column_count);
    parquet_packer_write(t->packer, t->columns, t->column_count, &group, &unpacked);
    thrift_i64(&group, 2, (int64_t)unpacked);
    thrift_i64(&group, 3, (int64_t)t->group_rows);
    thrift_end(&group);
    int rc = group.rc;
    if (rc == LCAP_OK)
        rc = buffer_append(&t->groups, group.bytes.data, group.bytes.len, error);
    buffer_release(&group.bytes);
    t->rows += t->group_rows;
    t->group_rows = 0;
    t->group_count++;
    return rc;
}

static size_t gathered_bytes(const struct parquet_table *t)
{
    size_t bytes = 0;
    for (size_t i = 0; i < t->column_count; i++)
        bytes += parquet_column_bytes(&t->columns[i]);
    return bytes;
}

/* A group ends only after a multiple of PARQUET_BATCH rows, wherever the encoded rows were cut. */
static int gather(struct parquet_table *t, struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (size_t i = 0; i < t->column_count && rc == LCAP_OK; i++)
        rc = parquet_column_gather(&t->columns[i], t->batch, t->batch_rows, error);
    t->group_rows += t->batch_rows;
    t->batch_rows = 0;
    if (rc < 0 || t->group_rows % PARQUET_BATCH != 0)
        return rc;
    return gathered_bytes(t) >= GROUP_BYTES ? write_group(t, error) : LCAP_OK;
}

static int add_row(void *context, const uint8_t *cells, struct lcap_error *error)
{
    struct parquet_table *t = context;
    t->batch[t->batch_rows++] = cells;
    const bool is_full = (t->group_rows + t->batch_rows) % PARQUET_BATCH == 0;
    const int rc = is_full || t->is_first ? gather(t, error) : LCAP_OK;
    t->is_first = false;
    return rc;
}

static int append(struct table *table, const uint8_t *encoded, size_t len, struct lcap_error *error)
{
    struct parquet_table *t = (struct parquet_table *)table;
    t->is_first = true;
    const int rc = cells_feed(&t->feed, encoded, len, add_row, t, error);
    return rc == LCAP_OK && t->batch_rows > 0 ? gather(t, error) : rc;
}

/* ---- the end ---- */

/* The metadata, the number of its bytes, and the magic again. */
static int write_footer(struct parquet_table *t, struct lcap_error *error)
{
    const struct parquet_footer footer = {
        .columns = t->columns,
        .column_count = t->column_count,
        .name = t->name,
        .profile = t->profile,
        .rows = t->rows,
        .groups = &t->groups,
        .group_count = t->group_count,
    };
    struct thrift written = {.error = error};
    uint8_t len[sizeof(uint32_t)];
    parquet_footer_write(&written, &footer);
    store32(len, (uint32_t)written.bytes.len, false);
    if (written.rc == LCAP_OK) {
        output_write(t->out, written.bytes.data, written.bytes.len);
        output_write(t->out, len, sizeof len);
        output_write(t->out, magic, sizeof magic);
    }
    buffer_release(&written.bytes);
    return written.rc;
}

static int close_parquet(struct table *table, struct lcap_error *error)
{
    struct parquet_table *t = (struct parquet_table *)table;
    int rc = t->group_rows > 0 ? write_group(t, error) : LCAP_OK;
    if (rc == LCAP_OK)
        rc = write_footer(t, error);
    if (rc == LCAP_OK) {
        rc = output_close(t->out, error);
        t->out = NULL;
    }
    release(t);
    return rc;
}

static void discard(struct table *table)
{
    release((struct parquet_table *)table);
}

const struct table_class table_parquet = {
    .name = "parquet",
    .suffixes = {".parquet"},
    .by_suffix = true,
    .encode = cells_encode_typed,
    .open = open_parquet,
    .append = append,
    .check = cells_check,
    .close = close_parquet,
    .discard = discard,
};
