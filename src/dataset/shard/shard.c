/* Which shard this is, what it is called, and which bytes are its own. */
#include "dataset/shard/shard.h"

#include "base/io/target.h"
#include "base/memory.h"
#include "base/text/text.h"
#include "capture/capture_name.h"
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* ---- I/N ---- */

int shard_check(struct shard shard, struct lcap_error *error)
{
    if ((shard.count == 0 && shard.number == 0) ||
        (shard.number < shard.count && shard.count <= SHARDS_MAX))
        return LCAP_OK;
    return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                          "expected a shard below the number of shards, and at most %d of them",
                          SHARDS_MAX);
}

static int wrong_shard(const char *text, struct lcap_error *error)
{
    return lcap_error_set(
        error, LCAP_ERR_ARGUMENT,
        "expected I/N, with I from 0 to N-1 and N at most %d, or auto; found '%s'", SHARDS_MAX,
        text);
}

/* One number of the job array; the variables are those of sbatch(1). */
static int read_variable(const char *name, uint64_t *value, struct lcap_error *error)
{
    const char *text = getenv(name);
    if (!text)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                              "auto: %s is not set: this is no task of a Slurm job array", name);
    return text_to_u64(text, strlen(text), value)
               ? LCAP_OK
               : lcap_error_set(error, LCAP_ERR_ARGUMENT, "auto: %s: expected a number, found '%s'",
                                name, text);
}

/* `sbatch --array=3` runs one task alone again, and tells it of no other: then nothing says how
 * many shards there are. */
static bool is_whole_array(uint64_t first, uint64_t last, uint64_t count)
{
    return count >= 2 && count <= SHARDS_MAX && first <= 1 && last - first == count - 1;
}

static int take_task(struct shard *shard, struct lcap_error *error)
{
    uint64_t task = 0, first = 0, last = 0, count = 0;
    int rc = read_variable("SLURM_ARRAY_TASK_ID", &task, error);
    if (rc == LCAP_OK)
        rc = read_variable("SLURM_ARRAY_TASK_MIN", &first, error);
    if (rc == LCAP_OK)
        rc = read_variable("SLURM_ARRAY_TASK_MAX", &last, error);
    if (rc == LCAP_OK)
        rc = read_variable("SLURM_ARRAY_TASK_COUNT", &count, error);
    if (rc < 0)
        return rc;
    if (!is_whole_array(first, last, count) || task < first || task > last)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                              "auto: expected a job array of all tasks from 0 on, such as sbatch "
                              "--array=0-7, found tasks %llu-%llu, %llu in all: to run some shards "
                              "of N again, use --shard $SLURM_ARRAY_TASK_ID/N",
                              (unsigned long long)first, (unsigned long long)last,
                              (unsigned long long)count);
    *shard = (struct shard){(uint32_t)(task - first), (uint32_t)count};
    return LCAP_OK;
}

int shard_parse(struct shard *shard, const char *text, struct lcap_error *error)
{
    const char *slash = strchr(text, '/');
    uint64_t number, count;
    if (strcmp(text, "auto") == 0)
        return take_task(shard, error);
    if (!slash || !text_to_u64(text, (size_t)(slash - text), &number) ||
        !text_to_u64(slash + 1, strlen(slash + 1), &count) || count > SHARDS_MAX || number >= count)
        return wrong_shard(text, error);
    *shard = (struct shard){(uint32_t)number, (uint32_t)count};
    return LCAP_OK;
}

int buckets_parse(int *buckets, const char *text, struct lcap_error *error)
{
    const bool writes = text && strcmp(text, "write") == 0;
    *buckets = writes ? BUCKETS_WRITE : text ? BUCKETS_READ : BUCKETS_NONE;
    return !text || writes || strcmp(text, "read") == 0
               ? LCAP_OK
               : lcap_error_set(error, LCAP_ERR_ARGUMENT,
                                "buckets: expected write or read, found '%s'", text);
}

/* ---- names ---- */

