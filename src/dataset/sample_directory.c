/* Builds the directory of sample files and puts it into place. */
#include "dataset/sample_directory.h"

#include "base/buffer.h"
#include "base/csv.h"
#include "base/intern.h"
#include "base/memory.h"
#include "base/output.h"
#include "base/tempfile.h"
#include "base/text.h"
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LIST_NAME "metadata.csv"

/* The longest name of a file that Linux file systems take. */
#define MAX_FILE_NAME 255

struct sample_directory {
    char *path;          /* final place, links resolved, without a slash at its end */
    char *building;      /* beside it */
    bool merges;         /* there are files in the final place already */
    struct intern *old;  /* names of files that may be replaced; NULL unless it merges */
    struct buffer list;  /* metadata.csv */
    struct buffer entry; /* path of the file given out last */
};

/* ---- beginning ---- */

/* 1: has entries, 0: empty or not there, negative: no directory. */
static int directory_has_entries(const char *path, struct lcap_error *error)
{
    DIR *dir = opendir(path);
    if (!dir && errno == ENOENT)
        return 0;
    if (!dir)
        return lcap_error_set_errno(error, errno, "%s: cannot open as a directory", path);
    const struct dirent *entry;
    int found = 0;
    while (!found && (entry = readdir(dir)))
        found = strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(dir);
    return found;
}

static char *resolve(const char *path, struct lcap_error *error)
{
    char *resolved = realpath(path, NULL);
    if (resolved)
        return resolved;
    size_t len = strlen(path);
    while (len > 1 && path[len - 1] == '/')
        len--;
    return memory_copy_text(path, len, error);
}

static char *join(const char *directory, const char *name, struct lcap_error *error)
{
    struct buffer path = {0};
    int rc = buffer_printf(&path, error, "%s/%s", directory, name);
    if (rc == 0)
        rc = buffer_append(&path, "", 1, error);
    if (rc == 0)
        return (char *)path.data;
    buffer_release(&path);
    return NULL;
}

/* Whether a name from metadata.csv names a file in the directory itself. */
static bool is_plain_name(const struct csv_field *field)
{
    return field->len > 0 && strlen(field->text) == field->len && !strchr(field->text, '/') &&
           strcmp(field->text, ".") != 0 && strcmp(field->text, "..") != 0;
}

static int read_old_list(struct sample_directory *d, struct lcap_error *error)
{
    struct csv_reader *csv = NULL;
    struct csv_record record;
    uint32_t id;
    char *list = join(d->path, LIST_NAME, error);
    int rc = list ? intern_new(&d->old, error) : LCAP_ERR_MEMORY;
    if (rc == 0 && access(list, F_OK) == 0) {
        rc = intern_add(d->old, LIST_NAME, strlen(LIST_NAME), &id, error);
        if (rc == 0)
            rc = csv_reader_open(&csv, list, error);
        for (bool header = true; rc == 0 && (rc = csv_reader_next(csv, &record, error)) == 1;
             header = false) {
            rc = LCAP_OK;
            if (!header && is_plain_name(&record.fields[0]))
                rc = intern_add(d->old, record.fields[0].text, record.fields[0].len, &id, error);
        }
    }
    csv_reader_free(csv);
    free(list);
    return rc;
}

static int begin_building(struct sample_directory *d, struct lcap_error *error)
{
    char *parent = tempfile_directory_of(d->path, error);
    if (!parent)
        return LCAP_ERR_MEMORY;
    d->building = join(parent, ".labelcap-XXXXXX", error);
    free(parent);
    if (!d->building)
        return LCAP_ERR_MEMORY;
    int rc = tempfile_create_directory(d->building, error);
    if (rc < 0) {
        free(d->building);
        d->building = NULL;
    }
    return rc < 0 ? rc : buffer_append_text(&d->list, "File,Label\n", error);
}

int sample_directory_begin(struct sample_directory **directory, const char *path, bool overwrite,
                           struct lcap_error *error)
{
    struct sample_directory *d = memory_new(1, sizeof *d, error);
    if (!d)
        return LCAP_ERR_MEMORY;
    d->path = resolve(path, error);
    int rc = d->path ? directory_has_entries(d->path, error) : LCAP_ERR_MEMORY;
    if (rc == 1 && !overwrite)
        rc = lcap_error_set(error, LCAP_ERR_ARGUMENT,
                            "%s: is not empty (use -f to replace the files that its metadata.csv "
                            "lists)",
                            path);
    d->merges = rc == 1;
    if (rc == 1)
        rc = read_old_list(d, error);
    if (rc == 0)
        rc = begin_building(d, error);
    if (rc < 0) {
        sample_directory_discard(d);
        return rc;
    }
    *directory = d;
    return LCAP_OK;
}

/* ---- files ---- */

