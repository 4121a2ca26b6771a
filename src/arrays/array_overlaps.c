/* Compares flows with the same endpoints. */
#include "arrays/array_overlaps.h"

#include "base/hash.h"
#include "base/memory.h"
#include "base/time_distance.h"
#include "flow/assembler.h"
#include <stdlib.h>

struct overlap_last {
    uint64_t sample_id;
    int64_t first_ns, last_ns;
};

static uint64_t hash_of(const struct flow *flow)
{
    static const uint8_t key[HASH_KEY_LEN] = "labelcap.flow.02";
    struct flow_key endpoints = flow->key;
    endpoints.sample = 0;
    return hash_siphash(key, &endpoints, sizeof endpoints);
}

/* Whether no pause between them would end a flow. */
static bool is_one_flow(const struct overlap_last *a, const struct overlap_last *b)
{
    return (a->first_ns <= b->last_ns || time_between(b->last_ns, a->first_ns) <= FLOW_IDLE_NS) &&
           (b->first_ns <= a->last_ns || time_between(a->last_ns, b->first_ns) <= FLOW_IDLE_NS);
}

int array_overlaps_add(struct array_overlaps *overlaps, const struct flow *flow, uint64_t sample_id,
                       struct lcap_error *error)
{
    const struct overlap_last now = {sample_id, flow->first_ns, flow->last_ns};
    const uint64_t hash = hash_of(flow);
    uint32_t number = idmap_find(&overlaps->endpoints, hash);
    int rc = LCAP_OK;
    if (number != IDMAP_NONE) {
        const struct overlap_last *before = &overlaps->last[number];
        overlaps->count += before->sample_id != sample_id && is_one_flow(before, &now);
    } else if (overlaps->endpoints.count < OVERLAPS_MOST_FLOWS) {
        rc = idmap_add(&overlaps->endpoints, hash, &number, error);
        if (rc == LCAP_OK)
            rc = memory_grow((void **)&overlaps->last, &overlaps->capacity,
                             overlaps->endpoints.count, sizeof *overlaps->last, error);
    }
    if (rc == LCAP_OK && number != IDMAP_NONE)
        overlaps->last[number] = now;
    return rc;
}

void array_overlaps_release(struct array_overlaps *overlaps)
{
    idmap_release(&overlaps->endpoints);
    free(overlaps->last);
}
