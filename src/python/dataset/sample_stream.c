/* Samples of a sorted capture. */
#include "python/dataset/sample_stream.h"

#include <inttypes.h>
#include <string.h>

int sample_stream_open(struct sample_stream *stream, const char *path, enum lcap_pcapml_times times,
                       const struct lcap_watcher *watcher, struct lcap_error *error)
{
    const struct lcap_reader_options options = {
        .size = sizeof options, .pcapml_times = times, .watcher = *watcher};
    *stream = (struct sample_stream){0};
    return lcap_reader_open(&stream->reader, path, &options, error);
}

void sample_stream_take(struct sample_stream *stream, struct lcap_reader *reader)
{
    *stream = (struct sample_stream){.reader = reader, .any_order = true};
}

/* Whether the packet has the label of the sample, by the bytes of its comment. */
static bool is_labelled_alike(const struct sample_data *data, const struct lcap_packet *packet)
{
    if (data->count == 0 || !packet->comment)
        return false;
    const struct sample_packet *first = data->packets;
    return first->comment_len == packet->comment_len &&
           memcmp(data->bytes + first->comment, packet->comment, packet->comment_len) == 0;
}

/* The next labelled packet becomes the pending one. Returns 1, 0 or a code. */
static int find_labelled(struct sample_stream *stream, const struct sample_data *data,
                         struct lcap_error *error)
{
    const struct lcap_block *block;
    int rc;
    stream->pending = NULL;
    while ((rc = lcap_reader_next(stream->reader, &block, error)) == 1) {
        if (block->kind != LCAP_BLOCK_PACKET)
            continue;
        if (is_labelled_alike(data, &block->packet) ||
            lcap_packet_label(&block->packet, &stream->label))
            break;
    }
    if (rc == 1)
        stream->pending = &block->packet;
    return rc;
}

static int begin_sample(struct sample_stream *stream, struct lcap_error *error)
{
    const uint64_t id = stream->label.sample_id;
    if (stream->begun && !stream->any_order && id <= stream->last_id)
        return lcap_error_set(error, LCAP_ERR_LABEL,
                              "%s: is not sorted: sample %" PRIu64 " comes after %" PRIu64
                              "; 'labelcap sort' sorts it",
                              lcap_reader_name(stream->reader), id, stream->last_id);
    stream->begun = true;
    stream->last_id = id;
    return LCAP_OK;
}

/* Adds packets until one of another sample is pending, or there are no more. */
static int collect(struct sample_stream *stream, struct sample_data *data, struct lcap_error *error)
{
    int rc;
    do {
        rc = sample_data_add(data, stream->pending, error);
        if (rc == LCAP_OK)
            rc = find_labelled(stream, data, error);
    } while (rc == 1 && stream->label.sample_id == stream->last_id);
    return rc;
}

int sample_stream_next(struct sample_stream *stream, struct stream_sample *sample,
                       struct lcap_error *error)
{
    int rc = stream->pending ? 1 : find_labelled(stream, &sample->data, error);
    if (!stream->pending)
        return rc;
    rc = begin_sample(stream, error);
    if (rc < 0)
        return rc;
    const size_t into_comment = (size_t)(stream->label.metadata - stream->pending->comment);
    sample->id = stream->last_id;
    sample->metadata_len = stream->label.metadata_len;
    rc = collect(stream, &sample->data, error);
    /* What comes before damage is a sample; what comes before Ctrl-C is not. */
    if (rc == LCAP_ERR_MEMORY || rc == LCAP_ERR_INTERRUPTED || sample->data.count == 0)
        return rc;
    sample->metadata =
        (const char *)sample->data.bytes + sample->data.packets[0].comment + into_comment;
    return 1;
}

void sample_stream_release(struct sample_stream *stream)
{
    lcap_reader_free(stream->reader);
    stream->reader = NULL;
}
