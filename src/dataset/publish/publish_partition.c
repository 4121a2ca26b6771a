/* Counts what partition.json tells. */
#include "dataset/publish/publish_partition.h"

#include "base/memory.h"
#include "base/text/json_reader.h"
#include "base/text/text.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static int wrong(struct lcap_error *error, const char *what, const char *name)
{
    char found[EXCERPT_TEXT];
    text_excerpt(name, strlen(name), found);
    return lcap_error_set(error, LCAP_ERR_FORMAT, "%s '%s'", what, found);
}

/* Whatever else it may tell is not known to be harmless. */
static int check_names(const struct json_document *file, struct lcap_error *error)
{
    static const char *const names[] = {"format",   "format_version", "labelcap",      "dataset",
                                        "options",  "groups",         "largest_group", "lists",
                                        "left_out", "labels"};
    enum { NAMES = sizeof names / sizeof *names };
    const char *name;
    for (size_t i = 0; (name = json_document_name(file, i)); i++) {
        int known = 0;
        while (known < NAMES && strcmp(names[known], name) != 0)
            known++;
        if (known == NAMES)
            return wrong(error, "it has an unknown member", name);
    }
    return LCAP_OK;
}

/* ---- lists ---- */

static int check_list(const struct publish_set *set, const struct json_document *list,
                      struct lcap_error *error)
{
    const char *name = "";
    double told = 0;
    size_t number;
    int rc = json_document_text(list, "name", &name, error);
    if (rc >= 0)
        rc = json_document_number(list, "samples", &told, error);
    if (rc < 0)
        return rc;
    if (split_folder_find(&set->lists.folder, name, &number, NULL) < 0)
        return wrong(error, "there is no list", name);
    const uint64_t samples = publish_set_samples_of(set, name);
    if (told == (double)samples)
        return LCAP_OK;
    return lcap_error_set(error, LCAP_ERR_FORMAT,
                          "it tells of %.0f samples in %s, and %" PRIu64 " are published", told,
                          name, samples);
}

/* ---- labels ---- */

/* Adds what a label has in each list. */
static int add_label(const struct publish_set *set, const struct json_document *label,
                     uint64_t *sums, struct lcap_error *error)
{
    struct json_document *counts = NULL;
    const char *name;
    size_t list = 0;
    double samples = 0;
    int rc = json_document_object(label, "samples", 0, &counts, error);
    for (size_t i = 0; rc == 1 && (name = json_document_name(counts, i)); i++) {
        if (strcmp(name, SPLIT_CHALLENGE) == 0 ||
            split_folder_find(&set->lists.folder, name, &list, NULL) < 0)
            rc = wrong(error, "labels are not to be counted in", name);
        else
            rc = json_document_number(counts, name, &samples, error);
        if (rc == 1)
            sums[list] += samples > 0 ? (uint64_t)samples : 0;
    }
    json_document_free(counts);
    return rc < 0 ? rc : LCAP_OK;
}

static int check_sums(const struct publish_set *set, const uint64_t *sums, struct lcap_error *error)
{
    for (size_t i = 0; i < set->lists.folder.count; i++) {
        const char *name = set->lists.folder.names[i];
        if (strcmp(name, SPLIT_CHALLENGE) != 0 && sums[i] != publish_set_samples_of(set, name))
            return wrong(error, "its labels do not add up to the samples of", name);
    }
    return LCAP_OK;
}

/* ---- the file ---- */

typedef int object_taker(const struct publish_set *set, const struct json_document *object,
                         uint64_t *sums, struct lcap_error *error);

static int take_list(const struct publish_set *set, const struct json_document *object,
                     uint64_t *sums, struct lcap_error *error)
{
    (void)sums;
    return check_list(set, object, error);
}

/* Returns how many there are. */
static int for_each(const struct publish_set *set, const struct json_document *file,
                    const char *name, object_taker *take, uint64_t *sums, struct lcap_error *error)
{
    struct json_document *object;
    int rc, count = 0;
    while ((rc = json_document_object(file, name, (size_t)count, &object, error)) == 1) {
        rc = take(set, object, sums, error);
        json_document_free(object);
        if (rc < 0)
            break;
        count++;
    }
    return rc < 0 ? rc : count;
}

static int check_file(const struct publish_set *set, const struct json_document *file,
                      struct lcap_error *error)
{
    uint64_t *sums = memory_new(set->lists.folder.count, sizeof *sums, error);
    int rc = sums ? check_names(file, error) : LCAP_ERR_MEMORY;
    if (rc == LCAP_OK)
        rc = for_each(set, file, "lists", take_list, sums, error);
    if (rc >= 0)
        rc = for_each(set, file, "labels", add_label, sums, error);
    if (rc > 0)
        rc = check_sums(set, sums, error);
    free(sums);
    return rc;
}

int publish_partition_check(const struct publish_set *set, const char *path,
                            struct lcap_error *error)
{
    struct json_document *file = NULL;
    int rc = json_document_load(&file, path, error);
    if (rc == LCAP_OK)
        rc = check_file(set, file, error);
    json_document_free(file);
    return rc;
}
