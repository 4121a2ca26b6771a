/* Merges packets and the blocks between them. */
#include "shard/captures_merge.h"

#include "capture/encoder.h"
#include "capture/parts/part_reader.h"
#include "capture/parts/reader_guess.h"
#include "dataset/dataset_writer.h"
#include "shard/sorted_merge.h"
#include <inttypes.h>

struct merging {
    const struct part_merge_options *options;
    struct part_merge_result *result;
    struct dataset_writer *writer;
    const struct input_pass *input; /* the part that is read, in their order */
    struct sorted_merge *sorted;    /* of sorted parts */
    bool sorts;                     /* parts that are in the order of the inputs */
    bool skips_section;             /* the next section header is that of the part alone */
};

/* ---- blocks ---- */

/* What the part has in place of a time. */
static bool lacks_time(const struct lcap_packet *packet)
{
    return packet->has_time && packet->timestamp == ENCODER_NO_TIME;
}

static int merge_timeless(struct merging *merging, const struct lcap_block *block,
                          const struct lcap_label *label, struct lcap_error *error)
{
    struct lcap_packet packet = block->packet;
    packet.has_time = false;
    packet.timestamp = 0;
    packet.time_ns = INT64_MIN;
    return dataset_writer_packet(merging->writer, &packet, NULL, label, error);
}

/* Labels are read only to sort by them; how many there are is in the joints. */
static int merge_packet(struct merging *merging, const struct lcap_block *block,
                        struct lcap_error *error)
{
    struct lcap_label label;
    const bool labelled = merging->sorts && lcap_packet_label(&block->packet, &label);
    merging->result->written++;
    return lacks_time(&block->packet)
               ? merge_timeless(merging, block, labelled ? &label : NULL, error)
               : dataset_writer_copy(merging->writer, block, labelled ? &label : NULL, error);
}

static int merge_block(void *context, const struct lcap_block *block, struct lcap_error *error)
{
    struct merging *merging = context;
    if (block->kind == LCAP_BLOCK_PACKET)
        return merge_packet(merging, block, error);
    if (block->kind == LCAP_BLOCK_SECTION && merging->skips_section) {
        merging->skips_section = false;
        return LCAP_OK;
    }
    return dataset_writer_block(merging->writer, block, error);
}

static int copy_packet(void *context, const struct part_packet *packet,
                       const struct lcap_interface *interface, struct lcap_error *error)
{
    struct merging *merging = context;
    const int rc = dataset_writer_copy_part(merging->writer, packet, interface, error);
    merging->result->written += rc == 1;
    return rc;
}

/* Copies the packets that come next, as far as they can be copied and are in memory. */
static int copy_packets(struct merging *merging, const struct input_pass *input,
                        struct lcap_error *error)
{
    struct part_packet packet;
    uint64_t copied = 0;
    int rc = 1;
    while (reader_offset(input->reader) < input->end && part_reader_look(input->reader, &packet) &&
           (rc = copy_packet(merging, &packet, packet.interface, error)) == 1) {
        part_reader_skip(input->reader, &packet);
        copied++;
    }
    return rc < 0 || copied == 0 ? rc : input_pass_tell(input, error);
}

/* One block of a walk, and the packets behind it. */
static int merge_blocks(void *context, const struct lcap_block *block, struct lcap_error *error)
{
    struct merging *merging = context;
    int rc = merge_block(merging, block, error);
    if (rc == LCAP_OK && !merging->sorts)
        rc = copy_packets(merging, merging->input, error);
    return rc < 0 ? rc : LCAP_OK;
}

static int refuse_packet(void *context, const struct lcap_block *block, struct lcap_error *error)
{
    return block->kind == LCAP_BLOCK_PACKET ? parts_refuse_cover(context, 0, error) : LCAP_OK;
}

static int leave_out(void *context, const struct lcap_block *block, struct lcap_error *error)
{
    (void)context;
    (void)block;
    (void)error;
    return LCAP_OK;
}

/* ---- parts ---- */

static void begin_segment(struct merging *merging, const struct joint_segment *segment,
                          const struct lcap_reader *reader)
{
    const bool goes_on = segment->begin.offset > 0;
    merging->skips_section = goes_on || !segment->has_sections;
    if (goes_on)
        dataset_writer_continue(merging->writer);
    else
        dataset_writer_source(merging->writer, reader);
}

static int merge_segment(struct merging *merging, const struct part *part,
                         const struct joint_segment *segment, struct input_pass *input,
                         struct lcap_error *error)
{
    pass_function *function = segment->left_out ? leave_out : merge_blocks;
    if (segment->part_begin == segment->part_end)
        return LCAP_OK;
    if (!segment->left_out)
        begin_segment(merging, segment, input->reader);
    input->end = segment->part_end;
    merging->input = input;
    const int rc = input_pass_walk(input, function, merging, error);
    return rc < 0 || input->outcome.status < 0 || reader_offset(input->reader) == segment->part_end
               ? rc
               : parts_refuse_cover(part, segment->part_end, error);
}

/* Where no segment has a byte, the part has no packet. */
static int check_rest(const struct part *part, struct input_pass *input, struct lcap_error *error)
{
    input->end = UINT64_MAX;
    return input_pass_walk(input, refuse_packet, (void *)part, error);
}

/* A shard has written nothing that is damaged. */
static int check_read(const struct input_pass *input, struct lcap_error *error)
{
    return input->outcome.status == LCAP_OK ? LCAP_OK
                                            : lcap_error_copy(error, &input->outcome.error);
}