/* What the part of a command is called; NULL: it is a capture. */
static const char *kind_of_part(const char *command)
{
    static const struct {
        const char *command, *kind;
    } kinds[] = {{"flows", "rows"},
                 {"flows --buckets", "buckets"},
                 {"index", "outline"},
                 {"label --count-packets", "count"},
                 {"label --buckets=write", "buckets"},
                 {"label --buckets=read", "decisions"},
                 {"check", "check"},
                 {"check --count-packets", "count"},
                 {"arrays", "arrays"}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i].command, command) == 0)
            return kinds[i].kind;
    return NULL;
}

/* An output may be a directory. */
static size_t whole_name(const char *output)
{
    size_t len = strlen(output);
    while (len > 1 && output[len - 1] == '/')
        len--;
    return len;
}

/* Captures are files; tables and arrays may be directories. */
static bool can_have_parts(const char *output, const char *kind)
{
    struct stat st;
    return !target_is_stream(output) || (kind && stat(output, &st) == 0 && S_ISDIR(st.st_mode));
}

int shard_part_path(struct shard shard, const char *command, const char *output, char **path,
                    struct lcap_error *error)
{
    const char *kind = kind_of_part(command);
    *path = NULL;
    if (!can_have_parts(output, kind))
        return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                              "%s: a shard writes a part and its joint beside it, so the output "
                              "must be a file",
                              target_name(output));
    const size_t stem = kind ? whole_name(output) : capture_name_stem(output);
    *path = memory_format_text(error, "%.*s.%u-of-%u.%s", (int)stem, output, shard.number,
                               shard.count, kind ? kind : "pcapng");
    return *path ? LCAP_OK : LCAP_ERR_MEMORY;
}

char *shard_joint_path(const char *part, struct lcap_error *error)
{
    return memory_format_text(error, "%s.joint", part);
}

static int exclude_part(const char *part, struct sources *sources, struct lcap_error *error)
{
    char *joint = shard_joint_path(part, error);
    int rc = joint ? sources_exclude(sources, part, error) : LCAP_ERR_MEMORY;
    if (rc == LCAP_OK)
        rc = sources_exclude(sources, joint, error);
    free(joint);
    return rc;
}

int shard_exclude_parts(struct shard shard, const char *command, const char *output,
                        struct sources *sources, struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (shard.number = 0; shard.number < shard.count && rc == LCAP_OK; shard.number++) {
        char *part;
        rc = shard_part_path(shard, command, output, &part, error);
        if (rc < 0)
            return rc;
        rc = exclude_part(part, sources, error);
        free(part);
    }
    return rc;
}

/* ---- ranges ---- */

int shard_ranges_init(struct shard_ranges *ranges, struct shard shard,
                      const struct sources *sources, struct lcap_error *error)
{
    *ranges = (struct shard_ranges){.shard = shard, .sources = sources};
    for (size_t i = 0; i < sources->count; i++) {
        if (!sources->items[i].has_size)
            return lcap_error_set(
                error, LCAP_ERR_ARGUMENT,
                "%s: is not a regular file, so shards cannot divide it among them",
                sources->items[i].path);
        ranges->total += sources->items[i].size;
    }
    return LCAP_OK;
}

/* Where a shard begins: total · number / count, without overflow. */
static uint64_t cut_of(const struct shard_ranges *ranges, uint32_t number)
{
    const uint64_t count = ranges->shard.count;
    return ranges->total / count * number + ranges->total % count * number / count;
}

/* Where an empty file is, there is no byte to say which shard has it. */
static bool has_first_byte(const struct shard_ranges *ranges, uint64_t low, uint64_t high,
                           uint64_t before)
{
    const bool last = ranges->shard.number + 1 == ranges->shard.count;
    return before >= low && (before < high || (last && before == ranges->total));
}

bool shard_range_of(const struct shard_ranges *ranges, size_t number, uint64_t before,
                    struct shard_range *range)
{
    const uint64_t low = cut_of(ranges, ranges->shard.number);
    const uint64_t high = cut_of(ranges, ranges->shard.number + 1);
    const uint64_t end = before + ranges->sources->items[number].size;
    range->begin = low > before ? low - before : 0;
    range->end = high < end ? high - before : UINT64_MAX;
    return has_first_byte(ranges, low, high, before) || (before < high && end > low && low < high);
}
