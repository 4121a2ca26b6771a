/* Takes from a capture what goes public. */
#include "dataset/publish/publish_cleaner.h"

#include "base/memory.h"
#include "capture/pcapng.h"
#include "capture/pcapng_options.h"
#include "capture/snaplen.h"
#include "dataset/labelling/source_comment.h"
#include <labelcap/label.h>
#include <stdlib.h>

void cleaner_init(struct cleaner *cleaner, const struct cleaner_options *options)
{
    *cleaner = (struct cleaner){.options = options, .parser = {.inner_tunnels = false}};
}

void cleaner_release(struct cleaner *cleaner)
{
    for (size_t i = 0; i < cleaner->interface_count; i++)
        free(cleaner->interfaces[i]);
    free(cleaner->interfaces);
    buffer_release(&cleaner->kept);
    header_parser_release(&cleaner->parser);
}

/* Whether it goes public; then it is noted. */
static bool keeps(struct cleaner *cleaner, enum publish_matter matter)
{
    if (matter == MATTER_NONE)
        return true;
    if (cleaner->options->remove & matter_bit(matter))
        return false;
    cleaner->found[matter]++;
    return true;
}

/* ---- options ---- */

static int keep_option(struct cleaner *cleaner, const struct pcapng_option *option, bool big,
                       struct lcap_error *error)
{
    uint8_t header[4];
    store16(header, option->code, big);
    store16(header + 2, option->len, big);
    int rc = buffer_append(&cleaner->kept, header, sizeof header, error);
    if (rc == LCAP_OK)
        rc = buffer_append(&cleaner->kept, option->value, pad4(option->len), error);
    return rc;
}

/* Passes over `ours` comments at the start: the label and, if it is kept, its source. */
static int keep_options(struct cleaner *cleaner, uint32_t block_type, struct cursor options,
                        size_t ours, struct lcap_error *error)
{
    struct pcapng_option option;
    const bool drop_source = ours == 2 && cleaner->options->remove_sources;
    size_t comments = 0;
    int rc = LCAP_OK;
    while (rc == LCAP_OK && pcapng_option_next(&options, &option) == 1) {
        const bool is_ours = option.code == OPT_COMMENT && comments++ < ours;
        const bool keep = is_ours ? !(drop_source && comments == 2)
                                  : keeps(cleaner, matter_of_option(block_type, option.code));
        if (keep)
            rc = keep_option(cleaner, &option, options.big, error);
    }
    return rc;
}

/* A block whose fixed part is followed by options. */
static int clean_body(struct cleaner *cleaner, struct lcap_block *clean, size_t fixed,
                      struct lcap_error *error)
{
    if (!clean->body || clean->body_len < fixed)
        return 1;
    const struct cursor options = {clean->body + fixed, clean->body_len - fixed, clean->big_endian};
    buffer_clear(&cleaner->kept);
    int rc = buffer_append(&cleaner->kept, clean->body, fixed, error);
    if (rc == LCAP_OK)
        rc = keep_options(cleaner, clean->type, options, 0, error);
    clean->body = cleaner->kept.data;
    clean->body_len = (uint32_t)cleaner->kept.len;
    return rc < 0 ? rc : 1;
}

/* ---- interfaces ---- */

static int copy_interface(struct cleaner *cleaner, const struct lcap_interface *from,
                          struct lcap_error *error)
{
    struct lcap_interface *copy = memory_new(1, sizeof *copy + cleaner->kept.len, error);
    if (!copy)
        return LCAP_ERR_MEMORY;
    *copy = *from;
    copy->name = NULL;
    copy->options = from->options ? (const uint8_t *)(copy + 1) : NULL;
    copy->options_len = cleaner->kept.len;
    if (copy->options_len > 0)
        memcpy(copy + 1, cleaner->kept.data, copy->options_len);
    cleaner->interfaces[from->number] = copy;
    return LCAP_OK;
}

static int add_interface(struct cleaner *cleaner, const struct lcap_interface *from,
                         struct lcap_error *error)
{
    const struct cursor options = {from->options, from->options_len, from->big_endian};
    const size_t needed = (size_t)from->number + 1;
    int rc = memory_grow((void **)&cleaner->interfaces, &cleaner->capacity, needed,
                         sizeof *cleaner->interfaces, error);
    if (rc < 0)
        return rc;
    while (cleaner->interface_count < needed)
        cleaner->interfaces[cleaner->interface_count++] = NULL;
    buffer_clear(&cleaner->kept);
    if (from->options)
        rc = keep_options(cleaner, PCAPNG_INTERFACE, options, 0, error);
    return rc == LCAP_OK ? copy_interface(cleaner, from, error) : rc;
}

