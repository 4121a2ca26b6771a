/* Distinct programs with their timelines, and an index over them. */
#include "label/matching/program_set.h"

#include "base/hash.h"
#include "base/memory.h"
#include "base/rare.h"
#include "base/text/glob.h"
#include "capture/bpf.h"
#include "capture/pcapng.h"
#include "capture/pcapng_options.h"
#include "label/matching/match_memo.h"
#include "label/matching/path_index.h"
#include "label/timeline.h"
#include <stdlib.h>
#include <string.h>

/* One distinct bytecode, and what must be in a comment. */
struct program {
    struct filter_program code; /* empty if the conditions of its paths say all of it */
    const char *comment;        /* pattern, or NULL */
    struct timeline timeline;
};

struct program_set {
    bool has_everything;
    struct timeline everything; /* of the rules that ignore the bytes of the packet */
    struct program *programs;   /* by their first rules */
    size_t count;
    struct path_index index;
    uint32_t number; /* of its views in memos */
};

/* An index of fewer programs answers as soon. */
#define MEMO_PROGRAMS 8

/* A walk through the index. */
struct search {
    struct program_set *set;
    struct time_span span; /* in which the answer holds */
    struct path_reads reads;
    bool reads_more; /* than the index does */
};

/* A rule with a filter that must be run. Equal programs have equal hashes. */
struct filtered {
    uint8_t hash[HASH_WIDE_LEN];
    const char *comment;
    uint32_t rule;
};

/* The state while a set is made. */
struct gathering {
    const struct lcap_rules *rules;
    struct rule_programs *programs;
    uint16_t linktype;
    uint8_t key[HASH_KEY_LEN]; /* of hashes; random, so that nobody can make them collide */
    struct filtered *filtered;
    size_t filtered_count;
    uint32_t *unfiltered;
    size_t unfiltered_count;
};

/* Patterns are kept once, so each has one address. */
static int compare_conditions(const struct filtered *a, const struct filtered *b)
{
    const uintptr_t x = (uintptr_t)a->comment, y = (uintptr_t)b->comment;
    return x == y ? memcmp(a->hash, b->hash, sizeof a->hash) : x < y ? -1 : 1;
}

static int compare_filtered(const void *a_, const void *b_)
{
    const struct filtered *a = a_, *b = b_;
    int order = compare_conditions(a, b);
    return order ? order : (a->rule > b->rule) - (a->rule < b->rule);
}

static int reserve(struct gathering *g, size_t count, struct lcap_error *error)
{
    g->filtered = memory_new(count, sizeof *g->filtered, error);
    g->unfiltered = memory_new(count, sizeof *g->unfiltered, error);
    return g->filtered && g->unfiltered ? hash_random_key(g->key, sizeof g->key, error)
                                        : LCAP_ERR_MEMORY;
}

static void add_filtered(struct gathering *g, const struct filter_program *code,
                         const char *comment, uint32_t rule)
{
    struct filtered *added = &g->filtered[g->filtered_count++];
    *added = (struct filtered){.comment = comment, .rule = rule};
    hash_siphash_wide(g->key, code->insns, code->count * sizeof *code->insns, added->hash);
}

/*
 * All filters are compiled, to record refusals; those after a rule that matches
 * everything are then left out.
 */
static int gather(struct gathering *g, const uint32_t *indices, size_t count,
                  struct lcap_error *error)
{
    bool reachable = true;
    int rc = reserve(g, count, error);
    for (size_t i = 0; rc == 0 && i < count; i++) {
        const struct filter_program *code;
        rc = rule_programs_get(g->programs, indices[i], g->linktype, &code, error);
        if (rc < 0 || !code || !reachable)
            continue;
        const char *comment = lcap_rule_comment(lcap_rules_get(g->rules, indices[i]));
        if (comment || code->insns[0].code != (INSN_RET | RETURN_K)) {
            add_filtered(g, code, comment, indices[i]);
        } else if (code->insns[0].k != 0) {
            g->unfiltered[g->unfiltered_count++] = indices[i];
            reachable = lcap_rules_get(g->rules, indices[i])->has_window;
        }
    }
    return rc;
}

