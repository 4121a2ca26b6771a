/* Finds the local host of each sample. */
#include "dataset/partition/sample_hosts.h"

#include "base/memory.h"
#include "base/text/text.h"
#include <stdlib.h>
#include <string.h>

static int add_network(struct sample_hosts *hosts, const char *text, size_t len,
                       struct lcap_error *error)
{
    char found[EXCERPT_TEXT];
    if (hosts->network_count == MOST_LOCAL_NETWORKS)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT, "--local: more than %d networks",
                              MOST_LOCAL_NETWORKS);
    if (network_from_text(&hosts->networks[hosts->network_count], text, len)) {
        hosts->network_count++;
        return LCAP_OK;
    }
    text_excerpt(text, len, found);
    return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                          "--local: expected " NETWORK_EXPECTED ", found \"%s\"", found);
}

int sample_hosts_init(struct sample_hosts *hosts, const char *networks, struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (const char *at = networks; at && rc == LCAP_OK;) {
        const char *comma = strchr(at, ',');
        rc = add_network(hosts, at, comma ? (size_t)(comma - at) : strlen(at), error);
        at = comma ? comma + 1 : NULL;
    }
    return rc;
}

static bool is_local(const struct sample_hosts *hosts, uint8_t family, const uint8_t *address)
{
    for (size_t i = 0; i < hosts->network_count; i++)
        if (network_holds(&hosts->networks[i], family, address))
            return true;
    return false;
}

static void note_address(struct sample_host *host, uint8_t family, const uint8_t *address,
                         int64_t time_ns)
{
    const bool first = host->family == 0;
    host->several |= !first && (host->family != family ||
                                memcmp(host->address, address, sizeof host->address) != 0);
    if (!first && time_ns >= host->time_ns)
        return;
    host->family = family;
    host->time_ns = time_ns;
    memcpy(host->address, address, sizeof host->address);
}

int sample_hosts_packet(struct sample_hosts *hosts, const struct lcap_packet *packet,
                        uint32_t sample, struct lcap_error *error)
{
    struct packet_headers headers;
    const size_t known = hosts->capacity;
    const int rc = memory_grow((void **)&hosts->items, &hosts->capacity, (size_t)sample + 1,
                               sizeof *hosts->items, error);
    if (rc < 0)
        return rc;
    memset(hosts->items + known, 0, (hosts->capacity - known) * sizeof *hosts->items);
    if (packet_headers_parse(&hosts->parser, packet, &headers) != LCAP_SKIP_NONE)
        return LCAP_OK;
    const uint8_t family = headers.family == FAMILY_ARP ? FAMILY_IPV4 : headers.family;
    struct sample_host *host = &hosts->items[sample];
    if (is_local(hosts, family, headers.source))
        note_address(host, family, headers.source, packet->time_ns);
    if (is_local(hosts, family, headers.destination))
        note_address(host, family, headers.destination, packet->time_ns);
    return LCAP_OK;
}

int sample_hosts_join(struct sample_hosts *hosts, struct sample_joins *joins, uint64_t *without,
                      uint64_t *several, struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (uint32_t i = 0; i < joins->count && rc == LCAP_OK; i++) {
        const struct sample_host *host = &hosts->items[i];
        uint8_t key[1 + sizeof host->address] = {host->family};
        memcpy(key + 1, host->address, sizeof host->address);
        *without += host->family == 0;
        *several += host->several;
        if (host->family != 0)
            rc = sample_joins_by_key(joins, i, key, sizeof key, error);
    }
    return rc;
}

void sample_hosts_release(struct sample_hosts *hosts)
{
    header_parser_release(&hosts->parser);
    free(hosts->items);
}
