/* Facts collected on a way through a program, and the conditions derived from them. */
#include "label/matching/path_facts.h"

/* Conditions as they are written. */
struct conditions {
    struct condition *items;
    uint32_t count, checks;
    bool complete;
};

static struct condition *find_bounds(const struct path_facts *facts, uint32_t expression)
{
    for (uint32_t i = 0; i < facts->bound_count; i++) {
        if (facts->bounds[i].expression == expression)
            return (struct condition *)&facts->bounds[i];
    }
    return NULL;
}

struct condition path_facts_bounds(const struct path_facts *facts, uint32_t expression)
{
    const struct condition *known = find_bounds(facts, expression);
    return known ? *known : (struct condition){expression, 0, UINT32_MAX};
}

void path_facts_narrow(struct path_facts *facts, const struct condition *bounds)
{
    struct condition *known = find_bounds(facts, bounds->expression);
    if (known)
        *known = *bounds;
    else if (bounds->low == 0 && bounds->high == UINT32_MAX)
        return;
    else if (facts->bound_count < FACTS_MAX_BOUNDS)
        facts->bounds[facts->bound_count++] = *bounds;
    else
        facts->complete = false;
}

void path_facts_add(struct path_facts *facts, const struct condition *condition)
{
    if (facts->other_count < FACTS_MAX_OTHERS)
        facts->others[facts->other_count++] = *condition;
    else
        facts->complete = false;
}

void path_facts_load(struct path_facts *facts, uint32_t expression)
{
    for (uint32_t i = 0; i < facts->load_count; i++) {
        if (facts->loads[i] == expression)
            return;
    }
    if (facts->load_count < FACTS_MAX_LOADS)
        facts->loads[facts->load_count++] = expression;
    else
        facts->complete = false;
}

bool path_facts_possible(const struct path_facts *facts)
{
    for (uint32_t i = 0; i < facts->other_count; i++) {
        const struct condition *other = &facts->others[i];
        const struct condition *bounds = find_bounds(facts, other->expression);
        if (bounds && bounds->low == bounds->high && !condition_met(other, bounds->low))
            return false;
    }
    return true;
}

/* Only bounds on both sides of the value distinguish packets well. */
static bool is_selective(const struct condition *bounds)
{
    return bounds->low == bounds->high || (bounds->low > 0 && bounds->high < UINT32_MAX);
}

static void add_check(struct conditions *out, const struct condition *check)
{
    if (out->checks < PATH_MAX_CHECKS)
        out->items[out->count + out->checks++] = *check;
    else
        out->complete = false;
}

/*
 * In the order of the numbers of the expressions, which is the order of their first
 * use in programs: link type, protocol, then the rest.
 */
static void insert_selective(struct conditions *out, const struct condition *added)
{
    uint32_t at = out->count;
    if (at == PATH_MAX_CONDITIONS) {
        out->complete = false;
        return;
    }
    for (; at > 0 && out->items[at - 1].expression > added->expression; at--)
        out->items[at] = out->items[at - 1];
    out->items[at] = *added;
    out->count++;
}

/* "Not k" says nothing new if the bounds exclude k. */
static bool is_implied(const struct path_facts *facts, const struct condition *other)
{
    const struct condition *bounds = find_bounds(facts, other->expression);
    uint32_t excluded = other->high + 1;
    return bounds && excluded == other->low - 1 &&
           (excluded < bounds->low || excluded > bounds->high);
}

/* Evaluating the conditions also tries every load. */
static bool covers_loads(const struct conditions *out, const struct path_facts *facts,
                         const struct expressions *expressions)
{
    for (uint32_t i = 0; i < facts->load_count; i++) {
        uint32_t n = 0;
        while (n < out->count + out->checks &&
               !expression_contains(expressions, out->items[n].expression, facts->loads[i]))
            n++;
        if (n == out->count + out->checks)
            return false;
    }
    return true;
}

bool path_facts_conditions(const struct path_facts *facts, const struct expressions *expressions,
                           struct condition out[PATH_MAX_CONDITIONS + PATH_MAX_CHECKS],
                           uint32_t *count, uint32_t *checks)
{
    struct conditions written = {.items = out, .complete = facts->complete};
    for (uint32_t i = 0; i < facts->bound_count; i++) {
        if (is_selective(&facts->bounds[i]))
            insert_selective(&written, &facts->bounds[i]);
    }
    for (uint32_t i = 0; i < facts->bound_count; i++) {
        if (!is_selective(&facts->bounds[i]))
            add_check(&written, &facts->bounds[i]);
    }
    for (uint32_t i = 0; i < facts->other_count; i++) {
        if (!is_implied(facts, &facts->others[i]))
            add_check(&written, &facts->others[i]);
    }
    written.complete = written.complete && covers_loads(&written, facts, expressions);
    *count = written.count;
    *checks = written.complete ? written.checks : 0;
    return written.complete;
}
