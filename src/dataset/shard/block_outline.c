/* Writes and reads outlines: a byte with the kind of the block and flags, where it ends, and what
 * the kind needs. */
#include "dataset/shard/block_outline.h"

#include "base/memory.h"
#include "base/varint.h"
#include <stdlib.h>

/* Flags of the first byte. */
enum { BIG_ENDIAN_BLOCK = 0x10, HAS_TIME = 0x20, KIND = 0x0F };

/* More than a reader takes of one file, which has 16 MiB for their descriptions. */
enum { MOST_INTERFACES = 1 << 20 };

/* ---- writing ---- */

static int put_all(struct buffer *out, const uint64_t *numbers, size_t count,
                   struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (size_t i = 0; i < count && rc == LCAP_OK; i++)
        rc = varint_append(out, numbers[i], error);
    return rc;
}

#define PUT(OUT, ERROR, ...)                                                                       \
    put_all(OUT, (const uint64_t[]){__VA_ARGS__},                                                  \
            sizeof((const uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t), ERROR)

static int put_place(struct outline_writer *writer, const struct lcap_position *next,
                     struct lcap_error *error)
{
    const struct lcap_position *last = &writer->last;
    const int rc = PUT(&writer->item, error, varint_of_step(next->offset - last->offset),
                       varint_of_step(next->coded_offset - next->offset),
                       varint_of_step(next->section - last->section), next->interfaces);
    writer->last = *next;
    return rc;
}

static int put_interface(struct buffer *out, const struct lcap_interface *interface,
                         struct lcap_error *error)
{
    const int rc = PUT(out, error, interface->number, interface->linktype, interface->snaplen,
                       interface->tsresol, varint_of_step((uint64_t)interface->tsoffset),
                       interface->name ? (uint64_t)interface->name_len + 1 : 0);
    return rc == LCAP_OK && interface->name
               ? buffer_append(out, interface->name, interface->name_len, error)
               : rc;
}

static bool has_comment_in_options(const struct lcap_packet *packet)
{
    const char *options = (const char *)packet->options;
    return packet->comment && options && packet->comment >= options &&
           packet->comment + packet->comment_len <= options + packet->options_len;
}

static int put_packet(struct outline_writer *writer, const struct lcap_packet *packet,
                      struct lcap_error *error)
{
    struct buffer *out = &writer->item;
    const bool comment = has_comment_in_options(packet);
    const uint64_t at = comment ? (uint64_t)(packet->comment - (const char *)packet->options) : 0;
    int rc = PUT(out, error, packet->interface->number, packet->len, packet->caplen);
    if (rc == LCAP_OK && packet->has_time)
        rc = varint_append(
            out, varint_of_step((uint64_t)packet->time_ns - (uint64_t)writer->last_ns), error);
    if (packet->has_time)
        writer->last_ns = packet->time_ns;
    if (rc == LCAP_OK)
        rc = PUT(out, error, packet->options_len, comment ? at + 1 : 0, packet->comment_len);
    return rc == LCAP_OK && packet->options_len > 0
               ? buffer_append(out, packet->options, packet->options_len, error)
               : rc;
}

static int put_body(struct outline_writer *writer, const struct lcap_block *block,
                    struct lcap_error *error)
{
    if (block->kind == LCAP_BLOCK_PACKET)
        return put_packet(writer, &block->packet, error);
    return block->kind == LCAP_BLOCK_INTERFACE
               ? put_interface(&writer->item, block->interface, error)
               : LCAP_OK;
}

int outline_writer_block(struct outline_writer *writer, uint8_t kind,
                         const struct lcap_block *block, const struct lcap_position *next,
                         struct lcap_error *error)
{
    const bool timed = block->kind == LCAP_BLOCK_PACKET && block->packet.has_time;
    buffer_clear(&writer->item);
    int rc = PUT(&writer->item, error,
                 (uint64_t)block->kind | (block->big_endian ? BIG_ENDIAN_BLOCK : 0) |
                     (timed ? HAS_TIME : 0),
                 block->type);
    if (rc == LCAP_OK)
        rc = put_place(writer, next, error);
    if (rc == LCAP_OK)
        rc = put_body(writer, block, error);
    return rc == LCAP_OK
               ? item_writer_put(writer->file, kind, writer->item.data, writer->item.len, error)
               : rc;
}

void outline_writer_release(struct outline_writer *writer)
{
    buffer_release(&writer->item);
}

/* ---- reading ---- */

static bool take_all(struct cursor *in, uint64_t *const *numbers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!varint_take(in, numbers[i]))
            return false;
    return true;
}

#define TAKE(IN, ...)                                                                              \
    take_all(IN, (uint64_t *const[]){__VA_ARGS__},                                                 \
             sizeof((uint64_t *const[]){__VA_ARGS__}) / sizeof(uint64_t *))

