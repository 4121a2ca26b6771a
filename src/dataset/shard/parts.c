/* Reads and checks the joints of all parts of a run. */
#include "dataset/shard/parts.h"

#include "base/codec/checksum.h"
#include "base/memory.h"
#include "base/pipeline.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- reading ---- */

static int no_part(const char *path, struct lcap_error *error)
{
    return lcap_error_set(
        error, LCAP_ERR_FORMAT,
        "%s: there is no such file: its shard has not been run, has not ended, or "
        "has another output",
        path);
}

/* Whoever names all that shards have left, such as out.*, names joints, too. */
static int no_joint(const char *path, const char *joint, struct lcap_error *error)
{
    const char *suffix = strrchr(path, '.');
    if (suffix && strcmp(suffix, ".joint") == 0)
        return lcap_error_set(error, LCAP_ERR_FORMAT,
                              "%s: is a joint, which is read along with its part: name only "
                              "the parts",
                              path);
    return lcap_error_set(error, LCAP_ERR_FORMAT,
                          "%s: there is no %s, which a shard writes when it is done: it "
                          "has not ended yet, or this is not a part",
                          path, joint);
}

static int read_part(struct part *part, const char *path, struct lcap_error *error)
{
    struct stat st;
    char *joint = shard_joint_path(path, error);
    if (!joint)
        return LCAP_ERR_MEMORY;
    part->path = path;
    int rc = stat(path, &st) < 0 && errno == ENOENT ? no_part(path, error) : LCAP_OK;
    if (rc == LCAP_OK)
        rc = stat(joint, &st) == 0 || errno != ENOENT ? joint_read(&part->joint, joint, error)
                                                      : no_joint(path, joint, error);
    if (rc == LCAP_OK && !part->joint.finished)
        rc = lcap_error_set(error, LCAP_ERR_FORMAT,
                            "%s: shard %u/%u has not ended yet, or was killed: run it again", path,
                            part->joint.shard.number, part->joint.shard.count);
    free(joint);
    return rc;
}

static int compare_parts(const void *a, const void *b)
{
    const struct part *x = a, *y = b;
    if (x->joint.shard.number != y->joint.shard.number)
        return x->joint.shard.number < y->joint.shard.number ? -1 : 1;
    return strcmp(x->path, y->path);
}

int parts_read(struct parts *parts, const char *const *paths, size_t count,
               struct lcap_error *error)
{
    int rc = LCAP_OK;
    parts->items = memory_new(count, sizeof *parts->items, error);
    if (!parts->items)
        return LCAP_ERR_MEMORY;
    for (; parts->count < count && rc == LCAP_OK; parts->count++)
        rc = read_part(&parts->items[parts->count], paths[parts->count], error);
    if (rc == LCAP_OK)
        qsort(parts->items, parts->count, sizeof *parts->items, compare_parts);
    return rc;
}

/* ---- one run ---- */

static int check_run(const struct part *first, const struct part *part, struct lcap_error *error)
{
    const bool same = strcmp(first->joint.run, part->joint.run) == 0 &&
                      first->joint.shard.count == part->joint.shard.count &&
                      strcmp(first->joint.command, part->joint.command) == 0;
    return same ? LCAP_OK
                : lcap_error_set(error, LCAP_ERR_FORMAT,
                                 "%s and %s are parts of two runs: their inputs, rules, options or "
                                 "numbers of shards differ",
                                 first->path, part->path);
}

static int missing_part(const struct parts *parts, uint32_t number, struct lcap_error *error)
{
    const struct part *first = &parts->items[0];
    return lcap_error_set(error, LCAP_ERR_FORMAT,
                          "the part of shard %u/%u is missing (there is %s of shard %u)", number,
                          first->joint.shard.count, first->path, first->joint.shard.number);
}

/* They are in order, so the first that is not the next one is double, or one is missing. */
static int check_numbers(const struct parts *parts, struct lcap_error *error)
{
    const uint32_t wanted = parts->items[0].joint.shard.count;
    for (size_t i = 0; i < parts->count; i++) {
        const uint32_t number = parts->items[i].joint.shard.number;
        if (i > 0 && number == parts->items[i - 1].joint.shard.number)
            return lcap_error_set(error, LCAP_ERR_FORMAT, "%s and %s are both of shard %u/%u",
                                  parts->items[i - 1].path, parts->items[i].path, number, wanted);
        if (number != i)
            return missing_part(parts, (uint32_t)i, error);
    }
    return parts->count == wanted ? LCAP_OK : missing_part(parts, (uint32_t)parts->count, error);
}

/* ---- the joints ---- */

static int wrong_place(const struct part *before, const struct joint_segment *last,
                       const struct part *part, const struct joint_segment *segment,
                       struct lcap_error *error)
{
    const struct shard shard = part->joint.shard;
    if (last->end.offset == segment->begin.offset)
        return lcap_error_set(error, LCAP_ERR_FORMAT,
                              "%s: did not know of a section, interface or time stamp that %s has "
                              "read in %s: run shard %u/%u again",
                              part->path, before->path, segment->path, shard.number, shard.count);
    return lcap_error_set(error, LCAP_ERR_FORMAT,
                          "%s: begins at offset %" PRIu64 " of %s, but %s ends at offset %" PRIu64
                          ": run shard %u/%u again",
                          part->path, segment->begin.offset, segment->path, before->path,
                          last->end.offset, shard.number, shard.count);
}

