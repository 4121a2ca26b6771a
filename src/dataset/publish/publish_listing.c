/* Lists files, and takes their sums. */
#include "dataset/publish/publish_listing.h"

#include "base/memory.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Its size and its sum. */
static int read_file(int fd, const char *told, struct publish_file *file, struct lcap_error *error)
{
    struct stat st;
    if (fstat(fd, &st) < 0)
        return lcap_error_set_errno(error, errno, "%s: cannot open", told);
    file->size = (uint64_t)st.st_size;
    return hash_sha256_file(fd, told, file->sha256, error);
}

static int append(struct publish_listing *listing, const struct publish_file *file,
                  const char *name, struct lcap_error *error)
{
    int rc = memory_grow((void **)&listing->files, &listing->capacity, listing->count + 1,
                         sizeof *listing->files, error);
    char *copy = rc == LCAP_OK ? memory_copy_text(name, strlen(name), error) : NULL;
    if (!copy)
        return LCAP_ERR_MEMORY;
    listing->files[listing->count] = *file;
    listing->files[listing->count++].name = copy;
    return 1;
}

int publish_listing_add(struct publish_listing *listing, int folder, const char *path,
                        const char *name, struct lcap_error *error)
{
    const char *told = folder == AT_FDCWD ? path : name;
    struct publish_file file = {.name = NULL};
    const int fd = openat(folder, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0 && errno == ENOENT)
        return 0;
    if (fd < 0)
        return lcap_error_set_errno(error, errno, "%s: cannot open", told);
    const int rc = read_file(fd, told, &file, error);
    close(fd);
    return rc == LCAP_OK ? append(listing, &file, name, error) : rc;
}

const struct publish_file *publish_listing_find(const struct publish_listing *listing,
                                                const char *name)
{
    for (size_t i = 0; i < listing->count; i++)
        if (strcmp(listing->files[i].name, name) == 0)
            return &listing->files[i];
    return NULL;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(((const struct publish_file *)a)->name, ((const struct publish_file *)b)->name);
}

void publish_listing_sort(struct publish_listing *listing)
{
    if (listing->count > 0)
        qsort(listing->files, listing->count, sizeof *listing->files, compare_names);
}

void publish_listing_release(struct publish_listing *listing)
{
    for (size_t i = 0; i < listing->count; i++)
        free(listing->files[i].name);
    free(listing->files);
    *listing = (struct publish_listing){.files = NULL};
}
