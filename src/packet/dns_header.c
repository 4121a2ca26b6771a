/* Whether a payload is DNS, and the name that it is about. */
#include "base/bytes.h"
#include "packet/packet_headers.h"

enum { PORT_DNS = 53, DNS_HEADER = 12 };

/* RFC 1035, 2.3.4; higher lengths of labels mark compressed names. */
enum { MOST_LABEL = 63, MOST_NAME = 255 };

/* The minimum size of an entry: the root's name, type and class; for records also time to live
 * and length (RFC 1035, 4.1.2 and 4.1.3). */
enum { LEAST_QUESTION = 1 + 2 + 2, LEAST_RECORD = LEAST_QUESTION + 4 + 2 };

/* Query, inverse query, status, notify, update, stateful operations (IANA's DNS OpCodes). */
static bool is_known_opcode(unsigned opcode)
{
    return opcode <= 2 || (opcode >= 4 && opcode <= 6);
}

static bool sections_fit(const uint8_t *header, uint32_t len)
{
    uint32_t least = DNS_HEADER + load16(header + 4, true) * LEAST_QUESTION;
    for (int section = 1; section < 4; section++)
        least += load16(header + 4 + 2 * section, true) * LEAST_RECORD;
    return least <= len;
}

static bool has_dns_port(const struct packet_headers *headers)
{
    return (headers->source_port == PORT_DNS || headers->destination_port == PORT_DNS) &&
           headers->has_transport && protocol_has_ports(headers->protocol);
}

/* The captured part of a message that has `len` bytes. RFC 1035, 4.2.2: in TCP its length comes
 * first, and it may continue in later segments. */
static bool find_message(const struct packet_headers *headers, struct cursor *message,
                         uint32_t *len)
{
    uint16_t told;
    *message = (struct cursor){headers->payload, headers->payload_captured, true};
    *len = headers->payload_len;
    if (headers->protocol != IP_PROTOCOL_TCP)
        return true;
    if (!cursor_take16(message, &told))
        return false;
    *len = told;
    return true;
}

bool packet_is_dns(const struct packet_headers *headers)
{
    struct cursor message;
    uint32_t len;
    return has_dns_port(headers) && find_message(headers, &message, &len) &&
           message.left >= DNS_HEADER && len >= DNS_HEADER &&
           is_known_opcode((message.at[2] >> 3) & 15) && sections_fit(message.at, len);
}

/* Removes the labels of a name, the last one empty. */
static bool take_name(struct cursor *message)
{
    const uint8_t *len;
    while ((len = cursor_take(message, 1)) && *len <= MOST_LABEL)
        if (*len == 0 || !cursor_take(message, *len))
            return *len == 0;
    return false;
}

bool packet_dns_question(const struct packet_headers *headers, const uint8_t **name, size_t *len)
{
    struct cursor message;
    uint32_t whole;
    if (!packet_is_dns(headers) || !find_message(headers, &message, &whole) ||
        load16(message.at + 4, true) == 0)
        return false;
    cursor_take(&message, DNS_HEADER);
    *name = message.at;
    if (!take_name(&message))
        return false;
    *len = (size_t)(message.at - *name);
    return *len <= MOST_NAME;
}
