/* Walks the options (RFC 9293, 3.1). */
#include "packet/tcp_options.h"

#include "base/bytes.h"

enum { OPTION_END = 0, OPTION_NOP = 1, OPTION_TIMESTAMPS = 8, TIMESTAMPS_LEN = 10 };

static bool find_option(struct cursor *options, uint8_t wanted, uint8_t wanted_len)
{
    const uint8_t *kind, *len;
    while ((kind = cursor_take(options, 1)) && *kind != OPTION_END) {
        if (*kind == OPTION_NOP)
            continue;
        len = cursor_take(options, 1);
        if (!len || *len < 2)
            return false;
        if (*kind == wanted)
            return *len == wanted_len;
        if (!cursor_take(options, *len - 2u))
            return false;
    }
    return false;
}

bool tcp_options_timestamp(const struct packet_headers *headers, uint32_t *value)
{
    const uint32_t begin = headers->ip_header_len + (uint32_t)TCP_FIXED_LEN;
    const uint32_t end = headers->ip_header_len + (uint32_t)headers->transport_len;
    if (!headers->has_transport || headers->protocol != IP_PROTOCOL_TCP || end <= begin ||
        headers->ip_captured <= begin)
        return false;
    const uint32_t known = headers->ip_captured < end ? headers->ip_captured : end;
    struct cursor options = {headers->ip + begin, known - begin, true};
    if (!find_option(&options, OPTION_TIMESTAMPS, TIMESTAMPS_LEN) || options.left < 4)
        return false;
    *value = load32(options.at, true);
    return true;
}
