/* Divides flows by a hash of their two addresses. */
#include "flow/flow_share.h"

#include "base/hash.h"
#include <string.h>

/* The same in every process. Whoever crafts addresses makes one share large, not wrong. */
static const uint8_t key[HASH_KEY_LEN] = "labelcap.share.1";

uint32_t flow_share_of(const struct packet_headers *headers, uint32_t count)
{
    enum { ADDRESS = sizeof headers->source };
    uint8_t pair[2 * ADDRESS];
    const bool swap = memcmp(headers->source, headers->destination, ADDRESS) > 0;
    memcpy(pair + (swap ? ADDRESS : 0), headers->source, ADDRESS);
    memcpy(pair + (swap ? 0 : ADDRESS), headers->destination, ADDRESS);
    return (uint32_t)(hash_siphash(key, pair, sizeof pair) % count);
}
