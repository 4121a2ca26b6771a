/* One run of `label` over files. */
#include "cmd/label_run.h"

#include "base/io/file.h"
#include "base/io/target.h"
#include "base/memory.h"
#include "cmd/inputs.h"
#include "cmd/talk.h"
#include "dataset/pass.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/*
 * LINKTYPE values that files of ours may have been named after; the registry
 * ends below, and what a capture makes up is read again as what it is: labelled.
 */
#define LINKTYPES_NAMED 512

/* What an earlier run with --split-linktypes has written is no input either. */
static int exclude_linktype_outputs(struct label_run *run, struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (uint16_t linktype = 0; linktype < LINKTYPES_NAMED && rc == 0; linktype++) {
        char *path = dataset_writer_path(run->args->output, linktype, error);
        rc = path ? sources_exclude(&run->sources, path, error) : LCAP_ERR_MEMORY;
        free(path);
    }
    return rc;
}

/* The rules are an input as well; of captures, sources_add() takes care. */
static int exclude_outputs(struct label_run *run, struct lcap_error *error)
{
    const struct label_args *args = run->args;
    const char *const written[] = {args->output, args->stats_json};
    int rc = LCAP_OK;
    for (size_t i = 0; i < sizeof written / sizeof *written && rc == 0; i++) {
        if (written[i])
            rc = file_check_not_input(written[i], &args->rules, 1, error);
        if (rc == 0 && written[i])
            rc = sources_exclude(&run->sources, written[i], error);
    }
    if (rc == 0 && args->split_linktypes && args->output)
        rc = exclude_linktype_outputs(run, error);
    return rc;
}

static int list_sources(struct label_run *run, const char *const *operands, size_t count,
                        struct lcap_error *error)
{
    int rc = exclude_outputs(run, error);
    if (rc == 0)
        rc = inputs_list(&run->sources, operands, count, NULL, error);
    if (rc < 0)
        return rc;
    run->files = memory_new(run->sources.count, sizeof *run->files, error);
    run->named = memory_new(run->sources.count, sizeof *run->named, error);
    if (!run->files || !run->named)
        return LCAP_ERR_MEMORY;
    for (size_t i = 0; i < run->sources.count; i++)
        run->files[i] = (struct lcap_file){run->sources.items[i].path, run->sources.items[i].below};
    return LCAP_OK;
}

static int load_rules(struct label_run *run, struct lcap_error *error)
{
    int rc = lcap_rules_load(&run->rules, run->args->rules, run->files, run->sources.count, error);
    if (rc == 0)
        rc = lcap_matcher_new(&run->matcher, run->rules, error);
    if (rc < 0)
        return rc;
    size_t count = lcap_rules_count(run->rules);
    run->rule_counts = memory_new(count, sizeof *run->rule_counts, error);
    if (!run->rule_counts)
        return LCAP_ERR_MEMORY;
    for (size_t i = 0; i < count; i++) {
        uint32_t file = lcap_rules_get(run->rules, i)->file_index;
        if (file < run->sources.count)
            run->named[file] = true;
    }
    return LCAP_OK;
}

int label_run_init(struct label_run *run, const struct label_args *args,
                   const char *const *operands, size_t count, struct lcap_error *error)
{
    static const struct tally empty = TALLY_EMPTY;
    *run = (struct label_run){.args = args, .all = empty};
    int rc = list_sources(run, operands, count, error);
    return rc < 0 ? rc : load_rules(run, error);
}

void label_run_release(struct label_run *run)
{
    dataset_writer_discard(run->writer);
    output_discard(run->report);
    lcap_matcher_free(run->matcher);
    lcap_rules_free(run->rules);
    sources_release(&run->sources);
    free(run->rule_counts);
    free(run->files);
    free(run->named);
}

/* Live packets, and those of a pipe. Sorted packets are not yet written while they come. */
static bool cannot_come_again(const struct label_run *run)
{
    bool stream = run->args->device;
    for (size_t i = 0; i < run->sources.count && !stream; i++)
        stream = target_is_stream(run->sources.items[i].path);
    return stream && !run->args->sort;
}

int label_run_open(struct label_run *run, const char *path, struct lcap_error *error)
{
    const struct label_args *args = run->args;
    if (args->stats_json && !run->report) {
        const struct output_options placing = {.overwrite = args->force};
        int rc = output_open(&run->report, args->stats_json, &placing, error);
        if (rc < 0)
            return rc;
    }
    if (args->dry_run)
        return LCAP_OK;
    const struct dataset_writer_options options = {
        .order = args->sort ? ORDER_SAMPLE : ORDER_AS_GIVEN,
        .split_linktypes = args->split_linktypes,
        .writer = {.format = LCAP_FORMAT_PCAPNG,
                   .overwrite = args->force,
                   .unlimited_snaplen = run->sources.count > 1,
                   .pcapml_times = args->write_pcapml_times,
                   .keep_cut = cannot_come_again(run)},
        .sorter = {args->memory, args->tmpdir},
    };
    return dataset_writer_open(&run->writer, path, &options, error);
}