static int merge_part(struct merging *merging, size_t number, struct lcap_error *error)
{
    const struct part *part = &merging->result->parts.items[number];
    const struct input_options reading = {.watcher = merging->options->watcher};
    struct input_pass input = {
        .options = &reading, .number = number, .outcome = {.name = part->path}};
    int rc = part_reader_open(&input.reader, part->path, NULL, error);
    for (size_t i = 0; i < part->joint.segment_count && rc == LCAP_OK; i++)
        rc = merge_segment(merging, part, &part->joint.segments[i], &input, error);
    if (rc == LCAP_OK)
        rc = check_rest(part, &input, error);
    if (rc == LCAP_OK)
        rc = check_read(&input, error);
    if (rc == LCAP_OK)
        rc = part_check_checksum(part, part_reader_checksum(input.reader), error);
    input_pass_close(&input);
    return rc;
}

/* ---- the output ---- */

/* Whether the snap lengths of the input, which is then the only one, were sound as a whole. */
static bool snaplens_were_sound(const struct parts *parts)
{
    const struct joint_counts *first = NULL;
    for (size_t i = 0; i < parts->count; i++) {
        const struct joint *joint = &parts->items[i].joint;
        if (!joint->counts.has_snaplen || joint->segments[0].left_out)
            continue;
        if (!joint->counts.sound_snaplens || (first && first->snaplen != joint->counts.snaplen))
            return false;
        first = &joint->counts;
    }
    return true;
}

static int open_output(struct merging *merging, const char *output, struct lcap_error *error)
{
    const struct part_merge_options *options = merging->options;
    const struct parts *parts = &merging->result->parts;
    const struct joint_output *how = &parts->items[0].joint.output;
    const bool one_snaplen = merging->sorted ? sorted_merge_has_one_snaplen(merging->sorted)
                                             : snaplens_were_sound(parts);
    const struct dataset_writer_options writing = {
        .order = how->is_sorted ? ORDER_AS_GIVEN : (enum packet_order)how->order,
        .split_linktypes = how->split_linktypes,
        .writer = {.format = LCAP_FORMAT_PCAPNG,
                   .overwrite = options->placing.overwrite,
                   .no_sync = options->placing.no_sync,
                   .level = options->placing.level,
                   .threads = options->threads,
                   .unlimited_snaplen = how->several || (merging->sorted && !one_snaplen),
                   .sound_snaplens = !how->several && one_snaplen,
                   .pcapml_times = how->pcapml_times,
                   .snaplen = (uint32_t)how->snaplen},
        .sorter = options->sorter,
        .watcher = options->watcher,
    };
    return dataset_writer_open(&merging->writer, output, &writing, error);
}

static int close_output(struct merging *merging, struct lcap_error *error)
{
    struct dataset_writer *writer = merging->writer;
    merging->result->linktypes = dataset_writer_linktypes(writer);
    merging->writer = NULL;
    return dataset_writer_close(writer, &merging->result->losses, error);
}

static int merge_in_turn(struct merging *merging, struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (size_t i = 0; i < merging->result->parts.count && rc == LCAP_OK; i++)
        rc = merge_part(merging, i, error);
    return rc;
}

static int merge_sorted(struct merging *merging, struct lcap_error *error)
{
    const struct sorted_sink sink = {merge_block, copy_packet, merging};
    const int rc = sorted_merge_run(merging->sorted, &sink, error);
    merging->result->labelled = sorted_merge_labelled(merging->sorted);
    return rc;
}

/* Joints may say anything about packets, but the parts have been read. */
static int check_counts(const struct part_merge_result *done, struct lcap_error *error)
{
    if (!done->labels || (done->labelled <= done->written && done->written <= done->packets))
        return LCAP_OK;
    return lcap_error_set(error, LCAP_ERR_FORMAT,
                          "the joints say that %" PRIu64 " of %" PRIu64
                          " packets have a label, but the parts have %" PRIu64
                          " packets: run the shards again",
                          done->labelled, done->packets, done->written);
}

static int merge_captures(struct merging *merging, const char *output, struct lcap_error *error)
{
    const struct parts *parts = &merging->result->parts;
    const bool sorted = parts->items[0].joint.output.is_sorted;
    int rc = LCAP_OK;
    merging->sorts = !sorted && parts->items[0].joint.output.order != ORDER_AS_GIVEN;
    if (sorted)
        rc = sorted_merge_open(&merging->sorted, parts, error);
    if (rc == LCAP_OK)
        rc = open_output(merging, output, error);
    if (rc == LCAP_OK)
        rc = sorted ? merge_sorted(merging, error) : merge_in_turn(merging, error);
    if (rc == LCAP_OK)
        rc = check_counts(merging->result, error);
    if (rc == LCAP_OK)
        rc = close_output(merging, error);
    dataset_writer_discard(merging->writer);
    sorted_merge_free(merging->sorted);
    return rc;
}

/* Whatever a part that was changed leads to, the change is the reason. */
int captures_merge_run(const char *output, const struct part_merge_options *options,
                       struct part_merge_result *result, struct lcap_error *error)
{
    struct merging merging = {.options = options, .result = result};
    struct lcap_error reason = {0};
    const int rc = merge_captures(&merging, output, &reason);
    const bool doubtful =
        rc == LCAP_ERR_FORMAT || rc == LCAP_ERR_DAMAGED || rc == LCAP_ERR_ARGUMENT;
    if (rc == LCAP_OK)
        return rc;
    if (doubtful && parts_check_bytes(&result->parts, options->threads, error) < 0)
        return LCAP_ERR_FORMAT;
    return lcap_error_copy(error, &reason);
}
