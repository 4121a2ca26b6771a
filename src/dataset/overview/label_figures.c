/* Counts a packet for its label. */
#include "dataset/overview/label_figures.h"

#include <string.h>

static void add_address(struct top_values *values, uint8_t family, const uint8_t address[16])
{
    uint8_t bytes[TOP_VALUE_LEN] = {family};
    memcpy(bytes + 1, address, 16);
    top_values_add(values, bytes);
}

void label_figures_add(struct label_figures *figures, uint32_t len,
                       const struct packet_headers *headers)
{
    figures->packets++;
    figures->bytes += len;
    log_histogram_add(&figures->lengths, len);
    if (!headers) {
        figures->protocols[PROTOCOL_KIND_NONE]++;
        return;
    }
    figures->protocols[headers->family == FAMILY_ARP ? PROTOCOL_KIND_ARP : headers->protocol]++;
    if (protocol_has_ports(headers->protocol) && headers->family != FAMILY_ARP &&
        !headers->unknown_ports)
        figures
            ->ports[headers->source_port < headers->destination_port ? headers->source_port
                                                                     : headers->destination_port]++;
    add_address(&figures->addresses, headers->family, headers->source);
    if (memcmp(headers->source, headers->destination, sizeof headers->source) != 0)
        add_address(&figures->addresses, headers->family, headers->destination);
}

static void add_counts(uint64_t *into, const uint64_t *from, size_t count)
{
    for (size_t i = 0; i < count; i++)
        into[i] += from[i];
}

void label_figures_merge(struct label_figures *into, const struct label_figures *from)
{
    into->packets += from->packets;
    into->bytes += from->bytes;
    into->samples += from->samples;
    log_histogram_merge(&into->lengths, &from->lengths);
    log_histogram_merge(&into->pauses, &from->pauses);
    log_histogram_merge(&into->durations, &from->durations);
    log_histogram_merge(&into->sample_packets, &from->sample_packets);
    add_counts(into->protocols, from->protocols, PROTOCOL_KINDS);
    add_counts(into->ports, from->ports, PORT_COUNT);
    top_values_merge(&into->addresses, &from->addresses);
    time_histogram_merge(&into->times, &from->times);
    add_counts(into->lists, from->lists, MOST_LISTS);
}
