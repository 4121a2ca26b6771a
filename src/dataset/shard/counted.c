/* Counts the packets of shards before they are read for what is in them. */
#include "dataset/shard/counted.h"

#include <string.h>

int counted_begin(struct shard_run **run, struct shard shard, const char *command,
                  const char *output, const struct sources *sources, struct lcap_error *error)
{
    static const char *const no_files[] = {NULL};
    return shard_run_new(run, shard, command, "", no_files, output, sources, error);
}

int counted_read(struct parts *parts, struct shard shard, const char *command, const char *output,
                 const struct sources *sources, struct lcap_error *error)
{
    struct shard_run *run = NULL;
    int rc = parts_read_beside(parts, shard.count, command, output, error);
    if (rc == LCAP_OK)
        rc = counted_begin(&run, shard, command, output, sources, error);
    if (rc == LCAP_OK && strcmp(run->joint.run, parts->items[0].joint.run) != 0)
        rc = lcap_error_set(error, LCAP_ERR_FORMAT,
                            "%s: counts the packets of other inputs: count them again "
                            "(--count-packets -f)",
                            parts->items[0].path);
    shard_run_free(run);
    return rc;
}

void counted_go_on(struct shard_run *run, struct parts *parts)
{
    const uint32_t number = run->joint.shard.number;
    if (number == 0)
        return;
    joint_release(&run->before);
    run->before = parts->items[number - 1].joint;
    parts->items[number - 1].joint = (struct joint){.segment_count = 0};
}
