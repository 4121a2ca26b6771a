/* Reads the packets of one share from the buckets of all shards. */
#include "base/memory.h"
#include "base/varint.h"
#include "dataset/shard/bucket_file.h"
#include "dataset/shard/packet_buckets.h"
#include "dataset/shard/packet_items.h"
#include <stdlib.h>

/* A packet as it is read. Only what differs among packets is set for each of them. */
struct reading {
    struct shared_packet shared;
    uint64_t bucket; /* of its bytes, if they are in one */
};

/* The file of one shard, which is read at a time. */
struct bucket_source {
    const struct joint *joint;
    struct bucket_reader *all, *own;
    size_t segments; /* that have begun */
    struct buffer *samples;
    size_t sample_count, sample_capacity;
    int64_t last_ns;
    struct reading reading;
};

struct share_packets {
    const struct parts *parts;
    struct flow_share share;
    size_t part; /* that is open, or would be next */
    struct bucket_source source;
    bool is_open;
};

/* ---- one shard ---- */

static void close_source(struct bucket_source *source)
{
    for (size_t i = 0; i < source->sample_count; i++)
        buffer_release(&source->samples[i]);
    free(source->samples);
    bucket_reader_free(source->all);
    bucket_reader_free(source->own);
    *source = (struct bucket_source){.joint = NULL};
}

static int open_source(struct share_packets *packets, struct lcap_error *error)
{
    const struct part *part = &packets->parts->items[packets->part];
    struct bucket_source *source = &packets->source;
    *source = (struct bucket_source){.joint = &part->joint};
    source->reading.shared.shard = part->joint.shard.number;
    packets->is_open = true;
    int rc = bucket_reader_open(&source->own, part->path, packets->share.number, error);
    if (rc == LCAP_OK)
        rc = bucket_reader_open(&source->all, part->path, packets->share.count, error);
    return rc;
}

static int refuse(const struct bucket_source *source, struct lcap_error *error)
{
    return bucket_reader_refuse(source->all, error);
}

/* ---- items ---- */

/* Sets `in` to the next bytes of a stream, all of an item but what it may have a length of. */
static int look(struct bucket_reader *reader, struct cursor *in, struct lcap_error *error)
{
    const uint8_t *bytes;
    const int64_t have = bucket_reader_peek(reader, PACKETS_ITEM_MOST, &bytes, error);
    if (have < 0)
        return (int)have;
    *in = (struct cursor){.at = bytes, .left = (size_t)have};
    return LCAP_OK;
}

/* Advances the stream to the cursor. */
static void advance(struct bucket_reader *reader, const struct cursor *in, size_t looked)
{
    bucket_reader_skip(reader, looked - in->left);
}

/* Takes `len` bytes, valid until the next look at the stream. */
static int take_bytes(struct bucket_reader *reader, size_t len, const uint8_t **bytes,
                      struct lcap_error *error)
{
    const int64_t have = bucket_reader_peek(reader, len, bytes, error);
    if (have < 0)
        return (int)have;
    if ((uint64_t)have < len)
        return bucket_reader_refuse(reader, error);
    bucket_reader_skip(reader, len);
    return LCAP_OK;
}

static int take_sample(struct bucket_source *source, struct lcap_error *error)
{
    struct cursor in = {.left = 0};
    uint64_t len;
    const uint8_t *bytes;
    int rc = look(source->all, &in, error);
    if (rc < 0)
        return rc;
    const size_t looked = in.left;
    if (!cursor_take(&in, 1) || !varint_take(&in, &len) || len < 8 || len > UINT16_MAX + 8)
        return refuse(source, error);
    advance(source->all, &in, looked);
    rc = take_bytes(source->all, (size_t)len, &bytes, error);
    if (rc == LCAP_OK)
        rc = memory_grow((void **)&source->samples, &source->sample_capacity,
                         source->sample_count + 1, sizeof *source->samples, error);
    if (rc < 0)
        return rc;
    struct buffer *sample = &source->samples[source->sample_count++];
    *sample = (struct buffer){0};
    return buffer_append(sample, bytes, (size_t)len, error);
}

