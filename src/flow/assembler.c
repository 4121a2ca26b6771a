/* Which flow a packet belongs to, and when that flow has ended. */
#include "flow/assembler.h"

#include "base/memory.h"
#include "flow/capture_clock.h"
#include "flow/flow_key.h"
#include "flow/flow_table.h"
#include <stdlib.h>
#include <string.h>

/* The lists of the table; in the third one are labelled flows whose idle time-out is over. */
enum { OPEN_FLOWS, CLOSED_FLOWS, WAITING_FLOWS };

/* What has been seen of a TCP connection, for close_state. */
enum {
    SEEN_SYN = 1, /* of the initiator, without ACK */
    SEEN_FIN_FORWARD = 2,
    SEEN_FIN_BACKWARD = 4,
    SEEN_FINS = SEEN_FIN_FORWARD | SEEN_FIN_BACKWARD,
    SEEN_CLOSE = 8,
};

struct assembler {
    struct assembler_rules rules;
    struct flow_measure measure;
    void *context;
    struct flow_table *table;
    int64_t patience[2]; /* after the last packet of open and closed flows; LCAP_TIMEOUT_OFF */
    struct capture_clock clock;
    int64_t due_ns;      /* no flow times out before the capture time exceeds this */
    uint64_t packet;     /* the number of the current one */
    uint64_t due_packet; /* no flow has waited long enough before this one */
    uint64_t evicted;
    size_t peak;
};

/* A flow with more packets is cut as by the active time-out, so that 32 bits hold any count of
 * packets. */
#define MOST_PACKETS UINT32_MAX

/* A packet on its way to a flow. */
struct arrival {
    const struct lcap_packet *packet;
    const struct packet_headers *headers;
    struct flow_key key;
    int64_t time_ns;
    bool from_second; /* sent by key.address[1] */
    bool one_way;     /* its flow has no other side */
    bool is_tcp;
    bool is_syn;    /* that makes its sender the initiator */
    bool is_answer; /* a SYN/ACK: its receiver is the initiator of a flow that begins with it */
};

int assembler_new(struct assembler **assembler, const struct assembler_rules *rules,
                  const struct flow_measure *measure, void *context, struct lcap_error *error)
{
    struct assembler *new_assembler = memory_new(1, sizeof *new_assembler, error);
    if (!new_assembler)
        return LCAP_ERR_MEMORY;
    int rc = flow_table_new(&new_assembler->table, measure->state_size, error);
    if (rc < 0) {
        assembler_free(new_assembler);
        return rc;
    }
    const int64_t idle_ns = rules->idle_ns;
    new_assembler->rules = *rules;
    new_assembler->measure = *measure;
    new_assembler->context = context;
    new_assembler->patience[OPEN_FLOWS] = idle_ns;
    new_assembler->patience[CLOSED_FLOWS] =
        idle_ns != LCAP_TIMEOUT_OFF && idle_ns < CLOSED_LINGER_NS ? idle_ns : CLOSED_LINGER_NS;
    new_assembler->due_ns = INT64_MIN;
    new_assembler->due_packet = UINT64_MAX;
    *assembler = new_assembler;
    return LCAP_OK;
}

/* The last moment that is not too late; no time exceeds INT64_MAX. */
static int64_t deadline(int64_t since_ns, int64_t timeout_ns)
{
    int64_t end_ns;
    if (timeout_ns == LCAP_TIMEOUT_OFF || __builtin_add_overflow(since_ns, timeout_ns, &end_ns))
        return INT64_MAX;
    return end_ns;
}

static void release(const struct assembler *assembler, struct flow *flow)
{
    if (assembler->measure.release)
        assembler->measure.release(assembler->context, flow);
}

static bool is_labelled(const struct flow *flow)
{
    return flow->key.sample != NO_SAMPLE;
}

/* The steps of a packet, in their order. */
enum flow_step { STEP_WAITED, STEP_OPEN, STEP_CLOSED, STEP_JOIN };

static int end_flow(struct assembler *assembler, struct flow *flow, enum flow_end reason,
                    enum flow_step step, struct lcap_error *error)
{
    int rc = LCAP_OK;
    flow->end = (uint8_t)reason;
    flow->order = (struct flow_order){assembler->packet, step, flow->last_packet};
    flow_table_remove(assembler->table, flow);
    if (assembler->measure.ended)
        rc = assembler->measure.ended(assembler->context, flow, error);
    release(assembler, flow);
    flow_table_drop(assembler->table, flow);
    return rc;
}

/* Time-outs */

