/* Files that are read again for their blocks. */
#include "sort/block_files.h"

#include "base/memory.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int block_files_add(struct block_files *files, const char *path, const struct file_stamp *stamp,
                    uint32_t first, struct lcap_error *error)
{
    void *items = files->items;
    const int rc =
        memory_grow(&items, &files->capacity, files->count + 1, sizeof *files->items, error);
    files->items = items;
    char *copy = rc == LCAP_OK ? memory_copy_text(path, strlen(path), error) : NULL;
    if (!copy)
        return LCAP_ERR_MEMORY;
    files->items[files->count++] = (struct block_file){copy, *stamp, first};
    return LCAP_OK;
}

const struct block_file *block_files_of(const struct block_files *files, uint32_t block,
                                        uint32_t *end)
{
    size_t low = 0, high = files->count;
    while (high - low > 1) {
        const size_t middle = low + (high - low) / 2;
        if (files->items[middle].first <= block)
            low = middle;
        else
            high = middle;
    }
    *end = high < files->count ? files->items[high].first : UINT32_MAX;
    return &files->items[low];
}

static int check_unchanged(const struct block_file *file, int fd, struct lcap_error *error)
{
    const struct file_stamp now = file_stamp_of(fd);
    return file_stamp_equal(&file->stamp, &now) ? LCAP_OK : file_has_changed(file->path, error);
}

int block_file_open(const struct block_file *file, struct lcap_error *error)
{
    const int fd =
        TEMP_FAILURE_RETRY(open(file->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
    if (fd < 0)
        return lcap_error_set_errno(error, errno, "%s: cannot open", file->path);
    const int rc = check_unchanged(file, fd, error);
    if (rc == LCAP_OK)
        return fd;
    close(fd);
    return rc;
}

int block_file_close(const struct block_file *file, int fd, struct lcap_error *error)
{
    const int rc = check_unchanged(file, fd, error);
    close(fd);
    return rc;
}

void block_files_release(struct block_files *files)
{
    for (size_t i = 0; i < files->count; i++)
        free(files->items[i].path);
    free(files->items);
    *files = (struct block_files){0};
}
