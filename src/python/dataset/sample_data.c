/* The packets of a sample. */
#include "python/dataset/sample_data.h"

#include <stdlib.h>
#include <string.h>

/* Makes room for `more` items behind the `count` that are used; `*capacity` grows by half. */
static int make_room(void **items, size_t size, size_t count, size_t more, size_t *capacity,
                     struct lcap_error *error)
{
    if (more <= *capacity - count)
        return LCAP_OK;
    const size_t grown = *capacity + *capacity / 2;
    const size_t wanted = grown - count < more || grown < count ? count + more : grown;
    void *moved = wanted <= SIZE_MAX / size ? realloc(*items, wanted * size) : NULL;
    if (!moved)
        return lcap_error_set(error, LCAP_ERR_MEMORY, "out of memory");
    *items = moved;
    *capacity = wanted;
    return LCAP_OK;
}

static size_t append(struct sample_data *data, const void *bytes, size_t len)
{
    const size_t at = data->len;
    if (len > 0)
        memcpy(data->bytes + at, bytes, len);
    data->len += len;
    return at;
}

/* Most packets of a sample have the same comment, its label, which is stored once. */
static bool has_comment_of(const struct sample_data *data, const struct sample_packet *before,
                           const struct lcap_packet *packet)
{
    return before->has_comment && before->comment_len == packet->comment_len &&
           memcmp(data->bytes + before->comment, packet->comment, packet->comment_len) == 0;
}

static void add_comment(struct sample_data *data, const struct lcap_packet *packet,
                        struct sample_packet *added)
{
    const struct sample_packet *before = added - 1;
    added->has_comment = packet->comment != NULL;
    added->comment_len = packet->comment_len;
    if (!packet->comment)
        return;
    added->comment = data->count > 0 && has_comment_of(data, before, packet)
                         ? before->comment
                         : append(data, packet->comment, packet->comment_len);
}

int sample_data_add(struct sample_data *data, const struct lcap_packet *packet,
                    struct lcap_error *error)
{
    const size_t more = (size_t)packet->caplen + (packet->comment ? packet->comment_len : 0);
    int rc = make_room((void **)&data->bytes, 1, data->len, more, &data->capacity, error);
    if (rc == LCAP_OK)
        rc = make_room((void **)&data->packets, sizeof *data->packets, data->count, 1,
                       &data->packet_capacity, error);
    if (rc < 0)
        return rc;
    struct sample_packet *added = &data->packets[data->count];
    *added = (struct sample_packet){
        .data = append(data, packet->data, packet->caplen),
        .caplen = packet->caplen,
        .len = packet->len,
        .linktype = packet->interface->linktype,
        .has_time = packet->has_time,
        .time_ns = packet->time_ns,
    };
    add_comment(data, packet, added);
    data->count++;
    return LCAP_OK;
}

int sample_data_read(struct sample_data *data, struct lcap_dataset *set, size_t position,
                     struct lcap_error *error)
{
    const struct lcap_packet *packet;
    int rc = lcap_dataset_begin(set, position, error);
    if (rc < 0)
        return rc;
    while ((rc = lcap_dataset_next(set, &packet, error)) == 1) {
        rc = sample_data_add(data, packet, error);
        if (rc < 0)
            return rc;
    }
    return rc;
}

bool sample_data_is_sparse(const struct sample_data *data)
{
    return data->len < data->capacity / 4 || data->count < data->packet_capacity / 4;
}

bool sample_data_copy(struct sample_data *to, const struct sample_data *from)
{
    const size_t size = from->count * sizeof *from->packets;
    *to = (struct sample_data){.bytes = malloc(from->len + 1), .packets = malloc(size + 1)};
    if (!to->bytes || !to->packets) {
        sample_data_release(to);
        return false;
    }
    memcpy(to->packets, from->packets, size);
    if (from->len > 0)
        memcpy(to->bytes, from->bytes, from->len);
    to->len = to->capacity = from->len;
    to->count = to->packet_capacity = from->count;
    return true;
}

static bool is_within(const struct sample_data *data, size_t at, size_t len)
{
    return at <= data->len && len <= data->len - at;
}

bool sample_data_is_sound(const struct sample_data *data)
{
    for (size_t i = 0; i < data->count; i++) {
        const struct sample_packet *packet = &data->packets[i];
        if (!is_within(data, packet->data, packet->caplen) ||
            (packet->has_comment && !is_within(data, packet->comment, packet->comment_len)))
            return false;
    }
    return true;
}

void sample_data_release(struct sample_data *data)
{
    free(data->bytes);
    free(data->packets);
    *data = (struct sample_data){0};
}