/* What has been read of an input so far. */
struct thread {
    const struct part *part;
    struct joint_segment *last; /* NULL: nothing yet */
};

/* An interface of which a shard has seen no packet is what it was before. */
static void carry_times(const struct joint_place *from, struct joint_segment *segment)
{
    char *to = segment->end.times;
    if (segment->begin.section != segment->end.section)
        return;
    for (size_t i = 0; from->times[i] && to[i]; i++)
        if (to[i] == 'u')
            to[i] = from->times[i];
}

/* Behind the last segment of an input. */
static int check_end(const struct thread *thread, struct lcap_error *error)
{
    const struct joint_segment *last = thread->last;
    if (!last || last->damage || last->end.offset >= last->size)
        return LCAP_OK;
    const struct shard shard = thread->part->joint.shard;
    return lcap_error_set(error, LCAP_ERR_FORMAT,
                          "%s: ends at byte %" PRIu64 " of %s, which had %" PRIu64
                          " bytes: remove it and run shard %u/%u again",
                          thread->part->path, last->end.offset, last->path, last->size,
                          shard.number, shard.count);
}

static int check_segment(struct thread *thread, const struct part *part,
                         struct joint_segment *segment, struct lcap_error *error)
{
    const bool goes_on = thread->last && thread->last->input == segment->input;
    if (goes_on && thread->last->damage) {
        segment->left_out = true;
        return LCAP_OK;
    }
    if (goes_on != (segment->begin.offset > 0))
        return lcap_error_set(error, LCAP_ERR_FORMAT, "%s: its joint does not fit those of others",
                              part->path);
    if (goes_on && !joint_places_meet(&thread->last->end, segment))
        return wrong_place(thread->part, thread->last, part, segment, error);
    if (!goes_on && check_end(thread, error) < 0)
        return LCAP_ERR_FORMAT;
    if (goes_on)
        carry_times(&thread->last->end, segment);
    *thread = (struct thread){part, segment};
    return LCAP_OK;
}

int parts_refuse_cover(const struct part *part, uint64_t at, struct lcap_error *error)
{
    const struct shard shard = part->joint.shard;
    return lcap_error_set(error, LCAP_ERR_FORMAT,
                          "%s.joint: expected segments that cover the %" PRIu64
                          " bytes of the part, block by block, found a wrong end at byte %" PRIu64
                          ": remove the part and run shard %u/%u again",
                          part->path, part->joint.part_size, at, shard.number, shard.count);
}

/* Nothing of a part is left out or told twice. The head of an empty capture is of no segment. */
static int check_cover(const struct part *part, struct lcap_error *error)
{
    const struct joint *joint = &part->joint;
    uint64_t at = 0;
    bool covers = true;
    for (size_t i = 0; i < joint->segment_count && covers; i++) {
        const struct joint_segment *segment = &joint->segments[i];
        covers = segment->part_begin == at && segment->part_end >= at;
        at = segment->part_end;
    }
    return covers && (at == joint->part_size || at == 0) ? LCAP_OK
                                                         : parts_refuse_cover(part, at, error);
}

/* Each input is begun by one shard; what is no capture has no segment, but counts. */
static int check_inputs(const struct parts *parts, struct lcap_error *error)
{
    uint64_t inputs = 0, begun = 0;
    for (size_t i = 0; i < parts->count; i++) {
        const struct joint_counts *counts = &parts->items[i].joint.counts;
        inputs = counts->inputs > inputs ? counts->inputs : inputs;
        begun += counts->begun;
    }
    return begun == inputs
               ? LCAP_OK
               : lcap_error_set(error, LCAP_ERR_FORMAT,
                                "the run has %" PRIu64 " inputs, but its shards have begun %" PRIu64
                                ": remove the parts and run all shards again",
                                inputs, begun);
}

static int check_joints(struct parts *parts, struct lcap_error *error)
{
    struct thread thread = {0};
    int rc = LCAP_OK;
    for (size_t i = 0; i < parts->count && rc == LCAP_OK; i++) {
        const struct joint *joint = &parts->items[i].joint;
        rc = check_cover(&parts->items[i], error);
        for (size_t k = 0; k < joint->segment_count && rc == LCAP_OK; k++)
            rc = check_segment(&thread, &parts->items[i], &joint->segments[k], error);
    }
    if (rc == LCAP_OK)
        rc = check_end(&thread, error);
    return rc == LCAP_OK ? check_inputs(parts, error) : rc;
}

/* ---- the bytes ---- */

static int changed_part(const struct part *part, struct lcap_error *error)
{
    const struct shard shard = part->joint.shard;
    return lcap_error_set(error, LCAP_ERR_FORMAT,
                          "%s: is not what shard %u/%u has written: it was cut or changed; remove "
                          "it and run that shard again",
                          part->path, shard.number, shard.count);
}

