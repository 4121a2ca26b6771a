/* Walks the directory as `label` does, so that both see the same captures under the same names. */
#include "dataset/rule_tables/folder_rules.h"

#include "base/buffer.h"
#include "base/text/csv.h"
#include "base/text/glob.h"
#include "base/text/text.h"
#include "base/text/text_part.h"
#include "dataset/rule_tables/label_flaw.h"
#include "dataset/sources.h"
#include "label/rule_filter.h"
#include <dirent.h>
#include <fcntl.h>
#include <labelcap/capture.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Findings beyond this are counted only. */
#define MAX_FINDINGS 1000

struct writing {
    struct folder_rules_result *done;
    struct output *out;
    const struct text_part *pattern; /* or NULL */
    struct intern *folders;          /* that hold captures */
    struct buffer column, line;
};

struct span {
    const char *text;
    size_t len;
};

static int leave_out(struct writing *w, const char *path, const char *why, struct lcap_error *error)
{
    const struct lcap_finding finding = {LCAP_SEVERITY_WARNING, path, 1, why};
    w->done->left_out++;
    return w->done->findings.count < MAX_FINDINGS
               ? findings_add(&w->done->findings, &finding, error)
               : LCAP_OK;
}

/* 1 for a capture, even a damaged one, 0 for another file, or an error. */
static int is_capture(const char *path, struct lcap_error *error)
{
    struct lcap_reader *reader = NULL;
    struct lcap_error refused = {0};
    int rc = lcap_reader_open(&reader, path, NULL, &refused);
    lcap_reader_free(reader);
    if (rc == LCAP_ERR_FORMAT)
        return 0;
    if (rc == 0 || rc == LCAP_ERR_DAMAGED)
        return 1;
    return lcap_error_set(error, rc, "%s", refused.text);
}

/* Without "./", spaces before the name would not count. */
static int make_filter(struct writing *w, const char *named, size_t len, struct lcap_error *error)
{
    buffer_clear(&w->column);
    return buffer_printf(&w->column, error, "FILE:%s%.*s|EACH:file",
                         strchr(" \t\r\n", named[0]) ? "./" : "", (int)len, named);
}

/* Whether whoever reads the filter finds that name in it: it may hold the tags of rules. */
static bool names_it(const struct buffer *filter, const char *named, size_t len)
{
    struct rule_filter found;
    size_t at;
    if (rule_filter_split((const char *)filter->data, filter->len, &found, &at, NULL) < 0)
        return false;
    const struct rule_part *file = &found.parts[RULE_FILE];
    return file->len >= len && memcmp(file->text + file->len - len, named, len) == 0;
}

static int write_rule(struct writing *w, struct span label, struct lcap_error *error)
{
    uint32_t number;
    buffer_clear(&w->line);
    int rc = csv_append_field(&w->line, (const char *)w->column.data, w->column.len, error);
    if (rc == 0)
        rc = buffer_append(&w->line, ",", 1, error);
    if (rc == 0)
        rc = csv_append_field(&w->line, label.text, label.len, error);
    if (rc == 0)
        rc = buffer_append(&w->line, "\n", 1, error);
    if (rc == 0)
        rc = intern_add(w->done->labels, label.text, label.len, &number, error);
    output_write(w->out, w->line.data, w->line.len);
    w->done->rules += rc == 0;
    return rc;
}

/* A rule for a capture, or for the folder that the first `len` bytes of its path name. */
static int add_rule(struct writing *w, const struct source *source, size_t len, struct span label,
                    struct lcap_error *error)
{
    const char *flaw = label_flaw(label.text, label.len);
    const int rc = make_filter(w, source->below, len, error);
    if (rc == 0 && !flaw && !names_it(&w->column, source->below, len))
        flaw = "no rule can have its name";
    if (rc == 0 && flaw)
        return leave_out(w, source->below, flaw, error);
    return rc == 0 ? write_rule(w, label, error) : rc;
}

