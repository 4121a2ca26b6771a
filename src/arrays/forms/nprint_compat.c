/*
 * It looks for the Ethernet type of IP, whatever the link type, and otherwise takes the
 * first byte for IP; it knows neither VLAN tags, nor fragments, nor extension headers of
 * IPv6, nor ICMPv6. What it reads behind the end of a capture is not there here.
 */
#include "arrays/forms/nprint_compat.h"

#include "base/linktype_numbers.h"
#include "packet/link_headers.h"
#include "packet/packet_headers.h"

enum { COOKED_LEN = 16, ETHERNET_LEN = 14, IPV6_LEN = 40, UDP_LEN = 8, ICMP_LEN = 8 };

/* A byte, 0 behind the end. */
static uint8_t byte_at(const struct array_packet *view, uint32_t at)
{
    return at < view->captured ? view->data[at] : 0;
}

static uint16_t number_at(const struct array_packet *view, uint32_t at)
{
    return (uint16_t)(byte_at(view, at) << 8 | byte_at(view, at + 1));
}

static bool is_known(uint8_t protocol)
{
    return protocol == IP_PROTOCOL_TCP || protocol == IP_PROTOCOL_UDP ||
           protocol == IP_PROTOCOL_ICMP;
}

static uint32_t transport_len(const struct array_packet *view)
{
    if (view->protocol == IP_PROTOCOL_TCP)
        return (byte_at(view, view->transport + 12) >> 4) * 4u;
    return view->protocol == IP_PROTOCOL_UDP ? UDP_LEN : ICMP_LEN;
}

/* Of IPv6 with TCP it counts the header in structs of 20 bytes instead of bytes. */
static void set_payload(struct array_packet *view, uint32_t ip_len)
{
    const uint32_t headers = view->transport - view->network + transport_len(view);
    const bool skips = view->family == FAMILY_IPV6 && view->protocol == IP_PROTOCOL_TCP;
    view->payload = view->transport + transport_len(view) * (skips ? TCP_FIXED_LEN : 1);
    view->end = view->payload + (ip_len > headers ? ip_len - headers : 0);
}

static void set_network(struct array_packet *view)
{
    const uint16_t type = number_at(view, ETHERNET_LEN - 2);
    const bool ethernet = type == ETHER_IPV4 || type == ETHER_IPV6;
    view->linktype = ethernet ? LINKTYPE_ETHERNET : 0;
    view->network = ethernet ? ETHERNET_LEN : 0;
    view->family = byte_at(view, view->network) >> 4;
}

bool nprint_compat_view(const struct array_packet *packet, struct array_packet *view)
{
    *view = *packet;
    if (packet->linktype == LINKTYPE_LINUX_SLL) {
        view->data += COOKED_LEN;
        view->captured -= COOKED_LEN < view->captured ? COOKED_LEN : view->captured;
    }
    set_network(view);
    const bool is_ipv4 = view->family == FAMILY_IPV4;
    const uint32_t ip = view->network;
    if (!is_ipv4 && view->family != FAMILY_IPV6)
        return false;
    view->protocol = byte_at(view, ip + (is_ipv4 ? 9 : 6));
    view->transport = ip + (is_ipv4 ? (byte_at(view, ip) & 15u) * 4 : IPV6_LEN);
    view->has_transport = true;
    set_payload(view, is_ipv4 ? number_at(view, ip + 2) : IPV6_LEN + number_at(view, ip + 4));
    return is_known(view->protocol);
}
