/* Encodes the blocks of any reader as the bytes of one pcapng section. */
#include "capture/encoder.h"

#include "base/bytes.h"
#include "base/memory.h"
#include "base/rare.h"
#include "capture/interface_table.h"
#include "capture/linktype.h"
#include "capture/parts/block_copy.h"
#include "capture/pcapml_time.h"
#include "capture/pcapng.h"
#include "capture/pcapng_options.h"
#include "capture/snaplen.h"
#include "capture/time_digits.h"
#include "capture/translate.h"
#include <inttypes.h>
#include <stdlib.h>

enum { BLOCK_HEADER = 8, BLOCK_TRAILER = 4 };

struct encoder_state {
    struct interface_table interfaces;
    bool has_interface;
    uint16_t first_linktype;
    uint32_t processes;        /* process blocks so far */
    uint32_t processes_before; /* those before this section of the reader */
    bool needs_snaplen;        /* simple packets have been cut to it */
    struct buffer options;     /* of one packet, if they cannot be copied unchanged */
};

int encoder_init(struct encoder *e, const struct encoder_options *options, struct lcap_error *error)
{
    *e = (struct encoder){0};
    if (options)
        e->options = *options;
    e->state = memory_new(1, sizeof *e->state, error);
    if (!e->state)
        return LCAP_ERR_MEMORY;
    return interface_table_init(&e->state->interfaces, error);
}

void encoder_release(struct encoder *e)
{
    buffer_release(&e->head);
    if (e->state) {
        interface_table_release(&e->state->interfaces);
        buffer_release(&e->state->options);
        free(e->state);
    }
    *e = (struct encoder){0};
}

void encoder_continue(struct encoder *e)
{
    interface_table_source(&e->state->interfaces);
}

void encoder_source(struct encoder *e)
{
    e->state->processes_before = e->state->processes;
    encoder_continue(e);
}

/*
 * Begins a block of unknown length at the end of `out`; end_block() completes
 * it. No alignment: a body of pcapng is a multiple of 4 bytes long.
 */
static int begin_block(struct buffer *out, uint32_t type, bool big, struct lcap_error *error)
{
    uint8_t header[BLOCK_HEADER] = {0};
    store32(header, type, big);
    return buffer_append(out, header, sizeof header, error);
}

static int end_block(struct buffer *out, size_t start, bool big, struct lcap_error *error)
{
    uint32_t len = (uint32_t)(out->len - start) + BLOCK_TRAILER;
    uint8_t trailer[BLOCK_TRAILER];
    store32(trailer, len, big);
    store32(out->data + start + 4, len, big);
    return buffer_append(out, trailer, sizeof trailer, error);
}

/* Appends the body in the byte order of the section. Returns 1, or 0 if it is left out. */
static int append_body(struct encoder *e, const struct lcap_block *block, struct buffer *out,
                       struct lcap_error *error)
{
    const struct translation how = {
        .type = block->type, .from_big = block->big_endian, .to_big = e->big_endian};
    return translate_body(&how, block->body, block->body_len, out, &e->losses, error);
}

/* Version 1.0, unknown length: section 4.1. */
static void store_section(uint8_t fixed[PCAPNG_SECTION_FIXED], bool big)
{
    store32(fixed, PCAPNG_BYTE_ORDER, big);
    store16(fixed + 4, 1, big);
    store16(fixed + 6, 0, big);
    store64(fixed + 8, UINT64_MAX, big);
}

/* Writes the section header if there is none yet; `block` is that of the reader, or NULL. */
static int begin_section(struct encoder *e, bool big, const struct lcap_block *block,
                         struct lcap_error *error)
{
    static const uint8_t fixed[PCAPNG_SECTION_FIXED];
    if (e->head.len > 0)
        return LCAP_OK;
    e->big_endian = big;
    int rc = begin_block(&e->head, PCAPNG_SECTION_HEADER, big, error);
    if (rc == LCAP_OK && block)
        rc = append_body(e, block, &e->head, error);
    if (rc == 0) /* there is nothing valid to copy */
        rc = buffer_append(&e->head, fixed, sizeof fixed, error);
    if (rc < 0)
        return rc;
    store_section(e->head.data + BLOCK_HEADER, big);
    return end_block(&e->head, 0, big, error);
}

