/* Runs the steps of a partition. */
#include "dataset/partition/partition_pass.h"

#include "dataset/catalogue/file_facts.h"
#include "dataset/partition/challenge_choice.h"
#include "dataset/partition/challenge_key.h"
#include "dataset/partition/list_extension.h"
#include "dataset/partition/partition_files.h"
#include "dataset/partition/partition_groups.h"
#include "dataset/partition/partition_leaks.h"
#include "dataset/partition/partition_lists.h"
#include "dataset/partition/partition_options.h"
#include "dataset/partition/partition_samples.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int begin(struct partition *p, struct lcap_error *error)
{
    int rc = partition_options_check(p->options, error);
    if (rc == LCAP_OK)
        rc = partition_grouping_read(p->options->group, &p->grouping, error);
    if (rc == LCAP_OK)
        rc = sample_registry_init(&p->registry, error);
    if (rc == LCAP_OK)
        rc = sample_joins_init(&p->joins, &p->registry, error);
    if (rc == LCAP_OK)
        rc = intern_new(&p->label_texts, error);
    if (rc == LCAP_OK)
        partition_lists_name(p);
    return rc;
}

/* The lists are those of one state of the file: the one whose hash is written. */
static int read_all(struct partition *p, struct lcap_error *error)
{
    struct file_facts facts;
    int rc = file_facts_find(p->dataset, true, &facts, error);
    if (rc < 0)
        return rc;
    p->seen.stamp = facts.stamp;
    memcpy(p->sha256, facts.sha256, sizeof p->sha256);
    rc = partition_samples_read(p, error);
    return rc == LCAP_OK ? partition_groups_make(p, error) : rc;
}

static int read_key(struct partition *p, struct lcap_error *error)
{
    return p->challenge == SPLIT_NO_LIST
               ? LCAP_OK
               : challenge_key_read(p->options->challenge_key, p->key, &p->key_is_new,
                                    &p->key_is_open, error);
}

static int assign(struct partition *p, struct lcap_error *error)
{
    const bool has_challenge = p->challenge != SPLIT_NO_LIST;
    int rc = p->options->extend ? list_extension_apply(p, error) : LCAP_OK;
    if (rc == LCAP_OK && has_challenge && p->options->method != PARTITION_BY_TIME)
        rc = challenge_choose(p, error);
    if (rc == LCAP_OK)
        rc = partition_lists_assign(p, error);
    return rc == LCAP_OK && has_challenge ? challenge_check_ids(p, error) : rc;
}

static int run(struct partition *p, const char *directory, struct lcap_error *error)
{
    int rc = read_all(p, error);
    if (rc == LCAP_OK)
        rc = read_key(p, error);
    if (rc == LCAP_OK)
        rc = assign(p, error);
    if (rc == LCAP_OK)
        rc = partition_files_write(p, directory, error);
    return rc == LCAP_OK ? partition_leaks_find(p, directory, error) : rc;
}

int partition_pass_run(struct partition *partition, const char *dataset, const char *directory,
                       const struct partition_options *options, struct lcap_error *error)
{
    bool is_new = false;
    *partition = (struct partition){.options = options, .dataset = dataset};
    int rc = begin(partition, error);
    if (rc == LCAP_OK)
        rc = partition_files_prepare(partition, directory, &is_new, error);
    if (rc == LCAP_OK)
        rc = run(partition, directory, error);
    if (rc < 0 && is_new)
        rmdir(directory); /* which fails if it holds something by now */
    return rc;
}

void partition_pass_release(struct partition *partition)
{
    leak_report_free(partition->leaks);
    split_lists_release(&partition->written);
    sample_registry_release(&partition->registry);
    sample_joins_release(&partition->joins);
    intern_free(partition->label_texts);
    free(partition->samples);
    free(partition->labels);
    free(partition->members);
    free(partition->groups);
    free(partition->label_counts);
}
