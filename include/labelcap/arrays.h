/*
 * Arrays: what models read of the packets of a labelled data set, as numbers.
 *
 * A row is a flow, a sample or a packet. Every array has one row for each; X is what the
 * chosen form makes of the packets, y the number of the label. First the arrays are
 * described, then memory of the caller is filled:
 *
 *     const struct lcap_array_options options = {.size = sizeof options, .form = "yatc"};
 *     struct lcap_arrays *arrays = NULL;
 *     int rc = lcap_arrays_open(&arrays, "sorted.pcapng", &options, &error);
 *     for (size_t i = 0; rc == 0 && i < lcap_arrays_count(arrays); i++)
 *         memory[i] = malloc(lcap_arrays_get(arrays, i)->bytes);
 *     if (rc == 0)
 *         rc = lcap_arrays_fill(arrays, memory, &error);
 *     lcap_arrays_free(arrays);
 *
 * The data set is in the order of its samples, as `labelcap sort` writes it, or has a
 * catalogue (labelcap/dataset.h).
 *
 * Threads: an lcap_arrays belongs to one thread at a time; it may use several itself.
 */
#ifndef LABELCAP_ARRAYS_H
#define LABELCAP_ARRAYS_H

#include <labelcap/capture.h>
#include <labelcap/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Names are those that labelcap-arrays(1) explains. NULL and 0: the default of the form. */
struct lcap_array_options {
    size_t size;         /* of this struct */
    const char *form;    /* "bytes" (the default), "yatc", "netmamba", "nprint" */
    const char *per;     /* a row: "flow", "sample" or "packet" */
    uint32_t packets;    /* of a row, at most 65,535 */
    uint32_t bytes;      /* of a packet, or of its payload, at most 65,535 */
    const char *part;    /* of bytes: where they begin: "l2", "l3" (the default), "l4", "payload" */
    const char *headers; /* of nprint: a list of "eth", "ipv4", "ipv6", "tcp", "udp", "icmp" */
    const char *mask;    /* a list of fields, such as "ip,ports"; with "random" they become random,
                            not 0; "none" */
    const char *series;  /* more arrays: a list of "length", "direction", "inter_arrival" */
    uint64_t min_packets; /* of a flow or sample with a row */
    uint64_t seed;        /* of random values */
    bool inner_tunnels;   /* headers inside tunnels count, not those of tunnels */
    bool compat;          /* exactly what the original program of the form gives */
    enum lcap_pcapml_times pcapml_times;
    unsigned threads;   /* the caller's included; 0: only that one */
    const char *splits; /* a folder of lists of sampleIDs, of which only … */
    const char *list;   /* … the samples of this one have rows */
};

#ifdef __cplusplus
}
#endif

#endif
