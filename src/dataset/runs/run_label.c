/* lcap_label() */
#include "base/memory.h"
#include "base/sized.h"
#include "dataset/labelling/label_result.h"
#include "dataset/runs/run.h"

#include <inttypes.h>
#include <stdlib.h>

struct labelling {
    struct sources sources;
    struct label_pass_options options;
    bool strict;
    struct label_pass *pass;
};

static void release(void *found)
{
    struct labelling *labelling = found;
    label_pass_free(labelling->pass);
    sources_release(&labelling->sources);
}

static struct label_pass_options options_of(const struct lcap_run *run,
                                            const struct lcap_label_options *options)
{
    return (struct label_pass_options){
        .rules = options->rules,
        .output = run->output,
        .dry_run = options->dry_run,
        .sort = options->sort,
        .keep_unmatched = options->keep_unmatched,
        .relabel = options->relabel,
        .shift_rules_ns = options->shift_rules_ns,
        .split_linktypes = options->split_linktypes,
        .join = options->join,
        .keep_source = options->keep_source,
        .placing = run_placing(run),
        .write_pcapml_times = options->write_pcapml_times,
        .snaplen = options->snaplen,
        .sorter = run_sorter(run),
        .input = run_input(run),
        .shard = {options->shard, options->shards},
        .count_packets = options->count_packets,
    };
}

static int list(struct labelling *labelling, const struct lcap_run *run, bool by_time,
                struct lcap_error *error)
{
    int rc = label_pass_exclude_outputs(&labelling->sources, &labelling->options, error);
    if (rc == LCAP_OK)
        rc = run_list(run, &labelling->sources, error);
    return rc == LCAP_OK && by_time
               ? sources_order_by_time(&labelling->sources, &labelling->options.input, error)
               : rc;
}

/* Those that are known so far. */
static int refuse_warnings(const struct labelling *labelling, struct lcap_error *error)
{
    const struct findings *findings = &label_pass_result(labelling->pass)->findings;
    const struct lcap_finding *first = findings_get(findings, 0);
    if (!labelling->strict || !first)
        return LCAP_OK;
    return lcap_error_set(error, LCAP_ERR_RULES, "%s:%s: %s (the first of %zu, --strict)",
                          labelling->options.rules, first->place ? first->place : "", first->text,
                          findings->count);
}

static int label(struct labelling *labelling, struct lcap_error *error)
{
    int rc = label_pass_new(&labelling->pass, &labelling->sources, &labelling->options, error);
    if (rc == LCAP_OK)
        rc = refuse_warnings(labelling, error);
    if (rc == LCAP_OK)
        rc = label_pass_run(labelling->pass, error);
    if (rc == LCAP_OK)
        rc = refuse_warnings(labelling, error);
    if (rc == LCAP_OK)
        rc = label_pass_finish(labelling->pass, error);
    if (rc == LCAP_OK && label_pass_is_futile(labelling->pass))
        return lcap_error_set(error, LCAP_ERR_LABEL, "no packet got a label (%" PRIu64 " read)",
                              label_pass_result(labelling->pass)->all.packets);
    return rc;
}

int lcap_label(const struct lcap_run *run, const struct lcap_label_options *options,
               struct lcap_result **result, struct lcap_error *error)
{
    struct lcap_run taken;
    struct lcap_label_options how;
    struct result description;
    int rc = sized_take(&how, sizeof how, options, "lcap_label_options", error);
    if (rc == LCAP_OK)
        rc = run_take(&taken, run, !how.dry_run, 1, SIZE_MAX, error);
    if (rc == LCAP_OK)
        rc = shard_check((struct shard){how.shard, how.shards}, error);
    if (rc == LCAP_OK && (how.count_packets || how.buckets) && how.shards == 0)
        rc = lcap_error_set(error, LCAP_ERR_ARGUMENT,
                            "only a shard counts packets or writes and reads buckets");
    if (rc == LCAP_OK && !how.rules)
        rc = lcap_error_set(error, LCAP_ERR_ARGUMENT, "the rules are missing");
    struct labelling *labelling = rc == LCAP_OK ? memory_new(1, sizeof *labelling, error) : NULL;
    if (!labelling)
        return rc < 0 ? rc : LCAP_ERR_MEMORY;
    labelling->options = options_of(&taken, &how);
    labelling->strict = how.strict;
    rc = buckets_parse(&labelling->options.buckets, how.buckets, error);
    if (rc == LCAP_OK)
        rc = list(labelling, &taken, how.order_by_time, error);
    if (rc == LCAP_OK)
        rc = label(labelling, error);
    result_begin(&description, error);
    if (rc == LCAP_OK)
        label_describe(label_pass_result(labelling->pass), true, &description);
    return run_finish(rc, &description, labelling, release, result, error);
}
