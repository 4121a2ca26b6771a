/* Reads the files of a published set that nobody vouches for. */
#include "dataset/publish/publish_tree.h"

#include "base/io/file.h"
#include "base/io/input.h"
#include "base/memory.h"
#include "base/text/text.h"
#include "dataset/publish/publish_files.h"
#include "dataset/split_folder.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Far more than a published set has: its lists are at most 1,000. */
#define MOST_FILES 5000

int publish_tree_complain(const struct publish_tree *tree, const char *name,
                          struct lcap_error *error, const char *format, ...)
{
    const struct lcap_finding finding = {
        .severity = LCAP_SEVERITY_ERROR, .place = name, .count = 1};
    va_list args;
    va_start(args, format);
    const int rc = findings_say(tree->findings, &finding, error, format, args);
    va_end(args);
    return rc;
}

/* ---- names ---- */

/* Those of PUBLISH_SPLITS: letters, digits, dots, hyphens and underscores, then ".csv". */
static bool is_list(const char *name)
{
    const size_t folder = strlen(PUBLISH_SPLITS "/");
    if (strncmp(name, PUBLISH_SPLITS "/", folder) != 0 || name[folder] == '.' ||
        !text_ends_in(name + folder, strlen(name + folder), ".csv"))
        return false;
    return strspn(name + folder, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                 "._-") == strlen(name + folder);
}

static bool is_known(const char *name)
{
    static const char *const names[] = {
        PUBLISH_DATA,
        PUBLISH_CATALOGUE,
        PUBLISH_SAMPLES,
        PUBLISH_PARQUET,
        PUBLISH_PARTITION,
        PUBLISH_CHALLENGE,
        PUBLISH_CHALLENGE_SAMPLES,
        PUBLISH_FLOWS,
        PUBLISH_REPORT,
        PUBLISH_RULES,
        PUBLISH_METADATA,
        PUBLISH_PROVENANCE,
        PUBLISH_CROISSANT,
        PUBLISH_DATACITE,
        PUBLISH_CARD,
        PUBLISH_SUMS,
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return is_list(name);
}

static bool is_folder(const char *name)
{
    return strcmp(name, "data") == 0 || strcmp(name, PUBLISH_SPLITS) == 0 ||
           strcmp(name, SPLIT_CHALLENGE) == 0;
}

/* ---- the walk ---- */

static int add_file(struct publish_tree *tree, int folder, const char *entry, const char *name,
                    struct lcap_error *error)
{
    if (tree->listing.count >= MOST_FILES)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT, "%s: expected at most %d files",
                              tree->directory, MOST_FILES);
    const int rc = publish_listing_add(&tree->listing, folder, entry, name, error);
    return rc < 0 ? rc : LCAP_OK;
}

/* Takes an entry of a folder, which is NULL at the top. */
typedef int entry_taker(struct publish_tree *tree, int fd, const char *folder, const char *entry,
                        struct lcap_error *error);