static int end_due(struct assembler *assembler, struct flow *flow, struct lcap_error *error)
{
    if (flow->list == CLOSED_FLOWS)
        return end_flow(assembler, flow, FLOW_END_CLOSED, STEP_CLOSED, error);
    if (!is_labelled(flow))
        return end_flow(assembler, flow, FLOW_END_IDLE, STEP_OPEN, error);
    flow_table_touch(assembler->table, flow, WAITING_FLOWS);
    flow->due_packet = assembler->packet + WAITING_PACKETS;
    if (flow->due_packet < assembler->due_packet)
        assembler->due_packet = flow->due_packet;
    return LCAP_OK;
}

/* Their list is in the order of due_packet. */
static int end_waited(struct assembler *assembler, struct lcap_error *error)
{
    int rc = LCAP_OK;
    struct flow *flow;
    while ((flow = flow_table_oldest(assembler->table, WAITING_FLOWS)) && rc == LCAP_OK &&
           assembler->packet >= flow->due_packet)
        rc = end_flow(assembler, flow, FLOW_END_NO_MORE, STEP_WAITED, error);
    assembler->due_packet = flow ? flow->due_packet : UINT64_MAX;
    return rc;
}

/* Both lists are in the order of seen_ns, because the capture time never goes back. */
static int end_due_in(struct assembler *assembler, int list, struct lcap_error *error)
{
    const int64_t patience = assembler->patience[list];
    int rc = LCAP_OK;
    struct flow *flow;
    while ((flow = flow_table_oldest(assembler->table, list)) && rc == LCAP_OK &&
           assembler->clock.now_ns > deadline(flow->seen_ns, patience))
        rc = end_due(assembler, flow, error);
    /* A flow is added to an empty list at this time or later. */
    const int64_t since_ns = flow ? flow->seen_ns : assembler->clock.now_ns;
    const int64_t due_ns = deadline(since_ns, patience);
    if (due_ns < assembler->due_ns)
        assembler->due_ns = due_ns;
    return rc;
}

static int end_due_flows(struct assembler *assembler, struct lcap_error *error)
{
    assembler->due_ns = INT64_MAX;
    int rc = end_due_in(assembler, OPEN_FLOWS, error);
    if (rc == LCAP_OK)
        rc = end_due_in(assembler, CLOSED_FLOWS, error);
    return rc;
}

/* Keys */

static void receive(const struct assembler *assembler, struct arrival *arrival, uint32_t sample)
{
    const struct packet_headers *headers = arrival->headers;
    const int order = flow_key_compare_ends(headers);
    arrival->one_way = assembler->rules.unidirectional || headers->one_way || order == 0;
    arrival->from_second = !arrival->one_way && order > 0;
    arrival->is_tcp = packet_has_tcp(headers);
    const bool has_syn = arrival->is_tcp && (headers->tcp_flags & TCP_SYN);
    arrival->is_answer = has_syn && !arrival->one_way && (headers->tcp_flags & TCP_ACK);
    arrival->is_syn = has_syn && !arrival->is_answer;
    flow_key_set(&arrival->key, headers, arrival->from_second, sample);
}

static bool is_forward(const struct flow *flow, const struct arrival *arrival)
{
    return arrival->from_second == flow->forward_is_second;
}

/* Ends caused by a packet */

static bool begins_connection(const struct flow *flow, const struct arrival *arrival)
{
    if (!arrival->is_syn)
        return false;
    const bool again = (flow->close_state & SEEN_SYN) && is_forward(flow, arrival);
    if (again && arrival->headers->tcp_seq == flow->syn_seq)
        return false; /* a repeat */
    return again || (flow->close_state & SEEN_CLOSE);
}

static bool is_closed(const struct flow *flow)
{
    return flow->close_state & SEEN_CLOSE;
}

/* Why the packet cannot join the flow that has its key; 0 if it can. */
static int reason_to_end(const struct assembler *assembler, const struct flow *flow,
                         const struct arrival *arrival)
{
    const int64_t patience = assembler->patience[is_closed(flow)];
    if (arrival->time_ns > deadline(flow->last_ns, patience) ||
        flow->first_ns > deadline(arrival->time_ns, patience))
        return is_closed(flow) ? FLOW_END_CLOSED : FLOW_END_IDLE;
    if (begins_connection(flow, arrival))
        return FLOW_END_CLOSED;
    if (arrival->time_ns > deadline(flow->first_ns, assembler->rules.active_ns) ||
        flow->packets == MOST_PACKETS)
        return FLOW_END_ACTIVE;
    return 0;
}