/* Notes a failure to write; files that are read may fail with the same code. */
static int written(struct label_run *run, int rc)
{
    run->write_failed |= rc == LCAP_ERR_IO;
    return rc;
}

static int write_packet(struct label_run *run, const struct lcap_packet *packet,
                        const struct lcap_edit *edit, const struct lcap_label *label,
                        struct lcap_error *error)
{
    run->written_bytes += packet->caplen;
    if (!run->writer)
        return LCAP_OK;
    return written(run, dataset_writer_packet(run->writer, packet, edit, label, error));
}

int label_run_packet(struct label_run *run, uint32_t file, const struct lcap_packet *packet,
                     struct lcap_error *error)
{
    struct lcap_label old;
    bool labelled = packet->comment && lcap_packet_label(packet, &old);
    tally_packet(&run->all, packet);
    if (labelled && !run->args->relabel)
        return lcap_error_set(error, LCAP_ERR_LABEL,
                              "is labelled already (use --relabel to replace its labels)");
    uint32_t index;
    int matched = lcap_matcher_match(run->matcher, file, packet, &index, error);
    if (matched < 0)
        return matched;
    struct lcap_edit edit = {.drop_first_comment = labelled};
    if (!matched) {
        if (!run->args->keep_unmatched)
            return LCAP_OK;
        run->kept++;
        return write_packet(run, packet, &edit, NULL, error);
    }
    const struct lcap_rule *rule = lcap_rules_get(run->rules, index);
    run->rule_counts[index]++;
    run->labelled++;
    edit.comment = rule->comment;
    edit.comment_len = rule->comment_len;
    const struct lcap_label label = {.sample_id = rule->sample_id};
    return write_packet(run, packet, &edit, &label, error);
}

int label_run_block(struct label_run *run, const struct lcap_block *block, struct lcap_error *error)
{
    return run->writer ? written(run, dataset_writer_block(run->writer, block, error)) : LCAP_OK;
}

int label_run_flush(struct label_run *run, struct lcap_error *error)
{
    return run->writer ? written(run, dataset_writer_flush(run->writer, error)) : LCAP_OK;
}

struct file_pass {
    struct label_run *run;
    const char *name;
    uint32_t file;
    uint64_t packets;
};

static int label_block(void *context, const struct lcap_block *block, struct lcap_error *error)
{
    struct file_pass *pass = context;
    if (block->kind != LCAP_BLOCK_PACKET)
        return label_run_block(pass->run, block, error);
    pass->packets++;
    int rc = label_run_packet(pass->run, pass->file, &block->packet, error);
    if (rc == LCAP_ERR_LABEL)
        lcap_error_prefix(error, "%s: packet %" PRIu64 " ", pass->name, pass->packets);
    return rc;
}

/*
 * Damage ends one file, not the run: all before it stays good. What could not
 * be opened as a capture is passed over in a directory, unless a rule names it.
 */
static int outcome_of_file(struct label_run *run, size_t file, bool opened, int rc,
                           struct lcap_error *error)
{
    if (rc == LCAP_ERR_DAMAGED) {
        talk_error(error);
        lcap_error_clear(error);
        run->files_damaged++;
        return LCAP_OK;
    }
    if (rc == LCAP_ERR_FORMAT && !opened && run->sources.items[file].walked && !run->named[file]) {
        lcap_error_clear(error);
        run->files_skipped++;
        return LCAP_OK;
    }
    return rc;
}

static int label_file(struct label_run *run, size_t file, struct lcap_error *error)
{
    const struct lcap_reader_options options = {
        .pcapml_times = (enum lcap_pcapml_times)run->args->pcapml_times};
    struct lcap_reader *reader = NULL;
    int rc = lcap_reader_open(&reader, run->files[file].path, &options, error);
    if (rc == 0) {
        run->files_read++;
        if (run->writer)
            dataset_writer_source(run->writer, reader);
        struct file_pass pass = {run, lcap_reader_name(reader), (uint32_t)file, 0};
        rc = pass_over(reader, label_block, &pass, progress_of_reader, error);
        talk_pcapml_times(reader);
    }
    bool opened = reader != NULL;
    lcap_reader_free(reader);
    return outcome_of_file(run, file, opened, rc, error);
}

int label_run_files(struct label_run *run, struct lcap_error *error)
{
    for (size_t file = 0; file < run->sources.count; file++) {
        int rc = label_file(run, file, error);
        if (rc < 0)
            return rc;
    }
    return lcap_matcher_finish(run->matcher, error);
}

int label_run_close(struct label_run *run, struct lcap_error *error)
{
    if (!run->writer)
        return LCAP_OK;
    run->linktypes = dataset_writer_linktypes(run->writer);
    int rc = dataset_writer_close(run->writer, &run->losses, error);
    run->writer = NULL;
    return rc;
}

int label_run_keep(struct label_run *run, int rc, struct lcap_error *error)
{
    if (!run->write_failed || !run->writer || !cannot_come_again(run))
        return rc;
    struct lcap_error kept = {0};
    if (label_run_close(run, &kept) < 0) /* the same failure, and what has become of the file */
        *error = kept;
    return rc;
}
