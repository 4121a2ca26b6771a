/* Filters of rules by link type, and the account of those that were refused. */
#include "label/rule_programs.h"

#include "base/buffer.h"
#include "base/intern.h"
#include "base/memory.h"
#include "capture/bpf.h"
#include "capture/linktype.h"
#include "label/rules_internal.h"
#include <stdlib.h>
#include <string.h>

#define NO_REFUSAL UINT32_MAX

/* One distinct filter. */
struct text {
    const char *text;
    uint64_t line;     /* of the first rule that has it */
    uint64_t rules;    /* how many have it */
    bool compiled;     /* for one link type at least */
    uint32_t refusals; /* those not yet told, newest first; see struct refusal */
};

/* libpcap refused a text for a link type. Told only once the text compiles for another. */
struct refusal {
    uint16_t linktype;
    char *message;
    uint32_t next; /* of the same text, or NO_REFUSAL */
};

enum state { UNTRIED, COMPILED, BORROWED, REFUSED };

/* All texts for one link type. */
struct linktype_programs {
    uint16_t linktype;
    struct filter_program *programs;
    uint8_t *states;
};

struct rule_programs {
    const struct lcap_rules *rules;
    uint32_t *text_of; /* by rule; INTERN_NONE = it has no filter */
    struct text *texts;
    size_t text_count, texts_capacity;
    struct linktype_programs *linktypes;
    size_t linktype_count, linktypes_capacity;
    struct refusal *refusals;
    size_t refusal_count, refusals_capacity;
    char **warnings;
    size_t warning_count, warnings_capacity;
};

static struct filter_insn accept_insn = {.code = INSN_RET | RETURN_K, .k = 1};
static const struct filter_program accept_everything = {.insns = &accept_insn, .count = 1};

static int add_text(struct rule_programs *p, struct intern *numbers, uint32_t index,
                    struct lcap_error *error)
{
    const struct lcap_rule *rule = lcap_rules_get(p->rules, index);
    uint32_t number;
    int rc = intern_add(numbers, rule->bpf, strlen(rule->bpf), &number, error);
    if (rc == 0 && number == p->text_count) {
        rc = memory_grow((void **)&p->texts, &p->texts_capacity, p->text_count + 1,
                         sizeof *p->texts, error);
        if (rc == 0)
            p->texts[p->text_count++] =
                (struct text){.text = rule->bpf, .line = rule->line, .refusals = NO_REFUSAL};
    }
    if (rc == 0) {
        p->text_of[index] = number;
        p->texts[number].rules++;
    }
    return rc;
}

static int gather_texts(struct rule_programs *p, struct lcap_error *error)
{
    struct intern *numbers = NULL;
    size_t count = lcap_rules_count(p->rules);
    p->text_of = memory_new(count, sizeof *p->text_of, error);
    int rc = p->text_of ? intern_new(&numbers, error) : LCAP_ERR_MEMORY;
    for (uint32_t i = 0; rc == 0 && i < count; i++) {
        p->text_of[i] = INTERN_NONE;
        if (lcap_rules_get(p->rules, i)->bpf)
            rc = add_text(p, numbers, i, error);
    }
    intern_free(numbers);
    return rc;
}

int rule_programs_new(struct rule_programs **programs, const struct lcap_rules *rules,
                      struct lcap_error *error)
{
    struct rule_programs *p = memory_new(1, sizeof *p, error);
    if (!p)
        return LCAP_ERR_MEMORY;
    p->rules = rules;
    int rc = gather_texts(p, error);
    if (rc < 0) {
        rule_programs_free(p);
        return rc;
    }
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
    added->programs = memory_new(p->text_count, sizeof *added->programs, error);
    added->states = memory_new(p->text_count, sizeof *added->states, error);
    return added->programs && added->states ? added : NULL;
}

/* "LINE: filter: link type: message", with the number of further rules that have the filter. */
static int warn(struct rule_programs *p, const struct text *text, const struct refusal *refusal,
                struct lcap_error *error)
{
    struct buffer line = {0};
    int rc = memory_grow((void **)&p->warnings, &p->warnings_capacity, p->warning_count + 1,
                         sizeof *p->warnings, error);
    if (rc == 0)
        rc = buffer_printf(&line, error, "%llu: %s", (unsigned long long)text->line, text->text);
    if (rc == 0 && text->rules > 1)
        rc = buffer_printf(&line, error, " (and in %llu more rule%s)",
                           (unsigned long long)text->rules - 1, text->rules == 2 ? "" : "s");
    if (rc == 0)
        rc = buffer_printf(&line, error, ": %s: %s", lcap_linktype_name(refusal->linktype),
                           refusal->message);
    if (rc == 0)
        rc = buffer_append(&line, "", 1, error);
    if (rc < 0) {
        buffer_release(&line);
        return rc;
    }
    p->warnings[p->warning_count++] = (char *)line.data;
    return LCAP_OK;
}

