/* Local headers, files, and the central directory behind them. */
#include "base/codec/zip_writer.h"

#include "base/bytes.h"
#include "base/codec/checksum.h"
#include "base/memory.h"
#include <assert.h>
#include <stdlib.h>

/* Lengths without names: APPNOTE 4.3.7, 4.3.12, 4.3.14 to 4.3.16. */
enum {
    LOCAL_LEN = 30,
    CENTRAL_LEN = 46,
    SIZES_LEN = 4 + 2 * 8, /* the extra field of ZIP64 with both sizes */
    PLACE_LEN = SIZES_LEN + 8,
    END64_LEN = 56,
    LOCATOR_LEN = 20,
    END_LEN = 22,
};

#define LOCAL_MARK   0x04034B50u
#define CENTRAL_MARK 0x02014B50u
#define END64_MARK   0x06064B50u
#define LOCATOR_MARK 0x07064B50u
#define END_MARK     0x06054B50u
#define IN_EXTRA     0xFFFFFFFFu /* the value is in the extra field */
#define VERSION      45          /* ZIP64 */
#define FIRST_DAY    0x0021      /* 1980-01-01, the first that there is: no dates in outputs */

struct zip_file {
    const char *name;
    uint64_t offset; /* of its local header */
    uint64_t size;
    uint32_t checksum;
};

struct zip_writer {
    struct output *out;
    struct zip_file files[ZIP_MOST_FILES];
    size_t count;
    size_t head_len; /* of the file being written */
};

int zip_writer_open(struct zip_writer **writer, const char *path,
                    const struct output_options *options, struct lcap_error *error)
{
    if (!output_can_patch(path))
        return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                              "%s: an archive can only be written to a file", path);
    struct zip_writer *made = memory_new(1, sizeof *made, error);
    if (!made)
        return LCAP_ERR_MEMORY;
    const int rc = output_open(&made->out, path, options, error);
    if (rc < 0)
        free(made);
    else
        *writer = made;
    return rc;
}

/* ---- records ---- */

/* Numbers of the format, one behind the other. */
struct record {
    uint8_t bytes[96];
    size_t len;
};

static void put16(struct record *record, uint16_t value)
{
    store16(record->bytes + record->len, value, false);
    record->len += sizeof value;
}

static void put32(struct record *record, uint32_t value)
{
    store32(record->bytes + record->len, value, false);
    record->len += sizeof value;
}

static void put64(struct record *record, uint64_t value)
{
    store64(record->bytes + record->len, value, false);
    record->len += sizeof value;
}

/* What a local header and one of the directory have in common. */
static void put_common(struct record *record, const struct zip_file *file, uint16_t extra_len)
{
    put16(record, VERSION);
    put16(record, 0); /* flags */
    put16(record, 0); /* stored */
    put16(record, 0); /* time */
    put16(record, FIRST_DAY);
    put32(record, file->checksum);
    put32(record, IN_EXTRA);
    put32(record, IN_EXTRA);
    put16(record, (uint16_t)strlen(file->name));
    put16(record, extra_len);
}

static void put_sizes(struct record *record, const struct zip_file *file, uint16_t len)
{
    put16(record, 1);
    put16(record, len - 4);
    put64(record, file->size);
    put64(record, file->size);
}

static void write_local(struct zip_writer *writer, const struct zip_file *file, bool again)
{
    struct record head = {.len = 0}, extra = {.len = 0};
    put32(&head, LOCAL_MARK);
    put_common(&head, file, SIZES_LEN);
    put_sizes(&extra, file, SIZES_LEN);
    const size_t name_len = strlen(file->name);
    if (again) {
        output_patch(writer->out, file->offset, head.bytes, head.len);
        output_patch(writer->out, file->offset + LOCAL_LEN + name_len, extra.bytes, extra.len);
        return;
    }
    output_write(writer->out, head.bytes, head.len);
    output_write(writer->out, file->name, name_len);
    output_write(writer->out, extra.bytes, extra.len);
}

