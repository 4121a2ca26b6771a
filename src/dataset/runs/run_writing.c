/* Runs that write captures: lcap_sort(), lcap_split(), lcap_strip(), lcap_select(). */
#include "base/memory.h"
#include "base/sized.h"
#include "capture/capture_name.h"
#include "dataset/pass_results.h"
#include "dataset/runs/run.h"
#include "dataset/select/select_pass.h"
#include <string.h>

static void release_nothing(void *found)
{
    (void)found;
}

/* ---- sort ---- */

struct sorting {
    struct sources sources;
    struct sort_pass_result done;
};

static void release_sorting(void *found)
{
    struct sorting *sorting = found;
    sort_pass_release(&sorting->done);
    sources_release(&sorting->sources);
}

static int sort(struct sorting *sorting, const struct lcap_run *run,
                const struct lcap_sort_options *how, struct lcap_error *error)
{
    const struct sort_pass_options options = {
        .order = how->by_time ? ORDER_TIME : ORDER_SAMPLE,
        .placing = run_placing(run),
        .sorter = run_sorter(run),
        .input = run_input(run),
        .shard = {how->shard, how->shards},
    };
    int rc = shard_check(options.shard, error);
    if (rc == LCAP_OK)
        rc = shard_exclude_parts(options.shard, "sort", run->output, &sorting->sources, error);
    if (rc == LCAP_OK)
        rc = run_list(run, &sorting->sources, error);
    return rc == LCAP_OK
               ? sort_pass_run(&sorting->sources, run->output, &options, &sorting->done, error)
               : rc;
}

int lcap_sort(const struct lcap_run *run, const struct lcap_sort_options *options,
              struct lcap_result **result, struct lcap_error *error)
{
    struct lcap_run taken;
    struct lcap_sort_options how;
    struct result description;
    int rc = sized_take(&how, sizeof how, options, "lcap_sort_options", error);
    if (rc == LCAP_OK)
        rc = run_take(&taken, run, true, 1, SIZE_MAX, error);
    struct sorting *sorting = rc == LCAP_OK ? memory_new(1, sizeof *sorting, error) : NULL;
    if (!sorting)
        return rc < 0 ? rc : LCAP_ERR_MEMORY;
    rc = sort(sorting, &taken, &how, error);
    result_begin(&description, error);
    if (rc == LCAP_OK)
        sort_describe(&sorting->done, taken.output, &description);
    return run_finish(rc, &description, sorting, release_sorting, result, error);
}

/* ---- split ---- */

/* Little memory is enough here, and a directory that is NULL is the one of the output. */
#define SPLIT_MEMORY ((uint64_t)32 << 20)

int lcap_split(const struct lcap_run *run, const struct lcap_split_options *options,
               struct lcap_result **result, struct lcap_error *error)
{
    struct lcap_run taken;
    struct lcap_split_options how;
    struct result description;
    int rc = sized_take(&how, sizeof how, options, "lcap_split_options", error);
    if (rc == LCAP_OK)
        rc = run_take(&taken, run, true, 1, 1, error);
    struct split_pass_result *done = rc == LCAP_OK ? memory_new(1, sizeof *done, error) : NULL;
    if (!done)
        return rc < 0 ? rc : LCAP_ERR_MEMORY;
    const struct split_pass_options splitting = {
        .format = how.pcapng ? LCAP_FORMAT_PCAPNG : LCAP_FORMAT_PCAP,
        .by_class = how.per_label,
        .placing = run_placing(&taken),
        .sorter = {.memory = taken.memory > 0 ? taken.memory : SPLIT_MEMORY,
                   .directory = taken.tmpdir},
        .input = run_input(&taken),
    };
    rc = split_pass_run(taken.inputs[0], taken.output, &splitting, done, error);
    result_begin(&description, error);
    if (rc == LCAP_OK)
        split_describe(done, taken.output, &description);
    return run_finish(rc, &description, done, release_nothing, result, error);
}

/* ---- strip ---- */

