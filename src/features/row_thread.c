/* One producer, one consumer, a ring of flows between them. */
#include "features/row_thread.h"

#include "base/memory.h"
#include "base/thread.h"
#include <stdlib.h>
#include <string.h>

enum {
    RING_FLOWS = 512,
    BATCH = 32, /* flows passed at a time, so that locks and wake-ups cost little */
};

struct slot {
    struct sample sample;
    /* The flow followed by its state, aligned for any type. */
    _Alignas(max_align_t) uint8_t flow[];
};

struct row_thread {
    const struct row_maker *maker;
    void *context;
    uint8_t *ring;
    size_t flow_size, slot_size;
    uint64_t pushed,
        room_until; /* only for the caller: flows in all, and how far the ring has room */
    pthread_t thread;
    bool running;
    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t changed;
    uint64_t offered, done; /* flows in all */
    bool stop;
    int status;
    struct lcap_error error;
};

static struct slot *slot_at(const struct row_thread *rows, uint64_t number)
{
    return (struct slot *)(rows->ring + (number % RING_FLOWS) * rows->slot_size);
}

static int deal_with(const struct row_thread *rows, uint64_t number, bool wanted,
                     struct lcap_error *error)
{
    struct slot *slot = slot_at(rows, number);
    struct flow *flow = (struct flow *)slot->flow;
    const int rc = wanted ? rows->maker->make(rows->context, flow, &slot->sample, error) : LCAP_OK;
    rows->maker->release(rows->context, flow);
    return rc;
}

/* Processes up to a batch of the flows offered, and releases the lock meanwhile. */
static void take_batch(struct row_thread *rows)
{
    const uint64_t first = rows->done;
    const uint64_t end = rows->offered - first < BATCH ? rows->offered : first + BATCH;
    bool wanted = !rows->stop && rows->status == LCAP_OK;
    struct lcap_error error = {0};
    int status = LCAP_OK;
    pthread_mutex_unlock(&rows->lock);
    for (uint64_t number = first; number < end; number++) {
        const int rc = deal_with(rows, number, wanted, &error);
        if (rc < 0) {
            status = rc;
            wanted = false;
        }
    }
    pthread_mutex_lock(&rows->lock);
    if (status < 0) {
        rows->status = status;
        rows->error = error;
    }
    rows->done = end;
    pthread_cond_signal(&rows->changed);
}

static void *work(void *context)
{
    struct row_thread *rows = context;
    pthread_mutex_lock(&rows->lock);
    while (!rows->stop || rows->done < rows->offered) {
        if (rows->done < rows->offered)
            take_batch(rows);
        else
            pthread_cond_wait(&rows->changed, &rows->lock);
    }
    pthread_mutex_unlock(&rows->lock);
    return NULL;
}

int row_thread_new(struct row_thread **rows, size_t state_size, const struct row_maker *maker,
                   void *context, struct lcap_error *error)
{
    struct row_thread *new = memory_new(1, sizeof *new, error);
    if (!new)
        return LCAP_ERR_MEMORY;
    new->maker = maker;
    new->context = context;
    new->flow_size = flow_size(state_size);
    new->slot_size = sizeof(struct slot) + new->flow_size;
    new->room_until = RING_FLOWS;
    pthread_mutex_init(&new->lock, NULL);
    pthread_cond_init(&new->changed, NULL);
    new->ring = memory_new(RING_FLOWS, new->slot_size, error);
    const int rc = new->ring ? thread_start(&new->thread, work, new, error) : LCAP_ERR_MEMORY;
    new->running = rc == LCAP_OK;
    if (rc == LCAP_OK)
        *rows = new;
    else
        row_thread_free(new);
    return rc;
}

/* Offers the flows pushed, and waits until at most `most` flows are left. */
static int offer(struct row_thread *rows, uint64_t most, struct lcap_error *error)
{
    pthread_mutex_lock(&rows->lock);
    rows->offered = rows->pushed;
    pthread_cond_signal(&rows->changed);
    while (rows->offered - rows->done > most)
        pthread_cond_wait(&rows->changed, &rows->lock);
    rows->room_until = rows->done + RING_FLOWS;
    const int rc = rows->status;
    if (rc < 0)
        lcap_error_copy(error, &rows->error);
    pthread_mutex_unlock(&rows->lock);
    return rc;
}

int row_thread_push(struct row_thread *rows, struct flow *flow, const struct sample *sample,
                    struct lcap_error *error)
{
    struct slot *slot = slot_at(rows, rows->pushed);
    slot->sample = *sample;
    memcpy(slot->flow, flow, rows->flow_size);
    memset(flow_state(flow), 0, rows->flow_size - flow_size(0));
    rows->pushed++;
    /* There is always room for one more: if the ring is full, this waits for a batch. */
    if (rows->pushed == rows->room_until)
        return offer(rows, RING_FLOWS - BATCH, error);
    return rows->pushed % BATCH == 0 ? offer(rows, RING_FLOWS, error) : LCAP_OK;
}

int row_thread_wait(struct row_thread *rows, struct lcap_error *error)
{
    return offer(rows, 0, error);
}

void row_thread_free(struct row_thread *rows)
{
    if (!rows)
        return;
    pthread_mutex_lock(&rows->lock);
    rows->stop = true;
    rows->offered = rows->pushed;
    pthread_cond_signal(&rows->changed);
    pthread_mutex_unlock(&rows->lock);
    if (rows->running)
        pthread_join(rows->thread, NULL);
    pthread_cond_destroy(&rows->changed);
    pthread_mutex_destroy(&rows->lock);
    free(rows->ring);
    free(rows);
}
