/* Writes and reads the notes on a run of `label` in shards. */
#include "dataset/labelling/label_about.h"

#include "base/hash.h"
#include "base/memory.h"
#include "dataset/labelling/label_decisions.h"
#include "dataset/shard/joint.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* ---- writing ---- */

static int write_options(const struct label_pass_options *options, const struct sources *sources,
                         struct buffer *notes, struct lcap_error *error)
{
    const struct input_options *input = &options->input;
    return buffer_printf(notes, error, "options %" PRIu64 " %d %d %d %d %u %d %zu %zu%c",
                         (uint64_t)options->shift_rules_ns, options->keep_unmatched, options->join,
                         (int)input->pcapml_times, input->set_linktype, input->linktype,
                         input->nanoseconds, sources->repeated, sources->skipped_links, '\0');
}

static int write_rules(const char *path, struct buffer *notes, struct lcap_error *error)
{
    char hash[HASH_SHA256_TEXT];
    const int rc = hash_sha256_path(path, hash, error);
    return rc == LCAP_OK ? buffer_printf(notes, error, "rules %s %s%c", hash, path, '\0') : rc;
}

static int write_source(const struct source *source, struct buffer *notes, struct lcap_error *error)
{
    return buffer_printf(notes, error, "input %d %zu %zu %s%c", source->walked,
                         (size_t)(source->below - source->path), source->repeats + 1, source->path,
                         '\0');
}

int label_about_write(const struct label_pass_options *options, const struct sources *sources,
                      struct buffer *notes, struct lcap_error *error)
{
    int rc = write_options(options, sources, notes, error);
    if (rc == LCAP_OK)
        rc = write_rules(options->rules, notes, error);
    if (rc == LCAP_OK && sources->skipped_link)
        rc = buffer_printf(notes, error, "link %s%c", sources->skipped_link, '\0');
    for (size_t i = 0; i < sources->count && rc == LCAP_OK; i++)
        rc = write_source(&sources->items[i], notes, error);
    return rc;
}

/* ---- reading ---- */

struct about {
    struct label_pass_options *options;
    struct sources *sources;
    char hash[HASH_SHA256_TEXT]; /* of the rules */
    bool has_options;
};

/* All of these return 0 for a note that is none of theirs, 1 for one that is, or a negative code.
 */
static int take_options(struct about *about, const char *note)
{
    struct label_pass_options *options = about->options;
    uint64_t numbers[9];
    if (!joint_note_numbers(note, "options", numbers, 9) || numbers[3] > LCAP_PCAPML_TIMES_NO ||
        numbers[5] > UINT16_MAX)
        return 0;
    options->shift_rules_ns = (int64_t)numbers[0];
    options->keep_unmatched = numbers[1] != 0;
    options->join = numbers[2] != 0;
    options->input.pcapml_times = (enum lcap_pcapml_times)numbers[3];
    options->input.set_linktype = numbers[4] != 0;
    options->input.linktype = (uint16_t)numbers[5];
    options->input.nanoseconds = numbers[6] != 0;
    about->sources->repeated = (size_t)numbers[7];
    about->sources->skipped_links = (size_t)numbers[8];
    about->has_options = true;
    return 1;
}

static int take_rules(struct about *about, const char *note)
{
    const char *hash = joint_note_numbers(note, "rules", NULL, 0);
    const size_t len = HASH_SHA256_TEXT - 1;
    if (!hash || strlen(hash) <= len || hash[len] != ' ')
        return 0;
    memcpy(about->hash, hash, len);
    about->options->rules = hash + len + 1;
    return 1;
}

static int take_link(struct about *about, const char *note, struct lcap_error *error)
{
    struct sources *sources = about->sources;
    const char *path = joint_note_numbers(note, "link", NULL, 0);
    if (!path || sources->skipped_link)
        return 0;
    sources->skipped_link = memory_copy_text(path, strlen(path), error);
    return sources->skipped_link ? 1 : LCAP_ERR_MEMORY;
}

/* The file may be gone by now. */
static int add_source(struct sources *sources, const char *path, const uint64_t numbers[3],
                      struct lcap_error *error)
{
    struct stat st;
    void *items = sources->items;
    const int rc =
        memory_grow(&items, &sources->capacity, sources->count + 1, sizeof *sources->items, error);
    sources->items = items;
    char *copy = rc == LCAP_OK ? memory_copy_text(path, strlen(path), error) : NULL;
    if (!copy)
        return LCAP_ERR_MEMORY;
    sources->items[sources->count++] = (struct source){
        .path = copy,
        .below = copy + numbers[1],
        .walked = numbers[0] != 0,
        .repeats = (size_t)numbers[2] - 1,
        .has_size = stat(path, &st) == 0 && S_ISREG(st.st_mode),
    };
    return 1;
}

static int take_source(struct about *about, const char *note, struct lcap_error *error)
{
    struct sources *sources = about->sources;
    uint64_t numbers[3];
    const char *path = joint_note_numbers(note, "input", numbers, 3);
    if (!path || !*path || numbers[1] >= strlen(path) || numbers[2] > SOURCES_MAX ||
        sources->count == SOURCES_MAX)
        return 0;
    return add_source(sources, path, numbers, error);
}

static int take_note(struct about *about, const char *note, struct lcap_error *error)
{
    int rc = label_decisions_is_note(note) ? 1 : take_options(about, note);
    if (rc == 0)
        rc = take_rules(about, note);
    if (rc == 0)
        rc = take_link(about, note, error);
    return rc == 0 ? take_source(about, note, error) : rc;
}

/* Inputs that are the same file are named by their places. */
static bool is_complete(const struct about *about)
{
    const struct sources *sources = about->sources;
    for (size_t i = 0; i < sources->count; i++)
        if (sources->items[i].repeats != SOURCE_NONE && sources->items[i].repeats >= sources->count)
            return false;
    return about->has_options && about->options->rules &&
           !sources->skipped_links == !sources->skipped_link;
}

static int check_rules(const struct about *about, struct lcap_error *error)
{
    const char *path = about->options->rules;
    struct lcap_error reason = {0};
    char hash[HASH_SHA256_TEXT];
    if (hash_sha256_path(path, hash, &reason) < 0)
        return lcap_error_set(error, LCAP_ERR_RULES,
                              "%s: the shards used these rules, and the merge reads them again: "
                              "put them back, or merge in the directory of the shards",
                              reason.text);
    return strcmp(hash, about->hash) == 0
               ? LCAP_OK
               : lcap_error_set(error, LCAP_ERR_RULES,
                                "%s: these rules have changed since the shards used them: "
                                "restore them, or run the shards again",
                                path);
}

int label_about_read(const struct buffer *notes, const char *part,
                     struct label_pass_options *options, struct sources *sources,
                     struct lcap_error *error)
{
    struct about about = {.options = options, .sources = sources};
    const char *note;
    size_t at = 0;
    int rc = 1;
    while (rc == 1 && (note = joint_next_note(notes, &at)))
        rc = take_note(&about, note, error);
    if (rc < 0)
        return rc;
    if (rc == 0 || !is_complete(&about))
        return lcap_error_set(error, LCAP_ERR_FORMAT,
                              "%s.joint: expected notes on the rules and inputs of the run: "
                              "remove it and run this shard again",
                              part);
    return check_rules(&about, error);
}
