/*
 * Labels with rules that have lost their windows, and asks the windows at each hour. Rules
 * that differ only in their windows would hide each other: they are asked together.
 */
#include "dataset/labelling/window_search.h"

#include "base/memory.h"
#include "label/rules_internal.h"
#include "label/timeline.h"
#include <stdlib.h>
#include <string.h>

/* Some seconds of work, and some megabytes for rules that are compiled once more. */
#define MOST_PACKETS 10000000u
#define MOST_RULES   100000u

struct searching {
    struct window_search *found;
    struct lcap_rules windowless; /* shares all but the rules themselves */
    struct lcap_labeller *labeller;
    struct timeline *timelines; /* of rules that ask for the same, by their first one; by rule */
    uint32_t *first;            /* by rule: the first that asks for the same; NO_RULE: no window */
    uint64_t packets;
    uint32_t file;
};

static int compare_rules(const void *a_, const void *b_, void *items_)
{
    const uint32_t *a = a_, *b = b_;
    const struct lcap_rule *items = items_, *x = &items[*a], *y = &items[*b];
    if (x->filter != y->filter)
        return x->filter < y->filter ? -1 : 1;
    if (x->file_index != y->file_index)
        return x->file_index < y->file_index ? -1 : 1;
    return (*a > *b) - (*a < *b);
}

static bool ask_for_the_same(const struct lcap_rule *a, const struct lcap_rule *b)
{
    return a->filter == b->filter && a->file_index == b->file_index;
}

/* A timeline for each run of rules that ask for the same; `indices` are those with a window. */
static int make_timelines(struct searching *s, const struct lcap_rules *rules, uint32_t *indices,
                          size_t count, struct lcap_error *error)
{
    int rc = LCAP_OK;
    qsort_r(indices, count, sizeof *indices, compare_rules, rules->items);
    for (size_t begin = 0, end; rc == 0 && begin < count; begin = end) {
        const uint32_t first = indices[begin];
        for (end = begin;
             end < count && ask_for_the_same(&rules->items[first], &rules->items[indices[end]]);
             end++)
            s->first[indices[end]] = first;
        rc = timeline_init(&s->timelines[first], rules, indices + begin, end - begin, error);
    }
    return rc;
}

/* Takes the windows away. Returns their number. */
static size_t take_windows(struct searching *s, uint32_t *indices)
{
    size_t count = 0;
    for (size_t i = 0; i < s->windowless.count; i++) {
        struct lcap_rule *rule = &s->windowless.items[i];
        s->first[i] = NO_RULE;
        if (rule->has_window)
            indices[count++] = (uint32_t)i;
        rule->has_window = false;
        rule->start_ns = INT64_MIN;
        rule->end_ns = INT64_MAX;
    }
    return count;
}

static int begin(struct searching *s, const struct lcap_rules *rules, struct lcap_error *error)
{
    uint32_t *indices = memory_new(rules->count, sizeof *indices, error);
    s->windowless = *rules;
    s->windowless.items = memory_new(rules->count, sizeof *rules->items, error);
    s->timelines = memory_new(rules->count, sizeof *s->timelines, error);
    s->first = memory_new(rules->count, sizeof *s->first, error);
    int rc = indices && s->windowless.items && s->timelines && s->first ? LCAP_OK : LCAP_ERR_MEMORY;
    if (rc == 0) {
        memcpy(s->windowless.items, rules->items, rules->count * sizeof *rules->items);
        const size_t count = take_windows(s, indices);
        rc = make_timelines(s, rules, indices, count, error);
    }
    free(indices);
    return rc == 0 ? lcap_labeller_new(&s->labeller, &s->windowless, error) : rc;
}

static void release(struct searching *s)
{
    lcap_labeller_free(s->labeller);
    for (size_t i = 0; s->timelines && i < s->windowless.count; i++)
        timeline_release(&s->timelines[i]);
    free(s->timelines);
    free(s->first);
    free(s->windowless.items);
}

/* A packet that windows later by some hours hold, these windows hold earlier by as much. */
static void ask_windows(struct searching *s, struct timeline *timeline,
                        const struct lcap_packet *packet)
{
    struct lcap_packet moved = {.has_time = true};
    for (int hours = -MOST_HOURS; hours <= MOST_HOURS; hours++)
        if (!__builtin_sub_overflow(packet->time_ns, hours * NS_PER_HOUR, &moved.time_ns))
            s->found->packets[hours + MOST_HOURS] += timeline_rule(timeline, &moved) != NO_RULE;
}

static int look_at(void *context, const struct lcap_block *block, struct lcap_error *error)
{
    struct searching *s = context;
    const struct lcap_sample *sample;
    if (block->kind != LCAP_BLOCK_PACKET)
        return LCAP_OK;
    int rc = lcap_labeller_label(s->labeller, s->file, &block->packet, &sample, error);
    if (rc < 0)
        return rc;
    if (sample && block->packet.has_time && s->first[sample->rule] != NO_RULE)
        ask_windows(s, &s->timelines[s->first[sample->rule]], &block->packet);
    return ++s->packets == MOST_PACKETS; /* that is enough */
}

static int read_source(struct searching *s, const struct source *source,
                       const struct input_options *options, struct lcap_error *error)
{
    struct input_pass input;
    if (!source->has_size || strcmp(source->path, "-") == 0)
        return LCAP_OK;
    int rc = input_pass_open(&input, source->path, source->walked, options, error);
    input.phase = "look for a time zone";
    if (rc == 0)
        rc = input_pass_walk(&input, look_at, s, error);
    input_pass_close(&input);
    const int finished = rc < 0 ? LCAP_OK : lcap_labeller_finish(s->labeller, error);
    return finished < 0 ? finished : rc;
}

int window_search_run(struct window_search *search, const struct lcap_rules *rules,
                      const struct sources *sources, const struct input_options *options,
                      struct lcap_error *error)
{
    struct searching searching = {.found = search};
    *search = (struct window_search){0};
    if (rules->count > MOST_RULES)
        return LCAP_OK;
    int rc = begin(&searching, rules, error);
    for (size_t i = 0; rc == 0 && i < sources->count; i++) {
        searching.file = (uint32_t)i;
        rc = read_source(&searching, &sources->items[i], options, error);
    }
    release(&searching);
    return rc < 0 ? rc : LCAP_OK;
}