static bool section_has_options(const struct lcap_block *block)
{
    if (block->body_len < PCAPNG_SECTION_FIXED)
        return false;
    struct cursor c = {block->body + PCAPNG_SECTION_FIXED, block->body_len - PCAPNG_SECTION_FIXED,
                       block->big_endian};
    struct pcapng_option option;
    return pcapng_option_next(&c, &option) != 0;
}

/* Lifts the snap lengths of all interfaces; see encoder.h. */
static void lift_snaplens(struct encoder *e)
{
    if (e->state->needs_snaplen || e->options.part)
        return;
    e->snaplen = e->options.most_snaplen;
    e->snaplens_lifted = true;
    size_t at = 0;
    while ((at += load32(e->head.data + at + 4, e->big_endian)) < e->head.len)
        store32(e->head.data + at + PCAPNG_AT_SNAPLEN, e->snaplen, e->big_endian);
}

/* The snap length of an interface as it would be written for this one alone. */
static uint32_t snaplen_of(const struct encoder *e, const struct lcap_interface *interface)
{
    return snaplen_lower(e->options.unlimited_snaplen ? 0 : interface->snaplen,
                         e->options.most_snaplen);
}

static int add_interface(struct encoder *e, const struct lcap_interface *interface,
                         struct lcap_error *error)
{
    int rc = begin_section(e, interface->big_endian, NULL, error);
    if (rc < 0)
        return rc;
    const uint32_t snaplen = snaplen_of(e, interface);
    if (!e->state->has_interface)
        e->snaplen = snaplen;
    else if (e->snaplen != snaplen && !e->snaplens_lifted)
        lift_snaplens(e);
    if (!e->state->has_interface)
        e->state->first_linktype = interface->linktype;
    e->state->has_interface = true;
    const struct interface_style style = {.big_endian = e->big_endian,
                                          .snaplen = e->options.part ? snaplen : e->snaplen,
                                          .no_time_units = e->options.pcapml_times};
    const struct idmap *written = &e->state->interfaces.ids;
    const size_t before = written->count;
    rc = interface_table_add(&e->state->interfaces, interface, &style, &e->head, &e->losses, error);
    if (before > 0 && written->count > before && e->state->first_linktype == interface->linktype &&
        linktype_is_renumbered(interface->linktype))
        e->losses.refused_interfaces++;
    return rc;
}

int encoder_describe(struct encoder *e, const struct lcap_block *block, struct lcap_error *error)
{
    if (block->kind == LCAP_BLOCK_INTERFACE)
        return e->options.used_interfaces ? LCAP_OK : add_interface(e, block->interface, error);
    e->state->processes_before = e->state->processes;
    interface_table_section(&e->state->interfaces);
    if (e->head.len == 0)
        return begin_section(e, block->big_endian, block, error);
    if (section_has_options(block))
        e->losses.sections++;
    return LCAP_OK;
}

int encoder_finish(struct encoder *e, struct lcap_error *error)
{
    return begin_section(e, HOST_BIG_ENDIAN, NULL, error);
}

/* Finds what an interface has become; describes it first if it was not announced. */
static int find_target(struct encoder *e, const struct lcap_interface *interface,
                       const struct interface_target **target, struct lcap_error *error)
{
    const struct interface_table *table = &e->state->interfaces;
    *target = interface_table_find(table, interface->number);
    if (*target)
        return LCAP_OK;
    int rc = add_interface(e, interface, error);
    if (rc == LCAP_OK)
        *target = interface_table_find(table, interface->number);
    return rc;
}

