/* Finds repeated packets with a ring of hashes, and chains of those that share a part of it. */
#include "dataset/select/recent_packets.h"

#include "base/memory.h"
#include "base/time_distance.h"
#include <stdlib.h>

#define RING_SIZE ((uint64_t)1 << 20)

struct recent_packet {
    uint64_t hash;     /* of its bytes, its sample and its lengths */
    uint64_t previous; /* of its chain: 1 + its turn; 0: none */
    int64_t time_ns;
};

int recent_packets_init(struct recent_packets *recent, uint64_t window_ns, struct lcap_error *error)
{
    *recent = (struct recent_packets){.window_ns = window_ns};
    recent->ring = memory_new(RING_SIZE, sizeof *recent->ring, error);
    recent->newest = memory_new(RING_SIZE, sizeof *recent->newest, error);
    if (!recent->ring || !recent->newest)
        return LCAP_ERR_MEMORY;
    return hash_random_key(recent->key, sizeof recent->key, error);
}

void recent_packets_release(struct recent_packets *recent)
{
    free(recent->ring);
    free(recent->newest);
    *recent = (struct recent_packets){.window_ns = 0};
}

/* Two different packets have one hash with a probability of 2^-64: nobody can aim at it, for the
 * key is random. */
static uint64_t hash_of(const struct recent_packets *recent, uint64_t sample_id,
                        const struct lcap_packet *packet)
{
    const uint64_t facts[] = {
        hash_siphash(recent->key, packet->data, packet->caplen),
        sample_id,
        (uint64_t)packet->len << 32 | packet->caplen,
        packet->interface->linktype,
    };
    return hash_siphash(recent->key, facts, sizeof facts);
}

/* The newest packet with this hash that is still in the ring, or NULL. */
static const struct recent_packet *find(const struct recent_packets *recent, uint64_t hash)
{
    uint64_t place = recent->newest[hash % RING_SIZE];
    while (place > 0 && place + RING_SIZE > recent->turn) {
        const struct recent_packet *packet = &recent->ring[(place - 1) % RING_SIZE];
        if (packet->hash == hash)
            return packet;
        place = packet->previous;
    }
    return NULL;
}

static void remember(struct recent_packets *recent, uint64_t hash, int64_t time_ns)
{
    uint64_t *newest = &recent->newest[hash % RING_SIZE];
    recent->ring[recent->turn % RING_SIZE] = (struct recent_packet){hash, *newest, time_ns};
    *newest = ++recent->turn;
}

bool recent_packets_repeat(struct recent_packets *recent, uint64_t sample_id,
                           const struct lcap_packet *packet)
{
    if (!packet->has_time)
        return false;
    const uint64_t hash = hash_of(recent, sample_id, packet);
    const struct recent_packet *same = find(recent, hash);
    const bool repeats = same && time_apart(same->time_ns, packet->time_ns) <= recent->window_ns;
    remember(recent, hash, packet->time_ns);
    return repeats;
}
