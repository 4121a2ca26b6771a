/*
 * The files in which blocks stay that are sorted by reference. They are opened anew
 * when blocks are read, so any number of them is allowed; each must still be the file
 * that it was.
 */
#ifndef SORT_BLOCK_FILES_H
#define SORT_BLOCK_FILES_H

#include "base/io/file.h"
#include <labelcap/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct block_file {
    char *path;
    struct file_stamp stamp;
    uint32_t first; /* number of the first block that may be of this file */
};

/* All zero: none. */
struct block_files {
    struct block_file *items;
    size_t count, capacity;
};

/* The blocks from number `first` on are of the file. */
int block_files_add(struct block_files *files, const char *path, const struct file_stamp *stamp,
                    uint32_t first, struct lcap_error *error);

/* The file of a block; *end is the first block that is of another one. */
const struct block_file *block_files_of(const struct block_files *files, uint32_t block,
                                        uint32_t *end);

/* Returns a descriptor, or a negative code: also if the file is another one, or was changed. */
int block_file_open(const struct block_file *file, struct lcap_error *error);

/* Closes it. LCAP_ERR_IO if the file was changed while it was open. */
int block_file_close(const struct block_file *file, int fd, struct lcap_error *error);

void block_files_release(struct block_files *files);

#endif
