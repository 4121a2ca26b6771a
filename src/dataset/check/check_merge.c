/* Passes what shards have written on to the check, input by input. */
#include "dataset/check/check_merge.h"

#include "base/io/input.h"
#include "dataset/check/check_part.h"
#include "dataset/check/check_reread.h"
#include "dataset/check/check_shard.h"
#include "dataset/leaks/leak_result.h"
#include "dataset/result_file.h"
#include "dataset/shard/block_outline.h"
#include <stdio.h>
#include <string.h>

struct replay {
    struct check_merge *merge;
    const struct parts *parts;
    size_t part; /* that is read */
    struct item_reader file;
    struct outline_reader blocks;
    struct item item;       /* the next one */
    uint64_t number;        /* of the input that it begins, if it does */
    struct check_look look; /* at the next block */
    struct check_look_store store;
    struct check_needs needs;
    struct check_reread again;
};

/* One input. */
struct told {
    struct input_outcome outcome;
    bool any, other_format;
    struct lcap_position next; /* where the next block begins */
};

/* What a shard has read of it. */
struct segment {
    const struct joint_segment *joint; /* NULL: nothing */
    uint64_t step; /* from the place where it begins, and from which it counts, to the offset */
    struct told *told;
};

/* ---- items ---- */

static int refuse(const struct replay *replay, struct lcap_error *error)
{
    return item_reader_refuse(&replay->file, error);
}

static int open_part(struct replay *replay, struct lcap_error *error)
{
    outline_reader_release(&replay->blocks);
    replay->blocks = (struct outline_reader){.count = 0};
    return item_reader_open(&replay->file, replay->parts->items[replay->part].path,
                            check_part_magic, error);
}

/* Takes the next item, which may be that of another part. */
static int step(struct replay *replay, struct lcap_error *error)
{
    int rc = item_reader_next(&replay->file, &replay->item, error);
    while (rc == LCAP_OK && replay->item.kind == CHECK_PART_END &&
           replay->part + 1 < replay->parts->count) {
        item_reader_close(&replay->file);
        replay->part++;
        rc = open_part(replay, error);
        if (rc == LCAP_OK)
            rc = item_reader_next(&replay->file, &replay->item, error);
    }
    if (rc == LCAP_OK && replay->item.kind == CHECK_PART_INPUT &&
        !check_part_take_input(&replay->item, &replay->number))
        return refuse(replay, error);
    return rc;
}

/* ---- blocks ---- */

static int take_look(struct replay *replay, struct lcap_error *error)
{
    const int rc = check_part_take_look(&replay->item, &replay->look, &replay->store, error);
    const bool unasked = replay->look.match && !replay->needs.match;
    return rc == LCAP_ERR_FORMAT || (rc == LCAP_OK && unasked) ? refuse(replay, error) : rc;
}

static bool lacks(const struct check_look *look, const struct check_needs *needs)
{
    if (look->read_again)
        return !look->content;
    return (needs->content && !look->content) || (needs->facts && !look->facts) ||
           (needs->match && !look->match);
}

/* Most packets bring all along, whatever they are. */
static bool lacks_something(const struct replay *replay, const struct lcap_block *block)
{
    if (!lacks(&replay->look, &replay->needs))
        return false;
    const struct check_needs needs = check_part_needs_of(&replay->needs, block);
    return lacks(&replay->look, &needs);
}

/* A part counts from the place where it begins, and may not know of the section before it. */
static void move_on(struct segment *segment, const struct lcap_position *end)
{
    const bool in_last = !segment->joint || end->section < segment->joint->begin.offset;
    struct lcap_position *next = &segment->told->next;
    const uint64_t section = in_last ? next->section : end->section + segment->step;
    *next = *end;
    next->offset += segment->step;
    next->section = section;
}

static int read_again(struct replay *replay, const struct lcap_position *at,
                      struct lcap_packet *packet, struct lcap_error *error)
{
    const char *path = replay->merge->sources.items[replay->number].path;
    return check_reread_packet(&replay->again, path, at, replay->look.content, packet, error);
}

static int check_block(struct replay *replay, struct segment *segment,
                       const struct lcap_block *block, struct lcap_error *error)
{
    struct check_merge *merge = replay->merge;
    if (!segment->joint || lacks_something(replay, block))
        return refuse(replay, error);
    if (segment->joint->left_out)
        return LCAP_OK;
    segment->told->outcome.packets += block->kind == LCAP_BLOCK_PACKET;
    segment->told->outcome.interfaces += block->kind == LCAP_BLOCK_INTERFACE;
    const int rc = check_packets_seen(&merge->found.packets, block, &replay->look, error);
    return rc == LCAP_ERR_FORMAT ? refuse(replay, error) : rc;
}

