/* Sequence numbers with their holes, windows, SYN options, and the state of the connection. */
#include "features/measure/tcp_state.h"

#include "base/bytes.h"
#include "base/memory.h"
#include <stdlib.h>

struct tcp_range {
    uint32_t begin, end; /* the number after the last */
};

/* What is missing below `next`: in ascending order, not adjacent. */
struct tcp_holes {
    uint32_t count;
    struct tcp_range items[TCP_HOLES];
};

/* Sequence numbers are compared by the sign of their difference (RFC 9293, 3.4). */
static bool is_before(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b) < 0;
}

static bool in_hole(const struct tcp_holes *holes, uint32_t seq)
{
    if (!holes)
        return false;
    for (uint32_t i = 0; i < holes->count; i++) {
        if (!is_before(seq, holes->items[i].begin) && is_before(seq, holes->items[i].end))
            return true;
    }
    return false;
}

/* Removes what has been seen from the holes: a hole may vanish, shrink or become two. */
static void fill_holes(struct tcp_holes *holes, struct tcp_range seen)
{
    struct tcp_range left[2 * TCP_HOLES];
    uint32_t count = 0;
    for (uint32_t i = 0; i < holes->count; i++) {
        struct tcp_range hole = holes->items[i];
        bool apart = !is_before(hole.begin, seen.end) || !is_before(seen.begin, hole.end);
        if (apart || is_before(hole.begin, seen.begin))
            left[count++] = (struct tcp_range){hole.begin, apart ? hole.end : seen.begin};
        if (!apart && is_before(seen.end, hole.end))
            left[count++] = (struct tcp_range){seen.end, hole.end};
    }
    uint32_t lost = count > TCP_HOLES ? count - TCP_HOLES : 0;
    holes->count = count - lost;
    memcpy(holes->items, left + lost, holes->count * sizeof *left);
}

/* A hole above all others, or below them. */
static int add_hole(struct tcp_side *side, struct tcp_range hole, bool above,
                    struct lcap_error *error)
{
    if (!side->holes && !(side->holes = memory_new(1, sizeof *side->holes, error)))
        return LCAP_ERR_MEMORY;
    struct tcp_holes *holes = side->holes;
    if (holes->count == TCP_HOLES) {
        if (!above)
            return LCAP_OK;
        holes->count--;
        memmove(holes->items, holes->items + 1, holes->count * sizeof hole);
    }
    if (!above)
        memmove(holes->items + 1, holes->items, holes->count * sizeof hole);
    holes->items[above ? holes->count : 0] = hole;
    holes->count++;
    return LCAP_OK;
}

static int segment_below_first(struct tcp_side *side, struct tcp_range segment,
                               struct lcap_error *error)
{
    side->out_of_order++;
    struct tcp_range gap = {segment.end, side->lowest};
    side->lowest = segment.begin;
    return is_before(gap.begin, gap.end) ? add_hole(side, gap, false, error) : LCAP_OK;
}

static int segment_above_all(struct tcp_side *side, struct tcp_range segment,
                             struct lcap_error *error)
{
    struct tcp_range gap = {side->next, segment.begin};
    side->next = segment.end;
    return is_before(gap.begin, gap.end) ? add_hole(side, gap, true, error) : LCAP_OK;
}

static bool was_seen(const struct tcp_side *side, uint32_t seq)
{
    return is_before(seq, side->next) && !is_before(seq, side->lowest) &&
           !in_hole(side->holes, seq);
}

static void begin_numbers(struct tcp_side *side, struct tcp_range segment)
{
    side->lowest = segment.begin;
    side->next = segment.end;
    side->facts |= TCP_SENT_SEGMENT;
    if (side->holes)
        side->holes->count = 0;
}

static int take_segment(struct tcp_side *side, struct tcp_range segment, struct lcap_error *error)
{
    if (!is_before(segment.begin, side->next))
        return segment_above_all(side, segment, error);
    int rc = LCAP_OK;
    if (is_before(segment.begin, side->lowest))
        rc = segment_below_first(side, segment, error);
    else if (was_seen(side, segment.begin))
        side->retransmissions++;
    else
        side->out_of_order++;
    if (side->holes)
        fill_holes(side->holes, segment);
    if (is_before(side->next, segment.end))
        side->next = segment.end;
    return rc;
}

