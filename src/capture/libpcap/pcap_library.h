/* libpcap, loaded for the first filter or device. */
#ifndef CAPTURE_LIBPCAP_PCAP_LIBRARY_H
#define CAPTURE_LIBPCAP_PCAP_LIBRARY_H

#include "base/library.h"
#include <pcap/pcap.h>

#define PCAP_FUNCTIONS(EACH)                                                                       \
    EACH(bpf_filter)                                                                               \
    EACH(pcap_activate)                                                                            \
    EACH(pcap_close)                                                                               \
    EACH(pcap_compile)                                                                             \
    EACH(pcap_create)                                                                              \
    EACH(pcap_datalink)                                                                            \
    EACH(pcap_fopen_offline)                                                                       \
    EACH(pcap_freecode)                                                                            \
    EACH(pcap_get_selectable_fd)                                                                   \
    EACH(pcap_geterr)                                                                              \
    EACH(pcap_next_ex)                                                                             \
    EACH(pcap_set_buffer_size)                                                                     \
    EACH(pcap_set_promisc)                                                                         \
    EACH(pcap_set_snaplen)                                                                         \
    EACH(pcap_set_timeout)                                                                         \
    EACH(pcap_set_tstamp_precision)                                                                \
    EACH(pcap_setnonblock)                                                                         \
    EACH(pcap_stats)                                                                               \
    EACH(pcap_statustostr)

/* Its functions by their names, after pcap_library_load(). */
extern struct pcap_library {
    PCAP_FUNCTIONS(LIBRARY_POINTER)
} libpcap;

int pcap_library_load(struct lcap_error *error);

#endif