static int check_size(const struct part *part, struct lcap_error *error)
{
    struct stat st;
    if (stat(part->path, &st) < 0)
        return lcap_error_set_errno(error, errno, "%s: cannot open", part->path);
    return (uint64_t)st.st_size == part->joint.part_size ? LCAP_OK : changed_part(part, error);
}

int part_check_checksum(const struct part *part, uint32_t checksum, struct lcap_error *error)
{
    char text[CHECKSUM_TEXT];
    checksum_write(checksum, text);
    return strcmp(text, part->joint.part_checksum) == 0 ? LCAP_OK : changed_part(part, error);
}

int part_check_bytes(const struct part *part, struct lcap_error *error)
{
    uint32_t checksum;
    const int fd = TEMP_FAILURE_RETRY(open(part->path, O_RDONLY | O_CLOEXEC));
    if (fd < 0)
        return lcap_error_set_errno(error, errno, "%s: cannot open", part->path);
    const int rc = checksum_file(fd, part->path, &checksum, error);
    close(fd);
    return rc == LCAP_OK ? part_check_checksum(part, checksum, error) : rc;
}

/* Parts are taken in turn, and their bytes are checked by several threads. */
struct byte_checks {
    const struct parts *parts;
    size_t next;
};

struct byte_check {
    const struct part *part;
    int rc;
    struct lcap_error error;
};

static bool take_next(void *context, void *buffer)
{
    struct byte_checks *checks = context;
    struct byte_check *check = buffer;
    *check = (struct byte_check){.part = &checks->parts->items[checks->next++]};
    return checks->next < checks->parts->count;
}

static void run_check(void *context, void *buffer)
{
    (void)context;
    struct byte_check *check = buffer;
    check->rc = part_check_bytes(check->part, &check->error);
}

int parts_check_bytes(const struct parts *parts, unsigned threads, struct lcap_error *error)
{
    struct byte_checks checks = {.parts = parts};
    const struct pipeline_plan plan = {
        .buffer_size = sizeof(struct byte_check),
        .threads = threads,
        .context = &checks,
        .first = take_next,
        .work = run_check,
    };
    struct pipeline *pipeline = NULL;
    struct byte_check *check;
    int rc = pipeline_new(&pipeline, &plan, error);
    while (rc == LCAP_OK && (check = pipeline_take(pipeline))) {
        rc = check->rc == LCAP_OK ? LCAP_OK : lcap_error_copy(error, &check->error);
        pipeline_give_back(pipeline);
    }
    pipeline_free(pipeline);
    return rc;
}

int parts_check_joints(struct parts *parts, struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (size_t i = 1; i < parts->count && rc == LCAP_OK; i++)
        rc = check_run(&parts->items[0], &parts->items[i], error);
    if (rc == LCAP_OK)
        rc = check_numbers(parts, error);
    if (rc == LCAP_OK)
        rc = check_joints(parts, error);
    for (size_t i = 0; i < parts->count && rc == LCAP_OK; i++)
        rc = check_size(&parts->items[i], error);
    return rc;
}

static int name_parts(struct parts *parts, uint32_t shards, const char *command, const char *output,
                      struct lcap_error *error)
{
    struct shard shard = {.count = shards};
    int rc = LCAP_OK;
    parts->paths = memory_new(shards, sizeof *parts->paths, error);
    if (!parts->paths)
        return LCAP_ERR_MEMORY;
    for (; shard.number < shards && rc == LCAP_OK; shard.number++, parts->path_count++)
        rc = shard_part_path(shard, command, output, &parts->paths[shard.number], error);
    return rc;
}

int parts_read_beside(struct parts *parts, uint32_t shards, const char *command, const char *output,
                      struct lcap_error *error)
{
    *parts = (struct parts){0};
    int rc = name_parts(parts, shards, command, output, error);
    if (rc == LCAP_OK)
        rc = parts_read(parts, (const char *const *)parts->paths, shards, error);
    return rc == LCAP_OK ? parts_check_joints(parts, error) : rc;
}

/* A core has some MiB of cache; a disk wants some pages at once. */
enum { READ_TOGETHER = 512 << 10, LEAST_READ = 32 << 10 };

static bool can_be_open(size_t count)
{
    struct rlimit limit;
    return getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= count + PARTS_OTHER_FILES;
}

struct input_sparing parts_sparing(size_t count)
{
    const size_t each = READ_TOGETHER / count;
    return (struct input_sparing){.most_read = each > LEAST_READ ? each : LEAST_READ,
                                  .stays_closed = !can_be_open(count)};
}

void parts_release(struct parts *parts)
{
    for (size_t i = 0; i < parts->count; i++)
        joint_release(&parts->items[i].joint);
    free(parts->items);
    for (size_t i = 0; i < parts->path_count; i++)
        free(parts->paths[i]);
    free(parts->paths);
    *parts = (struct parts){0};
}
