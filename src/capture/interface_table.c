/* Interface description blocks: built, merged if they are equal, renumbered. */
#include "capture/interface_table.h"

#include "base/bytes.h"
#include "base/memory.h"
#include "capture/linktype.h"
#include "capture/pcapng.h"
#include "capture/pcapng_options.h"
#include "capture/translate.h"
#include <stdlib.h>

int interface_table_init(struct interface_table *table, struct lcap_error *error)
{
    *table = (struct interface_table){0};
    return intern_new(&table->descriptions, error);
}

void interface_table_release(struct interface_table *table)
{
    intern_free(table->descriptions);
    idmap_release(&table->ids);
    free(table->meetings);
    free(table->targets);
    buffer_release(&table->block);
    *table = (struct interface_table){0};
}

static int append16(struct buffer *out, uint16_t value, bool big, struct lcap_error *error)
{
    uint8_t bytes[2];
    store16(bytes, value, big);
    return buffer_append(out, bytes, sizeof bytes, error);
}

static int append32(struct buffer *out, uint32_t value, bool big, struct lcap_error *error)
{
    uint8_t bytes[4];
    store32(bytes, value, big);
    return buffer_append(out, bytes, sizeof bytes, error);
}

static int append_option(struct buffer *out, uint16_t code, const void *value, size_t len, bool big,
                         struct lcap_error *error)
{
    static const uint8_t padding[3];
    int rc = append16(out, code, big, error);
    if (rc == LCAP_OK)
        rc = append16(out, (uint16_t)len, big, error);
    if (rc == LCAP_OK)
        rc = buffer_append(out, value, len, error);
    if (rc == LCAP_OK)
        rc = buffer_append(out, padding, pad4(len) - len, error);
    return rc;
}

/*
 * if_fcslen is meant in bits, but Wireshark reads it as bytes, so 4 is written for
 * Ethernet; the reader takes values of 8 and more as bits.
 */
static uint8_t fcs_option(int bytes)
{
    return (uint8_t)(bytes < 8 ? bytes : bytes * 8);
}

/* Options for an interface without any, from its other fields. */
static int make_options(const struct lcap_interface *interface, const struct interface_style *style,
                        struct buffer *out, struct lcap_error *error)
{
    bool big = style->big_endian;
    int rc = LCAP_OK;
    if (interface->name)
        rc = append_option(out, OPT_IF_NAME, interface->name, interface->name_len, big, error);
    if (rc == LCAP_OK && !style->no_time_units && interface->tsresol != TSRESOL_MICROSECONDS)
        rc = append_option(out, OPT_IF_TSRESOL, &interface->tsresol, 1, big, error);
    if (rc == LCAP_OK && interface->fcs_len >= 0) {
        uint8_t fcs_len = fcs_option(interface->fcs_len);
        rc = append_option(out, OPT_IF_FCSLEN, &fcs_len, 1, big, error);
    }
    if (rc == LCAP_OK && !style->no_time_units && interface->tsoffset != 0) {
        uint8_t offset[8];
        store64(offset, (uint64_t)interface->tsoffset, big);
        rc = append_option(out, OPT_IF_TSOFFSET, offset, sizeof offset, big, error);
    }
    if (rc == LCAP_OK && !style->no_time_units && interface->tsoffset_ns != 0) {
        uint8_t offset[4];
        store32(offset, (uint32_t)interface->tsoffset_ns, big);
        rc = append_option(out, OPT_IF_TSOFFSET_NS, offset, sizeof offset, big, error);
    }
    return rc;
}

static bool has_unit(const uint8_t *options, size_t len, bool big)
{
    struct cursor c = {options, len, big};
    struct pcapng_option option;
    while (pcapng_option_next(&c, &option) == 1)
        if (option.code == OPT_IF_TSRESOL)
            return true;
    return false;
}

/* The options of the interface. Its times may be in another unit than they said. */
static int copy_options(const struct lcap_interface *interface, const struct interface_style *style,
                        struct buffer *out, struct lcap_losses *losses, struct lcap_error *error)
{
    const struct translation how = {.type = PCAPNG_INTERFACE,
                                    .from_big = interface->big_endian,
                                    .to_big = style->big_endian,
                                    .drop_time_units = style->no_time_units};
    const size_t before = out->len;
    const int rc =
        translate_options(&how, interface->options, interface->options_len, out, losses, error);
    if (rc < 0 || style->no_time_units || interface->tsresol == TSRESOL_MICROSECONDS ||
        has_unit(out->data + before, out->len - before, style->big_endian))
        return rc;
    return append_option(out, OPT_IF_TSRESOL, &interface->tsresol, 1, style->big_endian, error);
}

