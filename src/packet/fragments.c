/*
 * Beginnings of packets, in buckets of entries. An entry does not hold the
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

/* 16,384 packets in transit at once: 640 KiB. */
enum { BUCKETS = 4096, BUCKET_ENTRIES = 4 };

#define LONGEST_WAIT_NS ((uint64_t)60 * NS_PER_SECOND)

struct fragment_entry {
    uint64_t hash;
    int64_t time_ns;
    uint8_t head[FRAGMENT_HEAD];
    uint16_t known; /* a bit for each byte of it */
    uint8_t protocol;
    bool used;
    bool has_first; /* its first fragment has been seen */
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
    fragments->named++;
    if (fragments->entries || take_memory(fragments))
        headers->datagram = hash_of(fragments, headers, identification);
}

static struct fragment_entry *find(const struct fragments *fragments, uint64_t hash,
                                   int64_t time_ns)
{
    struct fragment_entry *entry = bucket_of(fragments, hash);
    for (int i = 0; i < BUCKET_ENTRIES; i++, entry++) {
        if (entry->used && entry->hash == hash)
            return time_apart(time_ns, entry->time_ns) > LONGEST_WAIT_NS ? NULL : entry;
    }
    return NULL;
}

static struct fragment_entry *begin(const struct fragments *fragments, uint64_t hash,
                                    int64_t time_ns)
{
    struct fragment_entry *entry = entry_for(bucket_of(fragments, hash), hash);
    *entry = (struct fragment_entry){.hash = hash, .time_ns = time_ns, .used = true};
    return entry;
}

static bool has_byte(const struct fragment_entry *entry, uint32_t at)
{
    return entry->known >> at & 1;
}

/* How many bytes of a payload that begins at `offset` belong to the head. */
static uint32_t head_bytes(const struct packet_headers *headers, uint32_t offset)
{
    const uint32_t room = offset < FRAGMENT_HEAD ? FRAGMENT_HEAD - offset : 0;
    return headers->payload_captured < room ? headers->payload_captured : room;
}

static bool contradicts(const struct fragment_entry *entry, const struct packet_headers *first)
{
    for (uint32_t i = 0; i < head_bytes(first, 0); i++) {
        if (has_byte(entry, i) && entry->head[i] != first->payload[i])
            return true;
    }
    return false;
}

static void add_bytes(struct fragment_entry *entry, const struct packet_headers *headers,
                      uint32_t offset)
{
    for (uint32_t i = 0; i < head_bytes(headers, offset); i++) {
        if (has_byte(entry, offset + i))
            continue;
        entry->head[offset + i] = headers->payload[i];
        entry->known |= (uint16_t)(1u << (offset + i));
    }
}

/* NULL: there is none, and the fragment brings nothing that would be remembered. */
static struct fragment_entry *entry_of(const struct fragments *fragments,
                                       const struct packet_headers *headers, uint32_t offset,
                                       int64_t time_ns)
{
    struct fragment_entry *entry = find(fragments, headers->datagram, time_ns);
    if (entry && (offset > 0 || !contradicts(entry, headers)))
        return entry;
    return offset < FRAGMENT_HEAD ? begin(fragments, headers->datagram, time_ns) : NULL;
}

bool fragments_add(struct fragments *fragments, const struct packet_headers *headers,
                   uint32_t offset, int64_t time_ns, struct fragment_head *head)
{
    struct fragment_entry *entry =
        fragments->entries ? entry_of(fragments, headers, offset, time_ns) : NULL;
    if (!entry)
        return false;
    add_bytes(entry, headers, offset);
    if (offset == 0) {
        entry->time_ns = time_ns;
        entry->protocol = headers->protocol;
        entry->has_first = true;
    }
    memcpy(head->bytes, entry->head, sizeof head->bytes);
    head->known = (uint32_t)__builtin_ctz(~(uint32_t)entry->known);
    head->protocol = entry->protocol;
    return entry->has_first;
}

void fragments_release(struct fragments *fragments)
{
    free(fragments->entries);
    *fragments = (struct fragments){0};
}
