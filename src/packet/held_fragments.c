/* A short queue of packets: searching all of it costs less than an index would. */
#include "packet/held_fragments.h"

#include "base/memory.h"
#include "base/time_distance.h"
#include <stdlib.h>
#include <string.h>

int held_fragments_add(struct held_fragments *held, const struct lcap_packet *packet,
                       uint64_t datagram, uint32_t tag, struct lcap_error *error)
{
    struct held_fragment *item = memory_new(1, sizeof *item + packet->caplen, error);
    if (!item)
        return LCAP_ERR_MEMORY;
    item->datagram = datagram;
    item->tag = tag;
    item->packet = *packet;
    item->packet.interface = &item->interface;
    item->packet.data = item->data;
    item->packet.options = NULL;
    item->packet.options_len = 0;
    item->packet.comment = NULL;
    item->packet.comment_len = 0;
    item->interface = *packet->interface;
    item->interface.options = NULL;
    item->interface.options_len = 0;
    item->interface.name = NULL;
    item->interface.name_len = 0;
    memcpy(item->data, packet->data, packet->caplen);
    held->items[held->count++] = item;
    held->bytes += packet->caplen;
    return LCAP_OK;
}

bool held_fragments_over(const struct held_fragments *held, const struct lcap_packet *packet)
{
    if (held->count == 0)
        return false;
    return held->count > HELD_PACKETS || held->bytes > HELD_BYTES ||
           (packet->has_time &&
            time_apart(held->items[0]->packet.time_ns, packet->time_ns) > HELD_NS);
}

static struct held_fragment *take(struct held_fragments *held, size_t at)
{
    struct held_fragment *item = held->items[at];
    held->count--;
    held->bytes -= item->packet.caplen;
    memmove(held->items + at, held->items + at + 1, (held->count - at) * sizeof item);
    return item;
}

struct held_fragment *held_fragments_oldest(struct held_fragments *held)
{
    return held->count > 0 ? take(held, 0) : NULL;
}

struct held_fragment *held_fragments_oldest_of(struct held_fragments *held, uint64_t datagram)
{
    for (size_t i = 0; i < held->count; i++) {
        if (held->items[i]->datagram == datagram)
            return take(held, i);
    }
    return NULL;
}

void held_fragments_release(struct held_fragments *held)
{
    for (size_t i = 0; i < held->count; i++)
        free(held->items[i]);
    held->count = 0;
}
