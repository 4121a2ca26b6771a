/* Reads the inputs of one shard from where they are its own to where they are the next one's. */
#include "dataset/shard/shard_run.h"

#include "base/codec/checksum.h"
#include "base/memory.h"
#include "base/text/text.h"
#include "capture/parts/reader_guess.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <labelcap/version.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* How many blocks from the start of a file tell what its sections and interfaces are. */
#define BLOCKS_LOOKED_AT 64

/* ---- what the run is ---- */

int shard_name_files(struct buffer *text, const char *const *files, struct lcap_error *error)
{
    char hash[HASH_SHA256_TEXT];
    int rc = LCAP_OK;
    for (; *files && rc == LCAP_OK; files++) {
        rc = hash_sha256_path(*files, hash, error);
        if (rc == LCAP_OK)
            rc = buffer_printf(text, error, "%s\n", hash);
    }
    return rc;
}

/* Its bytes are not read; whoever changes a file leaves another size or time. */
static int name_input(struct buffer *text, const struct source *source, struct lcap_error *error)
{
    struct stat st;
    if (stat(source->path, &st) < 0)
        return lcap_error_set_errno(error, errno, "%s: cannot open", source->path);
    return buffer_printf(text, error, "%" PRIu64 " %lld.%09ld %s%c", source->size,
                         (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec, source->path, '\0');
}

/* The joints of two runs differ if anything does that a user may have changed between them. */
static int name_run(struct shard_run *run, const char *settings, const char *const *files,
                    struct lcap_error *error)
{
    const struct sources *sources = run->ranges.sources;
    char hash[HASH_SHA256_BASE64];
    struct buffer text = {0};
    int rc = buffer_printf(&text, error, "%s %s %u\n%s\n", lcap_version(), run->joint.command,
                           run->ranges.shard.count, settings);
    if (rc == LCAP_OK)
        rc = shard_name_files(&text, files, error);
    for (size_t i = 0; i < sources->count && rc == LCAP_OK; i++)
        rc = name_input(&text, &sources->items[i], error);
    if (rc == LCAP_OK) {
        hash_sha256_base64(text.data, text.len, hash);
        run->joint.run = memory_copy_text(hash, strlen(hash), error);
        rc = run->joint.run ? LCAP_OK : LCAP_ERR_MEMORY;
    }
    buffer_release(&text);
    return rc;
}

static int add_sizes(struct shard_run *run, struct lcap_error *error)
{
    const struct sources *sources = run->ranges.sources;
    run->bytes_before = memory_new(sources->count + 1, sizeof *run->bytes_before, error);
    if (!run->bytes_before)
        return LCAP_ERR_MEMORY;
    for (size_t i = 0; i < sources->count; i++)
        run->bytes_before[i + 1] = run->bytes_before[i] + sources->items[i].size;
    return LCAP_OK;
}

/* A shard before that is of another run, or cannot be read, says nothing. */
static int read_before(struct shard_run *run, const char *output, struct lcap_error *error)
{
    struct shard before = run->ranges.shard;
    char *part;
    if (before.number-- == 0)
        return LCAP_OK;
    const int rc = shard_part_path(before, run->joint.command, output, &part, error);
    if (rc < 0)
        return rc;
    char *joint = shard_joint_path(part, error);
    if (joint && joint_read(&run->before, joint, NULL) == LCAP_OK &&
        (!run->before.finished || strcmp(run->before.run, run->joint.run) != 0))
        joint_release(&run->before);
    free(part);
    free(joint);
    return joint ? LCAP_OK : LCAP_ERR_MEMORY;
}

static int begin_run(struct shard_run *run, const char *command, const char *settings,
                     const char *const *files, const char *output, struct lcap_error *error)
{
    int rc = shard_part_path(run->ranges.shard, command, output, &run->part, error);
    if (rc < 0)
        return rc;
    run->joint_path = shard_joint_path(run->part, error);
    run->joint.command = memory_copy_text(command, strlen(command), error);
    if (!run->joint_path || !run->joint.command)
        return LCAP_ERR_MEMORY;
    rc = add_sizes(run, error);
    if (rc == LCAP_OK)
        rc = name_run(run, settings, files, error);
    return rc == LCAP_OK ? read_before(run, output, error) : rc;
}

int shard_run_new(struct shard_run **run, struct shard shard, const char *command,
                  const char *settings, const char *const *files, const char *output,
                  const struct sources *sources, struct lcap_error *error)
{
    struct shard_run *made = memory_new(1, sizeof *made, error);
    if (!made)
        return LCAP_ERR_MEMORY;
    made->joint.shard = shard;
    int rc = shard_ranges_init(&made->ranges, shard, sources, error);
    if (rc == LCAP_OK)
        rc = begin_run(made, command, settings, files, output, error);
    if (rc < 0)
        shard_run_free(made);
    else
        *run = made;
    return rc;
}

/* ---- the shard before ---- */

/* Where the shard before has ended in this input; NULL if it is not known. */
static const struct joint_place *end_before(const struct shard_run *run, uint64_t number)
{
    const struct joint *before = &run->before;
    if (before->segment_count == 0)
        return NULL;
    const struct joint_segment *last = &before->segments[before->segment_count - 1];
    return last->input == number && !last->damage ? &last->end : NULL;
}

/* Whether the input has ended by damage in the shard before. */
static const char *damage_before(const struct shard_run *run, uint64_t number)
{
    const struct joint *before = &run->before;
    const size_t count = before->segment_count;
    return count > 0 && before->segments[count - 1].input == number
               ? before->segments[count - 1].damage
               : NULL;
}

static bool begins_in_place(const struct shard_run *run, const struct joint *joint)
{
    if (joint->segment_count == 0 || joint->segments[0].begin.offset == 0)
        return true;
    if (damage_before(run, joint->segments[0].input))
        return joint->segments[0].packets == 0 && joint->segments[0].damage;
    const struct joint_place *end = end_before(run, joint->segments[0].input);
    return !end || joint_places_meet(end, &joint->segments[0]);
}

/* Damage that a guess has led to may not be there. */
static bool is_proved(const struct shard_run *run, const struct joint *joint)
{
    if (joint->segment_count == 0 || !joint->segments[0].damage)
        return true;
    return joint->segments[0].begin.offset == 0 || damage_before(run, joint->segments[0].input) ||
           end_before(run, joint->segments[0].input);
}

static bool part_is_there(const struct shard_run *run, const struct joint *joint)
{
    struct stat st;
    return stat(run->part, &st) == 0 && S_ISREG(st.st_mode) &&
           (uint64_t)st.st_size == joint->part_size;
}

bool shard_run_is_done(const struct shard_run *run)
{
    struct joint done;
    if (joint_read(&done, run->joint_path, NULL) < 0)
        return false;
    const bool is_done = done.finished && strcmp(done.run, run->joint.run) == 0 &&
                         part_is_there(run, &done) && begins_in_place(run, &done) &&
                         is_proved(run, &done);
    joint_release(&done);
    return is_done;
}

static bool is_of_another_run(const struct shard_run *run)
{
    struct joint old;
    if (joint_read(&old, run->joint_path, NULL) < 0)
        return false;
    const bool other = strcmp(old.run, run->joint.run) != 0;
    joint_release(&old);
    return other;
}

/* A part without a joint is none: every shard leaves one before it writes. */
static int check_free(const struct shard_run *run, struct lcap_error *error)
{
    struct stat st;
    if (lstat(run->part, &st) < 0)
        return LCAP_OK;
    if (stat(run->joint_path, &st) < 0 && errno == ENOENT)
        return lcap_error_set(error, LCAP_ERR_IO,
                              "%s: exists without a joint, so no shard has written it (use -f to "
                              "replace it)",
                              run->part);
    return is_of_another_run(run)
               ? lcap_error_set(error, LCAP_ERR_IO,
                                "%s: exists, of a run with other inputs, rules or options (use -f "
                                "to replace it)",
                                run->part)
               : LCAP_OK;
}

int shard_run_begin(struct shard_run *run, const struct output_options *wanted,
                    struct lcap_error *error)
{
    run->placing = (struct output_options){
        .overwrite = true, .no_sync = wanted->no_sync, .checksum = &run->checksum};
    const int rc = wanted->overwrite ? LCAP_OK : check_free(run, error);
    return rc == LCAP_OK ? joint_write(&run->joint, run->joint_path, run->placing.no_sync, error)
                         : rc;
}

/* ---- walking ---- */

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

/* What the blocks before have described. */
static int announce_interfaces(const struct lcap_reader *reader, pass_function *function,
                               void *context, struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (size_t i = 0; i < reader_section_interfaces(reader) && rc == LCAP_OK; i++) {
        const struct lcap_interface *interface = reader_section_interface(reader, i);
        const struct lcap_block block = {.kind = LCAP_BLOCK_INTERFACE,
                                         .big_endian = interface->big_endian,
                                         .interface = interface};
        rc = function(context, &block, error);
    }
    return rc;
}

/* A walk that also looks at snap lengths, which the one who merges must know. */
struct watched {
    struct shard_run *run;
    pass_function *function;
    void *context;
};

static int watch_block(void *context, const struct lcap_block *block, struct lcap_error *error)
{
    struct watched *watched = context;
    struct shard_run *run = watched->run;
    if (!run->unsound)
        run->unsound = !snaplens_are_sound(&run->snaplens, block);
    return watched->function(watched->context, block, error);
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
                 struct watched *watched, struct lcap_error *error)
{
    const struct joint_place *known = end_before(run, number);
    if (place == 0)
        return LCAP_OK;
    if (damage_before(run, number) || (known && is_end_of(run, number, input->reader, known)))
        return 1;
    const int rc = known ? go_to_known(input->reader, known, error)
                         : guess_beginning(input->reader, place, error);
    return rc == LCAP_OK ? announce_interfaces(input->reader, watch_block, watched, error) : rc;
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

/* It counts as read where it is said to begin; the one who merges leaves it out after damage. */
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
                        struct watched *watched, struct lcap_error *error)
{
    const struct joint_place begin = {.offset = range->begin, .times = (char *)""};
    const struct joint_place *known = end_before(run, segment->input);
    segment->part_begin = part_bytes(run);
    segment->has_sections = lcap_reader_format(input->reader) == LCAP_FORMAT_PCAPNG;
    if (reader_is_plain(input->reader))
        segment->size = run->ranges.sources->items[segment->input].size;
    int rc = enter(run, segment->input, input, range->begin, watched, error);
    if (rc == 1)
        return note_nothing(segment, known ? known : &begin, damage_before(run, segment->input),
                            error);
    if (rc == LCAP_OK)
        rc = take_place(input->reader, &segment->begin, error);
    if (rc != LCAP_OK)
        return rc;
    const struct lcap_odd_times before = *lcap_reader_odd_times(input->reader);
    input->end = range->end;
    rc = input_pass_walk(input, watch_block, watched, error);
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

/* Damage before the first block: only who has the beginning of the file tells it. */
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
    struct watched watched = {run, function, context};
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
    return segment->path ? walk_segment(run, segment, input, &range, &watched, error)
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

/* ---- the end ---- */

static int name_part(struct shard_run *run, struct lcap_error *error)
{
    char text[CHECKSUM_TEXT];
    struct stat st;
    if (stat(run->part, &st) < 0)
        return lcap_error_set_errno(error, errno, "%s: cannot read", run->part);
    checksum_write(run->checksum, text);
    run->joint.part_size = (uint64_t)st.st_size;
    run->joint.part_checksum = memory_copy_text(text, strlen(text), error);
    return run->joint.part_checksum ? LCAP_OK : LCAP_ERR_MEMORY;
}

int shard_run_finish(struct shard_run *run, struct lcap_error *error)
{
    struct joint_counts *counts = &run->joint.counts;
    counts->sound_snaplens = !run->unsound;
    counts->has_snaplen = run->snaplens.begun;
    counts->snaplen = run->snaplens.first;
    run->joint.finished = 1;
    const int rc = name_part(run, error);
    return rc == LCAP_OK ? joint_write(&run->joint, run->joint_path, run->placing.no_sync, error)
                         : rc;
}

void shard_run_free(struct shard_run *run)
{
    if (!run)
        return;
    joint_release(&run->joint);
    joint_release(&run->before);
    free(run->bytes_before);
    free(run->joint_path);
    free(run->part);
    free(run);
}
