/* Writes packets into buckets. */
#include "dataset/shard/packet_buckets.h"

#include "base/bytes.h"
#include "base/intern.h"
#include "base/memory.h"
#include "base/varint.h"
#include "capture/time_digits.h"
#include "dataset/shard/bucket_file.h"
#include "dataset/shard/packet_items.h"
#include <stdlib.h>

struct packet_buckets {
    struct bucket_writer *writer;
    uint32_t count; /* of buckets; the stream of all packets comes after them */
    struct header_parser parser;
    struct intern *samples; /* with their metadata, as they were first seen */
    struct buffer sample;   /* of the current packet */
    int64_t last_ns;
};

int packet_buckets_open(struct packet_buckets **buckets, const char *path, uint32_t count,
                        bool inner_tunnels, const struct output_options *placing,
                        struct lcap_error *error)
{
    struct packet_buckets *made = memory_new(1, sizeof *made, error);
    if (!made)
        return LCAP_ERR_MEMORY;
    made->count = count;
    made->parser.inner_tunnels = inner_tunnels;
    int rc = intern_new(&made->samples, error);
    if (rc == LCAP_OK)
        rc = bucket_writer_open(&made->writer, path, count + 1, placing, error);
    if (rc == LCAP_OK)
        *buckets = made;
    else
        packet_buckets_discard(made);
    return rc;
}

static struct buffer *stream_of_all(const struct packet_buckets *buckets)
{
    return bucket_writer_stream(buckets->writer, buckets->count);
}

static int put_byte(struct buffer *out, unsigned byte, struct lcap_error *error)
{
    const uint8_t value = (uint8_t)byte;
    return buffer_append(out, &value, 1, error);
}

int packet_buckets_begin(struct packet_buckets *buckets, struct lcap_error *error)
{
    return put_byte(stream_of_all(buckets), PACKETS_SEGMENT, error);
}

/* Sets *number to that of the packet's sample, which is described where it is first seen. */
static int put_sample(struct packet_buckets *buckets, const struct lcap_label *label,
                      uint32_t *number, struct lcap_error *error)
{
    struct buffer *all = stream_of_all(buckets), *sample = &buckets->sample;
    const size_t known = intern_count(buckets->samples);
    uint8_t id[8];
    store64(id, label->sample_id, false);
    buffer_clear(sample);
    int rc = buffer_append(sample, id, sizeof id, error);
    if (rc == LCAP_OK)
        rc = buffer_append(sample, label->metadata, label->metadata_len, error);
    if (rc == LCAP_OK)
        rc = intern_add(buckets->samples, sample->data, sample->len, number, error);
    if (rc < 0 || *number < known)
        return rc;
    rc = put_byte(all, PACKETS_SAMPLE, error);
    if (rc == LCAP_OK)
        rc = varint_append(all, sample->len, error);
    return rc == LCAP_OK ? buffer_append(all, sample->data, sample->len, error) : rc;
}

/* What an item for a packet begins with. */
static int put_head(struct packet_buckets *buckets, enum packets_item kind,
                    const struct lcap_packet *packet, struct lcap_error *error)
{
    struct buffer *all = stream_of_all(buckets);
    struct lcap_label label;
    const bool labelled = packet->comment && lcap_packet_label(packet, &label);
    uint32_t sample = 0;
    int rc = labelled ? put_sample(buckets, &label, &sample, error) : LCAP_OK;
    if (rc == LCAP_OK)
        rc = put_byte(all,
                      kind | (packet->has_time ? PACKETS_TIME : 0) | (labelled ? PACKETS_LABEL : 0),
                      error);
    if (rc == LCAP_OK && packet->has_time) {
        const uint64_t step = (uint64_t)packet->time_ns - (uint64_t)buckets->last_ns;
        rc = varint_append(all, varint_of_step(step), error);
        buckets->last_ns = packet->time_ns;
    }
    return rc == LCAP_OK && labelled ? varint_append(all, sample, error) : rc;
}

static int put_bytes(struct buffer *out, const struct lcap_packet *packet, struct lcap_error *error)
{
    const uint64_t fine = time_digits_below_microsecond(packet->interface);
    int rc = varint_append(out, (uint64_t)packet->interface->linktype << 1 | fine, error);
    if (rc == LCAP_OK)
        rc = varint_append(out, packet->len, error);
    if (rc == LCAP_OK)
        rc = varint_append(out, packet->caplen, error);
    return rc == LCAP_OK ? buffer_append(out, packet->data, packet->caplen, error) : rc;
}

static int put_whole(struct packet_buckets *buckets, const struct lcap_packet *packet,
                     struct lcap_error *error)
{
    const int rc = put_head(buckets, PACKETS_WHOLE, packet, error);
    return rc == LCAP_OK ? put_bytes(stream_of_all(buckets), packet, error) : rc;
}

static int put_skipped(struct packet_buckets *buckets, const struct lcap_packet *packet,
                       enum lcap_skip skip, struct lcap_error *error)
{
    struct buffer *all = stream_of_all(buckets);
    int rc = put_head(buckets, PACKETS_SKIPPED, packet, error);
    if (rc == LCAP_OK)
        rc = varint_append(all, skip, error);
    return rc == LCAP_OK ? varint_append(all, buckets->parser.unknown_type, error) : rc;
}

static int put_in_bucket(struct packet_buckets *buckets, const struct lcap_packet *packet,
                         const struct packet_headers *headers, struct lcap_error *error)
{
    const uint32_t bucket = flow_share_of(headers, buckets->count);
    int rc = put_head(buckets, PACKETS_BUCKET, packet, error);
    if (rc == LCAP_OK)
        rc = varint_append(stream_of_all(buckets), bucket, error);
    if (rc == LCAP_OK)
        rc = put_bytes(bucket_writer_stream(buckets->writer, bucket), packet, error);
    return rc == LCAP_OK ? bucket_writer_note(buckets->writer, bucket, error) : rc;
}

int packet_buckets_add(struct packet_buckets *buckets, const struct lcap_packet *packet,
                       struct lcap_error *error)
{
    struct packet_headers headers;
    const uint64_t fragments = buckets->parser.fragments.named;
    const enum lcap_skip skip = packet_headers_parse(&buckets->parser, packet, &headers);
    int rc;
    if (buckets->parser.fragments.named != fragments)
        rc = put_whole(buckets, packet, error);
    else if (skip != LCAP_SKIP_NONE)
        rc = put_skipped(buckets, packet, skip, error);
    else
        rc = put_in_bucket(buckets, packet, &headers, error);
    return rc == LCAP_OK ? bucket_writer_note(buckets->writer, buckets->count, error) : rc;
}

int packet_buckets_close(struct packet_buckets *buckets, struct lcap_error *error)
{
    const int rc = bucket_writer_close(buckets->writer, error);
    buckets->writer = NULL;
    packet_buckets_discard(buckets);
    return rc;
}

void packet_buckets_discard(struct packet_buckets *buckets)
{
    if (!buckets)
        return;
    bucket_writer_discard(buckets->writer);
    intern_free(buckets->samples);
    buffer_release(&buckets->sample);
    header_parser_release(&buckets->parser);
    free(buckets);
}
