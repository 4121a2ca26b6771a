/* Writes pcap: the file header, once the first packet determines it, then records. */
#include "capture/pcap_writer.h"

#include "base/bytes.h"
#include "base/text/text.h"
#include "capture/linktype.h"
#include "capture/pcapng_options.h"
#include "capture/snaplen.h"
#include "capture/time_digits.h"
#include <stdio.h>

enum { FILE_HEADER = 24, AT_SNAPLEN = 16, RECORD_HEADER = 16 };
enum { NANOSECOND_DIGITS = 9 };

#define NS_PER_MICROSECOND 1000

#define MAGIC_MICROSECONDS 0xA1B2C3D4u
#define MAGIC_NANOSECONDS  0xA1B23C4Du

/* For a file without any interface: what tcpdump writes by default. */
#define DEFAULT_SNAPLEN 262144

/* Section 4: a flag, and the length of the frame check sequence in 16-bit words. */
#define FCS_PRESENT   0x04000000u
#define FCS_MAX_BYTES 30

static uint32_t network_field(const struct pcap_writer *w)
{
    uint32_t network = w->linktype;
    if (w->fcs_len >= 0 && w->fcs_len <= FCS_MAX_BYTES && w->fcs_len % 2 == 0)
        network |= FCS_PRESENT | (uint32_t)w->fcs_len / 2 << 28;
    return network;
}

/* The header describes the first interface, with a snap length for all. */
static void gather_interface(struct pcap_writer *w, const struct lcap_interface *interface)
{
    if (!w->has_interface) {
        w->has_interface = true;
        w->big_endian = interface->big_endian;
        w->linktype = interface->linktype;
        w->fcs_len = interface->fcs_len;
        w->snaplen = interface->snaplen;
    }
    if (interface->snaplen == 0 || (w->snaplen != 0 && interface->snaplen > w->snaplen))
        w->snaplen = interface->snaplen;
    if (w->times == LCAP_PCAP_TIMES_AS_INTERFACES && time_digits_below_microsecond(interface))
        w->nanoseconds = true;
}

static int write_header(struct pcap_writer *w, struct lcap_error *error)
{
    uint8_t header[FILE_HEADER] = {0};
    bool big = w->big_endian;
    w->header_written = true;
    if (w->times == LCAP_PCAP_TIMES_NANOSECONDS)
        w->nanoseconds = true;
    store32(header, w->nanoseconds ? MAGIC_NANOSECONDS : MAGIC_MICROSECONDS, big);
    store16(header + 4, 2, big); /* version 2.4 */
    store16(header + 6, 4, big);
    w->snaplen = snaplen_lower(w->unlimited_snaplen ? 0 : w->snaplen, w->most_snaplen);
    store32(header + AT_SNAPLEN, w->snaplen, big);
    store32(header + 20, network_field(w), big);
    output_write(w->out, header, sizeof header);
    return output_error(w->out, error);
}

int pcap_writer_finish(struct pcap_writer *w, struct lcap_error *error)
{
    if (w->header_written)
        return LCAP_OK;
    if (!w->has_interface) {
        w->big_endian = HOST_BIG_ENDIAN;
        w->linktype = LINKTYPE_ETHERNET;
        w->fcs_len = -1;
        w->snaplen = DEFAULT_SNAPLEN;
    }
    return write_header(w, error);
}

/* The interface of the first packet decides the link type. */
static int begin_with(struct pcap_writer *w, const struct lcap_interface *interface,
                      struct lcap_error *error)
{
    gather_interface(w, interface);
    w->linktype = interface->linktype;
    w->fcs_len = interface->fcs_len;
    w->swaps_header =
        w->big_endian != HOST_BIG_ENDIAN && linktype_has_host_order_header(w->linktype);
    return write_header(w, error);
}

static int wrong_linktype(const struct pcap_writer *w, uint16_t linktype, struct lcap_error *error)
{
    char first[64];
    snprintf(first, sizeof first, "%s", lcap_linktype_name(w->linktype));
    return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                          "pcap can hold only one link type: found %s after %s (write pcapng "
                          "instead, or split by link type)",
                          lcap_linktype_name(linktype), first);
}

static int too_fine(const struct lcap_packet *packet, struct lcap_error *error)
{
    char text[TIME_TEXT];
    text_from_time(packet->time_ns, text);
    return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                          "packet of %s needs nanoseconds, but this pcap file has microseconds "
                          "(write pcapng instead)",
                          text);
}