static bool take_time(struct bucket_source *source, struct cursor *in, struct lcap_packet *packet)
{
    uint64_t step;
    if (!varint_take(in, &step))
        return false;
    source->last_ns = (int64_t)((uint64_t)source->last_ns + varint_to_step(step));
    packet->has_time = true;
    packet->time_ns = source->last_ns;
    return true;
}

static bool take_label(const struct bucket_source *source, struct cursor *in,
                       struct shared_packet *shared)
{
    uint64_t number;
    if (!varint_take(in, &number) || number >= source->sample_count)
        return false;
    const struct buffer *sample = &source->samples[number];
    shared->labelled = true;
    shared->label = (struct lcap_label){load64(sample->data, false), (const char *)sample->data + 8,
                                        sample->len - 8};
    return true;
}

static bool take_skip(struct cursor *in, struct shared_packet *shared)
{
    uint64_t skip, type;
    if (!varint_take(in, &skip) || !varint_take(in, &type) || skip == LCAP_SKIP_NONE ||
        skip >= LCAP_SKIP_REASONS || type > UINT16_MAX)
        return false;
    shared->skip = (enum lcap_skip)skip;
    shared->unknown_type = (uint16_t)type;
    return true;
}

static bool take_length(struct cursor *in, uint64_t most, uint32_t *length)
{
    uint64_t number;
    if (!varint_take(in, &number) || number > most)
        return false;
    *length = (uint32_t)number;
    return true;
}

static void begin_packet(struct shared_packet *shared)
{
    shared->packet.has_time = false;
    shared->packet.time_ns = INT64_MIN;
    shared->packet.caplen = 0;
    shared->labelled = false;
    shared->record = NULL;
    shared->passes = true;
    shared->skip = LCAP_SKIP_NONE;
    shared->unknown_type = 0;
}

/* Takes a packet but for its bytes. */
static bool take_head(struct bucket_source *source, struct cursor *in)
{
    uint8_t head;
    struct reading *reading = &source->reading;
    struct shared_packet *shared = &reading->shared;
    begin_packet(shared);
    if (!cursor_take8(in, &head) ||
        (head & PACKETS_TIME && !take_time(source, in, &shared->packet)) ||
        (head & PACKETS_LABEL && !take_label(source, in, shared)) ||
        (head & PACKETS_LENGTH && !take_length(in, UINT32_MAX, &shared->packet.caplen)))
        return false;
    switch (head & PACKETS_KIND) {
    case PACKETS_BUCKET:
    case PACKETS_MATCHED:
        return varint_take(in, &reading->bucket);
    case PACKETS_SKIPPED:
        return take_skip(in, shared);
    case PACKETS_WHOLE:
        return true;
    default:
        return false;
    }
}

/* Takes what comes before the bytes of a packet. */
static bool take_shape(struct cursor *in, struct lcap_packet *packet,
                       struct lcap_interface *interface)
{
    uint64_t head;
    if (!varint_take(in, &head) || head >> BYTES_LINKTYPE_SHIFT > UINT16_MAX ||
        !take_length(in, UINT32_MAX, &packet->len) ||
        !take_length(in, UINT32_MAX, &packet->caplen) ||
        (head & BYTES_OPTIONS && !take_length(in, LCAP_MAX_BLOCK, &packet->options_len)))
        return false;
    *interface = (struct lcap_interface){
        .linktype = (uint16_t)(head >> BYTES_LINKTYPE_SHIFT),
        .tsresol = head & BYTES_NANOSECONDS ? 9 : 6,
        .fcs_len = -1,
        .big_endian = head & BYTES_BIG_ENDIAN,
    };
    packet->interface = interface;
    return true;
}

