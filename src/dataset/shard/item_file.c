/* Writes and reads items. */
#include "dataset/shard/item_file.h"

#include "base/bytes.h"
#include "base/io/input.h"

enum { HEAD_LEN = 5 };

/* ---- writing ---- */

int item_writer_open(struct item_writer *writer, const char *path, const char *magic,
                     const struct output_options *placing, struct lcap_error *error)
{
    const int rc = output_open(&writer->out, path, placing, error);
    if (rc == LCAP_OK)
        output_write(writer->out, magic, ITEM_MAGIC_LEN);
    return rc;
}

int item_writer_put(struct item_writer *writer, uint8_t kind, const void *bytes, size_t len,
                    struct lcap_error *error)
{
    uint8_t head[HEAD_LEN] = {kind};
    if (len > UINT32_MAX)
        return lcap_error_set(error, LCAP_ERR_MEMORY, "a row of %zu bytes is too long for a part",
                              len);
    store32(head + 1, (uint32_t)len, false);
    output_write(writer->out, head, sizeof head);
    output_write(writer->out, bytes, len);
    return output_error(writer->out, error);
}

int item_writer_close(struct item_writer *writer, struct lcap_error *error)
{
    const int rc = output_close(writer->out, error);
    writer->out = NULL;
    return rc;
}

void item_writer_discard(struct item_writer *writer)
{
    output_discard(writer->out);
    writer->out = NULL;
}

/* ---- reading ---- */

int item_reader_refuse(const struct item_reader *reader, struct lcap_error *error)
{
    lcap_error_set(error, LCAP_ERR_FORMAT, "%s: this is no part of such a run, or it is cut",
                   input_name(reader->in));
    return LCAP_ERR_FORMAT;
}

/* Looks at the next bytes, which must be there. */
static int look(struct item_reader *reader, size_t len, const uint8_t **bytes,
                struct lcap_error *error)
{
    const uint64_t size = input_file_size(reader->in), at = input_offset(reader->in);
    if (at > size || len > size - at)
        return item_reader_refuse(reader, error);
    const int64_t have = input_peek(reader->in, len, bytes, error);
    if (have < 0)
        return (int)have;
    return (uint64_t)have < len ? item_reader_refuse(reader, error) : LCAP_OK;
}

int item_reader_open(struct item_reader *reader, const char *path, const char *magic,
                     struct lcap_error *error)
{
    return item_reader_open_sparing(reader, path, magic, NULL, error);
}

int item_reader_open_sparing(struct item_reader *reader, const char *path, const char *magic,
                             const struct input_sparing *sparing, struct lcap_error *error)
{
    const uint8_t *bytes;
    *reader = (struct item_reader){.taken = ITEM_MAGIC_LEN};
    int rc = input_open(&reader->in, path, error);
    if (rc == LCAP_OK && sparing)
        input_be_sparing(reader->in, sparing);
    if (rc == LCAP_OK)
        rc = look(reader, ITEM_MAGIC_LEN, &bytes, error);
    if (rc == LCAP_OK && memcmp(bytes, magic, ITEM_MAGIC_LEN) != 0)
        rc = item_reader_refuse(reader, error);
    return rc;
}

int item_reader_next(struct item_reader *reader, struct item *item, struct lcap_error *error)
{
    const uint8_t *bytes;
    input_skip(reader->in, reader->taken);
    reader->taken = 0;
    int rc = look(reader, HEAD_LEN, &bytes, error);
    if (rc < 0)
        return rc;
    item->kind = bytes[0];
    item->len = load32(bytes + 1, false);
    rc = look(reader, HEAD_LEN + item->len, &bytes, error);
    if (rc < 0)
        return rc;
    item->bytes = bytes + HEAD_LEN;
    reader->taken = HEAD_LEN + item->len;
    return LCAP_OK;
}

void item_reader_close(struct item_reader *reader)
{
    input_free(reader->in);
    reader->in = NULL;
}
