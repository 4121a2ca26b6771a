/* Reads the inputs of one shard from where they are its own to where they are the next one's. */
#include "base/memory.h"
#include "capture/parts/reader_guess.h"
#include "dataset/shard/shard_run.h"
#include <stdlib.h>
#include <string.h>

/* How many blocks from the start of a file tell what its sections and interfaces are. */
#define BLOCKS_LOOKED_AT 64

static bool range_of(const struct shard_run *run, size_t number, struct shard_range *range)
{
    return shard_range_of(&run->ranges, number, run->bytes_before[number], range);
}

bool shard_run_has(const struct shard_run *run, size_t number)
{
    struct shard_range range;
    return range_of(run, number, &range);
}

uint64_t shard_run_bytes(const struct shard_run *run, size_t number)
{
    const uint64_t size = run->ranges.sources->items[number].size;
    struct shard_range range;
    if (!range_of(run, number, &range))
        return 0;
    return (range.end < size ? range.end : size) - range.begin;
}

/* The letters of the times stay with the caller. */
static int take_place(struct lcap_reader *reader, struct joint_place *place,
                      struct lcap_error *error)
{
    struct lcap_position here = {.size = sizeof here};
    struct buffer times = {0};
    int rc = reader_tell_place(reader, &here, error);
    if (rc == LCAP_OK)
        rc = reader_append_times(reader, &times, error);
    if (rc < 0) {
        buffer_release(&times);
        return rc;
    }
    free(place->times);
    *place = (struct joint_place){here.offset, here.section, here.interfaces, (char *)times.data};
    return LCAP_OK;
}

/*
 * Reads on until there are packets: what is described before them is known then. False at
 * damage, or where the file ends before the shard begins.
 */
static bool look_at_beginning(struct lcap_reader *reader, uint64_t place)
{
    const struct lcap_block *block;
    for (unsigned i = 0; i < BLOCKS_LOOKED_AT && reader_is_before(reader, place); i++)
        if (lcap_reader_next(reader, &block, NULL) != 1)
            return false;
    return true;
}

/* Returns 1 if nothing of the file is left for this shard. */
static int guess_beginning(struct lcap_reader *reader, uint64_t place, struct lcap_error *error)
{
    struct lcap_position found = {.size = sizeof found};
    if (!look_at_beginning(reader, place))
        return 1;
    const int rc = reader_is_before(reader, place)
                       ? reader_guess_place(reader, place, &found, error)
                       : reader_tell_place(reader, &found, error);
    return rc == LCAP_OK ? lcap_reader_seek(reader, &found, error) : rc;
}

static int go_to_known(struct lcap_reader *reader, const struct joint_place *place,
                       struct lcap_error *error)
{
    const struct lcap_position position = {.size = sizeof position,
                                           .offset = place->offset,
                                           .coded_offset = place->offset,
                                           .section = place->section,
                                           .interfaces = place->interfaces};
    const int rc = lcap_reader_seek(reader, &position, error);
    if (rc == LCAP_OK)
        reader_take_times(reader, place->times);
    return rc;
}

/* What blocks are passed to. */
struct receiver {
    pass_function *function;
    void *context;
};

/* What the blocks before have described. */
static int announce_interfaces(const struct input_pass *input, const struct receiver *receiver,
                               struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (size_t i = 0; i < reader_section_interfaces(input->reader) && rc == LCAP_OK; i++) {
        const struct lcap_interface *interface = reader_section_interface(input->reader, i);
        const struct lcap_block block = {.kind = LCAP_BLOCK_INTERFACE,
                                         .big_endian = interface->big_endian,
                                         .interface = interface};
        snaplens_look(input->snaplens, &block);
        rc = receiver->function(receiver->context, &block, error);
    }
    return rc;
}

/* What was described before does not matter there, and may not be found again. */
static bool is_end_of(const struct shard_run *run, size_t number, const struct lcap_reader *reader,
                      const struct joint_place *place)
{
    const uint64_t size = run->ranges.sources->items[number].size;
    return place->offset == reader_place_of_byte(reader, size);
}

/* Returns 1 if nothing of the file is left for this shard. */
static int enter(struct shard_run *run, size_t number, struct input_pass *input, uint64_t place,
                 const struct receiver *receiver, struct lcap_error *error)
{
    const struct joint_place *known = joint_end_in(&run->before, number);
    if (place == 0)
        return LCAP_OK;
    if (joint_damage_in(&run->before, number) ||
        (known && is_end_of(run, number, input->reader, known)))
        return 1;
    const int rc = known ? go_to_known(input->reader, known, error)
                         : guess_beginning(input->reader, place, error);
    return rc == LCAP_OK ? announce_interfaces(input, receiver, error) : rc;
}

static uint64_t part_bytes(const struct shard_run *run)
{
    return run->writer ? part_writer_bytes(run->writer) : 0;
}

static int note_end(struct joint_segment *segment, const struct input_pass *input,
                    struct lcap_error *error)
{
    const struct input_outcome *outcome = &input->outcome;
    segment->packets = outcome->packets;
    if (outcome->status != LCAP_ERR_DAMAGED)
        return take_place(input->reader, &segment->end, error);
    segment->end.times = memory_copy_text("", 0, error);
    segment->damage = memory_copy_text(outcome->error.text, strlen(outcome->error.text), error);
    return segment->end.times && segment->damage ? LCAP_OK : LCAP_ERR_MEMORY;
}

