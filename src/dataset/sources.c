/* The inputs of a command: operands, and files found in directories. */
#include "dataset/sources.h"

#include "base/io/file.h"
#include "base/io/input.h"
#include "base/io/target.h"
#include "base/memory.h"
#include "base/text/text.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The names of unfinished outputs; see output.h. */
#define UNFINISHED_PREFIX ".labelcap-"

/* The walk of one directory operand; subdirectories wait in `pending` instead of on the stack. */
struct walk {
    struct sources *sources;
    size_t below_at; /* where the part below the operand begins in every path */
    char **pending;
    size_t pending_count;
    size_t pending_capacity;
};

static bool is_excluded(const struct sources *sources, const struct stat *st)
{
    for (size_t i = 0; i < sources->excluded_count; i++)
        if (file_identity_compare(sources->excluded[i], file_identity_of(st)) == 0)
            return true;
    return false;
}

static bool is_unfinished_output(const char *name)
{
    return strncmp(name, UNFINISHED_PREFIX, strlen(UNFINISHED_PREFIX)) == 0;
}

/* Takes over `path`, even on an error. */
static int append_path(struct sources *sources, char *path, struct lcap_error *error)
{
    int rc = LCAP_OK;
    if (sources->count == SOURCES_MAX)
        rc = lcap_error_set(error, LCAP_ERR_ARGUMENT, "%s: more than %u input files", path,
                            SOURCES_MAX);
    if (rc == 0) {
        void *items = sources->items;
        rc = memory_grow(&items, &sources->capacity, sources->count + 1, sizeof *sources->items,
                         error);
        sources->items = items;
    }
    if (rc == 0)
        sources->items[sources->count++] =
            (struct source){.path = path, .below = path, .repeats = SOURCE_NONE};
    else
        free(path);
    return rc;
}

/* Takes over `path`, even on an error. */
static int append_source(struct sources *sources, char *path, const struct stat *st,
                         struct lcap_error *error)
{
    const int rc = append_path(sources, path, error);
    if (rc < 0)
        return rc;
    struct source *added = &sources->items[sources->count - 1];
    added->has_size = S_ISREG(st->st_mode);
    added->size = (uint64_t)st->st_size;
    added->identity = file_identity_of(st);
    return LCAP_OK;
}

int sources_restore(struct sources *sources, const char *path, size_t below, bool walked,
                    struct lcap_error *error)
{
    char *copy = memory_copy_text(path, strlen(path), error);
    const int rc = copy ? append_path(sources, copy, error) : LCAP_ERR_MEMORY;
    if (rc < 0)
        return rc;
    struct source *added = &sources->items[sources->count - 1];
    added->below += below;
    added->walked = walked;
    return LCAP_OK;
}

static void drop_sources_from(struct sources *sources, size_t first)
{
    while (sources->count > first)
        free(sources->items[--sources->count].path);
}

/* Sets *path to "directory/name" in new memory. */
static int join_path(char **path, const char *directory, const char *name, struct lcap_error *error)
{
    size_t directory_len = strlen(directory);
    const char *slash = directory[directory_len - 1] == '/' ? "" : "/";
    size_t len = directory_len + strlen(slash) + strlen(name);
    if (len >= PATH_MAX)
        /* The path comes last, because an error text may not have room for all of it. */
        return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                              "path: expected at most %d bytes, found %zu: %s/%s", PATH_MAX - 1,
                              len, directory, name);
    *path = memory_format_text(error, "%s%s%s", directory, slash, name);
    return *path ? LCAP_OK : LCAP_ERR_MEMORY;
}

/* Takes over `path`, even on an error. */
static int push_directory(struct walk *walk, char *path, struct lcap_error *error)
{
    int rc = LCAP_OK;
    if (walk->pending_count == SOURCES_MAX)
        rc = lcap_error_set(error, LCAP_ERR_ARGUMENT, "%s: more than %u directories", path,
                            SOURCES_MAX);
    if (rc == 0) {
        void *pending = walk->pending;
        rc = memory_grow(&pending, &walk->pending_capacity, walk->pending_count + 1,
                         sizeof *walk->pending, error);
        walk->pending = pending;
    }
    if (rc < 0)
        free(path);
    else
        walk->pending[walk->pending_count++] = path;
    return rc;
}

static int append_walked(struct walk *walk, char *path, const struct stat *st, bool is_link,
                         struct lcap_error *error)
{
    int rc = append_source(walk->sources, path, st, error);
    if (rc < 0)
        return rc;
    struct source *added = &walk->sources->items[walk->sources->count - 1];
    added->below = added->path + walk->below_at;
    added->walked = true;
    added->is_link = is_link;
    return LCAP_OK;
}

