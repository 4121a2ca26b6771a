/* Writes blocks as pcap (draft-ietf-opsawg-pcap): one link type, one resolution, only packets. */
#ifndef CAPTURE_PCAP_WRITER_H
#define CAPTURE_PCAP_WRITER_H

#include "base/io/output.h"
#include <labelcap/capture.h>

struct pcap_writer {
    struct output *out; /* borrowed */
    enum lcap_pcap_times times;
    bool unlimited_snaplen;
    uint32_t most_snaplen; /* cuts packets; 0 = no limit */
    struct lcap_losses losses;
    /* What the file header will say, gathered until it is written; fixed from then on. */
    bool header_written;
    bool has_interface; /* the fields below are set */
    bool big_endian;
    bool nanoseconds;
    bool swaps_header; /* link-type headers are turned from this host's order */
    uint16_t linktype;
    int fcs_len;
    uint32_t snaplen; /* of the interfaces; then that in the header: 0 once a packet is longer */
};

/* Any block. An interface before the first packet adds to the file header. */
int pcap_writer_block(struct pcap_writer *w, const struct lcap_block *block,
                      struct lcap_error *error);
int pcap_writer_packet(struct pcap_writer *w, const struct lcap_packet *packet,
                       const struct lcap_edit *edit, struct lcap_error *error);

/* Writes the file header where no packet has come. */
int pcap_writer_finish(struct pcap_writer *w, struct lcap_error *error);

#endif
