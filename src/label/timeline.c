/*
 * Maps steps of time to first rules. The windows divide time into steps; the rules
 * paint theirs in file order, and a painted step keeps its rule.
 */
#include "label/timeline.h"

#include "base/memory.h"
#include <stdlib.h>
#include <string.h>

static int compare_times(const void *a_, const void *b_)
{
    const int64_t *a = a_, *b = b_;
    return (*a > *b) - (*a < *b);
}

/* The step that contains time_ns. */
static uint32_t find_step(const struct timeline *t, int64_t time_ns)
{
    uint32_t low = 0, high = t->step_count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (t->starts[middle] <= time_ns)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* The moments at which a window begins or has ended, sorted, each once. */
static void cut_into_steps(struct timeline *t, const struct lcap_rules *rules,
                           const uint32_t *indices, size_t count)
{
    size_t cuts = 0;
    t->starts[cuts++] = INT64_MIN;
    for (size_t i = 0; i < count; i++) {
        const struct lcap_rule *rule = lcap_rules_get(rules, indices[i]);
        t->starts[cuts++] = rule->start_ns;
        if (rule->end_ns < INT64_MAX)
            t->starts[cuts++] = rule->end_ns + 1;
    }
    qsort(t->starts, cuts, sizeof *t->starts, compare_times);
    t->step_count = 1;
    for (size_t i = 1; i < cuts; i++) {
        if (t->starts[i] != t->starts[t->step_count - 1])
            t->starts[t->step_count++] = t->starts[i];
    }
}

/*
 * The first step from `step` on that has no rule yet. next[i] leads to a later
 * step, or to i itself while it is blank; paths are shortened as they are followed,
 * so the time for all rules is almost linear.
 */
static uint32_t next_bare(uint32_t *next, uint32_t step)
{
    while (next[step] != step) {
        next[step] = next[next[step]];
        step = next[step];
    }
    return step;
}

static void paint(struct timeline *t, uint32_t *next, const struct lcap_rule *rule, uint32_t index)
{
    uint32_t end = t->step_count;
    if (rule->end_ns < INT64_MAX)
        end = find_step(t, rule->end_ns + 1);
    for (uint32_t step = next_bare(next, find_step(t, rule->start_ns)); step < end;
         step = next_bare(next, step)) {
        t->rules[step] = index;
        next[step] = step + 1;
    }
}

static int make_steps(struct timeline *t, const struct lcap_rules *rules, const uint32_t *indices,
                      size_t count, struct lcap_error *error)
{
    size_t most = 2 * count + 1;
    uint32_t *next = memory_new(most + 1, sizeof *next, error);
    t->starts = memory_new(most, sizeof *t->starts, error);
    t->rules = memory_new(most, sizeof *t->rules, error);
    int rc = next && t->starts && t->rules ? LCAP_OK : LCAP_ERR_MEMORY;
    if (rc == 0) {
        cut_into_steps(t, rules, indices, count);
        memset(t->rules, 0xFF, most * sizeof *t->rules); /* NO_RULE */
        for (uint32_t step = 0; step <= t->step_count; step++)
            next[step] = step;
        for (size_t i = 0; i < count; i++)
            paint(t, next, lcap_rules_get(rules, indices[i]), indices[i]);
    }
    free(next);
    return rc;
}

int timeline_init(struct timeline *timeline, const struct lcap_rules *rules,
                  const uint32_t *indices, size_t count, struct lcap_error *error)
{
    size_t windows = 0;
    *timeline = (struct timeline){
        .first = indices[0], .untimed = NO_RULE, .begin = INT64_MAX, .end = INT64_MIN};
    for (; windows < count; windows++) {
        const struct lcap_rule *rule = lcap_rules_get(rules, indices[windows]);
        if (!rule->has_window)
            break;
        if (rule->start_ns < timeline->begin)
            timeline->begin = rule->start_ns;
        if (rule->end_ns > timeline->end)
            timeline->end = rule->end_ns;
    }
    /* Rules after one without a window are never reached. */
    if (windows < count)
        timeline->untimed = indices[windows++];
    if (windows == 1 || timeline->begin > timeline->end)
        return LCAP_OK;
    int rc = make_steps(timeline, rules, indices, windows, error);
    if (rc < 0)
        timeline_release(timeline);
    return rc;
}

void timeline_release(struct timeline *timeline)
{
    free(timeline->starts);
    free(timeline->rules);
    *timeline = (struct timeline){0};
}

static inline bool in_step(const struct timeline *t, uint32_t step, int64_t time_ns)
{
    return t->starts[step] <= time_ns &&
           (step + 1 == t->step_count || time_ns < t->starts[step + 1]);
}

uint32_t timeline_search(struct timeline *timeline, int64_t time_ns)
{
    uint32_t step = atomic_load_explicit(&timeline->last, memory_order_relaxed);
    if (!in_step(timeline, step, time_ns)) {
        if (step + 1 < timeline->step_count && in_step(timeline, step + 1, time_ns))
            step++;
        else
            step = find_step(timeline, time_ns);
        atomic_store_explicit(&timeline->last, step, memory_order_relaxed);
    }
    return timeline->rules[step];
}

static void begin_at(struct time_span *span, int64_t time_ns)
{
    if (time_ns > span->begin)
        span->begin = time_ns;
}

static void end_at(struct time_span *span, int64_t time_ns)
{
    if (time_ns < span->end)
        span->end = time_ns;
}

void timeline_narrow(const struct timeline *t, int64_t time_ns, struct time_span *span)
{
    if (time_ns < t->begin) {
        end_at(span, t->begin - 1);
    } else if (time_ns > t->end) {
        begin_at(span, t->end + 1);
    } else {
        begin_at(span, t->begin);
        end_at(span, t->end);
        const uint32_t step = t->step_count > 0 ? find_step(t, time_ns) : 0;
        if (t->step_count > 0)
            begin_at(span, t->starts[step]);
        if (step + 1 < t->step_count)
            end_at(span, t->starts[step + 1] - 1);
    }
}