static int append_name(struct buffer *name, const struct sample_file *file,
                       struct lcap_error *error)
{
    char suffix[64];
    snprintf(suffix, sizeof suffix, "%s%s%s", file->linktype ? "." : "",
             file->linktype ? file->linktype : "",
             file->format == LCAP_FORMAT_PCAP ? ".pcap" : ".pcapng");
    size_t start = name->len;
    char id[U64_TEXT];
    size_t id_len = text_from_u64(file->sample_id, id);
    int rc = buffer_append(name, id, id_len, error);
    if (rc == 0)
        rc = buffer_append(name, "_", 1, error);
    size_t room = MAX_FILE_NAME - (name->len - start) - strlen(suffix);
    if (rc == 0)
        rc = text_append_file_name(name, file->metadata, file->metadata_len, room, error);
    return rc == 0 ? buffer_append(name, suffix, strlen(suffix) + 1, error) : rc;
}

int sample_directory_add(struct sample_directory *d, const struct sample_file *file,
                         const char **path, struct lcap_error *error)
{
    buffer_clear(&d->entry);
    int rc = buffer_printf(&d->entry, error, "%s/", d->building);
    size_t name_at = d->entry.len;
    if (rc == 0)
        rc = append_name(&d->entry, file, error);
    if (rc < 0)
        return rc;
    const char *name = (const char *)d->entry.data + name_at;
    rc = csv_append_field(&d->list, name, strlen(name), error);
    if (rc == 0)
        rc = buffer_append(&d->list, ",", 1, error);
    if (rc == 0)
        rc = csv_append_field(&d->list, file->metadata, file->metadata_len, error);
    if (rc == 0)
        rc = buffer_append(&d->list, "\n", 1, error);
    *path = (const char *)d->entry.data;
    return rc;
}

/* ---- into place ---- */

static int write_list(struct sample_directory *d, struct lcap_error *error)
{
    struct output *out = NULL;
    char *path = join(d->building, LIST_NAME, error);
    int rc = path ? output_open(&out, path, NULL, error) : LCAP_ERR_MEMORY;
    if (rc == 0) {
        output_write(out, d->list.data, d->list.len);
        rc = output_close(out, error);
    }
    free(path);
    return rc;
}

/* Calls `each` with the name of every file that was built. */
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
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            rc = each(d, entry->d_name, error);
    closedir(dir);
    return rc;
}

static int check_not_foreign(struct sample_directory *d, const char *name, struct lcap_error *error)
{
    char *path = join(d->path, name, error);
    if (!path)
        return LCAP_ERR_MEMORY;
    int rc = LCAP_OK;
    if (access(path, F_OK) == 0 && intern_find(d->old, name, strlen(name)) == INTERN_NONE)
        rc =
            lcap_error_set(error, LCAP_ERR_IO,
                           "%s: exists already, and the metadata.csv there does not list it", path);
    free(path);
    return rc;
}

static int move_file(struct sample_directory *d, const char *name, struct lcap_error *error)
{
    char *from = join(d->building, name, error);
    char *to = join(d->path, name, error);
    int rc = from && to ? LCAP_OK : LCAP_ERR_MEMORY;
    if (rc == 0 && rename(from, to) != 0)
        rc = lcap_error_set_errno(error, errno, "%s: cannot put into place", to);
    free(from);
    free(to);
    return rc;
}

static int remove_old_files(struct sample_directory *d, struct lcap_error *error)
{
    for (uint32_t i = 0; i < intern_count(d->old); i++) {
        char *path = join(d->path, intern_get(d->old, i, NULL), error);
        if (!path)
            return LCAP_ERR_MEMORY;
        int rc = LCAP_OK;
        if (unlink(path) != 0 && errno != ENOENT)
            rc = lcap_error_set_errno(error, errno, "%s: cannot remove", path);
        free(path);
        if (rc < 0)
            return rc;
    }
    return LCAP_OK;
}

static int merge_into_place(struct sample_directory *d, struct lcap_error *error)
{
    int rc = for_each_file(d, check_not_foreign, error);
    if (rc == 0)
        rc = remove_old_files(d, error);
    if (rc == 0)
        rc = for_each_file(d, move_file, error);
    return rc;
}

static int rename_into_place(struct sample_directory *d, struct lcap_error *error)
{
    if (rename(d->building, d->path) != 0)
        return lcap_error_set_errno(error, errno, "%s: cannot put into place", d->path);
    tempfile_forget(d->building);
    free(d->building);
    d->building = NULL;
    return LCAP_OK;
}

int sample_directory_commit(struct sample_directory *d, struct lcap_error *error)
{
    int rc = write_list(d, error);
    if (rc == 0)
        rc = d->merges ? merge_into_place(d, error) : rename_into_place(d, error);
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
    buffer_release(&directory->list);
    buffer_release(&directory->entry);
    free(directory);
}
