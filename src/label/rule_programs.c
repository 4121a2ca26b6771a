/* Filters of rules by link type, and a record of those that were refused. */
#include "label/rule_programs.h"

#include "base/buffer.h"
#include "base/memory.h"
#include "capture/bpf.h"
#include "capture/linktype.h"
#include "label/rules_internal.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define NO_REFUSAL UINT32_MAX

/* The outcome of a distinct filter. */
struct outcome {
    bool compiled;     /* for one link type at least */
    uint32_t refusals; /* those not yet reported, newest first; see struct refusal */
};

/* libpcap refused a filter for a link type. Reported only once the filter compiles for another. */
struct refusal {
    uint16_t linktype;
    char *message;
    uint32_t next; /* of the same filter, or NO_REFUSAL */
};

enum state { UNTRIED, COMPILED, BORROWED, REFUSED };

/* All filters for one link type. */
struct linktype_programs {
    uint16_t linktype;
    struct filter_program *programs; /* by number of the filter */
    uint8_t *states;
};

struct rule_programs {
    const struct lcap_rules *rules;
    struct outcome *outcomes; /* by number of the filter */
    struct linktype_programs *linktypes;
    size_t linktype_count, linktypes_capacity;
    struct refusal *refusals;
    size_t refusal_count, refusals_capacity;
    struct findings findings;
};

static struct filter_insn accept_insn = {.code = INSN_RET | RETURN_K, .k = 1};
static const struct filter_program accept_everything = {.insns = &accept_insn, .count = 1};

int rule_programs_new(struct rule_programs **programs, const struct lcap_rules *rules,
                      struct lcap_error *error)
{
    struct rule_programs *p = memory_new(1, sizeof *p, error);
    struct outcome *outcomes = memory_new(rules->filter_count, sizeof *outcomes, error);
    if (!p || !outcomes) {
        free(p);
        free(outcomes);
        return LCAP_ERR_MEMORY;
    }
    for (size_t i = 0; i < rules->filter_count; i++)
        outcomes[i].refusals = NO_REFUSAL;
    p->rules = rules;
    p->outcomes = outcomes;
    *programs = p;
    return LCAP_OK;
}

static struct linktype_programs *find_linktype(struct rule_programs *p, uint16_t linktype)
{
    for (size_t i = 0; i < p->linktype_count; i++) {
        if (p->linktypes[i].linktype == linktype)
            return &p->linktypes[i];
    }
    return NULL;
}

static struct linktype_programs *add_linktype(struct rule_programs *p, uint16_t linktype,
                                              struct lcap_error *error)
{
    if (memory_grow((void **)&p->linktypes, &p->linktypes_capacity, p->linktype_count + 1,
                    sizeof *p->linktypes, error) < 0)
        return NULL;
    struct linktype_programs *added = &p->linktypes[p->linktype_count++];
    *added = (struct linktype_programs){.linktype = linktype};
    added->programs = memory_new(p->rules->filter_count, sizeof *added->programs, error);
    added->states = memory_new(p->rules->filter_count, sizeof *added->states, error);
    return added->programs && added->states ? added : NULL;
}

/* "filter: link type: message", with the number of other rules that have the filter. */
static int refusal_text(const struct distinct_filter *filter, const struct refusal *refusal,
                        struct buffer *text, struct lcap_error *error)
{
    int rc = buffer_append_text(text, filter->text, error);
    if (rc == 0 && filter->rules > 1)
        rc = buffer_printf(text, error, " (and in %" PRIu64 " more rule%s)", filter->rules - 1,
                           filter->rules == 2 ? "" : "s");
    if (rc == 0)
        rc = buffer_printf(text, error, ": %s: %s", lcap_linktype_name(refusal->linktype),
                           refusal->message);
    return rc == 0 ? buffer_append(text, "", 1, error) : rc;
}

static int warn(struct rule_programs *p, const struct distinct_filter *filter,
                const struct refusal *refusal, struct lcap_error *error)
{
    struct buffer text = {0};
    int rc = refusal_text(filter, refusal, &text, error);
    if (rc == 0)
        rc = rule_warning_add(&p->findings, filter->line, filter->rules, (const char *)text.data,
                              error);
    buffer_release(&text);
    return rc;
}

/* Reports all refusals of a filter that compiles for some link type. */
static int tell_refusals(struct rule_programs *p, uint32_t number, struct lcap_error *error)
{
    struct outcome *outcome = &p->outcomes[number];
    int rc = LCAP_OK;
    for (; rc == 0 && outcome->compiled && outcome->refusals != NO_REFUSAL;
         outcome->refusals = p->refusals[outcome->refusals].next)
        rc = warn(p, &p->rules->filters[number], &p->refusals[outcome->refusals], error);
    return rc;
}

