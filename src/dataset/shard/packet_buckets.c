/* Writes packets into buckets. */
#include "dataset/shard/packet_buckets.h"

#include "base/bytes.h"
#include "base/intern.h"
#include "base/memory.h"
#include "base/varint.h"
#include "capture/time_digits.h"
#include "dataset/shard/bucket_file.h"
#include "dataset/shard/packet_items.h"
#include "label/labeller/labeller_match.h"
#include <stdlib.h>

struct packet_buckets {
    struct bucket_writer *writer;
    uint32_t count;                 /* of buckets; the stream of all packets comes after them */
    struct lcap_labeller *labeller; /* for rules; or NULL */
    struct buffer record;           /* of the current packet */
    struct header_parser parser;
    struct intern *samples; /* with their metadata, as they were first seen */
    struct buffer sample;   /* of the current packet */
    int64_t last_ns;
};

int packet_buckets_open(struct packet_buckets **buckets, const char *path,
                        const struct packet_buckets_options *options,
                        const struct output_options *placing, struct lcap_error *error)
{
    struct packet_buckets *made = memory_new(1, sizeof *made, error);
    if (!made)
        return LCAP_ERR_MEMORY;
    made->count = options->count;
    made->labeller = options->labeller;
    made->parser.inner_tunnels = options->inner_tunnels;
    int rc = intern_new(&made->samples, error);
    if (rc == LCAP_OK)
        rc = bucket_writer_open(&made->writer, path, made->count + 1, placing, error);
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

static int put_time(struct packet_buckets *buckets, const struct lcap_packet *packet,
                    struct lcap_error *error)
{
    const uint64_t step = (uint64_t)packet->time_ns - (uint64_t)buckets->last_ns;
    buckets->last_ns = packet->time_ns;
    return varint_append(stream_of_all(buckets), varint_of_step(step), error);
}

/* What an item for a packet begins with. */
static int put_head(struct packet_buckets *buckets, enum packets_item kind,
                    const struct lcap_packet *packet, struct lcap_error *error)
{
    struct buffer *all = stream_of_all(buckets);
    struct lcap_label label;
    const bool labelled =
        !buckets->labeller && packet->comment && lcap_packet_label(packet, &label);
    const bool has_length = buckets->labeller && kind != PACKETS_WHOLE;
    uint32_t sample = 0;
    int rc = labelled ? put_sample(buckets, &label, &sample, error) : LCAP_OK;
    if (rc == LCAP_OK)
        rc = put_byte(all,
                      kind | (packet->has_time ? PACKETS_TIME : 0) |
                          (labelled ? PACKETS_LABEL : 0) | (has_length ? PACKETS_LENGTH : 0),
                      error);
    if (rc == LCAP_OK && packet->has_time)
        rc = put_time(buckets, packet, error);
    if (rc == LCAP_OK && labelled)
        rc = varint_append(all, sample, error);
    return rc == LCAP_OK && has_length ? varint_append(all, packet->caplen, error) : rc;
}

static int put_bytes(const struct packet_buckets *buckets, struct buffer *out,
                     const struct lcap_packet *packet, struct lcap_error *error)
{
    const struct lcap_interface *interface = packet->interface;
    const bool has_options = buckets->labeller && packet->options_len > 0;
    uint64_t head = (uint64_t)interface->linktype << BYTES_LINKTYPE_SHIFT;
    head |= time_digits_below_microsecond(interface) ? BYTES_NANOSECONDS : 0;
    head |= has_options ? BYTES_OPTIONS : 0;
    head |= interface->big_endian ? BYTES_BIG_ENDIAN : 0;
    int rc = varint_append(out, head, error);
    if (rc == LCAP_OK)
        rc = varint_append(out, packet->len, error);
    if (rc == LCAP_OK)
        rc = varint_append(out, packet->caplen, error);
    if (rc == LCAP_OK && has_options)
        rc = varint_append(out, packet->options_len, error);
    if (rc == LCAP_OK && has_options)
        rc = buffer_append(out, packet->options, packet->options_len, error);
    return rc == LCAP_OK ? buffer_append(out, packet->data, packet->caplen, error) : rc;
}

static int put_whole(struct packet_buckets *buckets, const struct lcap_packet *packet,
                     struct lcap_error *error)
{
    const int rc = put_head(buckets, PACKETS_WHOLE, packet, error);
    return rc == LCAP_OK ? put_bytes(buckets, stream_of_all(buckets), packet, error) : rc;
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

/* It is no fragment. */
static int put_record(struct packet_buckets *buckets, uint32_t input, struct buffer *out,
                      const struct lcap_packet *packet, struct lcap_error *error)
{
    struct buffer *record = &buckets->record;
    buffer_clear(record);
    int rc = labeller_match_append(buckets->labeller, input, packet, record, error);
    if (rc == LCAP_OK)
        rc = varint_append(out, record->len, error);
    return rc == LCAP_OK ? buffer_append(out, record->data, record->len, error) : rc;
}

static int put_in_bucket(struct packet_buckets *buckets, uint32_t input,
                         const struct lcap_packet *packet, const struct packet_headers *headers,
                         struct lcap_error *error)
{
    const bool is_matched = buckets->labeller;
    const uint32_t bucket = flow_share_of(headers, buckets->count);
    struct buffer *stream = bucket_writer_stream(buckets->writer, bucket);
    int rc = put_head(buckets, is_matched ? PACKETS_MATCHED : PACKETS_BUCKET, packet, error);
    if (rc == LCAP_OK)
        rc = varint_append(stream_of_all(buckets), bucket, error);
    if (rc == LCAP_OK)
        rc = is_matched ? put_record(buckets, input, stream, packet, error)
                        : put_bytes(buckets, stream, packet, error);
    return rc == LCAP_OK ? bucket_writer_note(buckets->writer, bucket, error) : rc;
}

static int put_packet(struct packet_buckets *buckets, uint32_t input,
                      const struct lcap_packet *packet, struct lcap_error *error)
{
    struct packet_headers headers;
    const uint64_t fragments = buckets->parser.fragments.named;
    const enum lcap_skip skip = packet_headers_parse(&buckets->parser, packet, &headers);
    if (buckets->parser.fragments.named != fragments)
        return put_whole(buckets, packet, error);
    if (skip != LCAP_SKIP_NONE)
        return put_skipped(buckets, packet, skip, error);
    return put_in_bucket(buckets, input, packet, &headers, error);
}

static int put_between(struct packet_buckets *buckets, const struct lcap_block *block,
                       struct lcap_error *error)
{
    const bool begins_section = block->kind == LCAP_BLOCK_SECTION;
    const int rc = put_byte(stream_of_all(buckets), PACKETS_BETWEEN, error);
    return rc == LCAP_OK ? varint_append(stream_of_all(buckets),
                                         begins_section ? 0 : (uint64_t)block->body_len + 1, error)
                         : rc;
}

int packet_buckets_add(struct packet_buckets *buckets, uint32_t input,
                       const struct lcap_block *block, struct lcap_error *error)
{
    int rc = LCAP_OK;
    if (block->kind == LCAP_BLOCK_PACKET)
        rc = put_packet(buckets, input, &block->packet, error);
    else if (buckets->labeller)
        rc = put_between(buckets, block, error);
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
    buffer_release(&buckets->record);
    header_parser_release(&buckets->parser);
    free(buckets);
}
