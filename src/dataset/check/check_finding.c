/* The kinds of findings, and the list of what was found. */
#include "dataset/check/check_finding.h"

#include "base/error_words.h"
#include "base/memory.h"
#include "base/text/text.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ERROR   LCAP_SEVERITY_ERROR
#define WARNING LCAP_SEVERITY_WARNING
#define NOTE    LCAP_SEVERITY_NOTE

static const struct check_kind_row kinds[CHECK_KINDS] = {
    [CHECK_DAMAGED] = {"damaged", ERROR, NULL, NULL,
                       "copy the file again, or keep what comes before with labelcap sort"},
    [CHECK_NOT_PCAPNG] = {"not-pcapng", ERROR, "file", "that cannot hold labels",
                          "write a labelled pcapng with labelcap label"},
    [CHECK_MALFORMED] = {"malformed", ERROR, "block", "with parts that violate the pcapng format",
                         "labelcap sort writes the file without these parts"},
    [CHECK_METADATA] = {"metadata", ERROR, NULL, "two texts of metadata",
                        "give the rules different hash_keys, and label again"},
    [CHECK_LEAK] = {"leak", ERROR, "packet", "with the bytes and time of one in another sample",
                    "remove these packets from all samples but one"},
    [CHECK_LIST_UNKNOWN] = {"list-unknown", ERROR, "line", "with a sampleID that no packet has",
                            "make the lists from this data set"},
    [CHECK_LIST_OVERLAP] = {"list-overlap", ERROR, "line", "with a sampleID from another list",
                            "keep each sample in one list"},

    [CHECK_SPLIT_LEAK] =
        {"split-leak", ERROR, NULL, NULL,
         "keep together what belongs together; see \"labelcap partition --group\""},

    [CHECK_EMPTY] = {"empty", WARNING, "file", "without packets", "leave such files out"},
    [CHECK_UNLABELLED] = {"unlabelled", WARNING, "packet", "without a label",
                          "add rules for such packets, or leave them out"},
    [CHECK_BAD_LABEL] = {"bad-label", WARNING, "packet", "with a comment that is almost a label",
                         "see labelcap-comment(5) for the form of a label"},
    [CHECK_BAD_METADATA] = {"bad-metadata", WARNING, "sample",
                            "with metadata that is empty, not UTF-8, or has control characters",
                            "correct the rules, and label again"},
    [CHECK_DUPLICATE] = {"duplicate", WARNING, "packet",
                         "with the bytes and time of an earlier one in the sample",
                         "was the traffic captured twice, or a file read twice?"},
    [CHECK_TIME_ORDER] = {"time-order", WARNING, "packet",
                          "earlier than the previous one of the sample",
                          "labelcap sort puts packets in order"},
    [CHECK_TIME_FAR] = {"time-far", WARNING, "packet", "far from the rest in time",
                        "was a clock or a time zone wrong?"},
    [CHECK_TIME_ODD] = {"time-odd", WARNING, "timestamp", "out of range or of doubtful units",
                        "try --pcapml-times or --time-unit"},
    [CHECK_SNAP_LENGTH] = {"snap-length", WARNING, "packet",
                           "longer than the snap length of the interface",
                           "labelcap sort corrects the snap length"},
    [CHECK_ZERO_TAIL] = {"zero-tail", WARNING, "packet", "whose second half is zeros",
                         "did a tool pad packets or overwrite their payload?"},
    [CHECK_RULES_ID] = {"rules-id", WARNING, "sample", "that no rule makes",
                        "label again with these rules"},
    [CHECK_RULES_METADATA] = {"rules-metadata", WARNING, "sample",
                              "with other metadata than the rule gives",
                              "label again with these rules"},
    [CHECK_LIST_MISSING] = {"list-missing", WARNING, "sample", "in no list",
                            "add what belongs to the data set to a list"},
    [CHECK_LIST_REPEATED] = {"list-repeated", WARNING, "line",
                             "with a sampleID that stands in the list already",
                             "remove these lines"},

    [CHECK_UNSORTED] = {"unsorted", NOTE, "packet", "out of the order of sampleIDs",
                        "labelcap sort puts packets in order"},
    [CHECK_TRUNCATED] = {"truncated", NOTE, "packet", "captured in part only",
                         "capture with a larger snap length if whole packets are needed"},
    [CHECK_ONE_PACKET] = {"one-packet", NOTE, "sample", "of one packet",
                          "leave such samples out if they should be conversations"},
    [CHECK_RULES_UNCHECKED] = {"rules-unchecked", NOTE, "sample",
                               "with an ID that the data set is not enough to check",
                               "sort it, and label with --keep-source"},
    [CHECK_UNBALANCED] = {"unbalanced", NOTE, NULL, "unbalanced classes",
                          "weigh the classes, or take fewer samples of the large ones"},
    [CHECK_NO_LEAKS] =
        {"no-leak-report", NOTE, NULL,
         "no leaks are reported: the lists to learn from, or the list to test, have no packets",
         "leaks are reported between lists that both have packets"},
};