/* Ends the flow that has to make room for a new one, if any. */
static int make_room(struct assembler *assembler, struct lcap_error *error)
{
    const uint64_t max_flows = assembler->rules.max_flows;
    if (max_flows == 0 || flow_table_count(assembler->table) < max_flows)
        return LCAP_OK;
    struct flow *waiting = flow_table_oldest(assembler->table, WAITING_FLOWS);
    if (waiting)
        return end_flow(assembler, waiting, FLOW_END_NO_MORE, STEP_JOIN, error);
    struct flow *oldest = flow_table_oldest(assembler->table, CLOSED_FLOWS);
    if (!oldest)
        oldest = flow_table_oldest(assembler->table, OPEN_FLOWS);
    assembler->evicted++;
    return oldest ? end_flow(assembler, oldest, FLOW_END_RESOURCES, STEP_JOIN, error) : LCAP_OK;
}

/* Beginnings */

/* `before`: the flow that the active time-out cut, if the new one continues it. */
static void set_beginning(struct flow *flow, const struct arrival *arrival,
                          const struct flow *before)
{
    flow->first_ns = flow->last_ns = arrival->time_ns;
    flow->vlan = arrival->headers->vlan;
    flow->forward_is_second =
        before ? before->forward_is_second : arrival->from_second != arrival->is_answer;
    flow->close_state = before ? before->close_state : 0;
    flow->syn_seq = before ? before->syn_seq : 0;
}

static int begin_flow(struct assembler *assembler, const struct arrival *arrival, uint32_t hash,
                      const struct flow *before, struct flow **begun, struct lcap_error *error)
{
    struct flow_table *table = assembler->table;
    int rc = make_room(assembler, error);
    if (rc < 0)
        return rc;
    struct flow *flow = flow_table_add(table, &arrival->key, hash, error);
    if (!flow)
        return LCAP_ERR_MEMORY;
    set_beginning(flow, arrival, before);
    if (assembler->rules.has_share)
        flow->number = assembler->packet;
    if (flow_table_count(table) > assembler->peak)
        assembler->peak = flow_table_count(table);
    *begun = flow;
    return LCAP_OK;
}

/* Sets *joined to the flow that the packet joins, an old or a new one. */
static int choose_flow(struct assembler *assembler, const struct arrival *arrival,
                       struct flow **joined, struct lcap_error *error)
{
    const uint32_t hash = flow_table_hash(assembler->table, &arrival->key);
    struct flow *flow = flow_table_find(assembler->table, &arrival->key, hash);
    if (!flow)
        return begin_flow(assembler, arrival, hash, NULL, joined, error);
    const int reason = reason_to_end(assembler, flow, arrival);
    if (reason == 0) {
        *joined = flow;
        return LCAP_OK;
    }
    const struct flow cut = *flow;
    const bool goes_on = reason == FLOW_END_ACTIVE && !arrival->is_syn;
    int rc = end_flow(assembler, flow, reason, STEP_JOIN, error);
    if (rc < 0)
        return rc;
    return begin_flow(assembler, arrival, hash, goes_on ? &cut : NULL, joined, error);
}

/* Joining */

/*
 * Not for closed flows, so both FINs have not been seen: a SYN after the close
 * begins a new flow.
 */
static void flip(const struct assembler *assembler, struct flow *flow)
{
    flow->forward_is_second = !flow->forward_is_second;
    if (flow->close_state & SEEN_FINS)
        flow->close_state ^= SEEN_FINS;
    if (assembler->measure.flip)
        assembler->measure.flip(assembler->context, flow);
}

static void take_first_syn(const struct assembler *assembler, struct flow *flow,
                           const struct arrival *arrival)
{
    if (!is_forward(flow, arrival))
        flip(assembler, flow);
    flow->close_state |= SEEN_SYN;
    flow->syn_seq = arrival->headers->tcp_seq;
}

static void watch_close(struct flow *flow, const struct arrival *arrival)
{
    const uint16_t flags = arrival->headers->tcp_flags;
    if (flags & TCP_FIN)
        flow->close_state |= arrival->one_way            ? SEEN_FINS
                             : is_forward(flow, arrival) ? SEEN_FIN_FORWARD
                                                         : SEEN_FIN_BACKWARD;
    if ((flags & TCP_RST) || (flow->close_state & SEEN_FINS) == SEEN_FINS)
        flow->close_state |= SEEN_CLOSE;
}