static void write_central(struct zip_writer *writer, const struct zip_file *file)
{
    struct record head = {.len = 0}, extra = {.len = 0};
    put32(&head, CENTRAL_MARK);
    put16(&head, VERSION);
    put_common(&head, file, PLACE_LEN);
    put16(&head, 0); /* comment */
    put16(&head, 0); /* disk */
    put16(&head, 0);
    put32(&head, 0); /* attributes */
    put32(&head, IN_EXTRA);
    put_sizes(&extra, file, PLACE_LEN);
    put64(&extra, file->offset);
    output_write(writer->out, head.bytes, head.len);
    output_write(writer->out, file->name, strlen(file->name));
    output_write(writer->out, extra.bytes, extra.len);
}

static void write_ends(struct zip_writer *writer, uint64_t begin, uint64_t end)
{
    struct record record = {.len = 0};
    put32(&record, END64_MARK);
    put64(&record, END64_LEN - 12);
    put16(&record, VERSION);
    put16(&record, VERSION);
    put64(&record, 0); /* both disks */
    put64(&record, writer->count);
    put64(&record, writer->count);
    put64(&record, end - begin);
    put64(&record, begin);
    output_write(writer->out, record.bytes, record.len);
    record.len = 0;
    put32(&record, LOCATOR_MARK);
    put32(&record, 0);
    put64(&record, end);
    put32(&record, 1);
    put32(&record, END_MARK);
    put32(&record, 0); /* both disks */
    put16(&record, (uint16_t)writer->count);
    put16(&record, (uint16_t)writer->count);
    put32(&record, IN_EXTRA);
    put32(&record, IN_EXTRA);
    put16(&record, 0);
    output_write(writer->out, record.bytes, record.len);
}

/* ---- files ---- */

int zip_writer_begin(struct zip_writer *writer, const char *name, size_t head_len,
                     struct lcap_error *error)
{
    static const uint8_t zeros[256];
    assert(writer->count < ZIP_MOST_FILES && head_len <= sizeof zeros);
    struct zip_file *file = &writer->files[writer->count++];
    *file = (struct zip_file){.name = name, .offset = output_bytes(writer->out)};
    writer->head_len = head_len;
    write_local(writer, file, false);
    output_write(writer->out, zeros, head_len);
    return output_error(writer->out, error);
}

/* Until the end, size and checksum are those of what follows the head. */
int zip_writer_add(struct zip_writer *writer, const void *bytes, size_t len,
                   struct lcap_error *error)
{
    struct zip_file *file = &writer->files[writer->count - 1];
    file->checksum = checksum_add(file->checksum, bytes, len);
    file->size += len;
    output_write(writer->out, bytes, len);
    return output_error(writer->out, error);
}

int zip_writer_end(struct zip_writer *writer, const void *head, struct lcap_error *error)
{
    struct zip_file *file = &writer->files[writer->count - 1];
    const uint64_t at = file->offset + LOCAL_LEN + strlen(file->name) + SIZES_LEN;
    const uint32_t checksum = checksum_add(0, head, writer->head_len);
    file->checksum = checksum_join(checksum, file->checksum, file->size);
    file->size += writer->head_len;
    write_local(writer, file, true);
    output_patch(writer->out, at, head, writer->head_len);
    return output_error(writer->out, error);
}

int zip_writer_close(struct zip_writer *writer, struct lcap_error *error)
{
    const uint64_t begin = output_bytes(writer->out);
    for (size_t i = 0; i < writer->count; i++)
        write_central(writer, &writer->files[i]);
    write_ends(writer, begin, output_bytes(writer->out));
    const int rc = output_close(writer->out, error);
    free(writer);
    return rc;
}

void zip_writer_discard(struct zip_writer *writer)
{
    if (!writer)
        return;
    output_discard(writer->out);
    free(writer);
}