static int note_refusal(struct rule_programs *p, struct outcome *outcome, uint16_t linktype,
                        const char *message, struct lcap_error *error)
{
    int rc = memory_grow((void **)&p->refusals, &p->refusals_capacity, p->refusal_count + 1,
                         sizeof *p->refusals, error);
    char *copy = rc == 0 ? memory_copy_text(message, strlen(message), error) : NULL;
    if (!copy)
        return LCAP_ERR_MEMORY;
    p->refusals[p->refusal_count] =
        (struct refusal){.linktype = linktype, .message = copy, .next = outcome->refusals};
    outcome->refusals = (uint32_t)p->refusal_count++;
    return LCAP_OK;
}

/* The program that was compiled when the rules were read and checked. */
static bool borrow(struct rule_programs *p, struct linktype_programs *l, uint32_t number)
{
    const struct filter_program *program = &p->rules->filters[number].ethernet;
    if (l->linktype != LINKTYPE_ETHERNET || program->count == 0)
        return false;
    l->programs[number] = *program;
    l->states[number] = BORROWED;
    return true;
}

static int compile(struct rule_programs *p, struct linktype_programs *l, uint32_t number,
                   struct lcap_error *error)
{
    struct lcap_error refused = {0};
    int rc =
        filter_compile(&l->programs[number], p->rules->filters[number].text, l->linktype, &refused);
    if (rc == LCAP_ERR_RULES) {
        l->states[number] = REFUSED;
        return note_refusal(p, &p->outcomes[number], l->linktype, refused.text, error);
    }
    if (rc < 0)
        return lcap_error_set(error, rc, "%s", refused.text);
    l->states[number] = COMPILED;
    return LCAP_OK;
}

/* The first request for a program. */
static int provide(struct rule_programs *p, struct linktype_programs *l, uint32_t number,
                   struct lcap_error *error)
{
    int rc = borrow(p, l, number) ? LCAP_OK : compile(p, l, number, error);
    if (rc == 0 && l->states[number] != REFUSED)
        p->outcomes[number].compiled = true;
    return rc == 0 ? tell_refusals(p, number, error) : rc;
}

int rule_programs_get(struct rule_programs *programs, uint32_t rule, uint16_t linktype,
                      const struct filter_program **program, struct lcap_error *error)
{
    uint32_t number = programs->rules->items[rule].filter;
    *program = &accept_everything;
    if (number == NO_FILTER)
        return LCAP_OK;
    struct linktype_programs *l = find_linktype(programs, linktype);
    if (!l)
        l = add_linktype(programs, linktype, error);
    if (!l)
        return LCAP_ERR_MEMORY;
    int rc = LCAP_OK;
    if (l->states[number] == UNTRIED)
        rc = provide(programs, l, number, error);
    *program = l->states[number] == REFUSED ? NULL : &l->programs[number];
    return rc;
}

const struct lcap_finding *rule_programs_finding(const struct rule_programs *programs, size_t index)
{
    return findings_get(&programs->findings, index);
}

int rule_programs_finish(const struct rule_programs *programs, struct lcap_error *error)
{
    for (size_t i = 0; i < programs->rules->filter_count; i++) {
        const struct distinct_filter *filter = &programs->rules->filters[i];
        const struct outcome *outcome = &programs->outcomes[i];
        if (outcome->compiled || outcome->refusals == NO_REFUSAL)
            continue;
        const struct refusal *refusal = &programs->refusals[outcome->refusals];
        return lcap_error_set(
            error, LCAP_ERR_RULES,
            "%s:%llu: filter '%s' does not compile for any link type of the inputs: "
            "%s: %s",
            lcap_rules_path(programs->rules), (unsigned long long)filter->line, filter->text,
            lcap_linktype_name(refusal->linktype), refusal->message);
    }
    return LCAP_OK;
}

void rule_programs_free(struct rule_programs *programs)
{
    if (!programs)
        return;
    for (size_t at = 0; at < programs->linktype_count; at++) {
        struct linktype_programs *l = &programs->linktypes[at];
        for (size_t i = 0; l->programs && l->states && i < programs->rules->filter_count; i++) {
            if (l->states[i] == COMPILED)
                filter_release(&l->programs[i]);
        }
        free(l->programs);
        free(l->states);
    }
    for (size_t i = 0; i < programs->refusal_count; i++)
        free(programs->refusals[i].message);
    findings_release(&programs->findings);
    free(programs->linktypes);
    free(programs->refusals);
    free(programs->outcomes);
    free(programs);
}
