/* Writes lists. */
#include "dataset/partition/partition_files.h"

#include "base/error_words.h"
#include "base/io/file.h"
#include "base/io/target.h"
#include "base/io/tempfile.h"
#include "base/memory.h"
#include "base/text/csv.h"
#include "dataset/partition/challenge_key.h"
#include "dataset/partition/challenge_packets.h"
#include "dataset/partition/partition_json.h"
#include "dataset/partition/partition_lists.h"
#include "dataset/split_folder.h"
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* ---- the directory ---- */

static int check_other_lists(const struct partition *p, const char *directory,
                             struct lcap_error *error)
{
    struct split_folder folder;
    struct lcap_error none;
    /* Without lists, there is nothing to check. */
    int rc = split_folder_open(&folder, directory, &none) == LCAP_OK ? LCAP_OK : 1;
    for (size_t i = 0; rc == LCAP_OK && i < folder.count; i++)
        if (partition_lists_find(p, folder.names[i]) == SPLIT_NO_LIST)
            rc = lcap_error_set(error, LCAP_ERR_ARGUMENT,
                                "%s/%s.csv is a list of another split: remove it, or choose "
                                "another directory",
                                directory, folder.names[i]);
    split_folder_release(&folder);
    return rc < 0 ? rc : LCAP_OK;
}

static int check_place(const char *directory, const char *option, const char *path,
                       const char *parent, struct lcap_error *error)
{
    char room[LCAP_ERROR_TEXT];
    char *inner = realpath(directory, NULL), *place = realpath(parent, NULL);
    int rc = LCAP_OK;
    if (!inner || !place)
        rc = lcap_error_set_errno(error, errno, "%s", inner ? parent : directory);
    else if (file_is_inside(inner, place))
        rc = lcap_error_set(error, LCAP_ERR_ARGUMENT,
                            "%s %s is in %s, which is to be published: choose a place outside",
                            error_words(option, room), path, directory);
    free(inner);
    free(place);
    return rc;
}

/* What is not published must not be in what is. Links count as what they point to, even if there is
 * nothing yet. */
static int check_outside(const char *directory, const char *option, const char *path,
                         struct lcap_error *error)
{
    char *end = NULL;
    int rc = target_follow_links(path, &end, error);
    if (rc < 0)
        return rc;
    char *parent = tempfile_directory_of(end, error);
    rc = parent ? check_place(directory, option, path, parent, error) : LCAP_ERR_MEMORY;
    free(parent);
    free(end);
    return rc;
}

static int check_secrets(const struct partition *p, const char *directory, struct lcap_error *error)
{
    const struct partition_options *options = p->options;
    int rc = file_check_not_input(options->answers, &p->dataset, 1, error);
    if (rc == LCAP_OK)
        rc = split_folder_check_output(options->extend, options->answers, error);
    if (rc == LCAP_OK)
        rc = check_outside(directory, "--challenge-key", options->challenge_key, error);
    if (rc == LCAP_OK)
        rc = check_outside(directory, "--answers", options->answers, error);
    return rc == LCAP_OK ? output_try(options->answers, &options->placing, error) : rc;
}

int partition_files_prepare(const struct partition *p, const char *directory, bool *is_new,
                            struct lcap_error *error)
{
    int rc = target_check_directory(directory, error);
    if (rc < 0)
        return rc;
    *is_new = mkdir(directory, 0777) == 0;
    if (!*is_new && errno != EEXIST)
        return lcap_error_set_errno(error, errno, "%s: cannot create the directory", directory);
    rc = check_other_lists(p, directory, error);
    if (rc == LCAP_OK && p->options->challenge > 0)
        rc = check_secrets(p, directory, error);
    return rc;
}

/* ---- lists ---- */

/* A sample under the ID that a list has for it. */
struct row {
    uint64_t id;
    uint32_t sample;
};

static int compare_rows(const void *one, const void *other)
{
    const struct row *a = one, *b = other;
    return a->id < b->id ? -1 : a->id > b->id;
}