/* Rules take such a name for a pattern, unless it is that of a capture. */
static bool is_pattern(const struct span *name)
{
    return glob_literal_length(name->text, name->len) < name->len ||
           memchr(name->text, '\\', name->len);
}

/* Of a directory given; without a text, the capture is in none. */
static struct span folder_of(const struct source *source)
{
    const char *slash = strchr(source->below, '/');
    return slash ? (struct span){source->below, (size_t)(slash - source->below)} : (struct span){0};
}

/* The first capture of a folder makes its rule. */
static int add_folder_of(struct writing *w, const struct source *source, struct lcap_error *error)
{
    const struct span label = folder_of(source);
    if (!label.text)
        return leave_out(w, source->below, "it is in no class folder", error);
    if (is_pattern(&label))
        return add_rule(w, source, strlen(source->below), label, error);
    if (intern_find(w->done->labels, label.text, label.len) != INTERN_NONE)
        return LCAP_OK;
    return add_rule(w, source, label.len + 1, label, error);
}

static int add_name_of(struct writing *w, const struct source *source, struct lcap_error *error)
{
    struct span label;
    const char *slash = strrchr(source->below, '/');
    const char *name = slash ? slash + 1 : source->below;
    if (!text_part_find(w->pattern, name, strlen(name), &label.text, &label.len))
        return leave_out(w, source->below, "its name does not match the expression", error);
    if (label.len == 0)
        return leave_out(w, source->below, "the expression finds an empty label", error);
    return add_rule(w, source, strlen(source->below), label, error);
}

static int add_source(struct writing *w, const struct source *source, struct lcap_error *error)
{
    const struct span folder = folder_of(source);
    uint32_t number;
    int rc = is_capture(source->path, error);
    if (rc <= 0)
        return rc;
    w->done->captures++;
    rc = folder.text ? intern_add(w->folders, folder.text, folder.len, &number, error) : LCAP_OK;
    if (rc < 0)
        return rc;
    const size_t len = strlen(source->below);
    if (text_utf8_valid_length(source->below, len) < len)
        return leave_out(w, source->below, "its name is not UTF-8", error);
    return w->pattern ? add_name_of(w, source, error) : add_folder_of(w, source, error);
}

static bool is_below_two_folders(const struct source *source)
{
    const char *slash = strchr(source->below, '/');
    return slash && strchr(slash + 1, '/');
}

