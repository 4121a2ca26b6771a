/* Sorts the flows of samples by their addresses and times. */
#include "dataset/partition/shared_flows.h"

#include "base/bytes.h"
#include "base/io/tempfile.h"
#include <stddef.h>
#include <string.h>

/* What follows the key of a flow in the sorter: its sample and its last time. */
struct flow_tail {
    int64_t last_ns;
    uint32_t sample;
};

static int join_packet(void *context, const struct joining *joining, struct lcap_error *error)
{
    struct shared_flows *flows = context;
    if (joining->skip != LCAP_SKIP_NONE)
        return LCAP_OK;
    return assembler_packet(flows->assembler, joining->packet, joining->headers, joining->tag,
                            error);
}

/* The hash is under a random key, so that no traffic can be crafted to look like one flow. */
static struct sort_key sort_key_of_flow(const struct shared_flows *flows, const struct flow *flow)
{
    uint8_t hash[HASH_WIDE_LEN];
    hash_siphash_wide(flows->key, &flow->key, offsetof(struct flow_key, sample), hash);
    return (struct sort_key){load32(hash, false), load64(hash + 8, false), flow->first_ns};
}

static int no_measure(void *context, struct flow *flow, const struct flow_packet *packet,
                      struct lcap_error *error)
{
    (void)context, (void)flow, (void)packet, (void)error;
    return LCAP_OK;
}

static int keep_flow(void *context, struct flow *flow, struct lcap_error *error)
{
    struct shared_flows *flows = context;
    const struct flow_tail tail = {flow->last_ns, flow->key.sample};
    uint8_t *at = sorter_reserve(flows->sorter, sizeof tail, error);
    if (!at)
        return error ? error->code : LCAP_ERR_IO;
    memcpy(at, &tail, sizeof tail);
    sorter_commit(flows->sorter, sort_key_of_flow(flows, flow), sizeof tail);
    return LCAP_OK;
}

int shared_flows_init(struct shared_flows *flows, const struct sorter_options *sorting,
                      int64_t within_ns, struct lcap_error *error)
{
    static const struct flow_measure measure = {.packet = no_measure, .ended = keep_flow};
    const int64_t idle_ns = within_ns < FLOW_IDLE_NS ? within_ns : FLOW_IDLE_NS;
    const struct assembler_rules rules = {.idle_ns = idle_ns, .active_ns = LCAP_TIMEOUT_OFF};
    struct sorter_options options = *sorting;
    *flows = (struct shared_flows){.wait = {.function = join_packet, .context = flows},
                                   .within_ns = within_ns};
    if (!options.directory)
        options.directory = tempfile_default_directory();
    int rc = hash_random_key(flows->key, sizeof flows->key, error);
    if (rc == LCAP_OK)
        rc = sorter_new(&flows->sorter, &options, error);
    return rc == LCAP_OK ? assembler_new(&flows->assembler, &rules, &measure, flows, error) : rc;
}

int shared_flows_packet(struct shared_flows *flows, const struct lcap_packet *packet,
                        uint32_t sample, struct lcap_error *error)
{
    const int rc = fragment_wait_packet(&flows->wait, packet, sample, error);
    return rc < 0 ? rc : LCAP_OK;
}

/* A flow that began, and goes on as long as flows of the same key follow soon. */
struct long_flow {
    struct sort_key key;
    int64_t last_ns;
    uint32_t sample;
    bool begun;
};

static bool continues(const struct long_flow *flow, const struct sort_key *next, int64_t within_ns)
{
    if (!flow->begun || flow->key.rank != next->rank || flow->key.primary != next->primary)
        return false;
    return within_ns == INT64_MAX || next->secondary <= flow->last_ns ||
           (uint64_t)next->secondary - (uint64_t)flow->last_ns <= (uint64_t)within_ns;
}

static void add_flow(struct long_flow *flow, const struct sorted_block *block, int64_t within_ns,
                     struct sample_joins *joins)
{
    struct flow_tail tail;
    memcpy(&tail, block->data, sizeof tail);
    if (continues(flow, &block->key, within_ns)) {
        sample_joins_join(joins, flow->sample, tail.sample);
        if (tail.last_ns > flow->last_ns)
            flow->last_ns = tail.last_ns;
    } else {
        *flow = (struct long_flow){block->key, tail.last_ns, tail.sample, true};
    }
}

int shared_flows_join(struct shared_flows *flows, struct sample_joins *joins,
                      struct lcap_error *error)
{
    struct long_flow flow = {.begun = false};
    struct sorted_block block;
    int rc = fragment_wait_end(&flows->wait, error);
    if (rc == LCAP_OK)
        rc = assembler_finish(flows->assembler, error);
    if (rc == LCAP_OK)
        rc = sorter_finish(flows->sorter, error);
    while (rc >= 0 && (rc = sorter_next(flows->sorter, &block, error)) == 1)
        add_flow(&flow, &block, flows->within_ns, joins);
    return rc;
}

void shared_flows_release(struct shared_flows *flows)
{
    fragment_wait_release(&flows->wait);
    assembler_free(flows->assembler);
    sorter_free(flows->sorter);
}