/* One program for each run of equal ones; g->filtered is sorted. */
static int make_programs(struct program_set *set, const struct gathering *g,
                         struct lcap_error *error)
{
    uint32_t *indices = memory_new(g->filtered_count, sizeof *indices, error);
    set->programs = memory_new(g->filtered_count, sizeof *set->programs, error);
    int rc = indices && set->programs ? LCAP_OK : LCAP_ERR_MEMORY;
    for (size_t i = 0, end; rc == 0 && i < g->filtered_count; i = end) {
        const struct filtered *first = &g->filtered[i];
        for (end = i; end < g->filtered_count && compare_conditions(first, &g->filtered[end]) == 0;
             end++)
            indices[end - i] = g->filtered[end].rule;
        struct program *program = &set->programs[set->count];
        program->comment = first->comment;
        rc = timeline_init(&program->timeline, g->rules, indices, end - i, error);
        if (rc == 0)
            set->count++;
    }
    free(indices);
    return rc;
}

static int compare_programs(const void *a_, const void *b_)
{
    const struct program *a = a_, *b = b_;
    return (a->timeline.first > b->timeline.first) - (a->timeline.first < b->timeline.first);
}

static int add_paths(struct accept_paths *paths, const struct gathering *g,
                     const struct program_set *set, uint32_t number, struct lcap_error *error)
{
    const uint32_t rule = set->programs[number].timeline.first;
    const struct filter_program *code;
    int rc = rule_programs_get(g->programs, rule, g->linktype, &code, error);
    return rc == 0 ? accept_paths_add(paths, code, number, rule, error) : rc;
}

/* Keeps the code of a program that has to be run. */
static int keep_code(struct program *program, const struct gathering *g, struct lcap_error *error)
{
    const struct filter_program *code;
    if (program->code.count > 0)
        return LCAP_OK;
    int rc = rule_programs_get(g->programs, program->timeline.first, g->linktype, &code, error);
    if (rc < 0)
        return rc;
    program->code.insns = memory_new(code->count, sizeof *code->insns, error);
    if (!program->code.insns)
        return LCAP_ERR_MEMORY;
    memcpy(program->code.insns, code->insns, code->count * sizeof *code->insns);
    program->code.count = code->count;
    return LCAP_OK;
}

static int make_index(struct program_set *set, const struct gathering *g, struct lcap_error *error)
{
    struct accept_paths paths;
    int rc = accept_paths_init(&paths, error);
    for (uint32_t i = 0; rc == 0 && i < set->count; i++)
        rc = add_paths(&paths, g, set, i, error);
    if (rc == 0)
        rc = path_index_build(&set->index, &paths, error);
    accept_paths_release(&paths);
    for (size_t i = 0; rc == 0 && i < set->index.paths.count; i++) {
        const struct accept_path *path = &set->index.paths.items[i];
        if (!path->complete)
            rc = keep_code(&set->programs[path->program], g, error);
    }
    return rc;
}

static int fill(struct program_set *set, struct gathering *g, struct lcap_error *error)
{
    int rc = LCAP_OK;
    set->has_everything = g->unfiltered_count > 0;
    if (set->has_everything)
        rc = timeline_init(&set->everything, g->rules, g->unfiltered, g->unfiltered_count, error);
    if (rc < 0 || g->filtered_count == 0)
        return rc;
    qsort(g->filtered, g->filtered_count, sizeof *g->filtered, compare_filtered);
    rc = make_programs(set, g, error);
    free(g->filtered); /* the index needs the room */
    g->filtered = NULL;
    if (rc < 0)
        return rc;
    qsort(set->programs, set->count, sizeof *set->programs, compare_programs);
    return make_index(set, g, error);
}

