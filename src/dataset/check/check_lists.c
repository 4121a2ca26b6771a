/* Compares the lists of a split with the samples of a data set. */
#include "dataset/check/check_lists.h"

#include "base/memory.h"
#include "base/text/text.h"
#include "dataset/split_folder.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Lines with a fault, and the first of them. */
struct bad_lines {
    uint64_t count;
    char first[EXCERPT_TEXT + 32]; /* "test.csv:12" */
    uint32_t sample;
};

enum { UNKNOWN, OVERLAP, REPEATED, FAULTS };
static const enum check_kind fault_kinds[FAULTS] = {CHECK_LIST_UNKNOWN, CHECK_LIST_OVERLAP,
                                                    CHECK_LIST_REPEATED};

struct lists {
    struct split_folder folder;
    struct sample_registry *registry;
    uint16_t *list_of; /* by sample: the number of its list, from 1; 0: none yet */
    uint16_t number;   /* of the list being read */
    bool elsewhere;    /* its samples are not in the data set: those of a challenge */
    uint64_t hidden;   /* of these: they are the samples in no list, under other IDs */
    struct bad_lines bad[FAULTS];
};

static void note_line(struct lists *lists, int fault, uint32_t sample, uint32_t line)
{
    struct bad_lines *bad = &lists->bad[fault];
    if (bad->count++ > 0)
        return;
    char name[EXCERPT_TEXT];
    const char *list = lists->folder.names[lists->number - 1];
    text_excerpt(list, strlen(list), name);
    snprintf(bad->first, sizeof bad->first, "%s.csv:%" PRIu32, name, line);
    bad->sample = sample;
}

static int check_id(void *context, uint64_t id, uint32_t line, struct lcap_error *error)
{
    struct lists *lists = context;
    const uint32_t sample = sample_registry_find(lists->registry, id);
    (void)error;
    if (sample == NO_SAMPLE && lists->elsewhere)
        lists->hidden++;
    else if (sample == NO_SAMPLE)
        note_line(lists, UNKNOWN, sample, line);
    else if (lists->list_of[sample] == 0)
        lists->list_of[sample] = lists->number;
    else
        note_line(lists, lists->list_of[sample] == lists->number ? REPEATED : OVERLAP, sample,
                  line);
    return LCAP_OK;
}

static int check_all(struct lists *lists, struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (size_t i = 0; i < lists->folder.count && rc == LCAP_OK; i++) {
        lists->number = (uint16_t)(i + 1);
        lists->elsewhere = strcmp(lists->folder.names[i], SPLIT_CHALLENGE) == 0;
        rc = split_folder_read(&lists->folder, i, check_id, lists, error);
    }
    return rc;
}

static void find_missing(const struct lists *lists, struct check_findings *findings)
{
    const uint32_t samples = sample_registry_count(lists->registry);
    uint64_t missing = 0;
    for (uint32_t i = 0; i < samples; i++)
        missing += lists->list_of[i] == 0;
    for (uint32_t i = 0; i < samples && missing != lists->hidden; i++) {
        const struct check_place place = {.input = CHECK_NO_INPUT, .sample = i};
        if (lists->list_of[i] == 0)
            check_count_one(findings, CHECK_LIST_MISSING, &place);
    }
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
    find_missing(lists, findings);
    return rc;
}

int check_lists(const char *directory, struct sample_registry *registry,
                struct check_findings *findings, struct lcap_error *error)
{
    struct lists lists = {.registry = registry};
    int rc = split_folder_open(&lists.folder, directory, error);
    if (rc == LCAP_OK) {
        lists.list_of =
            memory_new(sample_registry_count(registry) + 1, sizeof *lists.list_of, error);
        rc = lists.list_of ? check_all(&lists, error) : LCAP_ERR_MEMORY;
    }
    if (rc == LCAP_OK)
        rc = add_findings(&lists, findings, error);
    split_folder_release(&lists.folder);
    free(lists.list_of);
    return rc;
}