static ALWAYS_INLINE int plan_time(const struct encoder *e, const struct plan_scratch *scratch,
                                   const struct lcap_packet *packet, struct packet_plan *plan,
                                   struct lcap_error *error)
{
    if (!packet->has_time) {
        plan->timestamp = e->options.part ? ENCODER_NO_TIME : 0;
        scratch->losses->no_time += !e->options.part;
        return LCAP_OK;
    }
    if (e->options.part && packet->timestamp == ENCODER_NO_TIME)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                              "a packet with the last of all timestamps, which a shard cannot "
                              "pass on");
    plan->timestamp = packet->timestamp;
    if (!e->options.pcapml_times)
        return LCAP_OK;
    int rc = pcapml_time_from_ns(packet->time_ns, &plan->timestamp, error);
    if (rc == LCAP_OK && (packet->interface->tsoffset_ns % 1000 != 0 ||
                          !time_digits_hold_time(packet->interface->tsresol, 6, packet->timestamp)))
        scratch->losses->cut_times++;
    return rc;
}

/* An obsolete Packet Block has its drop count in a field, which becomes an option. */
static uint32_t options_seen(const struct lcap_packet *packet)
{
    return packet->drops != LCAP_NO_DROPS ? 1u << OPT_EPB_DROPCOUNT : 0;
}

static uint8_t dropped_comments(const struct lcap_edit *edit)
{
    return edit && edit->drop_first_comment ? 1 + edit->drop_second_comment : 0;
}

/* What the packet keeps of its own options. */
static int plan_own_options(const struct encoder *e, const struct plan_scratch *scratch,
                            const struct lcap_packet *packet, const struct lcap_edit *edit,
                            struct packet_plan *plan, struct lcap_error *error)
{
    const struct translation how = {.type = PCAPNG_ENHANCED_PACKET,
                                    .from_big = packet->interface->big_endian,
                                    .to_big = e->big_endian,
                                    .drop_comments = dropped_comments(edit),
                                    .seen = options_seen(packet),
                                    .processes = e->state->processes_before};
    struct buffer *kept = scratch->options;
    plan->own = packet->options;
    plan->own_len = packet->options_len;
    if (translate_is_copy(&how, packet->options, packet->options_len))
        return LCAP_OK;
    buffer_clear(kept);
    int rc =
        translate_options(&how, packet->options, packet->options_len, kept, scratch->losses, error);
    plan->own = kept->data;
    plan->own_len = (uint32_t)kept->len;
    return rc;
}

static int check_comment(size_t len, struct lcap_error *error)
{
    return len <= UINT16_MAX
               ? LCAP_OK
               : lcap_error_set(error, LCAP_ERR_ARGUMENT,
                                "comment: expected at most 65535 bytes, found %zu", len);
}

static ALWAYS_INLINE int plan_comments(const struct lcap_edit *edit, struct packet_plan *plan,
                                       struct lcap_error *error)
{
    int rc = check_comment(edit->comment_len, error);
    if (rc == LCAP_OK && edit->second)
        rc = check_comment(edit->second_len, error);
    if (rc < 0)
        return rc;
    plan->edit = edit;
    plan->options_len = (uint32_t)pcapng_option_size(edit->comment_len);
    if (edit->second)
        plan->options_len += (uint32_t)pcapng_option_size(edit->second_len);
    return LCAP_OK;
}

/* New comments, the packet's own options, its drop count, and their end. */
static ALWAYS_INLINE int plan_options(const struct encoder *e, const struct plan_scratch *scratch,
                                      const struct lcap_packet *packet,
                                      const struct lcap_edit *edit, struct packet_plan *plan,
                                      struct lcap_error *error)
{
    int rc = LCAP_OK;
    if (edit && edit->comment)
        rc = plan_comments(edit, plan, error);
    if (rc == LCAP_OK && packet->options_len > 0)
        rc = plan_own_options(e, scratch, packet, edit, plan, error);
    plan->options_len += plan->own_len;
    if (packet->drops != LCAP_NO_DROPS)
        plan->options_len += (uint32_t)pcapng_option_size(sizeof packet->drops);
    if (plan->options_len > 0)
        plan->options_len += PCAPNG_OPTIONS_END;
    return rc;
}

