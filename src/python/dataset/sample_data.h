/* The packets of a sample, copied from a reader: their bytes one behind the other. */
#ifndef PYTHON_DATASET_SAMPLE_DATA_H
#define PYTHON_DATASET_SAMPLE_DATA_H

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
    uint8_t has_time, has_comment; /* no bool, which what comes from outside need not be */
    int64_t time_ns;
};

/* All zero when empty; memory without packets may be used again. */
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

/* Whether most of the memory is not used. */
bool sample_data_is_sparse(const struct sample_data *data);

/* False: out of memory, and nothing to release. */
bool sample_data_copy(struct sample_data *to, const struct sample_data *from);

/* Whether all that packets say of the bytes is in them, of data that comes from outside. */
bool sample_data_is_sound(const struct sample_data *data);
void sample_data_release(struct sample_data *data);

#endif
