/* Linear probing with backward-shift deletion over flows that never move. */
#include "flow/flow_table.h"

#include "base/bytes.h"
#include "base/hash.h"
#include "base/memory.h"
#include <stdlib.h>
#include <string.h>

_Static_assert(sizeof(struct flow_key) == 44, "no padding: keys are compared as bytes");

#define FIRST_CAPACITY 1024
#define NOWHERE        UINT32_MAX
/* Room for some hundred flows: few allocations, and a low cost for small tables. */
#define SLAB_SIZE      ((size_t)256 << 10)

/* The hash of a flow beside its place, so that a probe rarely visits a flow in vain. */
struct slot {
    uint32_t hash;
    uint32_t place; /* in the pool; NOWHERE = free */
};

struct flow_list {
    struct flow *oldest, *newest;
};

struct flow_table {
    uint64_t secret[8]; /* of the hash */
    struct slot *slots;
    size_t capacity; /* a power of 2, at most three quarters in use */
    size_t count;
    uint64_t next_number;
    struct flow_list lists[FLOW_LISTS];

    /* The pool: place P is in slab P >> slab_bits. */
    size_t stride; /* from one flow to the next */
    unsigned slab_bits;
    uint8_t **slabs;
    size_t slab_count, slabs_capacity;
    uint32_t places;     /* ever in use */
    struct flow *unused; /* unused ones of these: chained by ->newer, with their places in ->hash */
};

static struct flow *flow_at(const struct flow_table *table, uint32_t place)
{
    const size_t mask = ((size_t)1 << table->slab_bits) - 1;
    return (struct flow *)(table->slabs[place >> table->slab_bits] +
                           (place & mask) * table->stride);
}

static int set_capacity(struct flow_table *table, size_t capacity, struct lcap_error *error)
{
    struct slot *slots = memory_new(capacity, sizeof *slots, error);
    if (!slots)
        return LCAP_ERR_MEMORY;
    memset(slots, 0xFF, capacity * sizeof *slots);
    for (size_t i = 0; i < table->capacity; i++) {
        if (table->slots[i].place == NOWHERE)
            continue;
        size_t slot = table->slots[i].hash & (capacity - 1);
        while (slots[slot].place != NOWHERE)
            slot = (slot + 1) & (capacity - 1);
        slots[slot] = table->slots[i];
    }
    free(table->slots);
    table->slots = slots;
    table->capacity = capacity;
    return LCAP_OK;
}

static int set_state_size(struct flow_table *table, size_t state_size, struct lcap_error *error)
{
    /* No object is larger than PTRDIFF_MAX; below that, nothing here overflows. */
    if (state_size > PTRDIFF_MAX - flow_size(0) - 15)
        return lcap_error_set(error, LCAP_ERR_MEMORY, "out of memory: flows of %zu bytes",
                              state_size);
    table->stride = flow_size(state_size);
    while (table->stride << table->slab_bits <= SLAB_SIZE / 2)
        table->slab_bits++;
    return LCAP_OK;
}

int flow_table_new(struct flow_table **table, size_t state_size, struct lcap_error *error)
{
    struct flow_table *new_table = memory_new(1, sizeof *new_table, error);
    if (!new_table)
        return LCAP_ERR_MEMORY;
    int rc = set_state_size(new_table, state_size, error);
    if (rc == 0)
        rc = hash_random_key((uint8_t *)new_table->secret, sizeof new_table->secret, error);
    if (rc == 0)
        rc = set_capacity(new_table, FIRST_CAPACITY, error);
    if (rc < 0) {
        flow_table_free(new_table);
        return rc;
    }
    *table = new_table;
    return LCAP_OK;
}

typedef unsigned __int128 wide;

static inline wide product(uint64_t a, uint64_t b)
{
    return (wide)a * b;
}

/*
 * NH of UMAC (Black and others, 1999) with words of 64 bits: whoever does not know the secret finds
 * no two keys whose sums are more often equal than by chance. Another product mixes the sum.
 */
uint32_t flow_table_hash(const struct flow_table *table, const struct flow_key *key)
{
    const uint64_t *secret = table->secret;
    const uint8_t *first = key->address[0], *second = key->address[1];
    const uint64_t rest = (uint64_t)key->port[0] << 48 | (uint64_t)key->port[1] << 32 |
                          (uint64_t)key->family << 24 | (uint64_t)key->protocol << 16 |
                          key->unknown_ports;
    wide sum = product(load64(first, false) + secret[0], load64(first + 8, false) + secret[1]);
    sum += product(load64(second, false) + secret[2], load64(second + 8, false) + secret[3]);
    sum += product(rest + secret[4], key->sample + secret[5]);
    sum = product((uint64_t)sum ^ secret[6], (uint64_t)(sum >> 64) ^ secret[7]);
    return (uint32_t)(sum ^ sum >> 64);
}

