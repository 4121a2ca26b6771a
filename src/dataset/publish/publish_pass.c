/* Publishes a labelled data set. */
#include "dataset/publish/publish_pass.h"

#include "base/io/file.h"
#include "base/io/input.h"
#include "base/io/tempfile.h"
#include "base/text/text.h"
#include "dataset/catalogue/file_facts.h"
#include "dataset/losses.h"
#include "dataset/partition/partition_json.h"
#include "dataset/publish/publish_partition.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* In a folder of lists, beside challenge.csv: its packets. */
#define CHALLENGE_PACKETS SPLIT_CHALLENGE ".pcapng"

/* Longer files of text are not read into memory. */
#define MOST_COPIED ((uint64_t)64 << 20)

/* ---- lists ---- */

/* Names become names of files, and words in tables. */
static int check_list_name(const char *folder, const char *name, struct lcap_error *error)
{
    static const char known[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    if (name[strspn(name, known)] == '\0')
        return LCAP_OK;
    return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                          "%s: expected lists with names of letters, digits, dots, hyphens and "
                          "underscores, found '%s.csv'",
                          folder, name);
}

static int read_lists(struct publish_pass *pass, struct lcap_error *error)
{
    struct publish_set *set = &pass->set;
    const char *folder = pass->options->splits;
    size_t challenge;
    set->has_lists = true;
    int rc = split_lists_read(&set->lists, folder, error);
    for (size_t i = 0; i < set->lists.folder.count && rc == LCAP_OK; i++)
        rc = check_list_name(folder, set->lists.folder.names[i], error);
    if (rc == LCAP_OK)
        set->has_challenge =
            split_folder_find(&set->lists.folder, SPLIT_CHALLENGE, &challenge, NULL) == LCAP_OK;
    return rc;
}

/* ---- provenance ---- */

static int note_option(struct publish_pass *pass, const char *text, struct lcap_error *error)
{
    return publish_provenance_add(&pass->provenance, PROVENANCE_OPTIONS, text, error);
}

static int note_matters(struct publish_pass *pass, const char *option, matter_set set,
                        struct lcap_error *error)
{
    struct buffer text = {0};
    int rc = buffer_printf(&text, error, "%s ", option);
    if (rc == LCAP_OK)
        rc = matter_set_append(set, ",", &text, error);
    if (rc == LCAP_OK)
        rc = buffer_append(&text, "", 1, error);
    if (rc == LCAP_OK && set)
        rc = note_option(pass, (const char *)text.data, error);
    buffer_release(&text);
    return rc;
}

static int note_options(struct publish_pass *pass, struct lcap_error *error)
{
    const struct publish_pass_options *options = pass->options;
    char snaplen[32], level[32];
    snprintf(snaplen, sizeof snaplen, "--snaplen %u", options->snaplen);
    snprintf(level, sizeof level, "--level %d", options->placing.level);
    int rc = note_matters(pass, "--allow", options->allow, error);
    if (rc == LCAP_OK)
        rc = note_matters(pass, "--remove", options->remove, error);
    if (rc == LCAP_OK && options->no_payload)
        rc = note_option(pass, "--payload none", error);
    if (rc == LCAP_OK && options->snaplen)
        rc = note_option(pass, snaplen, error);
    if (rc == LCAP_OK && options->placing.level)
        rc = note_option(pass, level, error);
    if (rc == LCAP_OK && options->splits)
        rc = note_option(pass, "--splits", error);
    if (rc == LCAP_OK && options->makers.flows)
        rc = note_option(pass, "--flows", error);
    if (rc == LCAP_OK && options->makers.report)
        rc = note_option(pass, "--report", error);
    return rc;
}

/* "SHA256  NAME"; no name with a challenge, for it may tell the answers. */
static int note_file(struct publish_pass *pass, enum provenance_list list, const char *path,
                     struct lcap_error *error)
{
    struct file_facts facts;
    struct buffer text = {0};
    int rc = file_facts_find(path, true, &facts, error);
    if (rc == LCAP_OK)
        rc = buffer_append_text(&text, facts.sha256, error);
    if (rc == LCAP_OK && !pass->set.has_challenge)
        rc = buffer_printf(&text, error, "  %s", file_base_name(path));
    if (rc == LCAP_OK)
        rc = buffer_append(&text, "", 1, error);
    if (rc == LCAP_OK)
        rc = publish_provenance_add(&pass->provenance, list, (const char *)text.data, error);
    buffer_release(&text);
    return rc;
}

static int note_provenance(struct publish_pass *pass, const char *dataset, struct lcap_error *error)
{
    int rc = publish_provenance_begin(&pass->provenance, error);
    if (rc == LCAP_OK)
        rc = note_options(pass, error);
    if (rc == LCAP_OK)
        rc = note_file(pass, PROVENANCE_INPUTS, dataset, error);
    if (rc == LCAP_OK && pass->options->rules)
        rc = note_file(pass, PROVENANCE_RULES, pass->options->rules, error);
    return rc;
}

/* ---- files that are copied ---- */

