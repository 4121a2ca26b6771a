/* Filters of rules by link type, and warnings about those that were refused. */
#include "label/rule_programs.h"

#include "base/buffer.h"
#include "base/memory.h"
#include "capture/bpf.h"
#include "capture/filter_templates.h"
#include "capture/linktype.h"
#include "label/rules_internal.h"
#include <stdlib.h>
#include <string.h>

enum state { UNTRIED, COMPILED, BORROWED, TEMPLATED, REFUSED };

/* All filters for one link type. */
struct linktype_programs {
    uint16_t linktype;
    struct filter_program *programs; /* by number of the filter; of the states up to BORROWED */
    uint8_t *states;
};

struct rule_programs {
    const struct lcap_rules *rules;
    struct linktype_programs *linktypes;
    size_t linktype_count, linktypes_capacity;
    struct filter_templates *templates;
    struct filter_program made; /* by a template, last */
    struct findings findings;
};

static struct filter_insn accept_insn = {.code = INSN_RET | RETURN_K, .k = 1};
static const struct filter_program accept_everything = {.insns = &accept_insn, .count = 1};

int rule_programs_new(struct rule_programs **programs, const struct lcap_rules *rules,
                      struct lcap_error *error)
{
    struct rule_programs *p = memory_new(1, sizeof *p, error);
    if (!p)
        return LCAP_ERR_MEMORY;
    p->rules = rules;
    int rc = filter_templates_new(&p->templates, error);
    if (rc < 0)
        rule_programs_free(p);
    else
        *programs = p;
    return rc;
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

/* Filters are mostly refused for one reason: so many findings are looked through for the same. */
#define REASONS_MOST 16

/* The finding with the same end, "link type: message"; or NULL. */
static struct lcap_finding *find_refusal(struct rule_programs *p, const char *end)
{
    const size_t len = strlen(end);
    for (size_t i = 0; i < p->findings.count && i < REASONS_MOST; i++) {
        struct lcap_finding *known = &p->findings.items[i];
        const size_t known_len = strlen(known->text);
        if (known_len > len && strcmp(known->text + known_len - len, end) == 0)
            return known;
    }
    return NULL;
}

/* "filter: link type: message". */
static int add_refusal(struct rule_programs *p, const struct distinct_filter *filter,
                       const char *end, struct lcap_error *error)
{
    struct buffer text = {0};
    int rc = buffer_append_text(&text, filter->text, error);
    if (rc == 0)
        rc = buffer_append(&text, end, strlen(end) + 1, error);
    if (rc == 0)
        rc = rule_warning_add(&p->findings, filter->line, filter->rules, (const char *)text.data,
                              error);
    buffer_release(&text);
    return rc;
}

/* libpcap refused a filter for a link type; the first of those that it refuses alike is told. */
static int warn(struct rule_programs *p, const struct distinct_filter *filter, uint16_t linktype,
                const char *message, struct lcap_error *error)
{
    struct buffer end = {0};
    int rc = buffer_printf(&end, error, ": %s: %s", lcap_linktype_name(linktype), message);
    if (rc == 0)
        rc = buffer_append(&end, "", 1, error);
    struct lcap_finding *known = rc == 0 ? find_refusal(p, (const char *)end.data) : NULL;
    if (known)
        known->count += filter->rules;
    else if (rc == 0)
        rc = add_refusal(p, filter, (const char *)end.data, error);
    buffer_release(&end);
    return rc;
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
    const struct distinct_filter *filter = &p->rules->filters[number];
    struct lcap_error refused = {0};
    int rc = filter_compile(&l->programs[number], filter->text, l->linktype, &refused);
    if (rc == LCAP_ERR_RULES) {
        l->states[number] = REFUSED;
        return warn(p, filter, l->linktype, refused.text, error);
    }
    if (rc < 0)
        return lcap_error_copy(error, &refused);
    l->states[number] = COMPILED;
    return LCAP_OK;
}

/* Makes a program that a template makes, and otherwise compiles it once. */
static int provide(struct rule_programs *p, struct linktype_programs *l, uint32_t number,
                   struct lcap_error *error)
{
    int rc = LCAP_OK;
    if (l->states[number] == UNTRIED || l->states[number] == TEMPLATED) {
        filter_release(&p->made);
        rc = filter_templates_make(p->templates, &p->made, p->rules->filters[number].text,
                                   l->linktype, error);
    }
    if (rc == 1)
        l->states[number] = TEMPLATED;
    else if (rc == 0 && l->states[number] == UNTRIED && !borrow(p, l, number))
        rc = compile(p, l, number, error);
    return rc < 0 ? rc : LCAP_OK;
}

int rule_programs_get(struct rule_programs *programs, uint32_t rule, uint16_t linktype,
                      const struct filter_program **program, struct lcap_error *error)
{
    uint32_t number = programs->rules->items[rule].filter;
    *program = &accept_everything;
    if (number == NO_FILTER || !programs->rules->filters[number].text)
        return LCAP_OK;
    struct linktype_programs *l = find_linktype(programs, linktype);
    if (!l)
        l = add_linktype(programs, linktype, error);
    if (!l)
        return LCAP_ERR_MEMORY;
    int rc = provide(programs, l, number, error);
    const bool made = l->states[number] == TEMPLATED;
    *program = made ? &programs->made : &l->programs[number];
    if (l->states[number] == REFUSED)
        *program = NULL;
    return rc;
}

const struct lcap_finding *rule_programs_finding(const struct rule_programs *programs, size_t index)
{
    return findings_get(&programs->findings, index);
}

bool rule_programs_refused(const struct rule_programs *programs, uint32_t rule)
{
    const uint32_t number = programs->rules->items[rule].filter;
    bool refused = false;
    for (size_t i = 0; number != NO_FILTER && i < programs->linktype_count; i++) {
        const uint8_t state = programs->linktypes[i].states[number];
        if (state != UNTRIED && state != REFUSED)
            return false;
        refused |= state == REFUSED;
    }
    return refused;
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
    findings_release(&programs->findings);
    filter_templates_free(programs->templates);
    filter_release(&programs->made);
    free(programs->linktypes);
    free(programs);
}