static int clean_interface(struct cleaner *cleaner, const struct lcap_interface **interface,
                           struct lcap_error *error)
{
    const uint32_t number = (*interface)->number;
    const bool known = number < cleaner->interface_count && cleaner->interfaces[number];
    const int rc = known ? LCAP_OK : add_interface(cleaner, *interface, error);
    if (rc == LCAP_OK)
        *interface = cleaner->interfaces[number];
    return rc;
}

/* ---- packets ---- */

/* The bytes up to the end of the transport header, or of what is captured of it. */
static uint32_t length_of_known(const struct lcap_packet *packet,
                                const struct packet_headers *headers)
{
    if (headers->payload)
        return (uint32_t)(headers->payload - packet->data);
    const uint64_t end =
        (uint64_t)(headers->ip - packet->data) + headers->ip_header_len + headers->transport_len;
    return end < packet->caplen && !headers->unknown_lengths ? (uint32_t)end : packet->caplen;
}

/*
 * Whatever is no IP packet counts as payload: what is in it is unknown. But a packet may
 * have been cut within its headers, so short that there is hardly anything else.
 */
static uint32_t length_of_unknown(const struct lcap_packet *packet, enum lcap_skip skip)
{
    enum { SHORT = 64 };
    const bool in_headers =
        skip == LCAP_SKIP_LINK_HEADER || skip == LCAP_SKIP_IP_HEADER || skip == LCAP_SKIP_TRANSPORT;
    return in_headers && packet->caplen < packet->len && packet->caplen < SHORT ? packet->caplen
                                                                                : 0;
}

static void clean_bytes(struct cleaner *cleaner, struct lcap_packet *packet)
{
    struct packet_headers headers;
    const enum lcap_skip skip = packet_headers_parse(&cleaner->parser, packet, &headers);
    const bool known = skip == LCAP_SKIP_NONE;
    const uint32_t plain =
        known ? length_of_known(packet, &headers) : length_of_unknown(packet, skip);
    uint32_t kept = snaplen_cut(cleaner->options->snaplen, packet->caplen);
    if (cleaner->options->no_payload && kept > plain)
        kept = plain;
    packet->caplen = kept;
    cleaner->found[MATTER_PAYLOAD] += kept > plain;
    cleaner->found[MATTER_ADDRESSES] += known && kept > headers.ip - packet->data;
    cleaner->found[MATTER_MAC] += kept > 0 && matter_has_mac(packet);
}

/* How many of the first comments labelcap wrote. */
static size_t own_comments(const struct lcap_packet *packet)
{
    struct lcap_label label;
    const char *source;
    size_t len;
    if (!lcap_packet_label(packet, &label))
        return 0;
    return source_comment_find(packet, &source, &len) ? 2 : 1;
}

static bool has_more_than_a_label(const struct lcap_packet *packet)
{
    enum { OPTION_HEADER = 4 };
    return packet->options_len > 0 &&
           !(packet->comment && packet->options_len == OPTION_HEADER + pad4(packet->comment_len));
}

static int clean_packet(struct cleaner *cleaner, struct lcap_packet *packet,
                        struct lcap_error *error)
{
    int rc = clean_interface(cleaner, &packet->interface, error);
    clean_bytes(cleaner, packet);
    if (rc < 0 || !has_more_than_a_label(packet))
        return rc < 0 ? rc : 1;
    const struct cursor options = {packet->options, packet->options_len,
                                   packet->interface->big_endian};
    buffer_clear(&cleaner->kept);
    rc = keep_options(cleaner, PCAPNG_ENHANCED_PACKET, options, own_comments(packet), error);
    packet->options = cleaner->kept.data;
    packet->options_len = (uint32_t)cleaner->kept.len;
    return rc < 0 ? rc : 1;
}

int cleaner_take(struct cleaner *cleaner, const struct lcap_block *block, struct lcap_block *clean,
                 struct lcap_error *error)
{
    *clean = *block;
    switch (block->kind) {
    case LCAP_BLOCK_PACKET:
        return clean_packet(cleaner, &clean->packet, error);
    case LCAP_BLOCK_INTERFACE:
        return 0;
    case LCAP_BLOCK_SECTION:
        return clean_body(cleaner, clean, PCAPNG_SECTION_FIXED, error);
    case LCAP_BLOCK_STATISTICS:
        return clean_body(cleaner, clean, PCAPNG_STATISTICS_FIXED, error);
    default:
        return keeps(cleaner, matter_of_block(block));
    }
}