const struct check_kind_row *check_kind_row(enum check_kind kind)
{
    return &kinds[kind];
}

void check_count_earliest(struct check_findings *findings, enum check_kind kind,
                          const struct check_place *place)
{
    struct check_count *count = &findings->counts[kind];
    if (count->count++ == 0 || check_place_is_earlier(place, &count->first))
        count->first = *place;
}

/* "12 packets without a label"; or what is said of the whole, and the detail. */
static void write_text(const struct check_kind_row *kind, uint64_t count, const char *detail,
                       char text[LCAP_ERROR_TEXT])
{
    const char *what = kind->what ? kind->what : "";
    char counted[COUNTED_TEXT];
    if (kind->noun)
        snprintf(text, LCAP_ERROR_TEXT, "%s %s%s%s", text_counted(count, kind->noun, counted), what,
                 detail ? ", first in " : "", detail ? detail : "");
    else
        snprintf(text, LCAP_ERROR_TEXT, "%s%s%s", what, *what && detail ? ": " : "",
                 detail ? detail : "");
}

/* A copy of the text, or NULL. */
static const char *keep(struct check_findings *findings, const char *text, struct lcap_error *error)
{
    const size_t size = strlen(text) + 1;
    char *copy = arena_take(&findings->texts, size, error);
    return copy ? memcpy(copy, text, size) : NULL;
}

int check_findings_add(struct check_findings *findings, enum check_kind kind,
                       const struct check_place *place, uint64_t count, const char *detail,
                       struct lcap_error *error)
{
    char text[LCAP_ERROR_TEXT], room[LCAP_ERROR_TEXT];
    struct check_finding added = {kind, *place, count, NULL, NULL};
    write_text(&kinds[kind], count, detail, text);
    added.text = keep(findings, text, error);
    added.advice = keep(findings, error_words(kinds[kind].advice, room), error);
    if (!added.text || !added.advice)
        return LCAP_ERR_MEMORY;
    const int rc = memory_grow((void **)&findings->items, &findings->capacity, findings->count + 1,
                               sizeof *findings->items, error);
    if (rc == 0)
        findings->items[findings->count++] = added;
    return rc;
}

/* By kind, then place; findings without a packet keep the order of their samples. */
static int compare(const void *a, const void *b)
{
    const struct check_finding *x = a, *y = b;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    if (x->place.input != y->place.input)
        return x->place.input < y->place.input ? -1 : 1;
    return (x->place.sample > y->place.sample) - (x->place.sample < y->place.sample);
}

int check_findings_finish(struct check_findings *findings, struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (int kind = 0; kind < CHECK_KINDS && rc == 0; kind++) {
        const struct check_count *count = &findings->counts[kind];
        if (count->count > 0)
            rc = check_findings_add(findings, (enum check_kind)kind, &count->first, count->count,
                                    count->detail, error);
    }
    if (rc == 0 && findings->count > 0)
        qsort(findings->items, findings->count, sizeof *findings->items, compare);
    return rc;
}

uint64_t check_findings_of(const struct check_findings *findings, enum lcap_severity severity)
{
    uint64_t count = 0;
    for (size_t i = 0; i < findings->count; i++)
        count += kinds[findings->items[i].kind].severity == severity;
    return count;
}

void check_findings_release(struct check_findings *findings)
{
    free(findings->items);
    arena_release(&findings->texts);
    *findings = (struct check_findings){0};
}