static int take_block(struct replay *replay, struct segment *segment, struct lcap_error *error)
{
    struct lcap_block block;
    struct lcap_position next;
    int rc = outline_reader_block(&replay->blocks, &replay->item, &block, &next, error);
    if (rc < 0)
        return rc == LCAP_ERR_FORMAT ? refuse(replay, error) : rc;
    if (replay->item.kind == OUTLINE_KNOWN)
        return LCAP_OK;
    const struct lcap_position at = segment->told->next;
    block.offset = at.offset;
    move_on(segment, &next);
    if (replay->look.read_again && block.kind == LCAP_BLOCK_PACKET && replay->look.content)
        rc = read_again(replay, &at, &block.packet, error);
    if (rc == LCAP_OK)
        rc = check_block(replay, segment, &block, error);
    replay->look = (struct check_look){.content = NULL};
    return rc;
}

/* ---- inputs ---- */

/*
 * Times of an interface that come before the first that shows whether they are pcapml's are
 * counted when that one comes, which is in another shard here.
 */
static bool lost_count(const struct joint_segment *segment, const struct lcap_odd_times *odd)
{
    return segment->begin.offset > 0 && odd->pcapml > 0 && strchr(segment->begin.times, 'u');
}

static void add_odd_times(struct lcap_odd_times *sum, const struct lcap_odd_times *more)
{
    sum->pcapml += more->pcapml;
    sum->contradicting += more->contradicting;
    sum->nanoseconds += more->nanoseconds;
    sum->held += more->held;
}

static int take_end(const struct replay *replay, const struct segment *segment,
                    struct lcap_error *error)
{
    struct told *told = segment->told;
    struct check_part_end end;
    if (!check_part_take_end(&replay->item, &end))
        return refuse(replay, error);
    if (segment->joint && segment->joint->left_out)
        return LCAP_OK;
    if (segment->joint && lost_count(segment->joint, &end.odd_times))
        return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                              "%s has times of pcapml, whose first ones decide how all are read: "
                              "check it without --shard",
                              told->outcome.name);
    told->any = true;
    told->other_format |= end.other_format;
    told->outcome.opened |= end.opened;
    told->outcome.status = end.status;
    told->outcome.error.code = end.status;
    snprintf(told->outcome.error.text, sizeof told->outcome.error.text, "%s", end.damage);
    add_odd_times(&told->outcome.odd_times, &end.odd_times);
    return LCAP_OK;
}

static const struct joint_segment *segment_of(const struct replay *replay, uint64_t number)
{
    const struct joint *joint = &replay->parts->items[replay->part].joint;
    for (size_t i = 0; i < joint->segment_count; i++)
        if (joint->segments[i].input == number)
            return &joint->segments[i];
    return NULL;
}

static int take_item(struct replay *replay, struct segment *segment, struct lcap_error *error)
{
    switch (replay->item.kind) {
    case CHECK_PART_LOOK:
        return take_look(replay, error);
    case OUTLINE_KNOWN:
    case OUTLINE_BLOCK:
        return take_block(replay, segment, error);
    case CHECK_PART_INPUT_END:
        return take_end(replay, segment, error);
    default:
        return refuse(replay, error);
    }
}

static bool ends_segment(const struct replay *replay)
{
    return replay->item.kind == CHECK_PART_INPUT || replay->item.kind == CHECK_PART_END;
}

static int replay_segment(struct replay *replay, struct told *told, struct lcap_error *error)
{
    const struct joint_segment *joint = segment_of(replay, replay->number);
    struct segment segment = {joint, told->next.offset - (joint ? joint->begin.offset : 0), told};
    int rc = step(replay, error);
    while (rc == LCAP_OK && !ends_segment(replay)) {
        rc = take_item(replay, &segment, error);
        if (rc == LCAP_OK)
            rc = step(replay, error);
    }
    return rc;
}

static int replay_input(struct replay *replay, size_t number, struct lcap_error *error)
{
    struct check_pass_result *found = &replay->merge->found;
    struct told told = {.outcome.name = input_name_of(replay->merge->sources.items[number].path),
                        .next.size = sizeof told.next};
    struct input_outcome *outcome = &told.outcome;
    int rc = check_pass_begin_input(found, number, error);
    while (rc == LCAP_OK && replay->item.kind == CHECK_PART_INPUT && replay->number == number)
        rc = replay_segment(replay, &told, error);
    check_reread_close(&replay->again);
    if (rc == LCAP_OK && !told.any)
        rc = refuse(replay, error);
    if (rc < 0)
        return rc;
    outcome->empty = outcome->status == LCAP_OK && outcome->interfaces == 0;
    input_counts_add(&found->inputs, outcome);
    return check_pass_end_input(found, number, outcome, told.other_format, error);
}

/* ---- the run ---- */

