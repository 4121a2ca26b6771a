/* Whether a payload is DNS. */
#include "base/bytes.h"
#include "packet/packet_headers.h"

enum { PORT_DNS = 53, DNS_HEADER = 12 };

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

bool packet_is_dns(const struct packet_headers *headers)
{
    if (headers->source_port != PORT_DNS && headers->destination_port != PORT_DNS)
        return false;
    if (!protocol_has_ports(headers->protocol))
        return false;
    const uint8_t *message = headers->payload;
    uint32_t captured = headers->payload_captured, len = headers->payload_len;
    if (!headers->has_transport)
        return false;
    if (headers->protocol == IP_PROTOCOL_TCP) {
        /* RFC 1035, 4.2.2: the length of the message comes first; the message may continue in later
         * segments. */
        if (captured < 2)
            return false;
        len = load16(message, true);
        message += 2;
        captured -= 2;
    }
    return captured >= DNS_HEADER && len >= DNS_HEADER && is_known_opcode((message[2] >> 3) & 15) &&
           sections_fit(message, len);
}
