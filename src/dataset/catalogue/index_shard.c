/* Writes and reads the parts of `index`. */
#include "dataset/catalogue/index_shard.h"

#include "base/varint.h"
#include "dataset/catalogue/catalogue_schema.h"
#include "dataset/shard/block_outline.h"
#include "dataset/shard/shard_run.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Items besides those of outlines: where the file begins, and the end of the part. */
enum { PART_BEGIN = 'A', PART_END = 'Z' };

static const char magic[] = "lcapindx";

/* ---- a shard ---- */

struct outlining {
    struct item_writer file;
    struct outline_writer blocks;
    struct input_pass input;
    bool goes_on; /* the shard begins in the middle of the file */
};

/* Where the file begins, where deltas begin, too; and which file it was. */
static int put_begin(struct outlining *part, struct lcap_error *error)
{
    struct lcap_position begin = {.size = sizeof begin};
    struct buffer item = {0};
    int rc = lcap_reader_tell(part->input.reader, &begin, error);
    const struct file_stamp *stamp = &part->input.seen.stamp;
    const uint64_t numbers[] = {begin.offset,
                                begin.coded_offset,
                                begin.section,
                                begin.interfaces,
                                stamp->size,
                                varint_of_step((uint64_t)stamp->modified.tv_sec),
                                (uint64_t)stamp->modified.tv_nsec};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers && rc == LCAP_OK; i++)
        rc = varint_append(&item, numbers[i], error);
    if (rc == LCAP_OK)
        rc = item_writer_put(&part->file, PART_BEGIN, item.data, item.len, error);
    part->blocks.file = &part->file;
    part->blocks.last = begin;
    buffer_release(&item);
    return rc;
}

/* Interfaces of earlier blocks have no place of their own. */
static bool was_described_before(const struct outlining *part, const struct lcap_block *block)
{
    return part->goes_on && block->kind == LCAP_BLOCK_INTERFACE && block->offset == 0;
}

static int outline_block(void *context, const struct lcap_block *block, struct lcap_error *error)
{
    struct outlining *part = context;
    struct lcap_position next = {.size = sizeof next};
    const uint8_t kind = was_described_before(part, block) ? OUTLINE_KNOWN : OUTLINE_BLOCK;
    const int rc = lcap_reader_tell(part->input.reader, &next, error);
    return rc == LCAP_OK ? outline_writer_block(&part->blocks, kind, block, &next, error) : rc;
}

static int end_part(struct outlining *part, const struct index_pass_options *options,
                    struct lcap_error *error)
{
    struct buffer item = {0};
    int rc = varint_append(&item, part->input.outcome.odd_times.contradicting, error);
    if (rc == LCAP_OK)
        rc = varint_append(&item, (uint64_t)options->input.pcapml_times, error);
    if (rc == LCAP_OK)
        rc = varint_append(&item, options->hash, error);
    if (rc == LCAP_OK)
        rc = item_writer_put(&part->file, PART_END, item.data, item.len, error);
    buffer_release(&item);
    return rc == LCAP_OK ? item_writer_close(&part->file, error) : rc;
}

static int read_dataset(struct outlining *part, struct shard_run *run, const char *dataset,
                        const struct index_pass_options *options, struct lcap_error *error)
{
    struct shard_range range;
    int rc = input_pass_open(&part->input, dataset, false, &options->input, error);
    if (rc < 0 || !shard_run_has(run, 0))
        return rc;
    part->goes_on = shard_range_of(&run->ranges, 0, 0, &range) && range.begin > 0;
    rc = part->input.reader ? put_begin(part, error) : LCAP_OK;
    return rc < 0 ? rc : shard_run_walk(run, 0, &part->input, outline_block, part, error);
}

static int write_part(struct outlining *part, struct shard_run *run, const char *dataset,
                      const struct index_pass_options *options, struct index_pass_result *result,
                      struct lcap_error *error)
{
    int rc = shard_run_begin(run, &options->placing, error);
    if (rc == LCAP_OK)
        rc = item_writer_open(&part->file, run->part, magic, &run->placing, error);
    if (rc == LCAP_OK)
        rc = read_dataset(part, run, dataset, options, error);
    result->packets = part->input.outcome.packets;
    if (rc == LCAP_OK)
        rc = end_part(part, options, error);
    return rc == LCAP_OK ? shard_run_finish(run, error) : rc;
}