static int sequence(struct tcp_side *own, const struct tcp_side *other,
                    const struct packet_headers *headers, struct lcap_error *error)
{
    bool bounds = headers->tcp_flags & (TCP_SYN | TCP_FIN);
    uint32_t begin = headers->tcp_seq;
    uint32_t len = headers->payload_len + (bool)(headers->tcp_flags & TCP_SYN) +
                   (bool)(headers->tcp_flags & TCP_FIN);
    const struct tcp_range segment = {begin, begin + len};
    if (!(own->facts & TCP_SENT_SEGMENT) ||
        ((headers->tcp_flags & TCP_SYN) && !was_seen(own, begin))) {
        begin_numbers(own, segment);
        return LCAP_OK;
    }
    if (!bounds && len <= 1 && begin == own->next - 1) {
        own->keep_alives++;
        return LCAP_OK;
    }
    bool probe =
        !bounds && len == 1 && begin == own->next && other->has_window && other->last_window == 0;
    if (len == 0 || probe)
        return LCAP_OK;
    return take_segment(own, segment, error);
}

static void windows(struct tcp_side *side, const struct packet_headers *headers)
{
    uint16_t window = headers->tcp_window;
    if (!packet_has_window(headers))
        return;
    if (!(side->facts & TCP_SENT)) {
        side->first_window = window;
        side->has_first_window = true;
    }
    if (headers->tcp_flags & TCP_RST)
        return;
    if (!side->has_window || window < side->least_window)
        side->least_window = window;
    if (!side->has_window || window > side->greatest_window)
        side->greatest_window = window;
    side->has_window = true;
    side->last_window = window;
    side->zero_windows += window == 0 && !(headers->tcp_flags & (TCP_SYN | TCP_FIN));
}

enum { OPTION_END = 0, OPTION_NOTHING = 1, OPTION_SEGMENT_SIZE = 2, OPTION_WINDOW_SCALE = 3 };

/* Options of a SYN: RFC 9293, 3.2; RFC 7323, 2.2. */
static void syn_options(struct tcp_side *side, const struct packet_headers *headers)
{
    uint32_t captured = headers->ip_captured - headers->ip_header_len;
    uint32_t len = captured < headers->transport_len ? captured : headers->transport_len;
    if (len < TCP_FIXED_LEN)
        return;
    struct cursor options = {headers->ip + headers->ip_header_len + TCP_FIXED_LEN,
                             len - TCP_FIXED_LEN, true};
    const uint8_t *kind, *option;
    while ((kind = cursor_take(&options, 1)) && *kind != OPTION_END) {
        if (*kind == OPTION_NOTHING)
            continue;
        const uint8_t *size = cursor_take(&options, 1);
        if (!size || *size < 2 || !(option = cursor_take(&options, *size - 2u)))
            return;
        if (*kind == OPTION_SEGMENT_SIZE && *size == 4)
            side->segment_size = load16(option, true);
        if (*kind == OPTION_WINDOW_SCALE && *size == 3) {
            side->window_scale = *option;
            side->has_scale = true;
        }
    }
}

static void syn(struct tcp_side *own, const struct tcp_side *other,
                const struct packet_headers *headers, int64_t time)
{
    bool with_ack = headers->tcp_flags & TCP_ACK;
    if (!(own->facts & (TCP_SENT_SYN | TCP_SENT_SYN_ACK)))
        syn_options(own, headers);
    if (!with_ack && !(own->facts & TCP_SENT_SYN))
        own->syn_ns = time;
    if (with_ack && (other->facts & TCP_SENT_SYN) && !own->has_syn_ack_time) {
        own->syn_ack_ns = time;
        own->syn_ack_end = headers->tcp_seq + 1;
        own->has_syn_ack_time = true;
    }
    own->facts |= with_ack ? TCP_SENT_SYN_ACK : TCP_SENT_SYN;
}

static void acknowledgement(struct tcp_side *own, const struct tcp_side *other,
                            const struct packet_headers *headers, int64_t time)
{
    if (own->has_ack_time || !other->has_syn_ack_time ||
        is_before(headers->tcp_ack, other->syn_ack_end))
        return;
    own->ack_ns = time;
    own->has_ack_time = true;
}

enum end_state {
    UNOPENED, /* it sent nothing; or no SYN, FIN or RST, and there was no SYN/ACK to answer */
    SYN_ONLY,
    OPENED,
    CLOSED,
    ABORTED,
};

static enum end_state state_of(const struct tcp_side *side, const struct tcp_side *other)
{
    if (side->facts & TCP_SENT_RST)
        return ABORTED;
    if (side->facts & TCP_SENT_FIN)
        return CLOSED;
    if (side->facts & TCP_SENT_SYN_ACK)
        return OPENED;
    if (side->facts & TCP_SENT_SYN)
        return other->facts & (TCP_SENT_SYN | TCP_SENT_SYN_ACK) ? OPENED : SYN_ONLY;
    return (side->facts & TCP_SENT) && (other->facts & TCP_SENT_SYN_ACK) ? OPENED : UNOPENED;
}