static int copy_bytes(struct input *in, struct output *out, struct lcap_error *error)
{
    const uint8_t *data;
    int64_t have;
    while ((have = input_peek(in, 1, &data, error)) > 0) {
        have = in->end - in->next;
        output_write(out, data, (size_t)have);
        input_skip(in, (size_t)have);
        if (output_bytes(out) > MOST_COPIED)
            return lcap_error_set(error, LCAP_ERR_ARGUMENT, "%s: expected at most 64 MiB",
                                  input_name(in));
    }
    return have < 0 ? (int)have : output_error(out, error);
}

static int copy_file(const struct publish_pass *pass, const char *from, const char *name,
                     struct lcap_error *error)
{
    const struct output_options placing = {.no_sync = true};
    struct input *in = NULL;
    struct output *out = NULL;
    char *to = file_join(pass->directory.building, name, error);
    int rc = to ? input_open(&in, from, error) : LCAP_ERR_MEMORY;
    if (rc == LCAP_OK)
        rc = output_open(&out, to, &placing, error);
    if (rc == LCAP_OK)
        rc = copy_bytes(in, out, error);
    if (rc == LCAP_OK)
        rc = output_close(out, error);
    else
        output_discard(out);
    input_free(in);
    free(to);
    return rc;
}

static int copy_partition(const struct publish_pass *pass, struct lcap_error *error)
{
    char *facts = file_join(pass->options->splits, PARTITION_FACTS, error);
    int rc = facts ? LCAP_OK : LCAP_ERR_MEMORY;
    if (rc == LCAP_OK && access(facts, F_OK) == 0)
        rc = copy_file(pass, facts, PUBLISH_PARTITION, error);
    free(facts);
    return rc;
}

static int copy_files(struct publish_pass *pass, struct lcap_error *error)
{
    const struct publish_pass_options *options = pass->options;
    int rc = publish_directory_make(&pass->directory, "data", error);
    if (rc == LCAP_OK && options->splits)
        rc = publish_directory_make(&pass->directory, PUBLISH_SPLITS, error);
    if (rc == LCAP_OK && pass->set.has_challenge)
        rc = publish_directory_make(&pass->directory, SPLIT_CHALLENGE, error);
    if (rc == LCAP_OK && options->splits)
        rc = copy_partition(pass, error);
    if (rc == LCAP_OK && options->rules)
        rc = copy_file(pass, options->rules, PUBLISH_RULES, error);
    pass->found[MATTER_RULES] = options->rules != NULL;
    return rc;
}

/* ---- data ---- */

static int open_writer(const struct publish_pass *pass, struct publish_walk *walk, const char *name,
                       struct lcap_error *error)
{
    const struct lcap_writer_options writing = {
        .size = sizeof writing,
        .no_sync = true,
        .unlimited_snaplen = true,
        .snaplen = pass->options->snaplen,
        .level = pass->options->placing.level,
        .threads = pass->options->input.threads,
        .used_interfaces = true,
    };
    char *path = file_join(pass->directory.building, name, error);
    const int rc = path ? lcap_writer_open(&walk->writer, path, &writing, error) : LCAP_ERR_MEMORY;
    free(path);
    return rc;
}

static int close_writer(struct publish_pass *pass, struct publish_walk *walk,
                        struct lcap_error *error)
{
    struct lcap_writer *writer = walk->writer;
    losses_add(&pass->losses, lcap_writer_losses(writer));
    walk->writer = NULL;
    return lcap_writer_close(writer, error);
}

static int check_walk(const struct publish_walk *walk, struct lcap_error *error)
{
    char packets[COUNTED_TEXT];
    if (walk->leaked > 0)
        return lcap_error_set(error, LCAP_ERR_LABEL,
                              "%s: %s of the challenge among the labelled samples of the lists",
                              walk->outcome.name, text_counted(walk->leaked, "packet", packets));
    if (walk->is_challenge && walk->unlabelled + walk->told > 0)
        return lcap_error_set(error, LCAP_ERR_LABEL,
                              "%s: expected packets with a sampleID and without metadata, found "
                              "%s with another comment",
                              walk->outcome.name,
                              text_counted(walk->unlabelled + walk->told, "packet", packets));
    return LCAP_OK;
}

static int write_data(struct publish_pass *pass, const char *path, bool is_challenge,
                      struct lcap_error *error)
{
    const struct publish_pass_options *options = pass->options;
    const bool hides = pass->set.has_challenge; /* whatever may tell an answer */
    const struct cleaner_options cleaning = {
        .remove =
            options->remove | (hides ? matter_bit(MATTER_NAMES) | matter_bit(MATTER_COMMENTS) : 0),
        .remove_sources = hides,
        .no_payload = options->no_payload,
        .snaplen = options->snaplen,
    };
    struct publish_walk walk = {
        .set = &pass->set, .is_challenge = is_challenge, .challenge = &pass->challenge};
    cleaner_init(&walk.cleaner, &cleaning);
    int rc = open_writer(pass, &walk, is_challenge ? PUBLISH_CHALLENGE : PUBLISH_DATA, error);
    if (rc == LCAP_OK)
        rc = publish_walk_run(&walk, path, &options->input, error);
    if (rc == LCAP_OK)
        rc = check_walk(&walk, error);
    if (rc == LCAP_OK)
        rc = close_writer(pass, &walk, error);
    for (int i = 0; i < MATTER_COUNT; i++)
        pass->found[i] += walk.cleaner.found[i];
    pass->unlabelled += walk.unlabelled;
    pass->unlisted += walk.unlisted;
    publish_walk_release(&walk);
    return rc;
}

