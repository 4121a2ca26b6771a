/*
 * The inputs of a command: files, directories walked recursively, and "-" for
 * standard input, in the order given; the files of a directory in the natural order
 * of their paths, as rotated captures are numbered.
 *
 * In a directory regular files count, including hidden ones, and symbolic links to
 * regular files, by their own names. Other links are counted: to directories, to
 * nothing. Files passed to sources_exclude() (by device and inode, so under any name)
 * and unfinished outputs, files and directories (".labelcap-*"), are left out.
 *
 * A file found under several names is read once: sources_find_repeats() leaves the
 * others out. An operand comes before what is found in a directory, a name before one
 * in a hidden directory (where git-annex and DVC keep what their links lead to), a
 * file before a link to it. A file that is twice among the operands stays in the list
 * twice, and the later one is marked, so that the command can warn that its packets
 * are read twice.
 */
#ifndef DATASET_SOURCES_H
#define DATASET_SOURCES_H

#include "base/io/file.h"
#include <labelcap/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* File numbers have 32 bits in the matcher; this many paths already need gigabytes. */
#define SOURCES_MAX (1u << 24)

#define SOURCE_NONE SIZE_MAX

struct source {
    char *path;        /* as given or walked, or "-" */
    const char *below; /* the part of `path` below the directory given; all of it for a file */
    bool walked;       /* found in a directory, not named by the user */
    bool is_link;      /* and a link there */
    size_t repeats;    /* index of an earlier source that is the same file, or SOURCE_NONE */
    bool has_size;     /* a regular file */
    uint64_t size;     /* its bytes */
    struct file_identity identity;
};

/* An all-zero struct is an empty list. */
struct sources {
    struct source *items;
    size_t count;
    size_t capacity;
    struct file_identity *excluded;
    size_t excluded_count;
    size_t excluded_capacity;
    size_t repeated;      /* names found in directories of files that are read under another */
    size_t skipped_links; /* links found in directories that lead to no regular file */
    char *skipped_link;   /* the path of the first; NULL if there is none */
    bool has_stdin;
};

/*
 * Excludes an existing file at `path` ("-": standard output) from the directories
 * added from now on; as an operand it is then an error, because no command may read
 * what it writes. A path for which file_is_output_only() is false changes nothing.
 */
int sources_exclude(struct sources *sources, const char *path, struct lcap_error *error);

/*
 * Adds what `operand` stands for. A directory without files adds nothing. On an
 * error the list is unchanged.
 */
int sources_add(struct sources *sources, const char *operand, struct lcap_error *error);

/* Adds one that another process has found: the part of its path from `below` on is below the
 * directory given. */
int sources_restore(struct sources *sources, const char *path, size_t below, bool walked,
                    struct lcap_error *error);

/* Once all are added: leaves out what was found under another name, and sets `repeats`. */
int sources_find_repeats(struct sources *sources, struct lcap_error *error);

/* LCAP_ERR_ARGUMENT if `path` ("-": standard output), which is about to be written, is a source. */
int sources_check_output(const struct sources *sources, const char *path, struct lcap_error *error);

/* Its name for those who do not have the folders that it is in, or above the one given. */
const char *source_short_name(const struct source *source);

void sources_release(struct sources *sources);

#endif
