/* Recognises a file by its first bytes; names the formats that are known but not supported. */
#include "base/bytes.h"
#include "capture/pcapng.h"
#include "capture/reader_internal.h"
#include <stdio.h>

/* The first four bytes, in the byte order of the file. */
static const struct {
    uint32_t magic;
    reader_begin *begin;
} formats[] = {
    {PCAPNG_SECTION_HEADER, pcapng_begin}, /* the same in both orders */
    /* draft-ietf-opsawg-pcap, section 4 */
    {0xA1B2C3D4u, pcap_begin},
    {0xA1B23C4Du, pcap_ns_begin},
    {0xA1B2CD34u,
     pcap_kuznetzov_begin}, /* Alexey Kuznetzov's, of some old versions of tcpdump on Linux */
};

#define LONGEST_MAGIC 12

struct foreign_format {
    const char *name;
    uint8_t len;
    uint8_t magic[LONGEST_MAGIC];
};

/* Other formats of captures, which a user may take for one of ours. */
static const struct foreign_format foreign_formats[] = {
    {"an IXIA hardware capture (lcap)", 4, {0x1c, 0x00, 0x01, 0xac}},
    {"an IXIA hardware capture (lcap)", 4, {0xac, 0x01, 0x00, 0x1c}},
    {"an IXIA software capture (lcap)", 4, {0x1c, 0x00, 0x01, 0xab}},
    {"an IXIA software capture (lcap)", 4, {0xab, 0x01, 0x00, 0x1c}},
    {"a pcap file in Navtel's format", 4, {0xa1, 0x2b, 0x3c, 0x4d}},
    {"a pcap file in Navtel's format", 4, {0x4d, 0x3c, 0x2b, 0xa1}},
    {"a pcap file in Mesquita's format", 4, {0xa1, 0xb2, 0x34, 0xcd}},
    {"a pcap file in Mesquita's format", 4, {0xcd, 0x34, 0xb2, 0xa1}},
    {"a libpcap filter program", 4, {0xa1, 0xb2, 0xc3, 0xcb}},
    {"a libpcap filter program", 4, {0xcb, 0xc3, 0xb2, 0xa1}},
    {"an AIX iptrace capture", 8, "iptrace "},
    {"a Microsoft Network Monitor 1 capture", 4, "RTSS"},
    {"a Microsoft Network Monitor 2 capture", 4, "GMBU"},
    {"a Solaris snoop capture", 8, "snoop\0\0\0"},
    {"a Bluetooth snoop capture", 8, "btsnoop\0"},
    {"a NetXRay or Windows Sniffer capture", 4, "XCP\0"},
    {"a DOS Sniffer capture", 12, "TRSNIFF data"},
    {"an Observer capture", 12, "ObserverPktB"},
    {"a ZIP archive", 4, {'P', 'K', 0x03, 0x04}},
    {"lz4's legacy format", 4, {0x02, 0x21, 0x4c, 0x18}}, /* liblz4 does not read it */
};

static const struct foreign_format *find_foreign(const uint8_t *at, size_t len)
{
    for (size_t i = 0; i < sizeof foreign_formats / sizeof foreign_formats[0]; i++) {
        const struct foreign_format *f = &foreign_formats[i];
        if (f->len <= len && memcmp(at, f->magic, f->len) == 0)
            return f;
    }
    return NULL;
}

static int refuse(struct lcap_reader *reader, const uint8_t *at, size_t len)
{
    if (len == 0)
        return reader_refused(reader, "not a capture: the file is empty");
    const struct foreign_format *foreign = find_foreign(at, len);
    if (foreign)
        return reader_refused(reader, "%s, which is not supported", foreign->name);
    char found[sizeof "4d 5a 90 00 "];
    size_t used = 0;
    for (size_t i = 0; i < len && i < 4; i++)
        used += (size_t)snprintf(found + used, sizeof found - used, i ? " %02x" : "%02x", at[i]);
    return reader_refused(reader, "not a capture: expected a pcap or pcapng magic number, found %s",
                          found);
}

static reader_begin *find_format(uint32_t magic)
{
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
        if (formats[i].magic == magic)
            return formats[i].begin;
    return NULL;
}

int reader_tell_format(struct lcap_reader *reader, reader_begin **begin)
{
    const uint8_t *at;
    int64_t have = input_peek(reader->input, LONGEST_MAGIC, &at, &reader->error);
    if (have < 0)
        return (int)have;
    if (have == 0 && reader->options.allow_empty)
        return 0;
    if (have < 4)
        return refuse(reader, at, (size_t)have);
    *begin = find_format(load32(at, true));
    reader->big_endian = *begin != NULL;
    if (!*begin)
        *begin = find_format(load32(at, false));
    return *begin ? 1 : refuse(reader, at, (size_t)have);
}
