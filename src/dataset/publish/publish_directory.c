/* Builds the directory of a published set, and moves it into place. */
#include "dataset/publish/publish_directory.h"

#include "base/io/file.h"
#include "base/io/remove_tree.h"
#include "base/io/target.h"
#include "base/io/tempfile.h"
#include "base/memory.h"
#include "dataset/publish/publish_files.h"
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- the place ---- */

/* Whether the directory has a file of that name. */
static bool has_file(const char *directory, const char *name)
{
    char *path = file_join(directory, name, NULL);
    const bool has = path && access(path, F_OK) == 0;
    free(path);
    return has;
}

static bool is_empty(DIR *dir)
{
    const struct dirent *entry;
    bool empty = true;
    while (empty && (entry = readdir(dir)))
        empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
    return empty;
}

static int check_free(const struct publish_directory *d, const char *path, bool overwrite,
                      struct lcap_error *error)
{
    DIR *dir = opendir(d->path);
    if (!dir && errno == ENOENT)
        return LCAP_OK;
    if (!dir)
        return lcap_error_set_errno(error, errno, "%s: cannot open directory", path);
    const bool empty = is_empty(dir);
    closedir(dir);
    if (empty)
        return LCAP_OK;
    if (!has_file(d->path, PUBLISH_SUMS) || !has_file(d->path, PUBLISH_PROVENANCE))
        return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                              "%s: is neither empty nor a published data set", path);
    return overwrite ? LCAP_OK
                     : lcap_error_set(error, LCAP_ERR_ARGUMENT,
                                      "%s: is a published data set (use -f to replace it)", path);
}

int publish_directory_begin(struct publish_directory *directory, const char *path,
                            const struct output_options *options, struct lcap_error *error)
{
    *directory = (struct publish_directory){.no_sync = options->no_sync};
    bool exists;
    int rc = target_find_directory(path, &directory->path, &exists, error);
    if (rc == LCAP_OK)
        rc = check_free(directory, path, options->overwrite, error);
    char *parent = rc == LCAP_OK ? tempfile_directory_of(directory->path, error) : NULL;
    if (rc == LCAP_OK)
        rc = parent ? tempfile_create_directory(parent, &directory->building, error)
                    : LCAP_ERR_MEMORY;
    free(parent);
    return rc;
}

int publish_directory_make(const struct publish_directory *directory, const char *name,
                           struct lcap_error *error)
{
    char *path = file_join(directory->building, name, error);
    int rc = path ? LCAP_OK : LCAP_ERR_MEMORY;
    if (rc == LCAP_OK && mkdir(path, 0777) != 0 && errno != EEXIST)
        rc = lcap_error_set_errno(error, errno, "%s: cannot create the directory", path);
    free(path);
    return rc;
}

/* ---- into place ---- */

static int cannot_move(const struct publish_directory *d, struct lcap_error *error)
{
    return lcap_error_set_errno(error, errno, "%s: cannot move the finished directory into place",
                                d->path);
}

/* A directory that is not empty cannot be replaced by a rename: the older one makes room. */
static int move_older_away(struct publish_directory *d, struct lcap_error *error)
{
    if (rmdir(d->path) == 0 || errno == ENOENT)
        return LCAP_OK;
    d->older = memory_format_text(error, "%s.older", d->building);
    if (!d->older)
        return LCAP_ERR_MEMORY;
    return rename(d->path, d->older) == 0 ? LCAP_OK : cannot_move(d, error);
}

static int move_into_place(struct publish_directory *d, struct lcap_error *error)
{
    int rc = move_older_away(d, error);
    if (rc < 0)
        return rc;
    if (rename(d->building, d->path) != 0) {
        rc = cannot_move(d, error);
        if (d->older)
            (void)!rename(d->older, d->path);
        return rc;
    }
    tempfile_forget(d->building);
    free(d->building);
    d->building = NULL;
    if (d->older)
        remove_tree(d->older);
    return d->no_sync ? LCAP_OK : target_sync_directory_of(d->path, error);
}

int publish_directory_finish(struct publish_directory *directory, struct lcap_error *error)
{
    if (!directory->no_sync && file_sync_system(directory->building) != 0)
        return lcap_error_set_errno(error, errno, "%s: cannot write", directory->path);
    return move_into_place(directory, error);
}

void publish_directory_release(struct publish_directory *directory)
{
    if (directory->building)
        tempfile_remove(directory->building);
    free(directory->building);
    free(directory->older);
    free(directory->path);
    *directory = (struct publish_directory){.path = NULL};
}