struct flow *flow_table_find(const struct flow_table *table, const struct flow_key *key,
                             uint32_t hash)
{
    size_t slot = hash & (table->capacity - 1);
    while (table->slots[slot].place != NOWHERE) {
        if (table->slots[slot].hash == hash) {
            struct flow *flow = flow_at(table, table->slots[slot].place);
            if (memcmp(&flow->key, key, sizeof *key) == 0)
                return flow;
        }
        slot = (slot + 1) & (table->capacity - 1);
    }
    return NULL;
}

static int add_slab(struct flow_table *table, struct lcap_error *error)
{
    const size_t slab_flows = (size_t)1 << table->slab_bits;
    if (table->places > NOWHERE - slab_flows)
        return lcap_error_set(error, LCAP_ERR_MEMORY, "more than 2^32 flows at once");
    int rc = memory_grow((void **)&table->slabs, &table->slabs_capacity, table->slab_count + 1,
                         sizeof *table->slabs, error);
    if (rc < 0)
        return rc;
    uint8_t *slab = memory_new(slab_flows, table->stride, error);
    if (!slab)
        return LCAP_ERR_MEMORY;
    table->slabs[table->slab_count++] = slab;
    return LCAP_OK;
}

/* A flow of the pool, all zero, and its place; NULL without memory. */
static struct flow *take_flow(struct flow_table *table, uint32_t *place, struct lcap_error *error)
{
    struct flow *flow = table->unused;
    if (flow) {
        table->unused = flow->newer;
        *place = flow->hash;
        memset(flow, 0, table->stride);
        return flow;
    }
    if (table->places == table->slab_count << table->slab_bits && add_slab(table, error) < 0)
        return NULL;
    *place = table->places++;
    return flow_at(table, *place);
}

static void append(struct flow_table *table, struct flow *flow, int list)
{
    struct flow_list *in = &table->lists[list];
    flow->list = (uint8_t)list;
    flow->older = in->newest;
    flow->newer = NULL;
    *(in->newest ? &in->newest->newer : &in->oldest) = flow;
    in->newest = flow;
}

static void unlink_flow(struct flow_table *table, struct flow *flow)
{
    struct flow_list *in = &table->lists[flow->list];
    *(flow->older ? &flow->older->newer : &in->oldest) = flow->newer;
    *(flow->newer ? &flow->newer->older : &in->newest) = flow->older;
}

struct flow *flow_table_add(struct flow_table *table, const struct flow_key *key, uint32_t hash,
                            struct lcap_error *error)
{
    uint32_t place;
    if (table->count >= table->capacity / 4 * 3 &&
        set_capacity(table, table->capacity * 2, error) < 0)
        return NULL;
    struct flow *flow = take_flow(table, &place, error);
    if (!flow)
        return NULL;
    flow->key = *key;
    flow->hash = hash;
    flow->number = table->next_number++;
    append(table, flow, 0);
    size_t slot = hash & (table->capacity - 1);
    while (table->slots[slot].place != NOWHERE)
        slot = (slot + 1) & (table->capacity - 1);
    table->slots[slot] = (struct slot){.hash = hash, .place = place};
    table->count++;
    return flow;
}

void flow_table_touch(struct flow_table *table, struct flow *flow, int list)
{
    if (flow == table->lists[list].newest)
        return;
    unlink_flow(table, flow);
    append(table, flow, list);
}

struct flow *flow_table_oldest(const struct flow_table *table, int list)
{
    return table->lists[list].oldest;
}

/*
 * Frees a slot. Each entry after it, up to the next free slot, moves into the gap,
 * unless its first slot, where a probe begins, is after the gap.
 */
static void close_gap(struct flow_table *table, size_t gap)
{
    const size_t mask = table->capacity - 1;
    for (size_t slot = (gap + 1) & mask; table->slots[slot].place != NOWHERE;
         slot = (slot + 1) & mask) {
        const size_t first = table->slots[slot].hash & mask;
        if (((slot - first) & mask) < ((slot - gap) & mask))
            continue;
        table->slots[gap] = table->slots[slot];
        gap = slot;
    }
    table->slots[gap].place = NOWHERE;
}

void flow_table_remove(struct flow_table *table, struct flow *flow)
{
    size_t slot = flow->hash & (table->capacity - 1);
    while (table->slots[slot].hash != flow->hash ||
           flow_at(table, table->slots[slot].place) != flow)
        slot = (slot + 1) & (table->capacity - 1);
    flow->hash = table->slots[slot].place;
    close_gap(table, slot);
    unlink_flow(table, flow);
    table->count--;
}

void flow_table_drop(struct flow_table *table, struct flow *flow)
{
    flow->newer = table->unused;
    table->unused = flow;
}

size_t flow_table_count(const struct flow_table *table)
{
    return table->count;
}

void flow_table_free(struct flow_table *table)
{
    if (!table)
        return;
    for (size_t i = 0; i < table->slab_count; i++)
        free(table->slabs[i]);
    free(table->slabs);
    free(table->slots);
    free(table);
}