static void abort_side(struct tcp_side *own)
{
    if (own->facts & TCP_SENT_RST)
        return;
    const unsigned known = TCP_SENT_SYN | TCP_SENT_SYN_ACK | TCP_SENT_ACK | TCP_SENT_FIN;
    if ((own->facts & known) == TCP_SENT_SYN)
        own->facts |= TCP_SYN_BEFORE_RST;
    if (own->facts & TCP_SENT_FIN)
        own->facts |= TCP_FIN_BEFORE_RST;
    own->facts |= TCP_SENT_RST;
}

/* `before`: the facts of `own` before this packet. As in Zeek, the FIN of a side that was open
 * turns an RST of the other side after its FIN back into a normal close. */
static void close_side(struct tcp_side *own, struct tcp_side *other, uint16_t before)
{
    const enum end_state state = state_of(own, other);
    const bool was_open = (before & TCP_SENT) && (state == OPENED || state == UNOPENED);
    if (was_open && (other->facts & TCP_FIN_BEFORE_RST))
        other->facts &= (uint16_t)~TCP_SENT_RST;
    own->facts |= TCP_SENT_FIN;
}

static void end(struct tcp_side *own, struct tcp_side *other, uint16_t before, uint16_t flags)
{
    const bool closed = own->facts & other->facts & TCP_SENT_FIN;
    if ((flags & TCP_RST) && !closed)
        abort_side(own);
    if ((flags & (TCP_FIN | TCP_RST)) == TCP_FIN)
        close_side(own, other, before);
    else if (flags & TCP_FIN)
        own->facts |= TCP_SENT_FIN;
}

int tcp_side_packet(struct tcp_side *own, struct tcp_side *other,
                    const struct packet_headers *headers, int64_t time, struct lcap_error *error)
{
    const uint16_t flags = headers->tcp_flags, before = own->facts;
    windows(own, headers);
    own->facts |= TCP_SENT;
    if (flags & TCP_SYN)
        syn(own, other, headers, time);
    else if ((flags & (TCP_ACK | TCP_RST)) == TCP_ACK)
        acknowledgement(own, other, headers, time);
    int rc = flags & TCP_RST ? LCAP_OK : sequence(own, other, headers, error);
    if (flags & (TCP_FIN | TCP_RST))
        end(own, other, before, flags);
    if (headers->payload_len)
        own->facts |= TCP_SENT_DATA;
    else if ((flags & (TCP_SYN | TCP_FIN | TCP_RST | TCP_ACK)) == TCP_ACK)
        own->facts |= TCP_SENT_ACK;
    return rc;
}

void tcp_side_release(struct tcp_side *side)
{
    free(side->holes);
    side->holes = NULL;
}

static const char *aborted_by_responder(enum end_state originator, bool data)
{
    if (originator == SYN_ONLY || (originator == ABORTED && !data))
        return "REJ";
    return originator == UNOPENED ? "RSTRH" : "RSTR";
}

static const char *state_name(const struct tcp_side *originator, const struct tcp_side *responder)
{
    enum end_state from = state_of(originator, responder);
    enum end_state to = state_of(responder, originator);
    if (to == ABORTED)
        return aborted_by_responder(from, (originator->facts | responder->facts) & TCP_SENT_DATA);
    if (from == ABORTED && to == UNOPENED)
        return originator->facts & TCP_SYN_BEFORE_RST ? "RSTOS0" : "OTH";
    if (from == ABORTED)
        return "RSTO";
    if (from == CLOSED && to == CLOSED)
        return "SF";
    if (from == CLOSED)
        return to == UNOPENED ? "SH" : "S2";
    if (to == CLOSED)
        return from == UNOPENED ? "SHR" : "S3";
    if (from == SYN_ONLY && !(responder->facts & TCP_SENT))
        return "S0";
    return from == OPENED && to == OPENED ? "S1" : "OTH";
}

const char *tcp_connection_state(const struct tcp_side *forward, const struct tcp_side *backward)
{
    const bool answers =
        (forward->facts & TCP_SENT_SYN_ACK) && !(backward->facts & TCP_SENT_SYN_ACK);
    const bool turned =
        !(forward->facts & TCP_SENT_SYN) && ((backward->facts & TCP_SENT_SYN) || answers);
    return turned ? state_name(backward, forward) : state_name(forward, backward);
}
