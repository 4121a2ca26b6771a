/* A run of arrays in shards. */
#include "arrays/shards/array_shard.h"

#include "arrays/shards/array_part.h"
#include "base/hash.h"
#include <stdio.h>

int array_shard_can(const struct array_pass_options *options, struct lcap_error *error)
{
    if (options->arrays.splits || options->arrays.sample_ids)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                              "shards write the rows of all samples into one output: 'labelcap "
                              "select' makes a data set of those wanted, or choose among the "
                              "rows by their sample_id");
    /* An ending of which there is no format is refused later. */
    if (!options->format || options->format->check)
        return LCAP_OK;
    return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                          "shards cannot write %s: write it without --shard, or write npy",
                          options->format->name);
}

/* All that decides what the rows are: the settings, and how packets are read. */
static int new_run(struct array_shard *shard, const struct array_pass_options *options,
                   const char *output, struct lcap_error *error)
{
    static const char *const no_files[] = {NULL};
    const struct input_options *input = &options->input;
    char hash[HASH_SHA256_BASE64], text[HASH_SHA256_BASE64 + 64];
    hash_sha256_base64(shard->settings.data, shard->settings.len, hash);
    snprintf(text, sizeof text, "%s %d %d %u %d", hash, (int)input->pcapml_times,
             input->set_linktype, input->linktype, input->nanoseconds);
    return shard_run_new(&shard->run, options->shard, "arrays", text, no_files, output,
                         &shard->sources, error);
}

int array_shard_begin(struct array_shard *shard, const struct array_pass_options *options,
                      const char *dataset, const char *output, struct lcap_error *error)
{
    *shard = (struct array_shard){.run = NULL};
    if (options->shard.count == 0)
        return LCAP_OK;
    int rc = array_shard_can(options, error);
    if (rc == LCAP_OK)
        rc = array_part_append_settings(&shard->settings, &options->arrays, options->format, error);
    if (rc == LCAP_OK)
        rc = sources_add(&shard->sources, dataset, error);
    return rc == LCAP_OK ? new_run(shard, options, output, error) : rc;
}

void array_shard_release(struct array_shard *shard)
{
    shard_run_free(shard->run);
    sources_release(&shard->sources);
    buffer_release(&shard->settings);
}