static int copy_place(struct joint_place *to, const struct joint_place *from,
                      struct lcap_error *error)
{
    *to = *from;
    to->times = memory_copy_text(from->times, strlen(from->times), error);
    return to->times ? LCAP_OK : LCAP_ERR_MEMORY;
}

/* It counts as read where it is said to begin; the merge leaves it out after damage. */
static int note_nothing(struct joint_segment *segment, const struct joint_place *place,
                        const char *damage, struct lcap_error *error)
{
    if (damage && !(segment->damage = memory_copy_text(damage, strlen(damage), error)))
        return LCAP_ERR_MEMORY;
    segment->part_end = segment->part_begin;
    const int rc = copy_place(&segment->begin, place, error);
    return rc == LCAP_OK ? copy_place(&segment->end, place, error) : rc;
}

/* Those that were met on the way to the beginning. */
static void forget_odd_times(struct lcap_odd_times *times, const struct lcap_odd_times *before)
{
    times->pcapml -= before->pcapml;
    times->contradicting -= before->contradicting;
    times->nanoseconds -= before->nanoseconds;
    times->held -= before->held;
}

static int walk_segment(struct shard_run *run, struct joint_segment *segment,
                        struct input_pass *input, const struct shard_range *range,
                        const struct receiver *receiver, struct lcap_error *error)
{
    const struct joint_place begin = {.offset = range->begin, .times = (char *)""};
    const struct joint_place *known = joint_end_in(&run->before, segment->input);
    segment->part_begin = part_bytes(run);
    segment->has_sections = lcap_reader_format(input->reader) == LCAP_FORMAT_PCAPNG;
    if (reader_is_plain(input->reader))
        segment->size = run->ranges.sources->items[segment->input].size;
    input->snaplens = &run->snaplens;
    int rc = enter(run, segment->input, input, range->begin, receiver, error);
    if (rc == 1)
        return note_nothing(segment, known ? known : &begin,
                            joint_damage_in(&run->before, segment->input), error);
    if (rc == LCAP_OK)
        rc = take_place(input->reader, &segment->begin, error);
    if (rc != LCAP_OK)
        return rc;
    const struct lcap_odd_times before = *lcap_reader_odd_times(input->reader);
    input->end = range->end;
    rc = input_pass_walk(input, receiver->function, receiver->context, error);
    forget_odd_times(&input->outcome.odd_times, &before);
    if (rc == LCAP_OK)
        rc = note_end(segment, input, error);
    segment->part_end = part_bytes(run);
    return rc;
}

/* Sets the range to places. Compressed files other than BGZF are read only as a whole. */
static bool is_ours(const struct input_pass *input, struct shard_range *range)
{
    const struct lcap_reader *reader = input->reader;
    const bool ours = reader_has_places(reader) || range->begin == 0;
    range->begin = reader_place_of_byte(reader, range->begin);
    range->end = reader_has_places(reader) ? reader_place_of_byte(reader, range->end) : UINT64_MAX;
    return ours;
}

/* Damage before the first block is told only by the shard that has the beginning of the file. */
static int note_unreadable(struct shard_run *run, size_t number, const struct input_pass *input,
                           struct lcap_error *error)
{
    if (input->outcome.status != LCAP_ERR_DAMAGED)
        return LCAP_OK;
    struct joint_segment *segment = joint_add_segment(&run->joint, error);
    if (!segment)
        return LCAP_ERR_MEMORY;
    segment->input = number;
    segment->part_begin = segment->part_end = part_bytes(run);
    segment->begin.times = memory_copy_text("", 0, error);
    segment->path = memory_copy_text(input->outcome.name, strlen(input->outcome.name), error);
    const int rc = note_end(segment, input, error);
    return segment->begin.times && segment->path ? rc : LCAP_ERR_MEMORY;
}

int shard_run_walk(struct shard_run *run, size_t number, struct input_pass *input,
                   pass_function *function, void *context, struct lcap_error *error)
{
    const struct receiver receiver = {function, context};
    struct shard_range range;
    if (!range_of(run, number, &range))
        return LCAP_OK;
    run->joint.counts.inputs = run->ranges.sources->count;
    run->joint.counts.begun += range.begin == 0;
    if (!input->reader)
        return range.begin == 0 ? note_unreadable(run, number, input, error) : LCAP_OK;
    if (!is_ours(input, &range))
        return LCAP_OK;
    struct joint_segment *segment = joint_add_segment(&run->joint, error);
    if (!segment)
        return LCAP_ERR_MEMORY;
    segment->input = number;
    segment->path = memory_copy_text(input->outcome.name, strlen(input->outcome.name), error);
    return segment->path ? walk_segment(run, segment, input, &range, &receiver, error)
                         : LCAP_ERR_MEMORY;
}

/* Of an input that cannot be divided, the others have no segment. */
struct joint_segment *shard_run_segment(struct shard_run *run, size_t number)
{
    const size_t count = run->joint.segment_count;
    return count > 0 && run->joint.segments[count - 1].input == number
               ? &run->joint.segments[count - 1]
               : NULL;
}
