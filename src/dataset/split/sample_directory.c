/* Builds the directory of sample files and moves it into place. */
#include "dataset/split/sample_directory.h"

#include "base/buffer.h"
#include "base/intern.h"
#include "base/io/chains.h"
#include "base/io/file.h"
#include "base/io/target.h"
#include "base/io/tempfile.h"
#include "base/memory.h"
#include "base/number/number.h"
#include "base/text/text.h"
#include "dataset/split/sample_list.h"
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* For the list; more of it is on the disk. */
#define LIST_MEMORY ((uint64_t)1 << 20)

/* The longest file name that Linux file systems allow. */
#define MAX_FILE_NAME 255

struct sample_directory {
    char *path;           /* final place, links resolved, without a trailing slash */
    bool exists;          /* whether it exists: then files are moved into it */
    bool no_sync;         /* do not wait until all is on the disk */
    char *building;       /* beside the final place, or in it if that exists */
    struct intern *old;   /* names of files that may be replaced; NULL for a new directory */
    struct intern *names; /* of the files of classes */
    unsigned repeats;     /* of names */
    struct chains *chains;
    struct chain list; /* metadata.csv, which labels can make long */
    struct buffer row; /* of it */
};

/* ---- beginning ---- */

static bool is_entry(const struct dirent *entry)
{
    return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

/* 1: has entries, 0: is empty, negative: no directory. */
static int directory_has_entries(const char *path, struct lcap_error *error)
{
    DIR *dir = opendir(path);
    if (!dir)
        return lcap_error_set_errno(error, errno, "%s: cannot open directory", path);
    const struct dirent *entry;
    int found = 0;
    while (!found && (entry = readdir(dir)))
        found = is_entry(entry);
    closedir(dir);
    return found;
}

/* A file in the list is removed later: it must not be the input. */
static int check_removable(const struct sample_directory *d, const char *name, const char *input,
                           struct lcap_error *error)
{
    struct stat st;
    char *path = file_join(d->path, name, error);
    if (!path)
        return LCAP_ERR_MEMORY;
    int rc = file_check_not_input(path, &input, 1, error);
    if (rc == 0 && lstat(path, &st) == 0 && S_ISDIR(st.st_mode))
        rc = lcap_error_set(error, LCAP_ERR_IO,
                            "%s: is a directory, although " SAMPLE_LIST_NAME " lists it", path);
    free(path);
    return rc;
}

static const char *old_name(const struct sample_directory *d, uint32_t number)
{
    size_t len;
    return intern_get(d->old, number, &len);
}

static int read_old_list(struct sample_directory *d, const char *input, struct lcap_error *error)
{
    uint32_t id;
    char *list = file_join(d->path, SAMPLE_LIST_NAME, error);
    int rc = list ? intern_new(&d->old, error) : LCAP_ERR_MEMORY;
    if (rc == 0 && access(list, F_OK) == 0) {
        rc = sample_list_read(list, d->old, error);
        if (rc == 0)
            rc = intern_add(d->old, SAMPLE_LIST_NAME, strlen(SAMPLE_LIST_NAME), &id, error);
    }
    for (uint32_t i = 0; rc == 0 && i < intern_count(d->old); i++)
        rc = check_removable(d, old_name(d, i), input, error);
    free(list);
    return rc;
}

static int look_into(struct sample_directory *d, const char *path, const char *input,
                     bool overwrite, struct lcap_error *error)
{
    int rc = directory_has_entries(d->path, error);
    if (rc == 1 && !overwrite)
        return lcap_error_set(
            error, LCAP_ERR_ARGUMENT,
            "%s: is not empty (use -f to replace the files listed in its " SAMPLE_LIST_NAME ")",
            path);
    return rc < 0 ? rc : read_old_list(d, input, error);
}

static int take_rows(struct sample_directory *d, struct buffer *rows, struct lcap_error *error)
{
    const int rc = chains_append(d->chains, &d->list, rows->data, rows->len, error);
    buffer_clear(rows);
    return rc;
}

static int begin_list(struct sample_directory *d, struct lcap_error *error)
{
    int rc = chains_new(&d->chains, LIST_MEMORY, tempfile_default_directory(), error);
    if (rc == 0)
        rc = sample_list_begin(&d->row, error);
    return rc == 0 ? take_rows(d, &d->row, error) : rc;
}

/*
 * An existing directory may be a mount point or the working directory of a shell:
 * it stays, and the files are moved into it from a directory within.
 */
static int begin_building(struct sample_directory *d, struct lcap_error *error)
{
    char *parent = d->exists ? NULL : tempfile_directory_of(d->path, error);
    if (!d->exists && !parent)
        return LCAP_ERR_MEMORY;
    const int rc = tempfile_create_directory(d->exists ? d->path : parent, &d->building, error);
    free(parent);
    return rc < 0 ? rc : begin_list(d, error);
}

int sample_directory_begin(struct sample_directory **directory, const char *path, const char *input,
                           const struct output_options *options, struct lcap_error *error)
{
    struct sample_directory *d = memory_new(1, sizeof *d, error);
    if (!d)
        return LCAP_ERR_MEMORY;
    d->no_sync = options->no_sync;
    int rc = intern_new(&d->names, error);
    if (rc == 0)
        rc = target_find_directory(path, &d->path, &d->exists, error);
    if (rc == 0 && d->exists)
        rc = look_into(d, path, input, options->overwrite, error);
    if (rc == 0)
        rc = begin_building(d, error);
    if (rc < 0) {
        sample_directory_discard(d);
        return rc;
    }
    *directory = d;
    return LCAP_OK;
}

const char *sample_directory_building(const struct sample_directory *directory)
{
    return directory->building;
}

/* ---- files ---- */

/* What the name of a file begins with: a sampleID, so that no two samples share a name. */
static int append_prefix(struct buffer *name, const struct sample_file *file,
                         struct lcap_error *error)
{
    char id[U64_TEXT];
    /* Neither hidden, nor an option, a formula or a device, and never empty. */
    if (file->of_class)
        return file->metadata_len == 0 || strchr(".-=+@", file->metadata[0]) ||
                       text_is_device_name(file->metadata, file->metadata_len)
                   ? buffer_append_text(name, "_", error)
                   : LCAP_OK;
    const int rc = buffer_append(name, id, number_from_unsigned(file->sample_id, id), error);
    return rc == 0 ? buffer_append_text(name, "_", error) : rc;
}

/* `repeat`: not 0 if there is a file of that name already. */
static int append_name(struct buffer *name, const struct sample_file *file, unsigned repeat,
                       struct lcap_error *error)
{
    char number[16] = "", suffix[80];
    if (repeat)
        snprintf(number, sizeof number, "-%u", repeat);
    snprintf(suffix, sizeof suffix, "%s%s%s%s", number, file->linktype ? "." : "",
             file->linktype ? file->linktype : "",
             file->format == LCAP_FORMAT_PCAP ? ".pcap" : ".pcapng");
    const size_t start = name->len;
    int rc = append_prefix(name, file, error);
    const size_t room = MAX_FILE_NAME - (name->len - start) - strlen(suffix);
    if (rc == 0)
        rc = text_append_file_name(name, file->metadata, file->metadata_len, room, error);
    return rc == 0 ? buffer_append(name, suffix, strlen(suffix) + 1, error) : rc;
}

/* Some file systems take names for the same that differ in case only. */
static int note_name(struct sample_directory *d, const char *name, size_t len, uint32_t *number,
                     struct lcap_error *error)
{
    struct buffer folded = {0};
    int rc = text_append_lower(&folded, name, len, error);
    if (rc == 0)
        rc = intern_add(d->names, folded.data, folded.len, number, error);
    buffer_release(&folded);
    return rc;
}

/* Classes may be called the same once their names are made safe. */
static int append_new_name(struct sample_directory *d, const struct sample_file *file,
                           struct buffer *path, struct lcap_error *error)
{
    const size_t start = path->len;
    uint32_t known, number;
    unsigned repeat = 0;
    int rc;
    do {
        path->len = start;
        rc = append_name(path, file, repeat, error);
        known = intern_count(d->names);
        if (rc == 0)
            rc = note_name(d, (const char *)path->data + start, path->len - start, &number, error);
        if (rc == 0 && number < known)
            repeat = ++d->repeats + 1;
    } while (rc == 0 && number < known);
    return rc;
}

int sample_directory_name(struct sample_directory *d, const struct sample_file *file,
                          struct sample_entry *entry, struct lcap_error *error)
{
    struct buffer *path = &entry->path;
    buffer_clear(path);
    int rc = buffer_printf(path, error, "%s/", d->building);
    const size_t name_at = path->len;
    if (rc == 0)
        rc = file->of_class ? append_new_name(d, file, path, error)
                            : append_name(path, file, 0, error);
    return rc == 0 ? sample_list_add(&entry->rows, (const char *)path->data + name_at,
                                     file->metadata, file->metadata_len, error)
                   : rc;
}

int sample_directory_take(struct sample_directory *d, struct sample_entry *entry,
                          struct lcap_error *error)
{
    return take_rows(d, &entry->rows, error);
}

void sample_entry_release(struct sample_entry *entry)
{
    buffer_release(&entry->path);
    buffer_release(&entry->rows);
}

/* ---- into place ---- */

static int write_new_rows(const struct sample_directory *d, struct output *out,
                          struct lcap_error *error)
{
    struct chain_reader reader;
    const uint8_t *bytes;
    size_t len;
    int rc = chain_reader_begin(&reader, d->chains, &d->list, error);
    if (rc < 0)
        return rc;
    while ((rc = chain_reader_view(&reader, SIZE_MAX, &bytes, &len, error)) == 1)
        output_write(out, bytes, len);
    return rc;
}

static int write_old_rows(struct sample_directory *d, struct output *out, struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (uint32_t i = 0; rc == 0 && i < intern_count(d->old); i++) {
        rc = sample_list_add(&d->row, old_name(d, i), "", 0, error);
        output_write(out, d->row.data, d->row.len);
        buffer_clear(&d->row);
    }
    return rc;
}

enum list_of { LIST_NEW, LIST_NEW_AND_OLD };

static int write_list(struct sample_directory *d, const char *directory, enum list_of of,
                      bool no_sync, struct lcap_error *error)
{
    const struct output_options replace = {.overwrite = true, .no_sync = no_sync};
    struct output *out = NULL;
    char *path = file_join(directory, SAMPLE_LIST_NAME, error);
    int rc = path ? output_open(&out, path, &replace, error) : LCAP_ERR_MEMORY;
    if (rc == 0)
        rc = write_new_rows(d, out, error);
    if (rc == 0 && of == LIST_NEW_AND_OLD)
        rc = write_old_rows(d, out, error);
    if (rc == 0)
        rc = output_close(out, error);
    else
        output_discard(out);
    free(path);
    return rc;
}

/* One call for all files: a sync of each would wait for the disk as often. */
static int sync_files(const struct sample_directory *d, struct lcap_error *error)
{
    if (d->no_sync || file_sync_system(d->building) == 0)
        return LCAP_OK;
    return lcap_error_set_errno(error, errno, "%s: cannot write", d->path);
}

/* Calls `each` with the name of every new file. */
static int for_each_file(struct sample_directory *d,
                         int (*each)(struct sample_directory *, const char *, struct lcap_error *),
                         struct lcap_error *error)
{
    DIR *dir = opendir(d->building);
    if (!dir)
        return lcap_error_set_errno(error, errno, "%s: cannot open", d->building);
    const struct dirent *entry;
    int rc = LCAP_OK;
    while (rc == 0 && (entry = readdir(dir)))
        if (is_entry(entry))
            rc = each(d, entry->d_name, error);
    closedir(dir);
    return rc;
}

static int check_not_foreign(struct sample_directory *d, const char *name, struct lcap_error *error)
{
    char *path = file_join(d->path, name, error);
    if (!path)
        return LCAP_ERR_MEMORY;
    struct stat st;
    int rc = LCAP_OK;
    if (lstat(path, &st) == 0 && intern_find(d->old, name, strlen(name)) == INTERN_NONE)
        rc = lcap_error_set(error, LCAP_ERR_IO,
                            "%s: already exists and is not listed in " SAMPLE_LIST_NAME, path);
    free(path);
    return rc;
}

static int remove_old_files(struct sample_directory *d, struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (uint32_t i = 0; rc == 0 && i < intern_count(d->old); i++) {
        if (strcmp(old_name(d, i), SAMPLE_LIST_NAME) == 0)
            continue;
        char *path = file_join(d->path, old_name(d, i), error);
        if (!path)
            return LCAP_ERR_MEMORY;
        if (unlink(path) != 0 && errno != ENOENT)
            rc = lcap_error_set_errno(error, errno, "%s: cannot remove", path);
        free(path);
    }
    return rc;
}

static int move_file(struct sample_directory *d, const char *name, struct lcap_error *error)
{
    char *from = file_join(d->building, name, error);
    char *to = file_join(d->path, name, error);
    int rc = from && to ? LCAP_OK : LCAP_ERR_MEMORY;
    if (rc == 0 && rename(from, to) != 0)
        rc = lcap_error_set_errno(error, errno, "%s: cannot move the finished file into place", to);
    free(from);
    free(to);
    return rc;
}

/* Some file systems skip entries if others are removed during a listing: repeats until none is
 * left. */
static int move_files(struct sample_directory *d, struct lcap_error *error)
{
    int left = 1;
    while (left == 1) {
        int rc = for_each_file(d, move_file, error);
        left = rc < 0 ? rc : directory_has_entries(d->building, error);
    }
    return left;
}

static int move_into_place(struct sample_directory *d, struct lcap_error *error)
{
    int rc = for_each_file(d, check_not_foreign, error);
    if (rc == 0) /* a run that is killed while files change can be repeated */
        rc = write_list(d, d->path, LIST_NEW_AND_OLD, d->no_sync, error);
    if (rc == 0)
        rc = sync_files(d, error);
    if (rc == 0)
        rc = remove_old_files(d, error);
    if (rc == 0)
        rc = move_files(d, error);
    return rc == 0 ? write_list(d, d->path, LIST_NEW, d->no_sync, error) : rc;
}

static int rename_into_place(struct sample_directory *d, struct lcap_error *error)
{
    int rc = write_list(d, d->building, LIST_NEW, true, error);
    if (rc == 0)
        rc = sync_files(d, error);
    if (rc < 0)
        return rc;
    if (rename(d->building, d->path) != 0)
        return lcap_error_set_errno(error, errno,
                                    "%s: cannot move the finished directory into place", d->path);
    tempfile_forget(d->building);
    free(d->building);
    d->building = NULL;
    return d->no_sync ? LCAP_OK : target_sync_directory_of(d->path, error);
}

int sample_directory_commit(struct sample_directory *d, struct lcap_error *error)
{
    int rc = d->exists ? move_into_place(d, error) : rename_into_place(d, error);
    if (rc < 0 && d->building)
        tempfile_name_final(d->building, d->path, error);
    sample_directory_discard(d);
    return rc;
}

void sample_directory_discard(struct sample_directory *directory)
{
    if (!directory)
        return;
    if (directory->building)
        tempfile_remove(directory->building);
    free(directory->building);
    free(directory->path);
    intern_free(directory->old);
    intern_free(directory->names);
    chains_free(directory->chains);
    buffer_release(&directory->row);
    free(directory);
}
