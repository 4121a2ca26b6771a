/* Collects and sorts the findings about rules. */
#include "dataset/labelling/label_findings.h"

#include "base/memory.h"
#include "base/number/number.h"
#include "base/text/text.h"
#include "dataset/labelling/label_hints.h"
#include "dataset/labelling/label_pass_internal.h"
#include <stdio.h>
#include <stdlib.h>

/* Why a rule labelled nothing, as far as is known. */
static int append_reason(struct buffer *text, const struct tally *all, const struct lcap_rule *rule,
                         struct lcap_error *error)
{
    if (!label_window_misses(rule, 0, all))
        return buffer_append_text(text, "labelled no packet: ", error);
    char first[TIME_TEXT], last[TIME_TEXT];
    text_from_time(all->first_ns, first);
    text_from_time(all->last_ns, last);
    return buffer_printf(text, error, "its time is outside the capture (%s to %s): ", first, last);
}

/* `text` is a scratch buffer. */
static int add_unused_rule(struct findings *findings, const struct tally *all,
                           const struct lcap_rule *rule, struct buffer *text,
                           struct lcap_error *error)
{
    char line[U64_TEXT];
    number_from_unsigned(lcap_rule_line(rule), line);
    buffer_clear(text);
    int rc = append_reason(text, all, rule, error);
    if (rc == 0)
        rc = buffer_append_text(text, lcap_rule_text(rule), error);
    if (rc == 0)
        rc = buffer_append(text, "", 1, error);
    const struct lcap_finding finding = {LCAP_SEVERITY_WARNING, line, 1, (const char *)text->data};
    return rc == 0 ? findings_add(findings, &finding, error) : rc;
}

/* Of a million rules nobody reads a million warnings; the table of rules has their packets. */
#define UNUSED_RULES_TOLD 1000

static int add_other_unused_rules(struct findings *findings, uint64_t first_line, uint64_t count,
                                  struct lcap_error *error)
{
    char line[U64_TEXT], text[128], grouped[GROUPED_TEXT];
    number_from_unsigned(first_line, line);
    snprintf(text, sizeof text, "%s rules from here on labelled no packet",
             text_grouped(count, grouped));
    const struct lcap_finding finding = {LCAP_SEVERITY_WARNING, line, count, text};
    return findings_add(findings, &finding, error);
}

/* What labelled nothing, for a reason that was not told. */
static bool is_unused(const struct label_pass *pass, size_t rule)
{
    return lcap_labeller_packets(pass->labeller, rule) == 0 &&
           !lcap_rule_is_idle(lcap_rules_get(pass->rules, rule)) &&
           !lcap_labeller_refused(pass->labeller, rule);
}

static int add_unused_rules(struct findings *findings, const struct label_pass *pass,
                            struct lcap_error *error)
{
    struct buffer text = {0};
    uint64_t unused = 0, first_line = 0;
    int rc = LCAP_OK;
    if (pass->result.all.packets == 0)
        return LCAP_OK; /* which says nothing about the rules */
    for (size_t i = 0; rc == 0 && i < lcap_rules_count(pass->rules); i++) {
        const struct lcap_rule *rule = lcap_rules_get(pass->rules, i);
        if (!is_unused(pass, i))
            continue;
        if (unused++ < UNUSED_RULES_TOLD)
            rc = add_unused_rule(findings, &pass->result.all, rule, &text, error);
        else if (first_line == 0)
            first_line = lcap_rule_line(rule);
    }
    buffer_release(&text);
    if (rc < 0 || unused <= UNUSED_RULES_TOLD)
        return rc;
    return add_other_unused_rules(findings, first_line, unused - UNUSED_RULES_TOLD, error);
}

struct numbered {
    uint64_t line;
    size_t number; /* as it was found */
    struct lcap_finding finding;
};

static int compare(const void *a, const void *b)
{
    const struct numbered *x = a, *y = b;
    if (x->line != y->line)
        return x->line < y->line ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

/* Those of the whole run come first. */
static int order_by_line(struct findings *findings, struct lcap_error *error)
{
    struct numbered *all = memory_new(findings->count, sizeof *all, error);
    if (!all)
        return LCAP_ERR_MEMORY;
    for (size_t i = 0; i < findings->count; i++) {
        const struct lcap_finding *finding = &findings->items[i];
        const uint64_t line = finding->place ? strtoull(finding->place, NULL, 10) : 0;
        all[i] = (struct numbered){line, i, *finding};
    }
    qsort(all, findings->count, sizeof *all, compare);
    for (size_t i = 0; i < findings->count; i++)
        findings->items[i] = all[i].finding;
    free(all);
    return LCAP_OK;
}

/* Filters that libpcap refused alike. */
static int add_refusal(struct findings *findings, const struct lcap_finding *refusal,
                       struct lcap_error *error)
{
    struct buffer text = {0};
    char more[COUNTED_TEXT];
    int rc = buffer_append_text(&text, refusal->text, error);
    if (rc == 0 && refusal->count > 1)
        rc = buffer_printf(&text, error, "; and so for %s",
                           text_counted(refusal->count - 1, "more rule", more));
    if (rc == 0)
        rc = buffer_append(&text, "", 1, error);
    struct lcap_finding told = *refusal;
    told.text = (const char *)text.data;
    if (rc == 0)
        rc = findings_add(findings, &told, error);
    buffer_release(&text);
    return rc;
}

int label_findings_gather(struct findings *findings, const struct label_pass *pass,
                          struct lcap_error *error)
{
    const struct lcap_finding *finding;
    int rc = LCAP_OK;
    for (size_t i = 0; rc == 0 && (finding = lcap_rules_finding(pass->rules, i)); i++)
        rc = findings_add(findings, finding, error);
    for (size_t i = 0; rc == 0 && (finding = lcap_labeller_finding(pass->labeller, i)); i++)
        rc = add_refusal(findings, finding, error);
    if (rc == 0)
        rc = add_unused_rules(findings, pass, error);
    if (rc == 0)
        rc = label_hints_gather(findings, pass, error);
    return rc == 0 ? order_by_line(findings, error) : rc;
}

int label_findings_refuse(const struct label_pass_result *done, struct lcap_error *error)
{
    const size_t warnings = done->findings.count;
    if (warnings == 0)
        return LCAP_OK;
    return lcap_error_set(error, LCAP_ERR_RULES, "%s: %zu warning%s (--strict)",
                          lcap_rules_path(done->rules), warnings, warnings == 1 ? "" : "s");
}
