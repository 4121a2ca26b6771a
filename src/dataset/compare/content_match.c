/* Equal labels match first, then what is left in the order of labels. */
#include "dataset/compare/content_match.h"

#include "base/memory.h"
#include <stdlib.h>

int content_match_add(struct content_match *match, enum compare_side side, uint32_t label,
                      struct lcap_error *error)
{
    size_t *count = &match->counts[side];
    if (*count > 0 && match->runs[side][*count - 1].label == label) {
        match->runs[side][*count - 1].packets++;
        return LCAP_OK;
    }
    const int rc = memory_grow((void **)&match->runs[side], &match->capacities[side], *count + 1,
                               sizeof *match->runs[side], error);
    if (rc == 0)
        match->runs[side][(*count)++] = (struct label_run){label, 1};
    return rc;
}

/* Pairs packets of these two runs, as many as both have. */
static int pair(struct confusion *confusion, struct label_run *truth, struct label_run *test,
                struct lcap_error *error)
{
    const uint64_t packets = truth->packets < test->packets ? truth->packets : test->packets;
    truth->packets -= packets;
    test->packets -= packets;
    return confusion_add(confusion, truth->label, test->label, packets, error);
}

static int pair_equal(struct content_match *match, struct confusion *confusion,
                      struct lcap_error *error)
{
    struct label_run *truth = match->runs[COMPARE_TRUTH], *test = match->runs[COMPARE_TEST];
    int rc = LCAP_OK;
    for (size_t i = 0, j = 0;
         i < match->counts[COMPARE_TRUTH] && j < match->counts[COMPARE_TEST] && rc == 0;) {
        if (truth[i].label == test[j].label)
            rc = pair(confusion, &truth[i++], &test[j++], error);
        else if (truth[i].label < test[j].label)
            i++;
        else
            j++;
    }
    return rc;
}

/* Pairs what is left; then only one side has packets. */
static int pair_rest(struct content_match *match, struct confusion *confusion,
                     struct lcap_error *error)
{
    struct label_run *truth = match->runs[COMPARE_TRUTH], *test = match->runs[COMPARE_TEST];
    int rc = LCAP_OK;
    for (size_t i = 0, j = 0;
         i < match->counts[COMPARE_TRUTH] && j < match->counts[COMPARE_TEST] && rc == 0;) {
        if (truth[i].packets == 0)
            i++;
        else if (test[j].packets == 0)
            j++;
        else
            rc = pair(confusion, &truth[i], &test[j], error);
    }
    return rc;
}

static int add_rest(struct content_match *match, struct confusion *confusion,
                    struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (size_t i = 0; i < match->counts[COMPARE_TRUTH] && rc == 0; i++) {
        const struct label_run *run = &match->runs[COMPARE_TRUTH][i];
        if (run->packets > 0)
            rc = confusion_add(confusion, run->label, CONFUSION_ABSENT, run->packets, error);
    }
    for (size_t i = 0; i < match->counts[COMPARE_TEST] && rc == 0; i++) {
        const struct label_run *run = &match->runs[COMPARE_TEST][i];
        if (run->packets > 0)
            rc = confusion_add(confusion, CONFUSION_ABSENT, run->label, run->packets, error);
    }
    return rc;
}

int content_match_settle(struct content_match *match, struct confusion *confusion,
                         struct lcap_error *error)
{
    int rc = pair_equal(match, confusion, error);
    if (rc == 0)
        rc = pair_rest(match, confusion, error);
    if (rc == 0)
        rc = add_rest(match, confusion, error);
    match->counts[COMPARE_TRUTH] = match->counts[COMPARE_TEST] = 0;
    return rc;
}

void content_match_release(struct content_match *match)
{
    free(match->runs[COMPARE_TRUTH]);
    free(match->runs[COMPARE_TEST]);
}