static int new_run(struct shard_run **run, const char *catalogue, const struct sources *sources,
                   const struct index_pass_options *options, struct lcap_error *error)
{
    static const char *const no_files[] = {NULL};
    const struct input_options *input = &options->input;
    char settings[64];
    snprintf(settings, sizeof settings, "%d %d %d %u %d", options->hash, (int)input->pcapml_times,
             input->set_linktype, input->linktype, input->nanoseconds);
    return shard_run_new(run, options->shard, "index", settings, no_files, catalogue, sources,
                         error);
}

int index_shard_run(const char *dataset, const struct index_pass_options *options,
                    struct index_pass_result *result, struct lcap_error *error)
{
    struct outlining part = {.goes_on = false};
    struct sources sources = {0};
    struct shard_run *run = NULL;
    char *catalogue = index_pass_catalogue(dataset, options, error);
    result->is_part = true;
    int rc = catalogue ? sources_add(&sources, dataset, error) : LCAP_ERR_MEMORY;
    if (rc == LCAP_OK)
        rc = new_run(&run, catalogue, &sources, options, error);
    if (rc == LCAP_OK)
        result->is_done = shard_run_is_done(run);
    if (rc == LCAP_OK && !result->is_done)
        rc = write_part(&part, run, dataset, options, result, error);
    item_writer_discard(&part.file);
    outline_writer_release(&part.blocks);
    input_pass_close(&part.input);
    shard_run_free(run);
    sources_release(&sources);
    free(catalogue);
    return rc;
}

/* ---- all shards ---- */

const char *index_shard_dataset(const struct parts *parts)
{
    for (size_t i = 0; i < parts->count; i++)
        if (parts->items[i].joint.segment_count > 0)
            return parts->items[i].joint.segments[0].path;
    return "";
}

static bool has_times_of_pcapml(const struct joint_segment *segment)
{
    return strchr(segment->begin.times, 'm') || strchr(segment->end.times, 'm');
}

int index_shard_check(const struct parts *parts, struct lcap_error *error)
{
    size_t segments = 0;
    bool pcapml = false;
    for (size_t i = 0; i < parts->count; i++) {
        const struct joint *joint = &parts->items[i].joint;
        for (size_t k = 0; k < joint->segment_count; k++, segments++) {
            pcapml = pcapml || has_times_of_pcapml(&joint->segments[k]);
            if (joint->segments[k].damage)
                return lcap_error_set(error, LCAP_ERR_DAMAGED, "%s", joint->segments[k].damage);
        }
    }
    return segments > 1 && pcapml
               ? lcap_error_set(error, LCAP_ERR_ARGUMENT,
                                "%s has times of pcapml, whose first ones decide how all are "
                                "read: index it without --shard",
                                index_shard_dataset(parts))
               : LCAP_OK;
}

int index_shard_check_file(const struct parts *parts, const struct index_part_facts *facts,
                           const struct file_facts *file, struct lcap_error *error)
{
    const struct timespec *modified = &file->stamp.modified;
    if (facts->size == file->size && facts->modified.tv_sec == modified->tv_sec &&
        facts->modified.tv_nsec == modified->tv_nsec)
        return LCAP_OK;
    return lcap_error_set(error, LCAP_ERR_IO,
                          "%s: has changed since the shards read it: run them again",
                          index_shard_dataset(parts));
}

static bool take_begin(const struct item *item, struct index_part_facts *facts)
{
    struct cursor in = {.at = item->bytes, .left = item->len};
    struct lcap_position *begin = &facts->begin;
    uint64_t seconds = 0, nanoseconds = 0;
    *begin = (struct lcap_position){.size = sizeof *begin};
    if (!varint_take(&in, &begin->offset) || !varint_take(&in, &begin->coded_offset) ||
        !varint_take(&in, &begin->section) || !varint_take(&in, &begin->interfaces) ||
        !varint_take(&in, &facts->size) || !varint_take(&in, &seconds) ||
        !varint_take(&in, &nanoseconds))
        return false;
    facts->modified = (struct timespec){(time_t)varint_to_step(seconds), (long)nanoseconds};
    return true;
}

