/* Flow tables of src/flow, with notes about each flow. */
#include "label/labeller/label_flows.h"

#include "base/memory.h"
#include <stdlib.h>
#include <string.h>

static int note_packet(void *context, struct flow *flow, const struct flow_packet *packet,
                       struct lcap_error *error)
{
    struct label_table *table = context;
    (void)error;
    table->flow = flow;
    table->note = flow_state(flow);
    table->began = flow->packets == 0;
    if (table->began)
        *table->note = (struct flow_note){.time_ns = packet->time_ns, .rule = NO_RULE};
    return LCAP_OK;
}

static int note_end(void *context, struct flow *flow, struct lcap_error *error)
{
    struct label_table *table = context;
    (void)error;
    table->cut += flow->end == FLOW_END_FORCED;
    return LCAP_OK;
}

static void release_note(void *context, struct flow *flow)
{
    (void)context;
    free(((struct flow_note *)flow_state(flow))->others);
}

static int add_table(struct label_flows *flows, int64_t idle_ns, struct lcap_error *error)
{
    static const struct flow_measure measure = {
        .state_size = sizeof(struct flow_note),
        .packet = note_packet,
        .ended = note_end,
        .release = release_note,
    };
    const struct assembler_rules rules = {.idle_ns = idle_ns, .active_ns = LCAP_TIMEOUT_OFF};
    if (idle_ns == 0 || label_flows_table(flows, idle_ns))
        return LCAP_OK;
    struct label_table *table = &flows->tables[flows->count];
    int rc = assembler_new(&table->assembler, &rules, &measure, table, error);
    if (rc < 0)
        return rc;
    table->idle_ns = idle_ns;
    flows->count++;
    return LCAP_OK;
}

int label_flows_init(struct label_flows *flows, const struct lcap_rules *rules,
                     struct lcap_error *error)
{
    /* Tables do not move: they are the context of their assemblers. */
    flows->tables = memory_new(rules->kind_count, 2 * sizeof *flows->tables, error);
    int rc = flows->tables ? LCAP_OK : LCAP_ERR_MEMORY;
    for (size_t i = 0; rc == 0 && i < rules->kind_count; i++) {
        rc = add_table(flows, rules->kinds[i].kind.scope_ns, error);
        if (rc == 0)
            rc = add_table(flows, rules->kinds[i].kind.flow_ns, error);
    }
    return rc;
}

struct label_table *label_flows_table(const struct label_flows *flows, int64_t idle_ns)
{
    for (size_t i = 0; i < flows->count; i++)
        if (flows->tables[i].idle_ns == idle_ns)
            return &flows->tables[i];
    return NULL;
}

int label_flows_add(struct label_flows *flows, const struct lcap_packet *packet,
                    const struct packet_headers *headers, struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (size_t i = 0; rc == 0 && i < flows->count; i++)
        rc = assembler_packet(flows->tables[i].assembler, packet, headers, NO_SAMPLE, error);
    return rc;
}

int label_flows_pass(struct label_flows *flows, const struct lcap_packet *packet,
                     struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (size_t i = 0; rc == 0 && i < flows->count; i++)
        rc = assembler_pass(flows->tables[i].assembler, packet, NO_SAMPLE, error);
    return rc;
}

static const struct flow_sample *sample_at(const struct flow_note *note, uint32_t index)
{
    return index == 0 ? &note->first : &note->others[index - 1];
}

/* A flow with more (of many windows, say) forgets the oldest ones: they are over. */
enum { MOST_OTHERS = 64 };

static void forget_oldest(struct flow_note *note)
{
    const uint32_t half = MOST_OTHERS / 2;
    memmove(note->others, note->others + half, half * sizeof *note->others);
    note->samples -= half;
}

static int keep_sample(struct flow_note *note, struct flow_sample sample, struct lcap_error *error)
{
    int rc = LCAP_OK;
    if (note->samples > MOST_OTHERS)
        forget_oldest(note);
    if (note->samples > 0)
        rc = memory_grow((void **)&note->others, &note->others_capacity, note->samples,
                         sizeof *note->others, error);
    if (rc < 0)
        return rc;
    *(note->samples == 0 ? &note->first : &note->others[note->samples - 1]) = sample;
    note->samples++;
    return LCAP_OK;
}

/* The newest ones first, for packets of a sample come in runs. */
int flow_note_add(struct flow_note *note, struct flow_sample sample, bool *new_of_rule,
                  bool *is_new, struct lcap_error *error)
{
    *new_of_rule = *is_new = true;
    for (uint32_t i = note->samples; i > 0; i--) {
        const struct flow_sample *known = sample_at(note, i - 1);
        if (known->id != sample.id)
            continue;
        *is_new = false;
        if (known->rule == sample.rule) {
            *new_of_rule = false;
            return LCAP_OK;
        }
    }
    return keep_sample(note, sample, error);
}

const struct flow_sample *flow_note_find(const struct flow_note *note, uint32_t rule)
{
    for (uint32_t i = note->samples; i > 0; i--)
        if (sample_at(note, i - 1)->rule == rule)
            return sample_at(note, i - 1);
    return NULL;
}

int label_flows_finish(struct label_flows *flows, struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (size_t i = 0; rc == 0 && i < flows->count; i++)
        rc = assembler_finish(flows->tables[i].assembler, error);
    return rc;
}

uint64_t label_flows_cut(const struct label_flows *flows)
{
    uint64_t cut = 0;
    for (size_t i = 0; i < flows->count; i++)
        cut += flows->tables[i].cut;
    return cut;
}

void label_flows_release(struct label_flows *flows)
{
    for (size_t i = 0; i < flows->count; i++)
        assembler_free(flows->tables[i].assembler);
    free(flows->tables);
}
