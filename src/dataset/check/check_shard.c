/* Writes the parts of `check`. */
#include "dataset/check/check_shard.h"

#include "dataset/check/check_counts.h"
#include "dataset/check/check_part.h"
#include "dataset/shard/block_outline.h"
#include "dataset/shard/shard_run.h"
#include <stdio.h>
#include <string.h>

struct looking {
    const struct check_pass_options *options;
    const struct sources *sources;
    struct shard_run *run;
    struct item_writer file;
    struct outline_writer blocks;
    struct input_pass input;
    bool goes_on; /* the shard begins in the middle of the input */
    struct check_needs needs;
    struct header_parser parser; /* for facts */
    struct check_rules rules;    /* for matches */
    struct check_look_store store;
    struct intern *paths; /* of the inputs that packets came from, if the rules ask for them */
    struct buffer scratch;
};

/* ---- blocks ---- */

/* A fragment has the ports of the first one, which may be in another shard. */
static bool read_facts(struct looking *looking, const struct lcap_packet *packet,
                       struct packet_facts *facts)
{
    packet_facts_read(&looking->parser, packet, facts);
    if (looking->parser.fragments.named == 0)
        return true;
    header_parser_release(&looking->parser);
    looking->parser = (struct header_parser){.unknown_type = 0};
    return false;
}

static int match(struct looking *looking, const struct lcap_packet *packet, struct check_look *look,
                 struct lcap_error *error)
{
    struct check_look_store *store = &looking->store;
    buffer_clear(&store->record);
    const int rc = check_rules_match(&looking->rules, packet, &store->record, error);
    store->match = (struct check_match){store->record.data, store->record.len};
    if (rc == LCAP_OK)
        look->match = &store->match;
    look->read_again |= rc == 1;
    return rc < 0 ? rc : LCAP_OK;
}

/* What the packet must bring along. */
static int look_further(struct looking *looking, const struct lcap_packet *packet,
                        const struct check_needs *needs, struct check_look *look,
                        struct lcap_error *error)
{
    struct check_look_store *store = &looking->store;
    const int rc = needs->match ? match(looking, packet, look, error) : LCAP_OK;
    look->read_again |= needs->facts && !read_facts(looking, packet, &store->facts);
    if (needs->facts && !look->read_again)
        look->facts = &store->facts;
    if (needs->content || look->read_again) {
        hash_sha256_wide(packet->data, packet->caplen, store->content);
        look->content = store->content;
    }
    return rc;
}

static int put_look(struct looking *looking, const struct lcap_block *block,
                    struct lcap_error *error)
{
    const struct check_needs needs = check_part_needs_of(&looking->needs, block);
    struct check_look look;
    int rc = check_look_at(&look, block, &looking->scratch, error);
    if (rc == LCAP_OK)
        rc = look_further(looking, &block->packet, &needs, &look, error);
    return rc == LCAP_OK ? check_part_put_look(&looking->file, &looking->scratch, &look, error)
                         : rc;
}

static int outline_block(void *context, const struct lcap_block *block, struct lcap_error *error)
{
    struct looking *looking = context;
    struct lcap_position next = {.size = sizeof next};
    /* Interfaces of earlier blocks have no place of their own. */
    const bool known =
        looking->goes_on && block->kind == LCAP_BLOCK_INTERFACE && block->offset == 0;
    int rc = known ? LCAP_OK : put_look(looking, block, error);
    if (rc == LCAP_OK)
        rc = lcap_reader_tell(looking->input.reader, &next, error);
    return rc == LCAP_OK
               ? outline_writer_block(&looking->blocks, known ? OUTLINE_KNOWN : OUTLINE_BLOCK,
                                      block, &next, error)
               : rc;
}

/* ---- inputs ---- */

/* Who has a part of it tells of an input, and who has its beginning if it is no capture. */
static bool tells_of(const struct looking *looking, size_t number)
{
    const struct joint *joint = &looking->run->joint;
    return (!looking->input.reader && !looking->goes_on) ||
           (joint->segment_count > 0 && joint->segments[joint->segment_count - 1].input == number);
}

static int put_end(struct looking *looking, struct lcap_error *error)
{
    const struct lcap_reader *reader = looking->input.reader;
    const struct input_outcome *outcome = &looking->input.outcome;
    const struct check_part_end end = {
        .opened = outcome->opened,
        .other_format = reader && lcap_reader_format(reader) != LCAP_FORMAT_PCAPNG,
        .status = outcome->status,
        .odd_times = outcome->odd_times,
        .damage = outcome->status == LCAP_ERR_DAMAGED ? outcome->error.text : "",
    };
    return check_part_put_end(&looking->file, &end, error);
}