int program_set_new(struct program_set **set, const struct lcap_rules *rules,
                    struct rule_programs *programs, uint16_t linktype, const uint32_t *indices,
                    size_t count, uint32_t number, struct lcap_error *error)
{
    struct gathering gathering = {.rules = rules, .programs = programs, .linktype = linktype};
    struct program_set *new_set = memory_new(1, sizeof *new_set, error);
    int rc = new_set ? gather(&gathering, indices, count, error) : LCAP_ERR_MEMORY;
    if (rc == 0)
        rc = fill(new_set, &gathering, error);
    free(gathering.filtered);
    free(gathering.unfiltered);
    if (rc < 0)
        program_set_free(new_set);
    else
        *set = new_set;
    if (rc == 0)
        new_set->number = number;
    return rc;
}

static RARE bool has_comment(const struct lcap_packet *packet, const char *pattern)
{
    struct cursor c = {packet->options, packet->options_len, packet->interface->big_endian};
    struct pcapng_option option;
    while (pcapng_option_next(&c, &option) == 1)
        if (option.code == OPT_COMMENT && glob_matches(GLOB_TEXT, pattern, strlen(pattern),
                                                       (const char *)option.value, option.len))
            return true;
    return false;
}

static uint32_t try_program(void *context, uint32_t number, bool certain,
                            const struct lcap_packet *packet, uint32_t below)
{
    struct search *search = context;
    struct program *program = &search->set->programs[number];
    uint32_t rule = timeline_rule(&program->timeline, packet);
    const bool matches = rule < below && (certain || filter_matches(&program->code, packet)) &&
                         (!program->comment || has_comment(packet, program->comment));
    timeline_narrow(&program->timeline, packet->time_ns, &search->span);
    search->reads_more |= !certain || program->comment;
    return matches ? rule : below;
}

static uint32_t search_index(struct search *search, const struct lcap_packet *packet,
                             uint32_t below)
{
    return path_index_walk(&search->set->index, packet, below, try_program, search, &search->reads);
}

/* `view` and `key` NULL: nothing is remembered. */
static void match_indexed(struct program_set *set, struct memo_view *view,
                          const struct lcap_packet *packet, const struct memo_key *key,
                          uint32_t *rule)
{
    struct search search = {.set = set, .span = {INT64_MIN, INT64_MAX}};
    if (key && match_memo_find(key, packet->time_ns, rule))
        return;
    *rule = search_index(&search, packet, *rule);
    if (key && !search.reads_more)
        match_memo_keep(view, key, packet, &search.reads, &search.span, *rule);
}

static void match_everything(struct program_set *set, const struct lcap_packet *packets,
                             size_t count, uint32_t *rules)
{
    for (size_t i = 0; i < count; i++) {
        const uint32_t rule = timeline_rule(&set->everything, &packets[i]);
        if (rule < rules[i])
            rules[i] = rule;
    }
}

static struct memo_view *view_of(const struct program_set *set, struct match_memo *memo)
{
    return set->count < MEMO_PROGRAMS ? NULL : match_memo_view(memo, set->number, &set->index);
}

static void match_all_indexed(struct program_set *set, struct match_memo *memo,
                              const struct lcap_packet *packets, size_t count, uint32_t *rules)
{
    struct memo_view *view = view_of(set, memo);
    struct memo_key keys[MATCH_BATCH];
    bool has_key[MATCH_BATCH];
    for (size_t i = 0; i < count; i++)
        has_key[i] = view && match_memo_key(memo, view, &packets[i], rules[i], &keys[i]);
    for (size_t i = 0; i < count; i++) {
        const bool holds = has_key[i] && match_memo_key_holds(&keys[i]);
        match_indexed(set, view, &packets[i], holds ? &keys[i] : NULL, &rules[i]);
    }
}

void program_set_match(struct program_set *set, struct match_memo *memo,
                       const struct lcap_packet *packets, size_t count, uint32_t *rules)
{
    if (set->has_everything)
        match_everything(set, packets, count, rules);
    if (set->count > 0)
        match_all_indexed(set, memo, packets, count, rules);
}

void program_set_free(struct program_set *set)
{
    if (!set)
        return;
    if (set->has_everything)
        timeline_release(&set->everything);
    for (size_t i = 0; i < set->count; i++) {
        timeline_release(&set->programs[i].timeline);
        filter_release(&set->programs[i].code);
    }
    if (set->count)
        path_index_release(&set->index);
    free(set->programs);
    free(set);
}
