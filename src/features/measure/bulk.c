/* Bulks: runs of packets with payload in one direction. */
#include "features/measure/bulk.h"

#include "base/time_distance.h"

static void begin_run(struct bulk *bulk, int64_t time, uint32_t payload)
{
    bulk->start = time;
    bulk->run_packets = 1;
    bulk->run_bytes = payload;
}

/* With its fourth packet, the run becomes a bulk of all four; later ones are added. */
static void go_on(struct bulk *bulk, int64_t time, uint32_t payload)
{
    if (bulk->run_packets < BULK_MIN_PACKETS) {
        bulk->run_packets++;
        bulk->run_bytes += payload;
        if (bulk->run_packets < BULK_MIN_PACKETS)
            return;
        bulk->count++;
        bulk->packets += BULK_MIN_PACKETS;
        bulk->bytes += bulk->run_bytes;
        bulk->duration += time - bulk->start;
        return;
    }
    bulk->packets++;
    bulk->bytes += payload;
    bulk->duration += time - bulk->last;
}

void bulk_packet(struct bulk *own, struct bulk *other, int64_t time, uint32_t payload, int64_t gap)
{
    if (payload == 0)
        return;
    other->run_packets = 0;
    if (own->run_packets == 0 || time_between(own->last, time) > gap)
        begin_run(own, time, payload);
    else
        go_on(own, time, payload);
    own->last = time;
}