/* Takes the bytes of a packet from a stream, and passes it on. */
static int pass_whole(struct bucket_source *source, struct bucket_reader *reader,
                      const struct share_taker *taker, struct lcap_error *error)
{
    struct shared_packet *shared = &source->reading.shared;
    struct lcap_packet *packet = &shared->packet;
    struct lcap_interface interface;
    struct cursor in = {.left = 0};
    const uint8_t *bytes;
    int rc = look(reader, &in, error);
    if (rc < 0)
        return rc;
    const size_t looked = in.left;
    if (!take_shape(&in, packet, &interface))
        return refuse(source, error);
    advance(reader, &in, looked);
    rc = take_bytes(reader, (size_t)packet->options_len + packet->caplen, &bytes, error);
    if (rc < 0)
        return rc;
    packet->options = packet->options_len > 0 ? bytes : NULL;
    packet->data = bytes + packet->options_len;
    shared->passes = false;
    rc = taker->packet(taker->context, shared, error);
    *packet = (struct lcap_packet){.len = 0}; /* the next one may have no bytes */
    return rc;
}

/* Takes what rules make of a packet from a stream, and passes it on. */
static int pass_matched(struct bucket_reader *reader, struct shared_packet *shared,
                        const struct share_taker *taker, struct lcap_error *error)
{
    struct cursor in = {.left = 0};
    uint32_t len;
    int rc = look(reader, &in, error);
    if (rc < 0)
        return rc;
    const size_t looked = in.left;
    if (!take_length(&in, UINT16_MAX, &len))
        return bucket_reader_refuse(reader, error);
    advance(reader, &in, looked);
    rc = take_bytes(reader, len, &shared->record, error);
    if (rc < 0)
        return rc;
    shared->record_len = len;
    shared->passes = false;
    return taker->packet(taker->context, shared, error);
}

static int pass_packet(struct share_packets *packets, uint8_t kind, const struct share_taker *taker,
                       struct lcap_error *error)
{
    struct bucket_source *source = &packets->source;
    const struct reading *reading = &source->reading;
    struct cursor in = {.left = 0};
    const int rc = look(source->all, &in, error);
    if (rc < 0)
        return rc;
    const size_t looked = in.left;
    if (!take_head(source, &in) || (kind == PACKETS_MATCHED && !taker->takes_records))
        return refuse(source, error);
    advance(source->all, &in, looked);
    if (kind == PACKETS_WHOLE)
        return pass_whole(source, source->all, taker, error);
    if (kind == PACKETS_BUCKET && reading->bucket == packets->share.number)
        return pass_whole(source, source->own, taker, error);
    if (kind == PACKETS_MATCHED && reading->bucket == packets->share.number)
        return pass_matched(source->own, &source->reading.shared, taker, error);
    return taker->packet(taker->context, &reading->shared, error);
}

/* ---- segments ---- */

/* Returns 1 with the kind of the next item, 0 at the end of the file. */
static int next_kind(struct bucket_source *source, uint8_t *kind, struct lcap_error *error)
{
    struct cursor in = {.left = 0};
    const int rc = look(source->all, &in, error);
    if (rc < 0 || in.left == 0)
        return rc;
    *kind = in.at[0] & PACKETS_KIND;
    return 1;
}

static int pass_between(struct bucket_source *source, const struct share_taker *taker,
                        struct lcap_error *error)
{
    struct lcap_block block = {.kind = LCAP_BLOCK_SECTION};
    struct cursor in = {.left = 0};
    uint64_t number;
    const int rc = look(source->all, &in, error);
    if (rc < 0)
        return rc;
    const size_t looked = in.left;
    if (!cursor_take(&in, 1) || !varint_take(&in, &number) || number > LCAP_MAX_BLOCK)
        return refuse(source, error);
    advance(source->all, &in, looked);
    if (number > 0)
        block = (struct lcap_block){.kind = LCAP_BLOCK_OTHER, .body_len = (uint32_t)number - 1};
    return taker->between ? taker->between(taker->context, &block, error) : LCAP_OK;
}

