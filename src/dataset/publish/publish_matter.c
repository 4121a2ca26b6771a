/* Tells what in a capture should not go public unseen. */
#include "dataset/publish/publish_matter.h"

#include "base/linktype_numbers.h"
#include "base/text/text.h"
#include "capture/pcapng.h"
#include <string.h>

static const struct {
    const char *name, *description;
} matters[MATTER_COUNT] = {
    [MATTER_SECRETS] = {"secrets", "decryption secrets"},
    [MATTER_NAMES] = {"names", "names of hosts, or texts about interfaces and hardware"},
    [MATTER_MAC] = {"mac", "MAC addresses"},
    [MATTER_ADDRESSES] = {"addresses", "IP addresses"},
    [MATTER_PAYLOAD] = {"payload", "payloads behind the transport header"},
    [MATTER_RULES] = {"rules", "rules"},
    [MATTER_COMMENTS] = {"comments", "comments or blocks that labelcap did not write"},
};

const char *matter_name(enum publish_matter matter)
{
    return matters[matter].name;
}

const char *matter_description(enum publish_matter matter)
{
    return matters[matter].description;
}

/* ---- lists ---- */

int matter_set_append(matter_set set, const char *separator, struct buffer *out,
                      struct lcap_error *error)
{
    const size_t start = out->len;
    int rc = LCAP_OK;
    for (int i = 0; i < MATTER_COUNT && rc == LCAP_OK; i++)
        if (set & matter_bit(i))
            rc = buffer_printf(out, error, "%s%s", out->len > start ? separator : "",
                               matters[i].name);
    return rc;
}

static int unknown_matter(const char *name, size_t len, matter_set known, struct lcap_error *error)
{
    char found[EXCERPT_TEXT];
    struct buffer names = {0};
    int rc = matter_set_append(known, ", ", &names, error);
    text_excerpt(name, len, found);
    if (rc == LCAP_OK)
        rc = lcap_error_set(error, LCAP_ERR_ARGUMENT, "expected one of %.*s, found '%s'",
                            (int)names.len, (const char *)names.data, found);
    buffer_release(&names);
    return rc;
}

static enum publish_matter find_matter(const char *name, size_t len, matter_set known)
{
    int i = 0;
    while (i < MATTER_COUNT && !((known & matter_bit(i)) && strlen(matters[i].name) == len &&
                                 memcmp(matters[i].name, name, len) == 0))
        i++;
    return i;
}

int matter_set_read(const char *names, matter_set known, matter_set *set, struct lcap_error *error)
{
    *set = 0;
    for (const char *at = names; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL) {
        const size_t len = strcspn(at, ",");
        const enum publish_matter matter = find_matter(at, len, known);
        if (matter == MATTER_NONE)
            return unknown_matter(at, len, known, error);
        *set |= matter_bit(matter);
    }
    return LCAP_OK;
}

/* ---- blocks ---- */

/* Options of interfaces: draft-ietf-opsawg-pcapng, section 4.2. */
static enum publish_matter matter_of_interface_option(uint16_t code)
{
    enum { IF_DESCRIPTION = 3, IF_IPV4 = 4, IF_IPV6 = 5, IF_MAC = 6, IF_EUI = 7 };
    enum { IF_SPEED = 8, IF_TZONE = 10, IF_FILTER = 11, IF_OS = 12 };
    enum { IF_HARDWARE = 15, IF_TXSPEED = 16, IF_RXSPEED = 17, IF_TZNAME = 18 };
    switch (code) {
    case OPT_IF_NAME:
    case IF_DESCRIPTION:
    case IF_IPV4:
    case IF_IPV6:
    case IF_MAC:
    case IF_EUI:
    case IF_FILTER:
    case IF_OS:
    case IF_HARDWARE:
    case IF_TZNAME:
        return MATTER_NAMES;
    case IF_SPEED:
    case OPT_IF_TSRESOL:
    case IF_TZONE:
    case OPT_IF_FCSLEN:
    case OPT_IF_TSOFFSET:
    case IF_TXSPEED:
    case IF_RXSPEED:
    case OPT_IF_TSOFFSET_NS:
        return MATTER_NONE;
    default:
        return MATTER_COMMENTS;
    }
}

enum publish_matter matter_of_option(uint32_t block_type, uint16_t code)
{
    enum { SHB_HARDWARE = 2, SHB_USERAPPL = 4, ISB_LAST = 8, EPB_VERDICT = 7 };
    switch (block_type) {
    case PCAPNG_SECTION_HEADER:
        return code >= SHB_HARDWARE && code <= SHB_USERAPPL ? MATTER_NAMES : MATTER_COMMENTS;
    case PCAPNG_INTERFACE:
        return matter_of_interface_option(code);
    case PCAPNG_STATISTICS:
        return code >= OPT_ISB_STARTTIME && code <= ISB_LAST ? MATTER_NONE : MATTER_COMMENTS;
    default:
        return code >= OPT_EPB_FLAGS && code <= EPB_VERDICT ? MATTER_NONE : MATTER_COMMENTS;
    }
}

enum publish_matter matter_of_block(const struct lcap_block *block)
{
    switch (block->kind) {
    case LCAP_BLOCK_NAMES:
        return MATTER_NAMES;
    case LCAP_BLOCK_SECRETS:
        return MATTER_SECRETS;
    case LCAP_BLOCK_OTHER:
        return MATTER_COMMENTS;
    default:
        return MATTER_NONE;
    }
}

/* ---- packets ---- */

bool matter_has_mac(const struct lcap_packet *packet)
{
    static const uint8_t none[12];
    switch (packet->interface->linktype) {
    case LINKTYPE_NULL:
    case LINKTYPE_LOOP:
    case LINKTYPE_RAW:
    case LINKTYPE_IPV4:
    case LINKTYPE_IPV6:
        return false;
    case LINKTYPE_ETHERNET: /* a loopback device has zeros */
        return packet->caplen >= sizeof none && memcmp(packet->data, none, sizeof none) != 0;
    default:
        return true;
    }
}
