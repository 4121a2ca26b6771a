/* Merges parts of rows. */
#include "shard/flows_merge.h"

#include "base/memory.h"
#include "tabulate/flows/flows_shard.h"
#include "tabulate/shards/rows_merge.h"
#include <stdlib.h>

static int open_parts(struct rows_merge **merged, const struct parts *parts,
                      struct lcap_error *error)
{
    const char **paths = memory_new(parts->count, sizeof *paths, error);
    if (!paths)
        return LCAP_ERR_MEMORY;
    for (size_t i = 0; i < parts->count; i++)
        paths[i] = parts->items[i].path;
    const int rc = rows_merge_open(merged, paths, parts->count, error);
    free(paths);
    return rc;
}

static int take_result(struct part_merge_result *result, const struct rows_merge *merged,
                       struct lcap_error *error)
{
    const struct findings *damage = rows_merge_damage(merged);
    int rc = LCAP_OK;
    result->packets = result->flows.counts.packets;
    result->labelled = result->flows.counts.labelled;
    result->damaged = result->flows.inputs.damaged;
    for (size_t i = 0; i < damage->count && rc == LCAP_OK; i++)
        rc = findings_add(&result->findings, &damage->items[i], error);
    return rc;
}

int flows_merge_run(const char *output, const struct part_merge_options *options,
                    struct part_merge_result *result, struct lcap_error *error)
{
    const struct flows_request wanted = {
        .output = output,
        .overwrite = options->placing.overwrite,
        .no_sync = options->placing.no_sync,
        .tmpdir = options->sorter.directory,
        .memory = options->sorter.memory,
        .threads = options->threads,
    };
    struct rows_merge *merged = NULL;
    if (options->placing.level)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                              "--level is for captures: tables have one level of compression");
    int rc = open_parts(&merged, &result->parts, error);
    if (rc == LCAP_OK)
        rc = flows_shard_merge(merged, &wanted, &result->flows, error);
    if (rc == LCAP_OK)
        rc = take_result(result, merged, error);
    rows_merge_free(merged);
    return rc;
}