/* A Simple Packet Block belongs to interface 0 and holds min(len, snap length) bytes. */
static bool can_stay_simple(const struct encoder *e, const struct lcap_packet *packet,
                            const struct lcap_edit *edit, const struct interface_target *target)
{
    return !packet->has_time && !(edit && edit->comment) && packet->options_len == 0 &&
           target->id == 0 && packet->interface->snaplen == e->snaplen &&
           packet->caplen == snaplen_cut(e->snaplen, packet->len);
}

static int check_size(uint64_t size, struct lcap_error *error)
{
    return size <= PCAPNG_MAX_BLOCK
               ? LCAP_OK
               : lcap_error_set(error, LCAP_ERR_ARGUMENT,
                                "packet block: expected at most %u bytes, found %" PRIu64,
                                PCAPNG_MAX_BLOCK, size);
}

static struct packet_plan begin_plan(const struct encoder *e, const struct lcap_packet *packet,
                                     const struct interface_target *target)
{
    return (struct packet_plan){
        .interface_id = target->id,
        .swaps_header = target->swaps_header,
        .caplen = snaplen_cut(e->options.most_snaplen, packet->caplen),
    };
}

static ALWAYS_INLINE int finish_plan(const struct encoder *e, const struct plan_scratch *scratch,
                                     const struct lcap_packet *packet, const struct lcap_edit *edit,
                                     struct packet_plan *plan, struct lcap_error *error)
{
    int rc = LCAP_OK;
    uint64_t size = PCAPNG_BLOCK_OVERHEAD + (uint64_t)pad4(plan->caplen);
    if (plan->simple) {
        size += PCAPNG_SIMPLE_FIXED;
    } else {
        rc = plan_time(e, scratch, packet, plan, error);
        if (rc == LCAP_OK)
            rc = plan_options(e, scratch, packet, edit, plan, error);
        size += PCAPNG_ENHANCED_FIXED + plan->options_len;
    }
    plan->size = (uint32_t)size;
    return rc == LCAP_OK ? check_size(size, error) : rc;
}

int encoder_plan_packet(struct encoder *e, const struct lcap_packet *packet,
                        const struct lcap_edit *edit, struct packet_plan *plan,
                        struct lcap_error *error)
{
    const struct plan_scratch scratch = {&e->state->options, &e->losses};
    const struct interface_target *target;
    int rc = find_target(e, packet->interface, &target, error);
    if (rc < 0)
        return rc;
    *plan = begin_plan(e, packet, target);
    if (snaplen_cut(e->snaplen, plan->caplen) < plan->caplen)
        lift_snaplens(e);
    plan->simple = can_stay_simple(e, packet, edit, target);
    e->state->needs_snaplen |= plan->simple && plan->caplen < packet->len;
    return finish_plan(e, &scratch, packet, edit, plan, error);
}

bool encoder_plans_alone(const struct encoder *e, const struct lcap_packet *packet)
{
    const uint32_t caplen = snaplen_cut(e->options.most_snaplen, packet->caplen);
    return packet->has_time && snaplen_cut(e->snaplen, caplen) == caplen &&
           interface_table_find(&e->state->interfaces, packet->interface->number);
}

int encoder_append_alone(const struct encoder *e, const struct plan_scratch *scratch,
                         const struct lcap_packet *packet, const struct lcap_edit *edit,
                         struct buffer *blocks, struct lcap_error *error)
{
    struct packet_plan plan = begin_plan(
        e, packet, interface_table_find(&e->state->interfaces, packet->interface->number));
    int rc = finish_plan(e, scratch, packet, edit, &plan, error);
    if (rc == LCAP_OK)
        rc = buffer_reserve(blocks, plan.size, error);
    if (rc < 0)
        return rc;
    encoder_put_packet(e, packet, &plan, blocks->data + blocks->len);
    blocks->len += plan.size;
    return LCAP_OK;
}

