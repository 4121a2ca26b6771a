/* One matcher for each kind of rules. */
#include "label/rule_classes.h"

#include "base/memory.h"
#include <stdlib.h>

/* Sorts the rules by kind: count[kind] becomes the end of its members. */
static void sort_members(const struct lcap_rules *rules, uint32_t *members, uint32_t *count)
{
    for (size_t i = 0; i < rules->count; i++)
        count[rules->items[i].kind]++;
    uint32_t begin = 0;
    for (size_t kind = 0; kind < rules->kind_count; kind++) {
        begin += count[kind];
        count[kind] = begin - count[kind];
    }
    for (size_t i = 0; i < rules->count; i++)
        members[count[rules->items[i].kind]++] = (uint32_t)i;
}

static int make_class(struct rule_classes *classes, size_t number, const uint32_t *members,
                      size_t count, struct rule_programs *programs, struct lcap_error *error)
{
    struct rule_class *class = &classes->items[number];
    class->kind = &classes->rules->kinds[number].kind;
    if (count == 0)
        return LCAP_OK;
    class->first = members[0];
    return matcher_new(&class->matcher, classes->rules, programs, &classes->sets, members, count,
                       error);
}

static bool is_plain(const struct rule_kind *kind)
{
    return !kind->scope_ns && !kind->each;
}

int rule_classes_init(struct rule_classes *classes, const struct lcap_rules *rules,
                      struct rule_programs *programs, struct lcap_error *error)
{
    classes->rules = rules;
    classes->linktype = UINT32_MAX;
    classes->items = memory_new(rules->kind_count, sizeof *classes->items, error);
    classes->members = memory_new(rules->count, sizeof *classes->members, error);
    uint32_t *ends = memory_new(rules->kind_count, sizeof *ends, error);
    int rc = classes->items && classes->members && ends ? LCAP_OK : LCAP_ERR_MEMORY;
    if (rc == 0)
        sort_members(rules, classes->members, ends);
    for (size_t kind = 0; rc == 0 && kind < rules->kind_count; kind++) {
        const uint32_t begin = kind ? ends[kind - 1] : 0;
        rc = make_class(classes, kind, classes->members + begin, ends[kind] - begin, programs,
                        error);
    }
    free(ends);
    if (rc == 0 && rules->kind_count == 1 && is_plain(&rules->kinds[0].kind))
        classes->plain = classes->items[0].matcher;
    return rc;
}

int rule_classes_prepare(struct rule_classes *classes, uint32_t file, uint16_t linktype,
                         struct lcap_error *error)
{
    int rc = LCAP_OK;
    if (file == classes->file && linktype == classes->linktype)
        return LCAP_OK;
    for (size_t i = 0; rc == 0 && i < classes->rules->kind_count; i++)
        if (classes->items[i].matcher)
            rc = matcher_prepare(classes->items[i].matcher, file, linktype, error);
    classes->file = file;
    classes->linktype = linktype;
    return rc;
}

bool rule_classes_suit(const struct rule_classes *classes, const struct rule_kind *kind,
                       const struct subject *subject)
{
    if (kind_has(kind, EACH_HOST) && !subject_host(subject, &kind->host))
        return false;
    if (kind_has(kind, EACH_WINDOW) && !subject->packet->has_time)
        return false;
    return !kind_needs_file(kind) || subject->file < classes->rules->file_count;
}

/* Lowers *rule to the first rule of the class that matches, if that is lower. */
static int try_class(struct rule_classes *classes, const struct rule_class *class,
                     const struct subject *subject, uint32_t *rule, struct lcap_error *error)
{
    uint32_t found;
    if (class->first > *rule || !rule_classes_suit(classes, class->kind, subject))
        return LCAP_OK;
    int rc = matcher_match(class->matcher, &classes->memo, subject->file, subject->packet, 1,
                           &found, error);
    if (rc == 0 && found < *rule)
        *rule = found;
    return rc;
}

int rule_classes_match(struct rule_classes *classes, const struct subject *subject,
                       struct packet_rules *found, struct lcap_error *error)
{
    int rc = LCAP_OK;
    *found = (struct packet_rules){NO_RULE, NO_RULE};
    for (size_t i = 0; rc == 0 && i < classes->rules->kind_count; i++) {
        const struct rule_class *class = &classes->items[i];
        if (class->matcher && !class->kind->scope_ns)
            rc =
                try_class(classes, class, subject,
                          kind_needs_flow(class->kind) ? &found->in_flow : &found->anywhere, error);
    }
    return rc;
}

int rule_classes_match_flow(struct rule_classes *classes, const struct subject *subject,
                            int64_t idle_ns, uint32_t *rule, struct lcap_error *error)
{
    int rc = LCAP_OK;
    *rule = NO_RULE;
    for (size_t i = 0; rc == 0 && i < classes->rules->kind_count; i++) {
        const struct rule_class *class = &classes->items[i];
        if (class->matcher && class->kind->scope_ns == idle_ns)
            rc = try_class(classes, class, subject, rule, error);
    }
    return rc;
}

void rule_classes_release(struct rule_classes *classes)
{
    for (size_t i = 0; classes->items && i < classes->rules->kind_count; i++)
        matcher_free(classes->items[i].matcher);
    match_memo_release(&classes->memo);
    free(classes->items);
    free(classes->members);
}