static int take_head(struct replay *replay, struct check_part_head *head, struct lcap_error *error)
{
    struct buffer *bytes = &replay->merge->head;
    const struct item *item = &replay->item;
    int rc = step(replay, error);
    if (rc == LCAP_OK && item->kind != CHECK_PART_HEAD)
        rc = refuse(replay, error);
    if (rc == LCAP_OK)
        rc = buffer_append(bytes, item->bytes, item->len, error);
    if (rc == LCAP_OK && !check_part_take_head(bytes, head))
        rc = refuse(replay, error);
    return rc == LCAP_OK ? step(replay, error) : rc;
}

static int take_sources(struct replay *replay, struct lcap_error *error)
{
    int rc = LCAP_OK;
    while (rc == LCAP_OK && replay->item.kind == CHECK_PART_SOURCE) {
        rc = check_part_take_source(&replay->item, &replay->merge->sources, error);
        if (rc == LCAP_ERR_FORMAT)
            rc = refuse(replay, error);
        if (rc == LCAP_OK)
            rc = step(replay, error);
    }
    return rc;
}

static int take_paths(struct replay *replay, struct lcap_error *error)
{
    struct check_merge *merge = replay->merge;
    int rc = intern_new(&merge->paths, error);
    while (rc == LCAP_OK && replay->item.kind == CHECK_PART_PATH) {
        rc = check_part_take_path(&replay->item, merge->paths, error);
        if (rc == LCAP_OK)
            rc = step(replay, error);
    }
    merge->options.inputs = merge->paths;
    return rc;
}

/* What merge reads must be what the shards have read. */
static int check_files(const struct check_pass_options *options, const char *files,
                       struct lcap_error *error)
{
    struct buffer now = {0};
    int rc = check_shard_name_files(options, &now, error);
    if (rc == LCAP_OK && strcmp((const char *)now.data, files) != 0)
        rc = lcap_error_set(error, LCAP_ERR_IO,
                            "the rules or lists have changed since the shards read them: run them "
                            "again (%s%s%s)",
                            options->rules ? options->rules : "",
                            options->rules && options->splits ? ", " : "",
                            options->splits ? options->splits : "");
    buffer_release(&now);
    return rc;
}

static int take_run(struct replay *replay, const struct sorter_options *sorter,
                    struct lcap_error *error)
{
    struct check_merge *merge = replay->merge;
    struct check_part_head head = {.files = NULL};
    int rc = open_part(replay, error);
    if (rc == LCAP_OK)
        rc = take_head(replay, &head, error);
    if (rc == LCAP_OK)
        rc = take_sources(replay, error);
    if (rc != LCAP_OK)
        return rc;
    merge->sources.skipped_links = (size_t)head.skipped_links;
    merge->options = head.options;
    merge->options.sorter = *sorter;
    rc = take_paths(replay, error);
    if (rc < 0)
        return rc;
    return check_files(&merge->options, head.files, error);
}

static int check_output(const struct check_merge *merge, const struct check_merge_options *options,
                        struct lcap_error *error)
{
    const char *output = options->output;
    if (!output)
        return LCAP_OK;
    if (!merge->options.splits)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                              "parts of a check without --splits make a report, which is printed: "
                              "merge them without -o");
    int rc = result_file_check(output, error);
    if (rc == LCAP_OK)
        rc = check_pass_try_output(output, &merge->options, error);
    return rc == LCAP_OK ? output_try(output, &options->placing, error) : rc;
}

static int replay_inputs(struct replay *replay, struct lcap_error *error)
{
    struct check_merge *merge = replay->merge;
    int rc = check_pass_begin(&merge->found, &merge->sources, &merge->options, error);
    replay->needs = check_part_needs(&merge->options, &merge->found.rules);
    for (size_t i = 0; i < merge->sources.count && rc == LCAP_OK; i++)
        rc = replay_input(replay, i, error);
    if (rc == LCAP_OK && replay->item.kind != CHECK_PART_END)
        rc = refuse(replay, error);
    return rc == LCAP_OK ? check_pass_finish(&merge->found, &merge->options, error) : rc;
}

int check_merge_run(struct check_merge *merge, const struct parts *parts,
                    const struct check_merge_options *options, struct lcap_error *error)
{
    struct replay replay = {.merge = merge, .parts = parts};
    *merge = (struct check_merge){.head = {0}};
    int rc = take_run(&replay, &options->sorter, error);
    if (rc == LCAP_OK)
        rc = check_output(merge, options, error);
    if (rc == LCAP_OK)
        rc = replay_inputs(&replay, error);
    if (rc == LCAP_OK && options->output)
        rc = leak_write_table(merge->found.leaks, options->output, &options->placing, error);
    item_reader_close(&replay.file);
    outline_reader_release(&replay.blocks);
    check_look_store_release(&replay.store);
    return rc;
}

void check_merge_release(struct check_merge *merge)
{
    check_pass_release(&merge->found);
    sources_release(&merge->sources);
    intern_free(merge->paths);
    buffer_release(&merge->head);
}