static int read_input(struct looking *looking, size_t number, struct lcap_error *error)
{
    const struct source *source = &looking->sources->items[number];
    struct shard_run *run = looking->run;
    struct shard_range range;
    if (!shard_range_of(&run->ranges, number, run->bytes_before[number], &range))
        return LCAP_OK;
    looking->goes_on = range.begin > 0;
    int rc = input_pass_open(&looking->input, source->path, source->walked,
                             &looking->options->input, error);
    looking->input.number = number;
    if (rc == LCAP_OK)
        rc = check_part_put_input(&looking->file, number, error);
    if (rc == LCAP_OK)
        rc = shard_run_walk(run, number, &looking->input, outline_block, looking, error);
    if (rc == LCAP_OK && tells_of(looking, number))
        rc = put_end(looking, error);
    input_pass_close(&looking->input);
    return rc;
}

static int read_inputs(struct looking *looking, struct lcap_error *error)
{
    int rc = LCAP_OK;
    looking->blocks.file = &looking->file;
    for (size_t i = 0; i < looking->sources->count && rc == LCAP_OK; i++)
        rc = read_input(looking, i, error);
    return rc;
}

/* ---- the part ---- */

/* In that of the first shard. */
static int put_run(struct looking *looking, const struct buffer *head, struct lcap_error *error)
{
    const struct sources *sources = looking->sources;
    int rc = LCAP_OK;
    if (looking->run->joint.shard.number > 0)
        return LCAP_OK;
    rc = item_writer_put(&looking->file, CHECK_PART_HEAD, head->data, head->len, error);
    for (size_t i = 0; i < sources->count && rc == LCAP_OK; i++)
        rc = check_part_put_source(&looking->file, &sources->items[i], error);
    return rc == LCAP_OK ? check_part_put_paths(&looking->file, looking->paths, error) : rc;
}

/* What is wrong with them is told now, not when all shards are merged. */
static int try_lists(const struct check_pass_options *options, struct lcap_error *error)
{
    struct split_lists lists;
    struct leak_report *report = NULL;
    int rc = split_lists_read(&lists, options->splits, error);
    if (rc == LCAP_OK)
        rc = leak_report_new(&report, &lists, &options->leaks, error);
    leak_report_free(report);
    split_lists_release(&lists);
    return rc;
}

static int load_rules(struct looking *looking, const struct check_shard *shard,
                      struct lcap_error *error)
{
    const struct check_pass_options *options = looking->options;
    bool need_inputs;
    int rc = check_rules_need_inputs(options->rules, &need_inputs, error);
    if (rc == LCAP_OK && need_inputs)
        rc = check_counts_take(looking->run, looking->sources, shard, looking->paths, error);
    return rc == LCAP_OK ? check_rules_init(&looking->rules, options->rules, looking->paths,
                                            looking->sources, &options->input, error)
                         : rc;
}

/* The rules and lists. */
static int load_files(struct looking *looking, const struct check_shard *shard,
                      struct lcap_error *error)
{
    const struct check_pass_options *options = looking->options;
    int rc = options->splits ? try_lists(options, error) : LCAP_OK;
    if (rc == LCAP_OK)
        rc = intern_new(&looking->paths, error);
    if (rc == LCAP_OK && options->rules)
        rc = load_rules(looking, shard, error);
    looking->needs = check_part_needs(options, &looking->rules);
    return rc;
}

static int write_part(struct looking *looking, const struct check_shard *shard,
                      const struct buffer *head, struct lcap_error *error)
{
    struct shard_run *run = looking->run;
    int rc = load_files(looking, shard, error);
    if (rc == LCAP_OK)
        rc = shard_run_begin(run, &shard->placing, error);
    if (rc == LCAP_OK)
        rc = item_writer_open(&looking->file, run->part, check_part_magic, &run->placing, error);
    if (rc == LCAP_OK)
        rc = put_run(looking, head, error);
    if (rc == LCAP_OK)
        rc = read_inputs(looking, error);
    if (rc == LCAP_OK)
        rc = item_writer_put(&looking->file, CHECK_PART_END, "", 0, error);
    if (rc == LCAP_OK)
        rc = item_writer_close(&looking->file, error);
    return rc == LCAP_OK ? shard_run_finish(looking->run, error) : rc;
}