static bool take_end(const struct item *item, struct index_part_facts *facts)
{
    struct cursor in = {.at = item->bytes, .left = item->len};
    uint64_t contradicting = 0, times = 0, hash = 0;
    if (!varint_take(&in, &contradicting) || !varint_take(&in, &times) ||
        !varint_take(&in, &hash) || times > LCAP_PCAPML_TIMES_NO)
        return false;
    facts->contradicting += contradicting;
    facts->times = (enum lcap_pcapml_times)times;
    facts->hash = hash != 0;
    return true;
}

/* Blocks on their way from a part to whoever indexes. */
struct replaying {
    struct item_reader file;
    struct outline_reader blocks;
    struct index_part_facts *facts;
    outline_function *function;
    void *context;             /* of the function */
    struct lcap_position last; /* where the block before ended, of whichever part */
    uint64_t begin;            /* the place where the part begins, */
    uint64_t step;             /* and from there to its offset */
};

/* Shards that enter BGZF do not know the offset in the capture, and count from the place. */
static void count_offsets(struct replaying *replaying, struct lcap_position *next)
{
    const uint64_t last_section = replaying->last.section;
    next->offset += replaying->step;
    next->section =
        next->section < replaying->begin ? last_section : next->section + replaying->step;
    replaying->last = *next;
}

/* Passes a block on, or remembers an interface that was described before. */
static int replay_block(struct replaying *replaying, const struct item *item,
                        struct lcap_error *error)
{
    struct lcap_block block;
    struct lcap_position next;
    const int rc = outline_reader_block(&replaying->blocks, item, &block, &next, error);
    if (rc < 0 || item->kind != OUTLINE_BLOCK)
        return rc;
    count_offsets(replaying, &next);
    return replaying->function(replaying->context, &block, &next, error);
}

static int replay_items(struct replaying *replaying, struct lcap_error *error)
{
    struct index_part_facts *facts = replaying->facts;
    struct item_reader *file = &replaying->file;
    struct item item;
    int rc;
    while ((rc = item_reader_next(file, &item, error)) == LCAP_OK) {
        bool good = true;
        if (item.kind == PART_END)
            return take_end(&item, facts) ? LCAP_OK : item_reader_refuse(file, error);
        if (item.kind == PART_BEGIN)
            good = take_begin(&item, facts);
        else if ((rc = replay_block(replaying, &item, error)) == LCAP_ERR_FORMAT)
            good = false;
        if (!good)
            return item_reader_refuse(file, error);
        if (rc < 0)
            return rc;
        if (item.kind == PART_BEGIN)
            replaying->blocks.last = facts->begin;
    }
    return rc;
}

static int replay_part(struct replaying *replaying, const struct part *part,
                       struct lcap_error *error)
{
    const struct joint *joint = &part->joint;
    replaying->blocks = (struct outline_reader){.count = 0};
    replaying->begin = joint->segment_count > 0 ? joint->segments[0].begin.offset : 0;
    replaying->step = replaying->last.offset - replaying->begin;
    int rc = item_reader_open(&replaying->file, part->path, magic, error);
    if (rc == LCAP_OK)
        rc = replay_items(replaying, error);
    item_reader_close(&replaying->file);
    outline_reader_release(&replaying->blocks);
    return rc;
}

int index_shard_replay(const struct parts *parts, struct index_part_facts *facts,
                       outline_function *function, void *context, struct lcap_error *error)
{
    struct replaying replaying = {.facts = facts, .function = function, .context = context};
    int rc = LCAP_OK;
    *facts = (struct index_part_facts){.hash = false};
    for (size_t i = 0; i < parts->count && rc == LCAP_OK; i++)
        rc = replay_part(&replaying, &parts->items[i], error);
    return rc;
}
