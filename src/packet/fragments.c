/*
 * Ports of first fragments, in buckets of entries. An entry does not hold the
 * identity of its packet, but 64 bits of a hash of it: under a secret key, two
 * packets agree in them once in 2^64.
 */
#include "packet/fragments.h"

#include "base/hash.h"
#include "base/memory.h"
#include "base/text/text.h"
#include "base/time_distance.h"
#include "packet/packet_headers.h"
#include <stdlib.h>
#include <string.h>

/* 16,384 packets in transit at once: 512 KiB. */
enum { BUCKETS = 4096, BUCKET_ENTRIES = 4 };

#define LONGEST_WAIT_NS ((uint64_t)60 * NS_PER_SECOND)

struct fragment_entry {
    uint64_t hash;
    int64_t time_ns;
    uint16_t source_port, destination_port;
    uint8_t protocol;
    bool used;
};

_Static_assert(sizeof(((struct fragments *)NULL)->key) == HASH_KEY_LEN, "a key of SipHash");

/*
 * What the fragments of a packet share: addresses and identification; with IPv4
 * also the protocol in the header (RFC 791, 3.2), which in later IPv6 fragments may
 * be that of an extension header.
 */
static uint64_t hash_of(const struct fragments *fragments, const struct packet_headers *headers,
                        uint32_t identification)
{
    struct {
        uint8_t source[16], destination[16];
        uint32_t identification;
        uint8_t family, protocol, zero[2];
    } shared = {.identification = identification, .family = headers->family};
    memcpy(shared.source, headers->source, sizeof shared.source);
    memcpy(shared.destination, headers->destination, sizeof shared.destination);
    if (headers->family == FAMILY_IPV4)
        shared.protocol = headers->ip[9];
    return hash_siphash(fragments->key, &shared, sizeof shared);
}

static struct fragment_entry *bucket_of(const struct fragments *fragments, uint64_t hash)
{
    return fragments->entries + hash % BUCKETS * BUCKET_ENTRIES;
}

static bool take_memory(struct fragments *fragments)
{
    if (hash_random_key(fragments->key, sizeof fragments->key, NULL) == 0)
        fragments->entries = memory_new(BUCKETS * BUCKET_ENTRIES, sizeof *fragments->entries, NULL);
    return fragments->entries != NULL;
}

/* The entry of the packet, else a free one, else the oldest. */
static struct fragment_entry *entry_for(struct fragment_entry *bucket, uint64_t hash)
{
    struct fragment_entry *best = bucket;
    for (struct fragment_entry *entry = bucket; entry < bucket + BUCKET_ENTRIES; entry++) {
        if (entry->used && entry->hash == hash)
            return entry;
        if (best->used && (!entry->used || entry->time_ns < best->time_ns))
            best = entry;
    }
    return best;
}

void fragments_name(struct fragments *fragments, struct packet_headers *headers,
                    uint32_t identification)
{
    if (fragments->entries || take_memory(fragments))
        headers->datagram = hash_of(fragments, headers, identification);
}

void fragments_remember(struct fragments *fragments, const struct packet_headers *headers,
                        int64_t time_ns)
{
    if (!fragments->entries)
        return;
    const uint64_t hash = headers->datagram;
    *entry_for(bucket_of(fragments, hash), hash) = (struct fragment_entry){
        .hash = hash,
        .time_ns = time_ns,
        .source_port = headers->source_port,
        .destination_port = headers->destination_port,
        .protocol = headers->protocol,
        .used = true,
    };
}

bool fragments_find(const struct fragments *fragments, struct packet_headers *headers,
                    int64_t time_ns)
{
    if (!fragments->entries)
        return false;
    const uint64_t hash = headers->datagram;
    const struct fragment_entry *entry = bucket_of(fragments, hash);
    for (int i = 0; i < BUCKET_ENTRIES; i++, entry++) {
        if (!entry->used || entry->hash != hash)
            continue;
        if (time_apart(time_ns, entry->time_ns) > LONGEST_WAIT_NS)
            return false;
        headers->source_port = entry->source_port;
        headers->destination_port = entry->destination_port;
        headers->protocol = entry->protocol;
        return true;
    }
    return false;
}

void fragments_release(struct fragments *fragments)
{
    free(fragments->entries);
    *fragments = (struct fragments){0};
}
