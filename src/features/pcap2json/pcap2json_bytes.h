/* The bytes that dpkt makes of a parsed packet, which pcap2json prints. */
#ifndef FEATURES_PCAP2JSON_PCAP2JSON_BYTES_H
#define FEATURES_PCAP2JSON_PCAP2JSON_BYTES_H

#include "base/buffer.h"
#include "features/originals/dpkt_packet.h"

struct pcap2json_bytes {
    const uint8_t *ip; /* in the frame or in the buffer: valid as long as they are */
    uint32_t len;
    uint32_t transport_len; /* of it */
};

/*
 * Returns 1 and the bytes, 0 if dpkt raises an exception, or a negative code. The
 * transport header of the packet must have been parsed.
 *
 * They differ from those of the frame if a checksum is 0: it is filled in, in IPv4
 * together with the length field. For TCP and UDP in IPv4, it is filled in only
 * together with that of the IP header. IPv4 packets inside IP and ICMP errors are
 * parsed, too, and cut at their own length; those in GRE and AH stay unchanged
 * here. And dpkt writes what follows an IPv6 authentication header twice.
 */
int pcap2json_bytes(const struct dpkt_packet *packet, struct buffer *buffer,
                    struct pcap2json_bytes *bytes, struct lcap_error *error);

#endif
