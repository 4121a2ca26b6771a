/* Hashes the bytes of a packet, and then that hash with the other facts. */
#include "dataset/packet_digest.h"

#include "base/bytes.h"
#include <string.h>

struct packet_digest packet_digest_of_content(const struct lcap_packet *packet,
                                              const uint8_t *content,
                                              const uint8_t key[HASH_KEY_LEN])
{
    uint8_t facts[HASH_WIDE_LEN + 8 + 4 + 4 + 2], digest[HASH_WIDE_LEN];
    uint8_t *at = facts + HASH_WIDE_LEN;
    memcpy(facts, content, HASH_WIDE_LEN);
    store64(at, (uint64_t)packet->time_ns, false);
    store32(at + 8, packet->len, false);
    store32(at + 12, packet->caplen, false);
    store16(at + 16, packet->interface->linktype, false);
    hash_siphash_wide(key, facts, sizeof facts, digest);
    return (struct packet_digest){load32(digest, false), load64(digest + 8, false)};
}

struct packet_digest packet_digest_of(const struct lcap_packet *packet,
                                      const uint8_t key[HASH_KEY_LEN])
{
    uint8_t content[HASH_WIDE_LEN];
    hash_siphash_wide(key, packet->data, packet->caplen, content);
    return packet_digest_of_content(packet, content, key);
}
