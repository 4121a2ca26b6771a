/* Builds a directory of arrays. */
#include "arrays/outputs/array_place.h"

#include "base/io/file.h"
#include "base/io/target.h"
#include "base/io/tempfile.h"
#include "base/memory.h"
#include "base/text/text.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- what may be replaced ---- */

/* For nftw(), whose function has no context. Ends the walk at anything that is not ours. */
static int is_foreign(const char *path, const struct stat *st, int kind, struct FTW *where)
{
    (void)st, (void)where;
    const size_t len = strlen(path);
    if (kind == FTW_D || kind == FTW_DP)
        return 0;
    return !(kind == FTW_F && (text_ends_in(path, len, ".npy") || text_ends_in(path, len, ".png")));
}

enum { OPEN_DIRECTORIES = 8 };

static int check_replaced(struct array_place *place, struct lcap_error *error)
{
    if (nftw(place->path, is_foreign, OPEN_DIRECTORIES, FTW_PHYS) == 0)
        return LCAP_OK;
    return lcap_error_set(error, LCAP_ERR_IO,
                          "%s: holds other files than .npy and .png: choose another directory",
                          place->path);
}

/* 1: nothing is in it, 0: something is; or a negative code. */
static int is_empty(const char *path, struct lcap_error *error)
{
    DIR *directory = opendir(path);
    const struct dirent *entry;
    int empty = 1;
    if (!directory)
        return lcap_error_set_errno(error, errno, "%s: cannot open", path);
    while (empty && (entry = readdir(directory)))
        empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
    closedir(directory);
    return empty;
}

static int check_place(struct array_place *place, bool overwrite, struct lcap_error *error)
{
    if (access(place->path, F_OK) != 0)
        return LCAP_OK;
    const int empty = is_empty(place->path, error);
    if (empty != 0)
        return empty < 0 ? empty : LCAP_OK;
    if (!overwrite)
        return lcap_error_set(error, LCAP_ERR_IO,
                              "%s: is not empty (use -f to replace a directory of arrays)",
                              place->path);
    place->replaces = true;
    return check_replaced(place, error);
}

/* ---- the directory ---- */

static int make_building(struct array_place *place, struct lcap_error *error)
{
    char *parent = tempfile_directory_of(place->path, error);
    const int rc =
        parent ? tempfile_create_directory(parent, &place->building, error) : LCAP_ERR_MEMORY;
    free(parent);
    return rc;
}

int array_place_begin(struct array_place *place, const char *path, bool overwrite,
                      struct lcap_error *error)
{
    size_t len = strlen(path);
    *place = (struct array_place){.path = NULL};
    int rc = target_check_directory(path, error);
    if (rc < 0)
        return rc;
    while (len > 1 && path[len - 1] == '/')
        len--;
    place->path = memory_copy_text(path, len, error);
    rc = place->path ? check_place(place, overwrite, error) : LCAP_ERR_MEMORY;
    return rc == LCAP_OK ? make_building(place, error) : rc;
}

/* The old directory takes the name of the new one, and goes with it. */
static int exchange(const struct array_place *place)
{
    return renameat2(AT_FDCWD, place->building, AT_FDCWD, place->path, RENAME_EXCHANGE);
}

int array_place_commit(struct array_place *place, bool no_sync, struct lcap_error *error)
{
    if (!no_sync && file_sync_system(place->building) != 0)
        return lcap_error_set_errno(error, errno, "%s: cannot write", place->path);
    if (place->replaces ? exchange(place) != 0 : rename(place->building, place->path) != 0)
        return lcap_error_set_errno(
            error, errno, "%s: cannot move the finished directory into place", place->path);
    if (place->replaces)
        tempfile_remove(place->building);
    else
        tempfile_forget(place->building);
    free(place->building);
    place->building = NULL;
    return no_sync ? LCAP_OK : target_sync_directory_of(place->path, error);
}

void array_place_release(struct array_place *place)
{
    if (place->building)
        tempfile_remove(place->building);
    free(place->building);
    free(place->path);
}
