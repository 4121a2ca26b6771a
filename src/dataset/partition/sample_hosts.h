/*
 * The local host of each sample: the address inside the given networks of its first
 * packet that has one, the source before the destination.
 */
#ifndef DATASET_PARTITION_SAMPLE_HOSTS_H
#define DATASET_PARTITION_SAMPLE_HOSTS_H

#include "dataset/partition/sample_joins.h"
#include "label/rule_kind.h"
#include "packet/packet_headers.h"

#define MOST_LOCAL_NETWORKS 32

/* What is known of a sample. */
struct sample_host {
    int64_t time_ns; /* of the first packet */
    uint8_t address[16];
    uint8_t family; /* 0: no local address yet */
    bool several;   /* local addresses */
};

/* All zero before sample_hosts_init(). */
struct sample_hosts {
    struct network networks[MOST_LOCAL_NETWORKS];
    size_t network_count;
    struct header_parser parser;
    struct sample_host *items; /* by number of the sample */
    size_t capacity;
};

/* `networks` are separated by commas. */
int sample_hosts_init(struct sample_hosts *hosts, const char *networks, struct lcap_error *error);
int sample_hosts_packet(struct sample_hosts *hosts, const struct lcap_packet *packet,
                        uint32_t sample, struct lcap_error *error);

/* Joins the samples of each host; counts those without one, and those with several. */
int sample_hosts_join(struct sample_hosts *hosts, struct sample_joins *joins, uint64_t *without,
                      uint64_t *several, struct lcap_error *error);
void sample_hosts_release(struct sample_hosts *hosts);

#endif
