/* Compares the lists of a split with the samples of a data set. */
#include "dataset/check/check_lists.h"

#include "base/memory.h"
#include "base/text/text.h"
#include "dataset/sample_id_file.h"
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Lists are few: a train, a validation and a test list, or the folds of a cross-validation. */
#define MOST_LISTS 1000u
#define SUFFIX     ".txt"

/* Lines with a fault, and the first of them. */
struct bad_lines {
    uint64_t count;
    char first[EXCERPT_TEXT + 32]; /* "test.txt:12" */
    uint32_t sample;
};

enum { UNKNOWN, OVERLAP, REPEATED, FAULTS };
static const enum check_kind fault_kinds[FAULTS] = {CHECK_LIST_UNKNOWN, CHECK_LIST_OVERLAP,
                                                    CHECK_LIST_REPEATED};

struct lists {
    const char *directory;
    struct sample_registry *registry;
    uint16_t *list_of; /* by sample: the number of its list, from 1; 0: none yet */
    uint16_t number;   /* of the list being read */
    const char *name;  /* likewise */
    struct bad_lines bad[FAULTS];
};

static int is_list(const struct dirent *entry)
{
    const size_t len = strlen(entry->d_name), suffix = strlen(SUFFIX);
    return len > suffix && strcmp(entry->d_name + len - suffix, SUFFIX) == 0;
}

static int compare_names(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static void note_line(struct lists *lists, int fault, uint32_t sample, uint32_t line)
{
    struct bad_lines *bad = &lists->bad[fault];
    if (bad->count++ > 0)
        return;
    char name[EXCERPT_TEXT];
    text_excerpt(lists->name, strlen(lists->name), name);
    snprintf(bad->first, sizeof bad->first, "%s:%" PRIu32, name, line);
    bad->sample = sample;
}

static int check_id(void *context, uint64_t id, uint32_t line, struct lcap_error *error)
{
    struct lists *lists = context;
    const uint32_t sample = sample_registry_find(lists->registry, id);
    (void)error;
    if (sample == NO_SAMPLE)
        note_line(lists, UNKNOWN, sample, line);
    else if (lists->list_of[sample] == 0)
        lists->list_of[sample] = lists->number;
    else
        note_line(lists, lists->list_of[sample] == lists->number ? REPEATED : OVERLAP, sample,
                  line);
    return LCAP_OK;
}

static int check_list(struct lists *lists, struct lcap_error *error)
{
    struct buffer path = {0};
    int rc = buffer_printf(&path, error, "%s/%s", lists->directory, lists->name);
    if (rc == 0)
        rc = buffer_append(&path, "", 1, error);
    if (rc == 0)
        rc = sample_id_file_read((const char *)path.data, check_id, lists, error);
    buffer_release(&path);
    return rc;
}

static int check_all(struct lists *lists, struct dirent **entries, int count,
                     struct lcap_error *error)
{
    int rc = LCAP_OK;
    if (count == 0)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                              "%s: no lists: expected files such as train" SUFFIX,
                              lists->directory);
    if ((unsigned)count > MOST_LISTS)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT, "%s: %d lists, but at most %u are read",
                              lists->directory, count, MOST_LISTS);
    for (int i = 0; i < count && rc == 0; i++) {
        lists->number++;
        lists->name = entries[i]->d_name;
        rc = check_list(lists, error);
    }
    return rc;
}

static int add_findings(const struct lists *lists, struct check_findings *findings,
                        struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (int fault = 0; fault < FAULTS && rc == 0; fault++) {
        const struct bad_lines *bad = &lists->bad[fault];
        const struct check_place place = {.input = CHECK_NO_INPUT, .sample = bad->sample};
        if (bad->count > 0)
            rc = check_findings_add(findings, fault_kinds[fault], &place, bad->count, bad->first,
                                    error);
    }
    for (uint32_t i = 0; i < sample_registry_count(lists->registry); i++) {
        const struct check_place place = {.input = CHECK_NO_INPUT, .sample = i};
        if (lists->list_of[i] == 0)
            check_count_one(findings, CHECK_LIST_MISSING, &place);
    }
    return rc;
}

int check_lists(const char *directory, struct sample_registry *registry,
                struct check_findings *findings, struct lcap_error *error)
{
    struct lists lists = {.directory = directory, .registry = registry};
    struct dirent **entries;
    const int count = scandir(directory, &entries, is_list, compare_names);
    if (count < 0)
        return lcap_error_set_errno(error, errno, "%s", directory);
    lists.list_of = memory_new(sample_registry_count(registry) + 1, sizeof *lists.list_of, error);
    int rc = lists.list_of ? check_all(&lists, entries, count, error) : LCAP_ERR_MEMORY;
    if (rc == 0)
        rc = add_findings(&lists, findings, error);
    for (int i = 0; i < count; i++)
        free(entries[i]);
    free(entries);
    free(lists.list_of);
    return rc;
}
