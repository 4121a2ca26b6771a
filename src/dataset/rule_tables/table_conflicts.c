/* Rows sorted by 5-tuple and start: whoever overlaps overlaps with the one that lasts longest. */
#include "dataset/rule_tables/table_conflicts.h"

#include "base/memory.h"
#include "base/text/text.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A row, by its 5-tuple. */
struct entry {
    const struct table_end *low, *high; /* in either direction the lower end first */
    struct table_flow *flow;
};

static int compare_ends(const struct table_end *a, const struct table_end *b)
{
    if (a->family != b->family)
        return a->family < b->family ? -1 : 1;
    int order = memcmp(a->address, b->address, sizeof a->address);
    return order ? order : (a->port > b->port) - (a->port < b->port);
}

static int compare_tuples(const struct entry *a, const struct entry *b)
{
    if (a->flow->protocol != b->flow->protocol)
        return a->flow->protocol < b->flow->protocol ? -1 : 1;
    int order = compare_ends(a->low, b->low);
    return order ? order : compare_ends(a->high, b->high);
}

static int compare_entries(const void *a_, const void *b_)
{
    const struct entry *a = a_, *b = b_;
    const struct table_flow *x = a->flow, *y = b->flow;
    int order = compare_tuples(a, b);
    if (order)
        return order;
    if (x->start_ns != y->start_ns)
        return x->start_ns < y->start_ns ? -1 : 1;
    return (x->line > y->line) - (x->line < y->line);
}

static void fill(struct entry *entries, const struct table_flows *flows, bool directed)
{
    for (size_t i = 0; i < flows->count; i++) {
        struct table_flow *flow = &flows->items[i];
        const bool turn = !directed && compare_ends(&flow->destination, &flow->source) < 0;
        entries[i] = (struct entry){turn ? &flow->destination : &flow->source,
                                    turn ? &flow->source : &flow->destination, flow};
    }
}

static int warn(struct table_flows *flows, const struct table_flow *a, const struct table_flow *b,
                struct lcap_error *error)
{
    const struct table_flow *first = a->line < b->line ? a : b, *later = first == a ? b : a;
    char text[512], here[EXCERPT_TEXT], there[EXCERPT_TEXT];
    size_t len;
    const char *label = intern_get(flows->labels, later->label, &len);
    text_excerpt(label, len, here);
    label = intern_get(flows->labels, first->label, &len);
    text_excerpt(label, len, there);
    snprintf(text, sizeof text,
             "the window overlaps that of line %" PRIu64
             ", which has the same 5-tuple and the label \"%s\", not \"%s\"; line %" PRIu64
             " labels what is in both",
             first->line, there, here, first->line);
    return table_flows_warn(flows, later->line, text, error);
}

/* Whether the row says what the earlier one with the same 5-tuple and start says. */
static bool repeats(const struct table_flow *flow, const struct table_flow *earlier)
{
    return flow->label == earlier->label && flow->start_ns == earlier->start_ns &&
           flow->end_ns == earlier->end_ns;
}

int table_conflicts_find(struct table_flows *flows, bool directed, uint64_t *conflicts,
                         struct lcap_error *error)
{
    struct entry *entries = memory_new(flows->count, sizeof *entries, error);
    const struct table_flow *longest = NULL;
    int rc = entries ? LCAP_OK : LCAP_ERR_MEMORY;
    *conflicts = 0;
    if (entries) {
        fill(entries, flows, directed);
        if (flows->count > 1)
            qsort(entries, flows->count, sizeof *entries, compare_entries);
    }
    for (size_t i = 0; rc == 0 && i < flows->count; i++) {
        struct table_flow *flow = entries[i].flow;
        const bool same = i > 0 && compare_tuples(&entries[i - 1], &entries[i]) == 0;
        flow->repeated = same && repeats(flow, entries[i - 1].flow);
        if (same && flow->start_ns <= longest->end_ns && flow->label != longest->label) {
            (*conflicts)++;
            rc = warn(flows, longest, flow, error);
        }
        if (!same || flow->end_ns > longest->end_ns)
            longest = flow;
    }
    free(entries);
    return rc;
}