/* ---- the run ---- */

int check_shard_exclude(const struct check_shard *shard, struct sources *sources,
                        struct lcap_error *error)
{
    const int rc = shard_exclude_parts(shard->shard, "check", shard->output, sources, error);
    return rc == LCAP_OK ? shard_exclude_parts(shard->shard, CHECK_COUNTS_COMMAND, shard->output,
                                               sources, error)
                         : rc;
}

static int name_file(struct buffer *text, const char *path, struct lcap_error *error)
{
    const char *const files[] = {path, NULL};
    return file_is_regular(path)
               ? shard_name_files(text, files, error)
               : lcap_error_set(error, LCAP_ERR_ARGUMENT,
                                "%s: is not a regular file, so not every shard could read it",
                                path);
}

static int name_list(struct buffer *text, const struct split_folder *folder, size_t list,
                     struct lcap_error *error)
{
    struct buffer path = {0};
    int rc = split_folder_append_path(folder, list, &path, error);
    if (rc == LCAP_OK)
        rc = buffer_printf(text, error, "%s ", folder->names[list]);
    if (rc == LCAP_OK)
        rc = name_file(text, (const char *)path.data, error);
    buffer_release(&path);
    return rc;
}

static int name_lists(struct buffer *text, const char *splits, struct lcap_error *error)
{
    struct split_folder folder;
    int rc = split_folder_open(&folder, splits, error);
    for (size_t i = 0; i < folder.count && rc == LCAP_OK; i++)
        rc = name_list(text, &folder, i, error);
    split_folder_release(&folder);
    return rc;
}

int check_shard_name_files(const struct check_pass_options *options, struct buffer *text,
                           struct lcap_error *error)
{
    int rc = options->rules ? name_file(text, options->rules, error) : LCAP_OK;
    if (rc == LCAP_OK && options->splits)
        rc = name_lists(text, options->splits, error);
    return rc == LCAP_OK ? buffer_append(text, "", 1, error) : rc;
}

static int make_head(struct buffer *head, const struct sources *sources,
                     const struct check_pass_options *options, struct lcap_error *error)
{
    struct buffer files = {0};
    int rc = check_shard_name_files(options, &files, error);
    if (rc == LCAP_OK) {
        const struct check_part_head made = {.options = *options,
                                             .files = (const char *)files.data,
                                             .skipped_links = sources->skipped_links};
        rc = check_part_put_head(head, &made, error);
    }
    buffer_release(&files);
    return rc;
}

/* All that decides what is seen and found. */
static int new_run(struct looking *looking, const struct check_shard *shard,
                   const struct buffer *head, struct lcap_error *error)
{
    static const char *const no_files[] = {NULL};
    const struct input_options *input = &looking->options->input;
    char hash[HASH_SHA256_BASE64], settings[HASH_SHA256_BASE64 + 64];
    hash_sha256_base64(head->data, head->len, hash);
    snprintf(settings, sizeof settings, "%s %d %d %u %d", hash, (int)input->pcapml_times,
             input->set_linktype, input->linktype, input->nanoseconds);
    return shard_run_new(&looking->run, shard->shard, "check", settings, no_files, shard->output,
                         looking->sources, error);
}

int check_shard_run(const struct sources *sources, const struct check_pass_options *options,
                    const struct check_shard *shard, bool *is_done, struct lcap_error *error)
{
    struct looking looking = {.options = options, .sources = sources};
    struct buffer head = {0};
    *is_done = false;
    if (shard->count_packets)
        return check_counts_run(sources, options, shard, is_done, error);
    int rc = make_head(&head, sources, options, error);
    if (rc == LCAP_OK)
        rc = new_run(&looking, shard, &head, error);
    if (rc == LCAP_OK)
        *is_done = shard_run_is_done(looking.run);
    if (rc == LCAP_OK && !*is_done)
        rc = write_part(&looking, shard, &head, error);
    check_rules_release(&looking.rules);
    check_look_store_release(&looking.store);
    intern_free(looking.paths);
    item_writer_discard(&looking.file);
    outline_writer_release(&looking.blocks);
    buffer_release(&looking.scratch);
    header_parser_release(&looking.parser);
    shard_run_free(looking.run);
    buffer_release(&head);
    return rc;
}