static int leave_out(void *context, const struct shared_packet *shared, struct lcap_error *error)
{
    (void)context;
    (void)shared;
    (void)error;
    return LCAP_OK;
}

static int read_item(struct share_packets *packets, uint8_t kind, const struct share_taker *taker,
                     struct lcap_error *error)
{
    switch (kind) {
    case PACKETS_SAMPLE:
        return take_sample(&packets->source, error);
    case PACKETS_BETWEEN:
        return pass_between(&packets->source, taker, error);
    default:
        return pass_packet(packets, kind, taker, error);
    }
}

/* Packets up to the next segment; those behind damage before them go nowhere. */
static int read_segment(struct share_packets *packets, const struct joint_segment *segment,
                        const struct share_taker *taker, struct share_input *read,
                        struct lcap_error *error)
{
    const struct share_taker nobody = {.packet = leave_out, .takes_records = taker->takes_records};
    struct bucket_source *source = &packets->source;
    uint8_t kind = 0;
    int rc;
    bucket_reader_skip(source->all, 1);
    source->segments++;
    while ((rc = next_kind(source, &kind, error)) == 1 && kind != PACKETS_SEGMENT) {
        rc = read_item(packets, kind, segment->left_out ? &nobody : taker, error);
        if (rc < 0)
            return rc;
        read->packets += kind != PACKETS_SAMPLE && kind != PACKETS_BETWEEN && !segment->left_out;
    }
    if (!segment->left_out && segment->damage)
        read->damage = segment->damage;
    return rc < 0 ? rc : LCAP_OK;
}

/* The segment that comes next; NULL at the end of the part. */
static const struct joint_segment *next_segment(const struct bucket_source *source)
{
    return source->segments < source->joint->segment_count
               ? &source->joint->segments[source->segments]
               : NULL;
}

static int read_source(struct share_packets *packets, uint64_t input,
                       const struct share_taker *taker, struct share_input *read,
                       struct lcap_error *error)
{
    const struct joint_segment *segment;
    uint8_t kind = 0;
    int rc = LCAP_OK;
    while (rc == LCAP_OK && (segment = next_segment(&packets->source)) && segment->input == input) {
        rc = next_kind(&packets->source, &kind, error);
        if (rc >= 0)
            rc = rc == 1 && kind == PACKETS_SEGMENT
                     ? read_segment(packets, segment, taker, read, error)
                     : refuse(&packets->source, error);
    }
    return rc;
}

int share_packets_read(struct share_packets *packets, uint64_t input,
                       const struct share_taker *taker, struct share_input *read,
                       struct lcap_error *error)
{
    int rc = LCAP_OK;
    *read = (struct share_input){.packets = 0};
    while (packets->part < packets->parts->count && rc == LCAP_OK) {
        rc = packets->is_open ? LCAP_OK : open_source(packets, error);
        if (rc == LCAP_OK)
            rc = read_source(packets, input, taker, read, error);
        if (rc < 0 || next_segment(&packets->source))
            return rc;
        close_source(&packets->source);
        packets->is_open = false;
        packets->part++;
    }
    return rc;
}

int share_packets_open(struct share_packets **packets, const struct parts *parts,
                       struct flow_share share, struct lcap_error *error)
{
    struct share_packets *made = memory_new(1, sizeof *made, error);
    if (!made)
        return LCAP_ERR_MEMORY;
    made->parts = parts;
    made->share = share;
    *packets = made;
    return LCAP_OK;
}

int share_packets_refuse(const struct share_packets *packets, struct lcap_error *error)
{
    return refuse(&packets->source, error);
}

void share_packets_free(struct share_packets *packets)
{
    if (!packets)
        return;
    if (packets->is_open)
        close_source(&packets->source);
    free(packets);
}
