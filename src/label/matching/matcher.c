/*
 * The matcher: selects the sets of rules for the file and link type of a packet.
 * Rules without FILE are one set, those of each file and of each pattern another; a
 * set is made when the first packet needs it.
 */
#include "label/matching/matcher.h"

#include "base/memory.h"
#include "base/rare.h"
#include "label/rules_internal.h"
#include <stdlib.h>

/* The sets of the same rules for the link types seen. */
struct linktype_set {
    uint16_t linktype;
    struct program_set *set;
    struct linktype_set *next;
};

/* A group of rules: the common ones, or those of a file or a pattern. */
struct rule_group {
    uint32_t first, count; /* in matcher.indices */
    struct linktype_set *sets;
};

struct matcher {
    const struct lcap_rules *rules;
    struct rule_programs *programs;
    uint32_t *set_count; /* of all matchers */
    const uint32_t *members;
    size_t member_count;
    uint32_t *indices; /* of rules, by group, ascending in each */
    struct rule_group common;
    struct rule_group *files; /* by lcap_rule.file_index: of files, then of patterns */
    uint32_t file_count;
    /* What the previous packet needed, because the next one usually needs the same. */
    bool has_current;
    uint32_t current_file;
    uint16_t current_linktype;
    struct rule_group **groups; /* of the file: the common one, its own, those of patterns */
    size_t group_count;
    struct program_set **sets; /* of these groups for the link type; NULL: no such rules */
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
    for (size_t i = 0; i < m->member_count; i++) {
        uint32_t file = lcap_rules_get(m->rules, m->members[i])->file_index;
        if (file < ANY_FILE && file >= m->file_count)
            m->file_count = file + 1;
    }
    m->files = memory_new(m->file_count, sizeof *m->files, error);
    m->indices = memory_new(m->member_count, sizeof *m->indices, error);
    return m->files && m->indices ? LCAP_OK : LCAP_ERR_MEMORY;
}

static void fill_groups(struct matcher *m)
{
    struct rule_group *group;
    for (size_t i = 0; i < m->member_count; i++) {
        group = group_of(m, lcap_rules_get(m->rules, m->members[i])->file_index);
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
    for (size_t i = 0; i < m->member_count; i++) {
        group = group_of(m, lcap_rules_get(m->rules, m->members[i])->file_index);
        if (group)
            m->indices[group->first + group->count++] = m->members[i];
    }
}

/* Room for all groups that a file can have. */
static int reserve_current(struct matcher *m, struct lcap_error *error)
{
    const size_t most = m->rules->file_set_count + 2;
    m->groups = memory_new(most, sizeof(struct rule_group *), error);
    m->sets = memory_new(most, sizeof(struct program_set *), error);
    return m->groups && m->sets ? LCAP_OK : LCAP_ERR_MEMORY;
}

int matcher_new(struct matcher **matcher, const struct lcap_rules *rules,
                struct rule_programs *programs, uint32_t *sets, const uint32_t *members,
                size_t count, struct lcap_error *error)
{
    struct matcher *m = memory_new(1, sizeof *m, error);
    if (!m)
        return LCAP_ERR_MEMORY;
    m->rules = rules;
    m->programs = programs;
    m->set_count = sets;
    m->members = members;
    m->member_count = count;
    int rc = make_groups(m, error);
    if (rc == 0)
        rc = reserve_current(m, error);
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
    if (group->count == 0)
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
                             m->indices + group->first, group->count, *m->set_count, error);
    if (rc < 0) {
        free(added);
        return rc;
    }
    added->linktype = linktype;
    added->next = group->sets;
    group->sets = added;
    ++*m->set_count;
    *set = added->set;
    return LCAP_OK;
}

/* The groups of a file. A pattern whose rules have a group matches two files at least. */
static void choose_groups(struct matcher *m, uint32_t file)
{
    const struct lcap_rules *rules = m->rules;
    m->group_count = 0;
    m->groups[m->group_count++] = &m->common;
    if (file < rules->file_count && file < m->file_count)
        m->groups[m->group_count++] = &m->files[file];
    for (size_t i = 0; i < rules->file_set_count && rules->file_count + i < m->file_count; i++) {
        const struct file_set *set = &rules->file_sets[i];
        if (set->count > 1 && file_set_has(set, file))
            m->groups[m->group_count++] = &m->files[rules->file_count + i];
    }
    m->current_file = file;
}

static RARE int choose_sets(struct matcher *m, uint32_t file, uint16_t linktype,
                            struct lcap_error *error)
{
    int rc = LCAP_OK;
    m->has_current = false;
    if (m->group_count == 0 || file != m->current_file)
        choose_groups(m, file);
    for (size_t i = 0; rc == 0 && i < m->group_count; i++)
        rc = find_set(m, m->groups[i], linktype, &m->sets[i], error);
    m->current_linktype = linktype;
    m->has_current = rc == 0;
    return rc;
}

static bool is_prepared(const struct matcher *matcher, uint32_t file, uint16_t linktype)
{
    return matcher->has_current && file == matcher->current_file &&
           linktype == matcher->current_linktype;
}

int matcher_prepare(struct matcher *matcher, uint32_t file, uint16_t linktype,
                    struct lcap_error *error)
{
    return is_prepared(matcher, file, linktype) ? LCAP_OK
                                                : choose_sets(matcher, file, linktype, error);
}

/* How many of the packets, from the first one on, have its link type. */
static size_t count_alike(const struct lcap_packet *packets, size_t count)
{
    size_t alike = 1;
    while (alike < count && packets[alike].interface->linktype == packets[0].interface->linktype)
        alike++;
    return alike;
}

static int match_alike(struct matcher *m, struct match_memo *memo, uint32_t file,
                       const struct lcap_packet *packets, size_t count, uint32_t *rules,
                       struct lcap_error *error)
{
    const uint16_t linktype = packets->interface->linktype;
    const int rc = matcher_prepare(m, file, linktype, error);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < count; i++)
        rules[i] = NO_RULE;
    for (size_t i = m->group_count; i > 0; i--)
        if (m->sets[i - 1])
            program_set_match(m->sets[i - 1], memo, packets, count, rules);
    return LCAP_OK;
}

int matcher_match(struct matcher *matcher, struct match_memo *memo, uint32_t file,
                  const struct lcap_packet *packets, size_t count, uint32_t *rules,
                  struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (size_t at = 0, alike; rc == 0 && at < count; at += alike) {
        alike = count_alike(packets + at, count - at);
        rc = match_alike(matcher, memo, file, packets + at, alike, rules + at, error);
    }
    return rc;
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
    free(matcher->files);
    free(matcher->groups);
    free(matcher->sets);
    free(matcher->indices);
    free(matcher);
}