static uint32_t rows_of(const struct partition *p, uint16_t list, struct row *rows)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < partition_sample_count(p); i++) {
        const uint64_t id = sample_registry_id(&p->registry, i);
        if (p->samples[i].list == list)
            rows[count++] = (struct row){list == p->challenge ? challenge_id(p->key, id) : id, i};
    }
    qsort(rows, count, sizeof *rows, compare_rows);
    return count;
}

static int append_row(const struct partition *p, const struct row *row, bool metadata,
                      struct buffer *line, struct lcap_error *error)
{
    const struct sample sample = sample_registry_get(&p->registry, row->sample);
    buffer_clear(line);
    int rc = buffer_printf(line, error, "%" PRIu64 "%s", row->id, metadata ? "," : "");
    if (rc == LCAP_OK && metadata)
        rc = csv_append_text(line, sample.metadata, sample.metadata_len, error);
    return rc == LCAP_OK ? buffer_append(line, "\n", 1, error) : rc;
}

/* `header` with a comma: the metadata follows each ID. */
static int write_rows(const struct partition *p, const struct row *rows, uint32_t count,
                      const char *path, const char *header, struct lcap_error *error)
{
    struct output_options placing = p->options->placing;
    struct output *out = NULL;
    struct buffer line = {0};
    placing.is_private = path == p->options->answers;
    int rc = output_open(&out, path, &placing, error);
    if (rc < 0)
        return rc;
    output_write(out, header, strlen(header));
    for (uint32_t i = 0; i < count && rc == LCAP_OK; i++) {
        rc = append_row(p, &rows[i], strchr(header, ','), &line, error);
        output_write(out, line.data, line.len);
    }
    buffer_release(&line);
    if (rc == LCAP_OK)
        return output_close(out, error);
    output_discard(out);
    return rc;
}

/* ---- the whole ---- */

struct place {
    const char *directory;
    struct buffer path; /* of the file being written */
};

static const char *path_of(struct place *place, const char *name, const char *ending,
                           struct lcap_error *error)
{
    buffer_clear(&place->path);
    int rc = buffer_printf(&place->path, error, "%s/%s%s", place->directory, name, ending);
    if (rc == LCAP_OK)
        rc = buffer_append(&place->path, "", 1, error);
    return rc == LCAP_OK ? (const char *)place->path.data : NULL;
}

static int write_lists(const struct partition *p, struct place *place, struct row *rows,
                       struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (uint16_t list = 0; list < p->list_count && rc == LCAP_OK; list++) {
        const uint32_t count = rows_of(p, list, rows);
        const char *path = path_of(place, p->lists[list].name, ".csv", error);
        const bool hidden = list == p->challenge;
        rc = path ? write_rows(p, rows, count, path,
                               hidden ? "sample_id\n" : "sample_id,metadata\n", error)
                  : LCAP_ERR_MEMORY;
        if (rc == LCAP_OK && hidden)
            rc = write_rows(p, rows, count, p->options->answers, "sample_id,label\n", error);
    }
    return rc;
}

/*
 * The packets come first: a disk that is too small for them is left without lists.
 * partition.json comes last: with it, the others are complete.
 */
static int write_all(struct partition *p, struct place *place, struct row *rows,
                     struct lcap_error *error)
{
    const char *path;
    int rc = LCAP_OK;
    if (p->challenge != SPLIT_NO_LIST) {
        path = path_of(place, SPLIT_CHALLENGE, ".pcapng", error);
        rc = path ? challenge_packets_write(p, path, error) : LCAP_ERR_MEMORY;
    }
    if (rc == LCAP_OK)
        rc = write_lists(p, place, rows, error);
    if (rc < 0)
        return rc;
    path = path_of(place, PARTITION_FACTS, "", error);
    return path ? partition_json_write(p, path, error) : LCAP_ERR_MEMORY;
}

int partition_files_write(struct partition *partition, const char *directory,
                          struct lcap_error *error)
{
    struct place place = {.directory = directory};
    struct row *rows = memory_new(partition_sample_count(partition), sizeof *rows, error);
    const int rc = rows ? write_all(partition, &place, rows, error) : LCAP_ERR_MEMORY;
    buffer_release(&place.path);
    free(rows);
    return rc;
}