static int is_entry(const struct dirent *entry)
{
    return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

static int compare_entries(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

/* In bytewise order, so that findings do not depend on the file system. Closes `fd`. */
static int walk_folder(struct publish_tree *tree, int fd, const char *folder, entry_taker *take,
                       struct lcap_error *error)
{
    struct dirent **entries;
    const int count = scandirat(fd, ".", &entries, is_entry, compare_entries);
    int rc = count < 0 ? lcap_error_set_errno(error, errno, "%s: cannot read", tree->directory)
                       : LCAP_OK;
    for (int i = 0; i < count; i++) {
        if (rc == LCAP_OK)
            rc = take(tree, fd, folder, entries[i]->d_name, error);
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
    close(fd);
    return rc;
}

static int take_file(struct publish_tree *tree, int fd, const char *folder, const char *entry,
                     struct lcap_error *error)
{
    char name[600];
    struct stat st;
    snprintf(name, sizeof name, "%s%s%s", folder ? folder : "", folder ? "/" : "", entry);
    if (fstatat(fd, entry, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return lcap_error_set_errno(error, errno, "%s: cannot look at it", name);
    if (S_ISLNK(st.st_mode))
        return publish_tree_complain(tree, name, error, "expected a file, found a link");
    if (!S_ISREG(st.st_mode) || !is_known(name))
        return publish_tree_complain(tree, name, error, "is not part of a published data set");
    return add_file(tree, fd, entry, name, error);
}

/* Only folders that a published set has are opened. */
static int take_top(struct publish_tree *tree, int fd, const char *folder, const char *entry,
                    struct lcap_error *error)
{
    const int inner =
        is_folder(entry) ? openat(fd, entry, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_DIRECTORY) : -1;
    return inner < 0 ? take_file(tree, fd, folder, entry, error)
                     : walk_folder(tree, inner, entry, take_file, error);
}

int publish_tree_read(struct publish_tree *tree, const char *directory, struct findings *findings,
                      struct lcap_error *error)
{
    *tree = (struct publish_tree){.directory = directory, .findings = findings};
    const int fd = open(directory, O_RDONLY | O_CLOEXEC | O_DIRECTORY);
    if (fd < 0)
        return lcap_error_set_errno(error, errno, "%s: cannot open directory", directory);
    const int rc = walk_folder(tree, fd, NULL, take_top, error);
    publish_listing_sort(&tree->listing);
    return rc;
}

void publish_tree_release(struct publish_tree *tree)
{
    publish_listing_release(&tree->listing);
}

/* ---- sums ---- */

enum { SUM_LEN = HASH_SHA256_TEXT - 1, NAME_AT = SUM_LEN + 2 };

struct sums {
    const struct publish_tree *tree;
    bool *listed; /* by number of the file in the tree */
    uint32_t line;
};

static bool leads_out(const char *name)
{
    bool out = name[0] == '/';
    for (const char *at = name; !out && at; at = strchr(at, '/') ? strchr(at, '/') + 1 : NULL)
        out = strncmp(at, "..", 2) == 0 && (at[2] == '/' || at[2] == '\0');
    return out;
}

static int check_sum(struct sums *sums, const char *line, struct lcap_error *error)
{
    const struct publish_tree *tree = sums->tree;
    const char *name = line + NAME_AT;
    const struct publish_file *file = publish_listing_find(&tree->listing, name);
    char found[EXCERPT_TEXT];
    text_excerpt(name, strlen(name), found);
    if (leads_out(name))
        return publish_tree_complain(tree, PUBLISH_SUMS, error,
                                     "line %u: expected a file of the data set, found '%s'",
                                     sums->line, found);
    if (!file)
        return publish_tree_complain(tree, PUBLISH_SUMS, error, "line %u: there is no file '%s'",
                                     sums->line, found);
    if (sums->listed[file - tree->listing.files])
        return publish_tree_complain(tree, PUBLISH_SUMS, error, "line %u: '%s' is there twice",
                                     sums->line, found);
    sums->listed[file - tree->listing.files] = true;
    if (strncmp(line, file->sha256, SUM_LEN) == 0)
        return LCAP_OK;
    return publish_tree_complain(tree, file->name, error,
                                 "expected the SHA-256 %.12s… of " PUBLISH_SUMS ", found %.12s…",
                                 line, file->sha256);
}

static int check_line(struct sums *sums, char *line, size_t len, struct lcap_error *error)
{
    sums->line++;
    if (strlen(line) != len || len <= NAME_AT || strspn(line, "0123456789abcdef") != SUM_LEN ||
        memcmp(line + SUM_LEN, "  ", 2) != 0)
        return publish_tree_complain(sums->tree, PUBLISH_SUMS, error,
                                     "line %u: expected a SHA-256, two spaces and a name",
                                     sums->line);
    return check_sum(sums, line, error);
}

static int check_lines(struct sums *sums, char *text, size_t len, struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (size_t at = 0; at < len && rc == LCAP_OK;) {
        char *end = memchr(text + at, '\n', len - at);
        const size_t line = end ? (size_t)(end - text) - at : len - at;
        text[at + line] = '\0';
        rc = check_line(sums, text + at, line, error);
        at += line + 1;
    }
    return rc;
}

static int check_all_listed(const struct sums *sums, struct lcap_error *error)
{
    const struct publish_tree *tree = sums->tree;
    int rc = LCAP_OK;
    for (size_t i = 0; i < tree->listing.count && rc == LCAP_OK; i++)
        if (!sums->listed[i] && strcmp(tree->listing.files[i].name, PUBLISH_SUMS) != 0)
            rc = publish_tree_complain(tree, tree->listing.files[i].name, error,
                                       "is not in " PUBLISH_SUMS);
    return rc;
}

/* The whole file, followed by a NUL. The tree has found that it is one. */
static int read_sums(const struct publish_tree *tree, struct buffer *text, struct lcap_error *error)
{
    const struct publish_file *file = publish_listing_find(&tree->listing, PUBLISH_SUMS);
    char *path = file_join(tree->directory, PUBLISH_SUMS, error);
    int rc = path ? buffer_reserve(text, (size_t)file->size + 1, error) : LCAP_ERR_MEMORY;
    const int fd = rc == LCAP_OK ? open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) : -1;
    if (rc == LCAP_OK && text->data) {
        const ssize_t have = fd < 0 ? -1 : file_read_at(fd, text->data, (size_t)file->size, 0);
        if (have < 0)
            rc = lcap_error_set_errno(error, errno, "%s: cannot read", path);
        else
            text->len = (size_t)have;
        text->data[text->len] = '\0';
    }
    if (fd >= 0)
        close(fd);
    free(path);
    return rc;
}

int publish_tree_check_sums(const struct publish_tree *tree, struct lcap_error *error)
{
    enum { MOST = 4 << 20 }; /* bytes: far more than MOST_FILES lines */
    const struct publish_file *file = publish_listing_find(&tree->listing, PUBLISH_SUMS);
    if (!file || file->size > MOST)
        return publish_tree_complain(tree, PUBLISH_SUMS, error, "expected sums of all files");
    struct buffer text = {0};
    struct sums sums = {.tree = tree,
                        .listed = memory_new(tree->listing.count, sizeof(bool), error)};
    int rc = sums.listed ? read_sums(tree, &text, error) : LCAP_ERR_MEMORY;
    if (rc == LCAP_OK)
        rc = check_lines(&sums, (char *)text.data, text.len, error);
    if (rc == LCAP_OK)
        rc = check_all_listed(&sums, error);
    buffer_release(&text);
    free(sums.listed);
    return rc;
}
