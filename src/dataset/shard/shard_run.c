/* Begins and ends the run of one shard. */
#include "dataset/shard/shard_run.h"

#include "base/codec/checksum.h"
#include "base/memory.h"
#include <errno.h>
#include <inttypes.h>
#include <labelcap/version.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

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

static bool begins_in_place(const struct shard_run *run, const struct joint *joint)
{
    if (joint->segment_count == 0 || joint->segments[0].begin.offset == 0)
        return true;
    if (joint_damage_in(&run->before, joint->segments[0].input))
        return joint->segments[0].packets == 0 && joint->segments[0].damage;
    const struct joint_place *end = joint_end_in(&run->before, joint->segments[0].input);
    return !end || joint_places_meet(end, &joint->segments[0]);
}

/* Damage that a guess has led to may not be there. */
static bool is_proved(const struct shard_run *run, const struct joint *joint)
{
    if (joint->segment_count == 0 || !joint->segments[0].damage)
        return true;
    return joint->segments[0].begin.offset == 0 ||
           joint_damage_in(&run->before, joint->segments[0].input) ||
           joint_end_in(&run->before, joint->segments[0].input);
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
    return is_of_another_run(run) ? lcap_error_set(error, LCAP_ERR_IO,
                                                   "%s: exists, written with other inputs, rules "
                                                   "or options (use -f to replace it)",
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
    counts->sound_snaplens = !run->snaplens.unsound;
    counts->has_snaplen = run->snaplens.begun;
    counts->snaplen = run->snaplens.last;
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