static int join(struct assembler *assembler, struct flow *flow, const struct arrival *arrival,
                struct lcap_error *error)
{
    if (arrival->is_syn && !(flow->close_state & SEEN_SYN))
        take_first_syn(assembler, flow, arrival);
    const struct flow_packet packet = {
        .headers = arrival->headers,
        .packet = arrival->packet,
        .time_ns = arrival->time_ns,
        .forward = is_forward(flow, arrival),
    };
    int rc = assembler->measure.packet(assembler->context, flow, &packet, error);
    flow_note_time(flow, arrival->time_ns);
    if (arrival->is_tcp)
        watch_close(flow, arrival);
    flow->packets++;
    flow->seen_ns = assembler->clock.now_ns;
    flow->last_packet = assembler->packet;
    flow_table_touch(assembler->table, flow, is_closed(flow) ? CLOSED_FLOWS : OPEN_FLOWS);
    return rc;
}

/* Ends the flows whose time is over with this packet; sets *told_ns to its time. */
static int advance(struct assembler *assembler, const struct lcap_packet *packet, uint32_t sample,
                   int64_t *told_ns, struct lcap_error *error)
{
    int rc = capture_clock_tell(&assembler->clock, packet, sample, told_ns, error);
    assembler->packet++;
    if (rc == LCAP_OK && assembler->packet >= assembler->due_packet)
        rc = end_waited(assembler, error);
    if (rc == LCAP_OK && assembler->clock.now_ns > assembler->due_ns)
        rc = end_due_flows(assembler, error);
    return rc;
}

int assembler_pass(struct assembler *assembler, const struct lcap_packet *packet, uint32_t sample,
                   struct lcap_error *error)
{
    int64_t time_ns;
    return advance(assembler, packet, sample, &time_ns, error);
}

int assembler_packet(struct assembler *assembler, const struct lcap_packet *packet,
                     const struct packet_headers *headers, uint32_t sample,
                     struct lcap_error *error)
{
    struct arrival arrival = {.packet = packet, .headers = headers};
    struct flow *flow;
    int rc = advance(assembler, packet, sample, &arrival.time_ns, error);
    if (rc < 0)
        return rc;
    receive(assembler, &arrival, sample);
    rc = choose_flow(assembler, &arrival, &flow, error);
    if (rc < 0)
        return rc;
    return join(assembler, flow, &arrival, error);
}

/* The end of the stream */

/* A flow with its number beside it, so that sorting does not touch the memory of all flows. */
struct numbered {
    uint64_t number;
    struct flow *flow;
};

static int compare_numbers(const void *a, const void *b)
{
    const uint64_t left = ((const struct numbered *)a)->number;
    const uint64_t right = ((const struct numbered *)b)->number;
    return (left > right) - (left < right);
}

static void list_by_number(const struct assembler *assembler, struct numbered *flows, size_t count)
{
    size_t n = 0;
    for (int list = 0; list < FLOW_LISTS; list++) {
        struct flow *flow = flow_table_oldest(assembler->table, list);
        for (; flow; flow = flow->newer)
            flows[n++] = (struct numbered){.number = flow->number, .flow = flow};
    }
    qsort(flows, count, sizeof *flows, compare_numbers);
}

int assembler_finish(struct assembler *assembler, struct lcap_error *error)
{
    const size_t count = flow_table_count(assembler->table);
    struct numbered *flows = memory_new(count, sizeof *flows, error);
    if (!flows)
        return LCAP_ERR_MEMORY;
    list_by_number(assembler, flows, count);
    int rc = LCAP_OK;
    assembler->packet = UINT64_MAX;
    for (size_t i = 0; i < count && rc == LCAP_OK; i++) {
        struct flow *flow = flows[i].flow;
        flow->last_packet = flow->number;
        rc = end_flow(assembler, flow,
                      is_closed(flow)     ? FLOW_END_CLOSED
                      : is_labelled(flow) ? FLOW_END_NO_MORE
                                          : FLOW_END_FORCED,
                      STEP_JOIN, error);
    }
    free(flows);
    capture_clock_reset(&assembler->clock);
    assembler->packet = 0;
    assembler->due_packet = UINT64_MAX;
    assembler->due_ns = INT64_MIN;
    return rc;
}

void assembler_count(struct assembler *assembler, struct lcap_flow_counts *counts)
{
    counts->evicted += assembler->evicted;
    if (assembler->peak > counts->peak_flows)
        counts->peak_flows = assembler->peak;
    assembler->evicted = 0;
}

void assembler_free(struct assembler *assembler)
{
    if (!assembler)
        return;
    for (int list = 0; assembler->table && list < FLOW_LISTS; list++) {
        struct flow *flow = flow_table_oldest(assembler->table, list);
        for (; flow; flow = flow->newer)
            release(assembler, flow);
    }
    flow_table_free(assembler->table);
    capture_clock_release(&assembler->clock);
    free(assembler);
}
