/* Collects and sorts the warnings about the rules. */
#include "dataset/label_warnings.h"

#include "base/memory.h"
#include "base/text/text.h"
#include "dataset/label_pass_internal.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct label_warning {
    uint64_t line; /* with which the text begins */
    size_t at;     /* of the text in `texts` */
};

/* Adds what was appended to `texts` from `at` on. */
static int add(struct label_warnings *warnings, size_t at, struct lcap_error *error)
{
    int rc = buffer_append(&warnings->texts, "", 1, error);
    if (rc == 0)
        rc = memory_grow((void **)&warnings->items, &warnings->capacity, warnings->count + 1,
                         sizeof *warnings->items, error);
    if (rc < 0)
        return rc;
    uint64_t line = strtoull((const char *)warnings->texts.data + at, NULL, 10);
    warnings->items[warnings->count++] = (struct label_warning){line, at};
    return LCAP_OK;
}

static int add_finding(struct label_warnings *warnings, const struct lcap_finding *finding,
                       struct lcap_error *error)
{
    size_t at = warnings->texts.len;
    int rc = buffer_printf(&warnings->texts, error, "%s: %s", finding->place, finding->text);
    return rc == 0 ? add(warnings, at, error) : rc;
}

static bool outside_capture(const struct label_pass *pass, const struct lcap_rule *rule)
{
    return rule->has_window && tally_has_time(&pass->result.all) &&
           (rule->end_ns < pass->result.all.first_ns || rule->start_ns > pass->result.all.last_ns);
}

/* Why a rule labelled nothing, as far as is known. */
static int add_idle_rule(struct label_warnings *warnings, const struct label_pass *pass,
                         const struct lcap_rule *rule, struct lcap_error *error)
{
    struct buffer *texts = &warnings->texts;
    size_t at = texts->len;
    int rc;
    if (outside_capture(pass, rule)) {
        char first[TIME_TEXT], last[TIME_TEXT];
        text_from_time(pass->result.all.first_ns, first);
        text_from_time(pass->result.all.last_ns, last);
        rc = buffer_printf(texts, error,
                           "%" PRIu64 ": its time lies outside the capture (%s to %s): %s",
                           rule->line, first, last, rule->text);
    } else {
        rc = buffer_printf(texts, error, "%" PRIu64 ": labelled no packet: %s", rule->line,
                           rule->text);
    }
    return rc == 0 ? add(warnings, at, error) : rc;
}

static int compare(const void *a, const void *b)
{
    const struct label_warning *x = a, *y = b;
    if (x->line != y->line)
        return x->line < y->line ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

int label_warnings_gather(struct label_warnings *warnings, const struct label_pass *pass,
                          struct lcap_error *error)
{
    const struct lcap_finding *finding;
    int rc = LCAP_OK;
    for (size_t i = 0; rc == 0 && (finding = lcap_rules_finding(pass->rules, i)); i++)
        rc = add_finding(warnings, finding, error);
    for (size_t i = 0; rc == 0 && (finding = lcap_matcher_finding(pass->matcher, i)); i++)
        rc = add_finding(warnings, finding, error);
    for (size_t i = 0; rc == 0 && i < lcap_rules_count(pass->rules); i++) {
        const struct lcap_rule *rule = lcap_rules_get(pass->rules, i);
        if (pass->result.rule_counts[i] == 0 && rule->file_index != LCAP_NO_FILE && !rule->shadowed)
            rc = add_idle_rule(warnings, pass, rule, error);
    }
    if (rc == 0 && warnings->count > 0)
        qsort(warnings->items, warnings->count, sizeof *warnings->items, compare);
    return rc;
}

const char *label_warnings_text(const struct label_warnings *warnings, size_t index)
{
    return (const char *)warnings->texts.data + warnings->items[index].at;
}

void label_warnings_release(struct label_warnings *warnings)
{
    free(warnings->items);
    buffer_release(&warnings->texts);
    *warnings = (struct label_warnings){0};
}