/* The nearest time that a record can hold: its seconds are unsigned 32-bit numbers. */
static int64_t hold_time(struct pcap_writer *w, int64_t time_ns)
{
    if (time_ns >= 0 && time_ns / NS_PER_SECOND <= UINT32_MAX)
        return time_ns;
    w->losses.held_times++;
    if (time_ns < 0)
        return 0;
    return ((int64_t)UINT32_MAX + 1) * NS_PER_SECOND - (w->nanoseconds ? 1 : NS_PER_MICROSECOND);
}

/* Seconds and their fraction, as the file holds them. */
static int split_time(struct pcap_writer *w, const struct lcap_packet *packet, uint32_t *seconds,
                      uint32_t *fraction, struct lcap_error *error)
{
    *seconds = *fraction = 0;
    if (!packet->has_time) {
        w->losses.no_time++;
        return LCAP_OK;
    }
    int64_t time_ns = hold_time(w, packet->time_ns);
    if (!w->nanoseconds && time_ns % NS_PER_MICROSECOND != 0)
        return too_fine(packet, error);
    if (time_ns == packet->time_ns &&
        !time_digits_hold_time(packet->interface->tsresol, NANOSECOND_DIGITS, packet->timestamp))
        w->losses.cut_times++;
    *seconds = (uint32_t)(time_ns / NS_PER_SECOND);
    *fraction = (uint32_t)(time_ns % NS_PER_SECOND / (w->nanoseconds ? 1 : NS_PER_MICROSECOND));
    return LCAP_OK;
}

/* Whether the packet has something that a record cannot hold. */
static bool loses_options(const struct lcap_packet *packet, const struct lcap_edit *edit)
{
    enum { OPTION_HEADER = 4 };
    size_t left = packet->options_len;
    struct pcapng_option second;
    if (edit && edit->drop_first_comment && packet->comment)
        left -= OPTION_HEADER + pad4(packet->comment_len);
    if (edit && edit->drop_second_comment && pcapng_second_comment(packet, &second))
        left -= OPTION_HEADER + pad4(second.len);
    bool drops = packet->drops != LCAP_NO_DROPS && packet->drops > 0;
    return left > 0 || drops || (edit && edit->comment);
}

/* libpcap cuts a packet that is longer than the snap length of the file. */
static void lift_snaplen(struct pcap_writer *w)
{
    uint8_t snaplen[4];
    w->snaplen = w->most_snaplen;
    store32(snaplen, w->snaplen, w->big_endian);
    output_patch(w->out, AT_SNAPLEN, snaplen, sizeof snaplen);
}

int pcap_writer_packet(struct pcap_writer *w, const struct lcap_packet *packet,
                       const struct lcap_edit *edit, struct lcap_error *error)
{
    uint16_t linktype = packet->interface->linktype;
    uint32_t seconds, fraction;
    int rc = w->header_written ? LCAP_OK : begin_with(w, packet->interface, error);
    if (rc < 0)
        return rc;
    if (linktype != w->linktype)
        return wrong_linktype(w, linktype, error);
    if ((rc = split_time(w, packet, &seconds, &fraction, error)) < 0)
        return rc;
    if (loses_options(packet, edit))
        w->losses.pcap_options++;
    const uint32_t caplen = snaplen_cut(w->most_snaplen, packet->caplen);
    if (snaplen_cut(w->snaplen, caplen) < caplen)
        lift_snaplen(w);
    size_t size = RECORD_HEADER + (size_t)caplen;
    uint8_t *at = output_reserve(w->out, size);
    if (!at)
        return output_error(w->out, error);
    store32(at, seconds, w->big_endian);
    store32(at + 4, fraction, w->big_endian);
    store32(at + 8, caplen, w->big_endian);
    store32(at + 12, packet->len, w->big_endian);
    if (caplen > 0)
        memcpy(at + RECORD_HEADER, packet->data, caplen);
    if (w->swaps_header)
        linktype_swap_header(linktype, at + RECORD_HEADER, caplen, packet->len, HOST_BIG_ENDIAN);
    output_commit(w->out, size);
    return LCAP_OK;
}

int pcap_writer_block(struct pcap_writer *w, const struct lcap_block *block,
                      struct lcap_error *error)
{
    switch (block->kind) {
    case LCAP_BLOCK_PACKET:
        return pcap_writer_packet(w, &block->packet, NULL, error);
    case LCAP_BLOCK_INTERFACE:
        if (!w->header_written)
            gather_interface(w, block->interface);
        break;
    case LCAP_BLOCK_SECTION: /* its byte order is that of its interfaces */
        break;
    case LCAP_BLOCK_NAMES:
    case LCAP_BLOCK_SECRETS:
    case LCAP_BLOCK_STATISTICS:
    case LCAP_BLOCK_OTHER:
        w->losses.pcap_blocks++;
        break;
    }
    return LCAP_OK;
}