static bool take_place(struct outline_reader *reader, struct cursor *in, struct lcap_position *next)
{
    uint64_t offset, coded, section, interfaces;
    if (!TAKE(in, &offset, &coded, &section, &interfaces))
        return false;
    struct lcap_position *last = &reader->last;
    last->size = sizeof *last;
    last->offset += varint_to_step(offset);
    last->coded_offset = last->offset + varint_to_step(coded);
    last->section += varint_to_step(section);
    last->interfaces = interfaces;
    *next = *last;
    return true;
}

static int make_room(struct outline_reader *reader, size_t number, struct lcap_error *error)
{
    int rc = memory_grow((void **)&reader->interfaces, &reader->capacity, number + 1,
                         sizeof *reader->interfaces, error);
    if (rc == LCAP_OK)
        rc = memory_grow((void **)&reader->names, &reader->name_capacity, number + 1,
                         sizeof *reader->names, error);
    for (; rc == LCAP_OK && reader->count <= number; reader->count++) {
        reader->interfaces[reader->count] = (struct lcap_interface){.fcs_len = -1};
        reader->names[reader->count] = NULL;
    }
    return rc;
}

static int keep_name(struct outline_reader *reader, struct lcap_interface *interface,
                     const uint8_t *name, size_t len, struct lcap_error *error)
{
    char *copy = memory_copy_text((const char *)name, len, error);
    if (!copy)
        return LCAP_ERR_MEMORY;
    free(reader->names[interface->number]);
    reader->names[interface->number] = copy;
    interface->name = copy;
    interface->name_len = len;
    return LCAP_OK;
}

static int take_interface(struct outline_reader *reader, struct cursor *in,
                          struct lcap_block *block, struct lcap_error *error)
{
    uint64_t number, linktype, snaplen, tsresol, tsoffset, name_len;
    if (!TAKE(in, &number, &linktype, &snaplen, &tsresol, &tsoffset, &name_len) ||
        number >= MOST_INTERFACES || (name_len > 0 && in->left != name_len - 1))
        return LCAP_ERR_FORMAT;
    int rc = make_room(reader, (size_t)number, error);
    if (rc < 0)
        return rc;
    struct lcap_interface *interface = &reader->interfaces[number];
    *interface = (struct lcap_interface){.number = (uint32_t)number,
                                         .linktype = (uint16_t)linktype,
                                         .snaplen = (uint32_t)snaplen,
                                         .tsresol = (uint8_t)tsresol,
                                         .tsoffset = (int64_t)varint_to_step(tsoffset),
                                         .fcs_len = -1,
                                         .big_endian = block->big_endian};
    block->interface = interface;
    return name_len > 0 ? keep_name(reader, interface, in->at, in->left, error) : LCAP_OK;
}

static bool take_options(struct cursor *in, struct lcap_packet *packet)
{
    uint64_t len, at, comment_len;
    if (!TAKE(in, &len, &at, &comment_len) || len != in->left)
        return false;
    if (len == 0)
        return at == 0;
    packet->options = in->at;
    packet->options_len = (uint32_t)len;
    if (at == 0)
        return true;
    packet->comment = (const char *)in->at + at - 1;
    packet->comment_len = (uint32_t)comment_len;
    return at - 1 <= len && comment_len <= len - (at - 1);
}

static bool take_packet(struct outline_reader *reader, struct cursor *in, bool timed,
                        struct lcap_packet *packet)
{
    uint64_t number, len, caplen, step;
    if (!TAKE(in, &number, &len, &caplen) || number >= reader->count ||
        (timed && !varint_take(in, &step)))
        return false;
    if (timed)
        reader->last_ns = (int64_t)((uint64_t)reader->last_ns + varint_to_step(step));
    packet->interface = &reader->interfaces[number];
    packet->len = (uint32_t)len;
    packet->caplen = (uint32_t)caplen;
    packet->has_time = timed;
    packet->time_ns = timed ? reader->last_ns : INT64_MIN;
    packet->drops = LCAP_NO_DROPS;
    return take_options(in, packet);
}

int outline_reader_block(struct outline_reader *reader, const struct item *item,
                         struct lcap_block *block, struct lcap_position *next,
                         struct lcap_error *error)
{
    struct cursor in = {.at = item->bytes, .left = item->len};
    uint64_t head, type;
    *block = (struct lcap_block){.kind = LCAP_BLOCK_OTHER};
    if (!TAKE(&in, &head, &type) || (head & KIND) > LCAP_BLOCK_OTHER ||
        !take_place(reader, &in, next))
        return LCAP_ERR_FORMAT;
    block->kind = (enum lcap_block_kind)(head & KIND);
    block->type = (uint32_t)type;
    block->big_endian = head & BIG_ENDIAN_BLOCK;
    if (block->kind == LCAP_BLOCK_INTERFACE)
        return take_interface(reader, &in, block, error);
    return block->kind != LCAP_BLOCK_PACKET ||
                   take_packet(reader, &in, head & HAS_TIME, &block->packet)
               ? LCAP_OK
               : LCAP_ERR_FORMAT;
}

void outline_reader_release(struct outline_reader *reader)
{
    for (size_t i = 0; i < reader->count; i++)
        free(reader->names[i]);
    free(reader->names);
    free(reader->interfaces);
}