/* Tells of all refusals of a text that compiles for some link type. */
static int tell_refusals(struct rule_programs *p, struct text *text, struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (; rc == 0 && text->compiled && text->refusals != NO_REFUSAL;
         text->refusals = p->refusals[text->refusals].next)
        rc = warn(p, text, &p->refusals[text->refusals], error);
    return rc;
}

static int note_refusal(struct rule_programs *p, struct text *text, uint16_t linktype,
                        const char *message, struct lcap_error *error)
{
    int rc = memory_grow((void **)&p->refusals, &p->refusals_capacity, p->refusal_count + 1,
                         sizeof *p->refusals, error);
    char *copy = rc == 0 ? memory_copy_text(message, strlen(message), error) : NULL;
    if (!copy)
        return LCAP_ERR_MEMORY;
    p->refusals[p->refusal_count] =
        (struct refusal){.linktype = linktype, .message = copy, .next = text->refusals};
    text->refusals = (uint32_t)p->refusal_count++;
    return LCAP_OK;
}

/* The program that was made when the rules were read and checked. */
static bool borrow(struct rule_programs *p, struct linktype_programs *l, uint32_t number)
{
    const struct filter_program *program = &p->rules->ethernet_programs[number];
    if (l->linktype != LINKTYPE_ETHERNET || program->count == 0)
        return false;
    l->programs[number] = *program;
    l->states[number] = BORROWED;
    return true;
}

static int compile(struct rule_programs *p, struct linktype_programs *l, uint32_t number,
                   struct lcap_error *error)
{
    struct text *text = &p->texts[number];
    struct lcap_error refused = {0};
    int rc = filter_compile(&l->programs[number], text->text, l->linktype, &refused);
    if (rc == LCAP_ERR_RULES) {
        l->states[number] = REFUSED;
        return note_refusal(p, text, l->linktype, refused.text, error);
    }
    if (rc < 0)
        return lcap_error_set(error, rc, "%s", refused.text);
    l->states[number] = COMPILED;
    return LCAP_OK;
}

/* The first time that a program is asked for. */
static int provide(struct rule_programs *p, struct linktype_programs *l, uint32_t number,
                   struct lcap_error *error)
{
    struct text *text = &p->texts[number];
    int rc = borrow(p, l, number) ? LCAP_OK : compile(p, l, number, error);
    if (rc == 0 && l->states[number] != REFUSED)
        text->compiled = true;
    return rc == 0 ? tell_refusals(p, text, error) : rc;
}

int rule_programs_get(struct rule_programs *programs, uint32_t rule, uint16_t linktype,
                      const struct filter_program **program, struct lcap_error *error)
{
    uint32_t number = programs->text_of[rule];
    *program = &accept_everything;
    if (number == INTERN_NONE)
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

const char *rule_programs_warning(const struct rule_programs *programs, size_t index)
{
    return index < programs->warning_count ? programs->warnings[index] : NULL;
}

int rule_programs_finish(const struct rule_programs *programs, struct lcap_error *error)
{
    for (size_t i = 0; i < programs->text_count; i++) {
        const struct text *text = &programs->texts[i];
        if (text->compiled || text->refusals == NO_REFUSAL)
            continue;
        const struct refusal *refusal = &programs->refusals[text->refusals];
        return lcap_error_set(error, LCAP_ERR_RULES,
                              "%s:%llu: filter '%s' compiles for none of the link types met: "
                              "%s: %s",
                              lcap_rules_path(programs->rules), (unsigned long long)text->line,
                              text->text, lcap_linktype_name(refusal->linktype), refusal->message);
    }
    return LCAP_OK;
}

void rule_programs_free(struct rule_programs *programs)
{
    if (!programs)
        return;
    for (size_t i = 0; i < programs->linktype_count; i++) {
        struct linktype_programs *l = &programs->linktypes[i];
        for (size_t text = 0; l->programs && l->states && text < programs->text_count; text++) {
            if (l->states[text] == COMPILED)
                filter_release(&l->programs[text]);
        }
        free(l->programs);
        free(l->states);
    }
    for (size_t i = 0; i < programs->refusal_count; i++)
        free(programs->refusals[i].message);
    for (size_t i = 0; i < programs->warning_count; i++)
        free(programs->warnings[i]);
    free(programs->linktypes);
    free(programs->refusals);
    free(programs->warnings);
    free(programs->texts);
    free(programs->text_of);
    free(programs);
}
