/* The packets of a sample, copied from a reader: their bytes one behind the other. */
#ifndef PYTHON_SAMPLE_DATA_H
#define PYTHON_SAMPLE_DATA_H

#include <labelcap/dataset.h>
#include <labelcap/packet.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sample_packet {
    size_t data, comment; /* where they begin in the bytes */
    uint32_t caplen, len; /* bytes stored; bytes on the wire */
    uint32_t comment_len;
    uint16_t linktype;
    bool has_time, has_comment;
    int64_t time_ns;
};

/* All zero when empty. */
struct sample_data {
    uint8_t *bytes;
    size_t len, capacity;
    struct sample_packet *packets;
    size_t count, packet_capacity;
};

int sample_data_add(struct sample_data *data, const struct lcap_packet *packet,
                    struct lcap_error *error);

/* Adds the packets of the sample at a position. */
int sample_data_read(struct sample_data *data, struct lcap_dataset *set, size_t position,
                     struct lcap_error *error);

/* Gives back the memory that is not needed once all packets are there. */
void sample_data_trim(struct sample_data *data);
void sample_data_release(struct sample_data *data);

#endif