static int is_shown(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static bool is_directory(const char *directory, const char *name)
{
    struct stat st;
    const int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool found = fd >= 0 && fstatat(fd, name, &st, 0) == 0 && S_ISDIR(st.st_mode);
    if (fd >= 0)
        close(fd);
    return found;
}

/* A class that has no captures yet, or none that could be read as such. */
static int warn_of_empty_folder(struct writing *w, const char *directory, const char *name,
                                struct lcap_error *error)
{
    const struct lcap_finding finding = {LCAP_SEVERITY_WARNING, name, 1,
                                         "is a folder without captures; there is no rule for it"};
    if (intern_find(w->folders, name, strlen(name)) != INTERN_NONE ||
        !is_directory(directory, name) || w->done->findings.count >= MAX_FINDINGS)
        return LCAP_OK;
    return findings_add(&w->done->findings, &finding, error);
}

static int warn_of_empty_folders(struct writing *w, const char *directory, struct lcap_error *error)
{
    struct dirent **entries = NULL;
    const int count = w->pattern ? 0 : scandir(directory, &entries, is_shown, alphasort);
    int rc = LCAP_OK;
    for (int i = 0; i < count; i++) {
        if (rc == 0)
            rc = warn_of_empty_folder(w, directory, entries[i]->d_name, error);
        free(entries[i]);
    }
    free(entries);
    return rc;
}

/* As it is if the directory given is the one above the class folders. */
static int warn_of_only_class(struct writing *w, const struct sources *sources,
                              struct lcap_error *error)
{
    bool nested = false;
    for (size_t i = 0; i < sources->count && !nested; i++)
        nested = is_below_two_folders(&sources->items[i]);
    if (w->pattern || w->done->rules != 1 || !nested)
        return LCAP_OK;
    const struct lcap_finding finding = {
        LCAP_SEVERITY_WARNING, intern_get(w->done->labels, 0, NULL), 1,
        "is the only class; if the folders in it are the classes, give that directory"};
    return findings_add(&w->done->findings, &finding, error);
}

static int write_all(struct writing *w, const struct sources *sources, const char *directory,
                     struct lcap_error *error)
{
    static const char header[] = "traffic_filter,metadata\n";
    int rc = intern_new(&w->done->labels, error);
    if (rc == 0)
        rc = intern_new(&w->folders, error);
    output_write(w->out, header, sizeof header - 1);
    for (size_t i = 0; rc == 0 && i < sources->count; i++)
        rc = add_source(w, &sources->items[i], error);
    if (rc == 0 && w->done->rules == 0)
        rc = lcap_error_set(error, LCAP_ERR_FORMAT, "%s: %s", directory,
                            w->pattern ? "no name of a capture matches the expression"
                                       : "no folder in it holds captures; give the directory "
                                         "whose folders are the classes");
    if (rc == 0)
        rc = warn_of_only_class(w, sources, error);
    if (rc == 0)
        rc = warn_of_empty_folders(w, directory, error);
    intern_free(w->folders);
    buffer_release(&w->column);
    buffer_release(&w->line);
    return rc == 0 ? output_error(w->out, error) : rc;
}

static int list(struct sources *sources, const char *directory, const char *output,
                struct lcap_error *error)
{
    int rc = sources_exclude(sources, output, error);
    if (rc == 0)
        rc = sources_add(sources, directory, error);
    if (rc == 0 && sources->count == 1 && !sources->items[0].walked)
        rc = lcap_error_set(error, LCAP_ERR_ARGUMENT, "%s: is a file, not a directory", directory);
    return rc;
}

int folder_rules_write(const char *directory, const char *output,
                       const struct folder_rules_options *options, struct folder_rules_result *done,
                       struct lcap_error *error)
{
    struct text_part pattern;
    *done = (struct folder_rules_result){.rules = 0};
    int rc = text_part_init(&pattern, options->name_pattern, error);
    if (rc < 0)
        return rc;
    struct sources sources = {0};
    struct writing w = {.done = done, .pattern = options->name_pattern ? &pattern : NULL};
    rc = list(&sources, directory, output, error);
    if (rc == 0)
        rc = output_open(&w.out, output, &options->placing, error);
    if (rc == 0)
        rc = write_all(&w, &sources, directory, error);
    if (rc == 0)
        rc = output_close(w.out, error);
    else
        output_discard(w.out);
    sources_release(&sources);
    text_part_release(&pattern);
    return rc;
}

void folder_rules_describe(const struct folder_rules_result *done, const char *directory,
                           struct result *result)
{
    char rules[COUNTED_TEXT], captures[COUNTED_TEXT], labels[COUNTED_TEXT];
    const size_t label_count = done->labels ? intern_count(done->labels) : 0;
    result_say(result, NULL, "%s: %s for %s, with %s", directory,
               text_counted(done->rules, "rule", rules),
               text_counted(done->captures - done->left_out, "capture", captures),
               text_counted(label_count, "label", labels));
    result_add_count(result, "captures", done->captures);
    result_add_count(result, "rules", done->rules);
    result_add_count(result, "labels", label_count);
    result_add_count(result, "left_out", done->left_out);
    result_place_findings(result, "warnings", NULL);
    for (size_t i = 0; i < done->findings.count; i++)
        result_add_finding(result, &done->findings.items[i]);
}

void folder_rules_release(struct folder_rules_result *done)
{
    intern_free(done->labels);
    findings_release(&done->findings);
}