static int append_options(const struct lcap_interface *interface,
                          const struct interface_style *style, struct buffer *out,
                          struct lcap_losses *losses, struct lcap_error *error)
{
    size_t before = out->len;
    int rc = interface->options ? copy_options(interface, style, out, losses, error)
                                : make_options(interface, style, out, error);
    if (rc == LCAP_OK && out->len > before)
        rc = append32(out, OPT_END, false, error);
    return rc;
}

/* A block whose snap length is still 0. */
static int make_block(const struct lcap_interface *interface, const struct interface_style *style,
                      struct buffer *out, struct lcap_losses *losses, struct lcap_error *error)
{
    enum { FIXED = 8 + PCAPNG_INTERFACE_FIXED }; /* type, length, fixed part */
    uint8_t fixed[FIXED] = {0};
    bool big = style->big_endian;
    store32(fixed, PCAPNG_INTERFACE, big);
    store16(fixed + 8, interface->linktype, big);
    buffer_clear(out);
    int rc = buffer_append(out, fixed, sizeof fixed, error);
    if (rc == LCAP_OK)
        rc = append_options(interface, style, out, losses, error);
    if (rc < 0)
        return rc;
    uint32_t len = (uint32_t)out->len + 4;
    store32(out->data + 4, len, big);
    return append32(out, len, big, error);
}

static int set_target(struct interface_table *table, uint32_t number,
                      const struct interface_target *target, struct lcap_error *error)
{
    void *targets = table->targets;
    int rc = memory_grow(&targets, &table->target_capacity, (size_t)number + 1,
                         sizeof *table->targets, error);
    table->targets = targets;
    if (rc < 0)
        return rc;
    while (table->target_count <= number)
        table->targets[table->target_count++] = (struct interface_target){0};
    table->targets[number] = *target;
    return LCAP_OK;
}

/* How many equal descriptions precede this one in its section; counts it. */
static int count_meeting(struct interface_table *table, uint32_t description, uint32_t *before,
                         struct lcap_error *error)
{
    void *meetings = table->meetings;
    int rc = memory_grow(&meetings, &table->meeting_capacity, (size_t)description + 1,
                         sizeof *table->meetings, error);
    table->meetings = meetings;
    if (rc < 0)
        return rc;
    while (table->meeting_count <= description)
        table->meetings[table->meeting_count++] = (struct interface_meetings){0};
    struct interface_meetings *met = &table->meetings[description];
    if (met->section != table->section)
        *met = (struct interface_meetings){.section = table->section};
    *before = met->count++;
    return LCAP_OK;
}

/* The id of the block under construction: that of an equal one, or a new one. */
static int find_id(struct interface_table *table, uint32_t *id, struct lcap_error *error)
{
    uint32_t description, before = 0;
    int rc =
        intern_add(table->descriptions, table->block.data, table->block.len, &description, error);
    if (rc == LCAP_OK)
        rc = count_meeting(table, description, &before, error);
    if (rc < 0)
        return rc;
    return idmap_add(&table->ids, (uint64_t)description << 32 | before, id, error);
}

int interface_table_add(struct interface_table *table, const struct lcap_interface *interface,
                        const struct interface_style *style, struct buffer *head,
                        struct lcap_losses *losses, struct lcap_error *error)
{
    struct buffer *block = &table->block;
    struct interface_target target = {
        .known = true,
        .swaps_header = style->big_endian != HOST_BIG_ENDIAN &&
                        linktype_has_host_order_header(interface->linktype),
    };
    const size_t known = table->ids.count;
    int rc = make_block(interface, style, block, losses, error);
    if (rc == LCAP_OK)
        rc = find_id(table, &target.id, error);
    if (rc == LCAP_OK && target.id == known) {
        store32(block->data + PCAPNG_AT_SNAPLEN, style->snaplen, style->big_endian);
        rc = buffer_append(head, block->data, block->len, error);
    }
    if (rc == LCAP_OK)
        rc = set_target(table, interface->number, &target, error);
    return rc;
}