/* Counts a link that leads to no regular file, and remembers the first. */
static int skip_link(struct sources *sources, const char *directory, const char *name,
                     struct lcap_error *error)
{
    if (sources->skipped_links++ > 0)
        return LCAP_OK;
    return join_path(&sources->skipped_link, directory, name, error);
}

/* Adds a regular file, or a directory to be walked; anything else is no input. */
static int visit_found(struct walk *walk, const char *directory, const char *name,
                       const struct stat *st, bool is_link, struct lcap_error *error)
{
    const bool is_input = S_ISREG(st->st_mode) && !is_excluded(walk->sources, st);
    if (!is_input && !S_ISDIR(st->st_mode))
        return LCAP_OK;
    char *path = NULL;
    int rc = join_path(&path, directory, name, error);
    if (rc < 0)
        return rc;
    return is_input ? append_walked(walk, path, st, is_link, error)
                    : push_directory(walk, path, error);
}

/* A link is followed only to a regular file: directories could lead round in a circle. */
static int visit_entry(struct walk *walk, const char *directory, int fd, const char *name,
                       struct lcap_error *error)
{
    struct stat st;
    if (is_unfinished_output(name))
        return LCAP_OK;
    if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
        if (errno == ENOENT) /* removed after the directory was read */
            return LCAP_OK;
        return lcap_error_set_errno(error, errno, "%s/%s: cannot examine", directory, name);
    }
    const bool is_link = S_ISLNK(st.st_mode);
    if (is_link && (fstatat(fd, name, &st, 0) < 0 || !S_ISREG(st.st_mode)))
        return skip_link(walk->sources, directory, name, error);
    return visit_found(walk, directory, name, &st, is_link, error);
}

static int visit_entries(struct walk *walk, const char *directory, DIR *stream,
                         struct lcap_error *error)
{
    int rc = LCAP_OK;
    while (rc == 0) {
        errno = 0;
        const struct dirent *entry = readdir(stream);
        if (!entry && errno)
            rc = lcap_error_set_errno(error, errno, "%s: cannot read directory", directory);
        if (!entry)
            break;
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            rc = visit_entry(walk, directory, dirfd(stream), entry->d_name, error);
    }
    return rc;
}

static int visit_directory(struct walk *walk, const char *directory, int open_flags,
                           struct lcap_error *error)
{
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC | open_flags);
    if (fd < 0)
        return lcap_error_set_errno(error, errno, "%s: cannot open directory", directory);
    DIR *stream = fdopendir(fd);
    if (!stream) {
        int rc = lcap_error_set_errno(error, errno, "%s: cannot read directory", directory);
        close(fd);
        return rc;
    }
    int rc = visit_entries(walk, directory, stream, error);
    closedir(stream);
    return rc;
}

static int compare_paths(const void *left, const void *right)
{
    return text_compare_naturally(((const struct source *)left)->path,
                                  ((const struct source *)right)->path);
}

static void forget_links_from(struct sources *sources, size_t count)
{
    sources->skipped_links = count;
    if (count > 0)
        return;
    free(sources->skipped_link);
    sources->skipped_link = NULL;
}

static int add_directory(struct sources *sources, const char *operand, struct lcap_error *error)
{
    size_t first = sources->count;
    size_t links_before = sources->skipped_links;
    struct walk walk = {.sources = sources};
    size_t len = strlen(operand);
    while (len > 1 && operand[len - 1] == '/')
        len--;
    char *root = memory_copy_text(operand, len, error);
    if (!root)
        return LCAP_ERR_MEMORY;
    walk.below_at = root[len - 1] == '/' ? len : len + 1;
    /* The operand itself may be a link; directories found in it may not. */
    int rc = visit_directory(&walk, root, 0, error);
    while (rc == 0 && walk.pending_count) {
        char *directory = walk.pending[--walk.pending_count];
        rc = visit_directory(&walk, directory, O_NOFOLLOW, error);
        free(directory);
    }
    if (rc == 0 && sources->count > first)
        qsort(sources->items + first, sources->count - first, sizeof *sources->items,
              compare_paths);
    if (rc < 0) {
        drop_sources_from(sources, first);
        forget_links_from(sources, links_before);
    }
    while (walk.pending_count)
        free(walk.pending[--walk.pending_count]);
    free(walk.pending);
    free(root);
    return rc;
}

static int add_file(struct sources *sources, const char *operand, const struct stat *st,
                    struct lcap_error *error)
{
    if (is_excluded(sources, st))
        return lcap_error_set(error, LCAP_ERR_ARGUMENT, "%s: is the same file as the output",
                              operand);
    char *path = memory_copy_text(operand, strlen(operand), error);
    return path ? append_source(sources, path, st, error) : LCAP_ERR_MEMORY;
}

