/* Compares flows with the same endpoints. */
#include "arrays/array_overlaps.h"

#include "base/bytes.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/time_distance.h"
#include "flow/assembler.h"
#include <stdlib.h>

static uint64_t hash_of(const struct flow *flow)
{
    static const uint8_t key[HASH_KEY_LEN] = "labelcap.flow.02";
    struct flow_key endpoints = flow->key;
    endpoints.sample = 0;
    return hash_siphash(key, &endpoints, sizeof endpoints);
}

struct overlap_flow overlap_flow_of(const struct flow *flow, uint64_t sample_id)
{
    return (struct overlap_flow){hash_of(flow), sample_id, flow->first_ns, flow->last_ns};
}

void overlap_flow_store(const struct overlap_flow *flow, uint8_t bytes[OVERLAP_FLOW_LEN])
{
    store64(bytes, flow->endpoints, false);
    store64(bytes + 8, flow->sample_id, false);
    store64(bytes + 16, (uint64_t)flow->first_ns, false);
    store64(bytes + 24, (uint64_t)flow->last_ns, false);
}

struct overlap_flow overlap_flow_load(const uint8_t bytes[OVERLAP_FLOW_LEN])
{
    return (struct overlap_flow){load64(bytes, false), load64(bytes + 8, false),
                                 (int64_t)load64(bytes + 16, false),
                                 (int64_t)load64(bytes + 24, false)};
}

/* Whether no pause between them would end a flow. */
static bool is_one_flow(const struct overlap_flow *a, const struct overlap_flow *b)
{
    return (a->first_ns <= b->last_ns || time_between(b->last_ns, a->first_ns) <= FLOW_IDLE_NS) &&
           (b->first_ns <= a->last_ns || time_between(a->last_ns, b->first_ns) <= FLOW_IDLE_NS);
}

int array_overlaps_add(struct array_overlaps *overlaps, const struct overlap_flow *flow,
                       struct lcap_error *error)
{
    uint32_t number = idmap_find(&overlaps->endpoints, flow->endpoints);
    int rc = LCAP_OK;
    if (number != IDMAP_NONE) {
        const struct overlap_flow *before = &overlaps->last[number];
        overlaps->count += before->sample_id != flow->sample_id && is_one_flow(before, flow);
    } else if (overlaps->endpoints.count < OVERLAPS_MOST_FLOWS) {
        rc = idmap_add(&overlaps->endpoints, flow->endpoints, &number, error);
        if (rc == LCAP_OK)
            rc = memory_grow((void **)&overlaps->last, &overlaps->capacity,
                             overlaps->endpoints.count, sizeof *overlaps->last, error);
    }
    if (rc == LCAP_OK && number != IDMAP_NONE)
        overlaps->last[number] = *flow;
    return rc;
}

void array_overlaps_release(struct array_overlaps *overlaps)
{
    idmap_release(&overlaps->endpoints);
    free(overlaps->last);
}