static int write_challenge(struct publish_pass *pass, struct lcap_error *error)
{
    char *packets = file_join(pass->options->splits, CHALLENGE_PACKETS, error);
    int rc = packets ? hash_random_key(pass->challenge.key, HASH_KEY_LEN, error) : LCAP_ERR_MEMORY;
    if (rc == LCAP_OK)
        rc = write_data(pass, packets, true, error);
    free(packets);
    return rc;
}

/* ---- the pass ---- */

static int check_options(const struct publish_pass *pass, const char *dataset,
                         const char *directory, struct lcap_error *error)
{
    if (pass->set.has_challenge && pass->options->rules)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                              "%s: rules would tell the answers of the challenge",
                              pass->options->rules);
    const struct publish_pass_options *options = pass->options;
    const char *const inputs[] = {dataset, options->splits, options->rules, options->metadata};
    const int rc = file_check_not_input(directory, &dataset, 1, error);
    return rc == LCAP_OK
               ? file_check_not_within(directory, inputs, sizeof inputs / sizeof *inputs, error)
               : rc;
}

/* Errors name files where they were to be in the end. */
static int name_final(const struct publish_pass *pass, int rc, struct lcap_error *error)
{
    if (rc < 0 && pass->directory.building)
        tempfile_name_final(pass->directory.building, pass->directory.path, error);
    return rc;
}

int publish_pass_begin(struct publish_pass *pass, const char *dataset, const char *directory,
                       const struct publish_pass_options *options, struct lcap_error *error)
{
    *pass = (struct publish_pass){.options = options};
    int rc = publish_set_init(&pass->set, error);
    if (rc == LCAP_OK)
        rc = publish_metadata_read(&pass->metadata, options->values, options->metadata, error);
    if (rc == LCAP_OK && options->splits)
        rc = read_lists(pass, error);
    if (rc == LCAP_OK)
        rc = check_options(pass, dataset, directory, error);
    if (rc == LCAP_OK)
        rc = publish_directory_begin(&pass->directory, directory, &options->placing, error);
    if (rc == LCAP_OK)
        rc = note_provenance(pass, dataset, error);
    if (rc == LCAP_OK)
        rc = copy_files(pass, error);
    if (rc == LCAP_OK && pass->set.has_challenge)
        rc = write_challenge(pass, error);
    if (rc == LCAP_OK)
        rc = write_data(pass, dataset, false, error);
    return name_final(pass, rc, error);
}

matter_set publish_pass_refused(const struct publish_pass *pass)
{
    matter_set refused = 0;
    for (int i = 0; i < MATTER_COUNT; i++)
        if (pass->found[i] > 0 && !(pass->options->allow & matter_bit(i)))
            refused |= matter_bit(i);
    return refused;
}

/* What is not true of the published lists, such as those of a part of the data, does not go. */
static int check_partition(struct publish_pass *pass, struct lcap_error *error)
{
    char *copy = file_join(pass->directory.building, PUBLISH_PARTITION, error);
    int rc = copy ? LCAP_OK : LCAP_ERR_MEMORY;
    if (rc == LCAP_OK && access(copy, F_OK) == 0)
        rc = publish_partition_check(&pass->set, copy, &pass->partition_fault);
    if (rc == LCAP_ERR_FORMAT)
        rc = unlink(copy) == 0 ? LCAP_OK
                               : lcap_error_set_errno(error, errno, "%s: cannot remove", copy);
    else if (rc < 0 && copy)
        rc = lcap_error_set(error, rc, "%s", pass->partition_fault.text);
    free(copy);
    return rc;
}

int publish_pass_finish(struct publish_pass *pass, struct lcap_error *error)
{
    pass->set.source = pass->set.target = pass->directory.building;
    pass->set.metadata = &pass->metadata;
    pass->set.provenance = &pass->provenance;
    pass->set.makers = pass->options->makers;
    pass->set.input = (struct input_options){.threads = pass->options->input.threads,
                                             .watcher = pass->options->input.watcher};
    int rc = check_partition(pass, error);
    if (rc == LCAP_OK)
        rc = publish_set_describe(&pass->set, error);
    if (rc == LCAP_OK)
        rc = publish_directory_finish(&pass->directory, error);
    return name_final(pass, rc, error);
}

void publish_pass_release(struct publish_pass *pass)
{
    publish_directory_release(&pass->directory);
    publish_metadata_release(&pass->metadata);
    publish_provenance_release(&pass->provenance);
    publish_set_release(&pass->set);
    idmap_release(&pass->challenge.digests);
}