uint32_t encoder_size_of(const struct encoder *e, const uint8_t *block)
{
    return load32(block + sizeof(uint32_t), e->big_endian);
}

/* Whether packets of the interface that are so long stay as they are, but for their options. */
static bool keeps_packets(const struct encoder *e, const struct lcap_interface *interface,
                          bool big_endian, uint32_t caplen, uint32_t *id)
{
    const struct interface_target *target =
        interface_table_find(&e->state->interfaces, interface->number);
    if (!target || target->swaps_header || big_endian != e->big_endian || e->options.pcapml_times)
        return false;
    *id = target->id;
    return snaplen_cut(e->options.most_snaplen, caplen) == caplen &&
           snaplen_cut(e->snaplen, caplen) == caplen;
}

bool encoder_copies(const struct encoder *e, const struct lcap_block *block, uint32_t *id)
{
    const struct lcap_packet *packet = &block->packet;
    const struct translation how = {.type = PCAPNG_ENHANCED_PACKET,
                                    .from_big = block->big_endian,
                                    .to_big = e->big_endian,
                                    .processes = e->state->processes_before};
    return block->body && block->type == PCAPNG_ENHANCED_PACKET &&
           keeps_packets(e, packet->interface, block->big_endian, packet->caplen, id) &&
           block_is_as_written(block) &&
           translate_is_copy(&how, packet->options, packet->options_len);
}

bool encoder_copies_part(const struct encoder *e, const struct part_packet *packet,
                         const struct lcap_interface *interface, uint32_t *id)
{
    return e->state->processes_before == 0 &&
           keeps_packets(e, interface, packet->big_endian, packet->caplen, id);
}

/* Sets the interface number of the statistics block whose body was just appended. */
static int patch_statistics(struct encoder *e, const struct lcap_interface *interface, uint32_t id,
                            struct buffer *out, size_t body, struct lcap_error *error)
{
    store32(out->data + body, id, e->big_endian);
    if (!e->options.pcapml_times)
        return LCAP_OK;
    return pcapml_time_rewrite_statistics(out->data + body, out->len - body, e->big_endian,
                                          interface, error);
}

static int append_statistics(struct encoder *e, const struct lcap_block *block, struct buffer *out,
                             struct lcap_error *error)
{
    const struct interface_target *target;
    if (!block->interface || block->body_len < PCAPNG_STATISTICS_FIXED)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                              "interface statistics without an interface");
    int rc = find_target(e, block->interface, &target, error);
    if (rc < 0)
        return rc;
    size_t body = out->len;
    rc = append_body(e, block, out, error);
    if (rc == 1 && patch_statistics(e, block->interface, target->id, out, body, error) < 0)
        rc = LCAP_ERR_ARGUMENT;
    return rc;
}

static bool is_of_unused_interface(const struct encoder *e, const struct lcap_block *block)
{
    return e->options.used_interfaces && block->kind == LCAP_BLOCK_STATISTICS && block->interface &&
           !interface_table_find(&e->state->interfaces, block->interface->number);
}

int encoder_append_block(struct encoder *e, const struct lcap_block *block, struct buffer *out,
                         struct lcap_error *error)
{
    if (block->type == PCAPNG_CUSTOM_NOCOPY) {
        e->losses.blocks_nocopy++;
        return LCAP_OK;
    }
    if (is_of_unused_interface(e, block))
        return LCAP_OK;
    int rc = begin_section(e, block->big_endian, NULL, error);
    if (rc < 0)
        return rc;
    size_t start = out->len;
    rc = begin_block(out, block->type, e->big_endian, error);
    if (rc == LCAP_OK)
        rc = block->kind == LCAP_BLOCK_STATISTICS ? append_statistics(e, block, out, error)
                                                  : append_body(e, block, out, error);
    if (rc == 1) {
        e->state->processes += block->type == PCAPNG_PROCESS;
        return end_block(out, start, e->big_endian, error);
    }
    out->len = start;
    return rc;
}