static int take_format(const char *name, const char *output, enum lcap_format *format,
                       struct lcap_error *error)
{
    *format = name && strcmp(name, "pcapng") == 0 ? LCAP_FORMAT_PCAPNG : LCAP_FORMAT_PCAP;
    if (!name)
        *format = capture_name_format(output);
    else if (*format == LCAP_FORMAT_PCAP && strcmp(name, "pcap") != 0)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                              "--format: expected pcap or pcapng, found '%s'", name);
    return LCAP_OK;
}

int lcap_strip(const struct lcap_run *run, const struct lcap_strip_options *options,
               struct lcap_result **result, struct lcap_error *error)
{
    struct lcap_run taken;
    struct lcap_strip_options how;
    struct result description;
    int rc = sized_take(&how, sizeof how, options, "lcap_strip_options", error);
    enum lcap_format format;
    if (rc == LCAP_OK)
        rc = run_take(&taken, run, true, 1, 1, error);
    if (rc == LCAP_OK)
        rc = take_format(how.format, taken.output, &format, error);
    struct strip_pass_result *done = rc == LCAP_OK ? memory_new(1, sizeof *done, error) : NULL;
    if (!done)
        return rc < 0 ? rc : LCAP_ERR_MEMORY;
    const struct strip_pass_options stripping = {
        .format = format,
        .placing = run_placing(&taken),
        .snaplen = how.snaplen,
        .input = run_input(&taken),
    };
    rc = strip_pass_run(taken.inputs[0], taken.output, &stripping, done, error);
    result_begin(&description, error);
    if (rc == LCAP_OK)
        strip_describe(done, &description);
    return run_finish(rc, &description, done, release_nothing, result, error);
}

/* ---- select ---- */

struct selection {
    struct select_pass_options options;
    struct time_span times;
    struct select_pass pass;
};

static void release_selection(void *found)
{
    struct selection *selection = found;
    select_pass_release(&selection->pass);
}

static int take_times(struct selection *selection, const char *times, struct lcap_error *error)
{
    if (!times)
        return LCAP_OK;
    selection->options.packets.times = &selection->times;
    return time_span_read(times, &selection->times, error);
}

static int select_packets(struct selection *selection, const struct lcap_run *run,
                          const struct lcap_select_options *how, struct lcap_error *error)
{
    const char *dataset = run->inputs[0];
    selection->options = (struct select_pass_options){
        .samples = {how->ids, how->splits, how->list, how->label, how->min_packets,
                    how->max_per_label},
        .packets = {NULL, how->filter, how->dedup_ns, how->first},
        .placing = run_placing(run),
        .snaplen = how->snaplen,
        .input = run_input(run),
    };
    int rc = take_times(selection, how->time, error);
    if (rc == LCAP_OK)
        rc = select_pass_run(&selection->pass, dataset, run->output, &selection->options, error);
    if (rc < 0 || selection->pass.selected_packets > 0)
        return rc;
    return lcap_error_set(error, LCAP_ERR_LABEL, "%s: no packet is selected, so nothing is written",
                          dataset);
}

static int check_selection(const struct lcap_select_options *how, struct lcap_error *error)
{
    if (!how->splits != !how->list)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT, "splits and list need each other");
    if (how->ids || how->list || how->label || how->min_packets || how->max_per_label ||
        how->time || how->filter || how->dedup_ns || how->first)
        return LCAP_OK;
    return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                          "no --ids, --list, --label, --min-packets, --max-per-label, --time, "
                          "--filter, --dedup or --first given");
}

int lcap_select(const struct lcap_run *run, const struct lcap_select_options *options,
                struct lcap_result **result, struct lcap_error *error)
{
    struct lcap_run taken;
    struct lcap_select_options how;
    struct result description;
    int rc = sized_take(&how, sizeof how, options, "lcap_select_options", error);
    if (rc == LCAP_OK)
        rc = run_take(&taken, run, true, 1, 1, error);
    if (rc == LCAP_OK)
        rc = check_selection(&how, error);
    struct selection *selection = rc == LCAP_OK ? memory_new(1, sizeof *selection, error) : NULL;
    if (!selection)
        return rc < 0 ? rc : LCAP_ERR_MEMORY;
    rc = select_packets(selection, &taken, &how, error);
    result_begin(&description, error);
    if (rc == LCAP_OK)
        select_describe(&selection->pass, taken.output, &description);
    return run_finish(rc, &description, selection, release_selection, result, error);
}
