/*
 * The matcher: selects the sets of rules for the file and link type of a packet.
 * Rules without FILE are one set, those of each file another; a set is made when
 * the first packet needs it.
 */
#include "label/matching/matcher.h"

#include "base/memory.h"
#include "label/matching/program_set.h"
#include <stdlib.h>

/* The sets of the same rules for the link types seen. */
struct linktype_set {
    uint16_t linktype;
    struct program_set *set;
    struct linktype_set *next;
};

/* A group of rules: the common ones, or those of a file. */
struct rule_group {
    uint32_t first, count; /* in matcher.indices */
    struct linktype_set *sets;
};

struct matcher {
    const struct lcap_rules *rules;
    struct rule_programs *programs;
    uint32_t *indices; /* of rules, by group, ascending in each */
    struct rule_group common;
    struct rule_group *files; /* by file index */
    uint32_t file_count;
    /* What the previous packet needed, because the next one usually needs the same. */
    bool has_current;
    uint32_t current_file;
    uint16_t current_linktype;
    struct program_set *common_set, *file_set; /* NULL: no such rules */
};

static struct rule_group *group_of(struct matcher *m, uint32_t file)
{
    if (file == ANY_FILE)
        return &m->common;
    return file < m->file_count ? &m->files[file] : NULL;
}

/* A file that no rule names has no group. */
static int make_groups(struct matcher *m, struct lcap_error *error)
{
    size_t count = lcap_rules_count(m->rules);
    for (size_t i = 0; i < count; i++) {
        uint32_t file = lcap_rules_get(m->rules, i)->file_index;
        if (file < ANY_FILE && file >= m->file_count)
            m->file_count = file + 1;
    }
    m->files = memory_new(m->file_count, sizeof *m->files, error);
    m->indices = memory_new(count, sizeof *m->indices, error);
    return m->files && m->indices ? LCAP_OK : LCAP_ERR_MEMORY;
}

static void fill_groups(struct matcher *m)
{
    uint32_t count = (uint32_t)lcap_rules_count(m->rules);
    struct rule_group *group;
    for (uint32_t i = 0; i < count; i++) {
        group = group_of(m, lcap_rules_get(m->rules, i)->file_index);
        if (group)
            group->count++;
    }
    uint32_t next = m->common.count;
    for (uint32_t file = 0; file < m->file_count; file++) {
        m->files[file].first = next;
        next += m->files[file].count;
        m->files[file].count = 0;
    }
    m->common.count = 0;
    for (uint32_t i = 0; i < count; i++) {
        group = group_of(m, lcap_rules_get(m->rules, i)->file_index);
        if (group)
            m->indices[group->first + group->count++] = i;
    }
}

int matcher_new(struct matcher **matcher, const struct lcap_rules *rules, struct lcap_error *error)
{
    struct matcher *m = memory_new(1, sizeof *m, error);
    if (!m)
        return LCAP_ERR_MEMORY;
    m->rules = rules;
    int rc = rule_programs_new(&m->programs, rules, error);
    if (rc == 0)
        rc = make_groups(m, error);
    if (rc == 0) {
        fill_groups(m);
        *matcher = m;
    } else {
        matcher_free(m);
    }
    return rc;
}

/* The set of a group for a link type, which is made if there is none yet. */
static int find_set(struct matcher *m, struct rule_group *group, uint16_t linktype,
                    struct program_set **set, struct lcap_error *error)
{
    *set = NULL;
    if (!group || group->count == 0)
        return LCAP_OK;
    for (const struct linktype_set *s = group->sets; s; s = s->next) {
        if (s->linktype == linktype) {
            *set = s->set;
            return LCAP_OK;
        }
    }
    struct linktype_set *added = memory_new(1, sizeof *added, error);
    if (!added)
        return LCAP_ERR_MEMORY;
    int rc = program_set_new(&added->set, m->rules, m->programs, linktype,
                             m->indices + group->first, group->count, error);
    if (rc < 0) {
        free(added);
        return rc;
    }
    added->linktype = linktype;
    added->next = group->sets;
    group->sets = added;
    *set = added->set;
    return LCAP_OK;
}

static int choose_sets(struct matcher *m, uint32_t file, uint16_t linktype,
                       struct lcap_error *error)
{
    m->has_current = false;
    int rc = find_set(m, &m->common, linktype, &m->common_set, error);
    if (rc == 0)
        rc = find_set(m, file < m->file_count ? &m->files[file] : NULL, linktype, &m->file_set,
                      error);
    m->current_file = file;
    m->current_linktype = linktype;
    m->has_current = rc == 0;
    return rc;
}

int matcher_match(struct matcher *matcher, uint32_t file, const struct lcap_packet *packet,
                  uint32_t *rule, struct lcap_error *error)
{
    struct matcher *m = matcher;
    uint16_t linktype = packet->interface->linktype;
    if (!m->has_current || file != m->current_file || linktype != m->current_linktype) {
        int rc = choose_sets(m, file, linktype, error);
        if (rc < 0)
            return rc;
    }
    uint32_t first = NO_RULE;
    if (m->file_set)
        first = program_set_first(m->file_set, packet, first);
    if (m->common_set)
        first = program_set_first(m->common_set, packet, first);
    *rule = first;
    return first != NO_RULE;
}

const struct lcap_finding *matcher_finding(const struct matcher *matcher, size_t index)
{
    return rule_programs_finding(matcher->programs, index);
}

static void release_group(struct rule_group *group)
{
    for (struct linktype_set *s = group->sets, *next; s; s = next) {
        next = s->next;
        program_set_free(s->set);
        free(s);
    }
}

void matcher_free(struct matcher *matcher)
{
    if (!matcher)
        return;
    release_group(&matcher->common);
    for (uint32_t file = 0; matcher->files && file < matcher->file_count; file++)
        release_group(&matcher->files[file]);
    rule_programs_free(matcher->programs);
    free(matcher->files);
    free(matcher->indices);
    free(matcher);
}