static int add_standard_input(struct sources *sources, struct lcap_error *error)
{
    struct stat st;
    if (sources->has_stdin)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                              "-: standard input is given twice, but can be read only once");
    if (fstat(STDIN_FILENO, &st) < 0)
        return lcap_error_set_errno(error, errno, "-: cannot read standard input");
    int rc = add_file(sources, "-", &st, error);
    sources->has_stdin = rc == 0;
    return rc;
}

int sources_exclude(struct sources *sources, const char *path, struct lcap_error *error)
{
    struct file_identity identity;
    if (!file_is_output_only(path, &identity))
        return LCAP_OK;
    void *excluded = sources->excluded;
    int rc = memory_grow(&excluded, &sources->excluded_capacity, sources->excluded_count + 1,
                         sizeof *sources->excluded, error);
    sources->excluded = excluded;
    if (rc == 0)
        sources->excluded[sources->excluded_count++] = identity;
    return rc;
}

int sources_add(struct sources *sources, const char *operand, struct lcap_error *error)
{
    struct stat st;
    if (strcmp(operand, "-") == 0)
        return add_standard_input(sources, error);
    if (stat(operand, &st) < 0)
        return lcap_error_set_errno(error, errno, "%s: cannot open", operand);
    if (S_ISDIR(st.st_mode))
        return add_directory(sources, operand, error);
    return add_file(sources, operand, &st, error);
}

int sources_check_output(const struct sources *sources, const char *path, struct lcap_error *error)
{
    struct file_identity output;
    if (!file_is_output_only(path, &output))
        return LCAP_OK;
    for (size_t i = 0; i < sources->count; i++)
        if (file_identity_compare(sources->items[i].identity, output) == 0)
            return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                                  "%s is an input and would be overwritten", target_name(path));
    return LCAP_OK;
}

/* Whether a part of the path below the directory given begins with a dot: .git/annex, .dvc/cache.
 */
static bool is_hidden(const struct source *source)
{
    return source->walked && (source->below[0] == '.' || strstr(source->below, "/."));
}

/* Of several names of a file the one with the lowest rank is read. */
static int rank_of(const struct source *source)
{
    return source->walked ? 1 + source->is_link + 2 * is_hidden(source) : 0;
}

/* By file; for the same file by rank, then in the order of the list. */
static int compare_files(const void *left, const void *right)
{
    const struct source *a = *(struct source *const *)left;
    const struct source *b = *(struct source *const *)right;
    int order = file_identity_compare(a->identity, b->identity);
    if (order == 0)
        order = rank_of(a) - rank_of(b);
    return order ? order : a < b ? -1 : a > b;
}

/* Sets `repeats` to the source of the same file that is read, before any is left out. */
static void mark_repeats(struct source **by_identity, struct sources *sources)
{
    const struct source *first = NULL;
    for (size_t i = 0; i < sources->count; i++) {
        struct source *source = by_identity[i];
        source->repeats = SOURCE_NONE;
        if (first && file_identity_compare(first->identity, source->identity) == 0)
            source->repeats = (size_t)(first - sources->items);
        else
            first = source;
    }
}

/* Leaves out files found under another name, and fills `places`: where the others are then. */
static void leave_out_repeats(struct sources *sources, size_t *places)
{
    size_t kept = 0;
    for (size_t i = 0; i < sources->count; i++) {
        const struct source source = sources->items[i];
        places[i] = kept;
        if (source.walked && source.repeats != SOURCE_NONE)
            free(source.path);
        else
            sources->items[kept++] = source;
    }
    sources->repeated += sources->count - kept;
    sources->count = kept;
}

int sources_find_repeats(struct sources *sources, struct lcap_error *error)
{
    struct source **by_identity = memory_new(sources->count, sizeof *by_identity, error);
    size_t *places = memory_new(sources->count, sizeof *places, error);
    int rc = by_identity && places ? LCAP_OK : LCAP_ERR_MEMORY;
    for (size_t i = 0; rc == 0 && i < sources->count; i++)
        by_identity[i] = &sources->items[i];
    if (rc == 0) {
        qsort(by_identity, sources->count, sizeof *by_identity, compare_files);
        mark_repeats(by_identity, sources);
        leave_out_repeats(sources, places);
    }
    for (size_t i = 0; rc == 0 && i < sources->count; i++)
        if (sources->items[i].repeats != SOURCE_NONE)
            sources->items[i].repeats = places[sources->items[i].repeats];
    free(by_identity);
    free(places);
    return rc;
}

const char *source_short_name(const struct source *source)
{
    return source->walked ? source->below : file_base_name(input_name_of(source->path));
}

void sources_release(struct sources *sources)
{
    drop_sources_from(sources, 0);
    free(sources->items);
    free(sources->excluded);
    free(sources->skipped_link);
    *sources = (struct sources){0};
}
