/*
 * netfound: the first 12 bursts of a flow, with 16-bit tokens of the first 6 packets of each.
 * netFound: https://github.com/SNL-UCSB/netFound (src/pre_process: 3_field_extraction.cpp,
 * Tokenize.py; the fields are those of its configs without options of TCP).
 */
#include "arrays/array_form.h"
#include "arrays/forms/hex_text.h"
#include "base/bytes.h"
#include "base/number/number.h"
#include "base/time_distance.h"
#include "packet/packet_headers.h"

enum { BURSTS = 12, BURST_PACKETS = 6, MOST_TOKENS = 18, PAYLOAD_TOKENS = 6 };
enum { USUAL_PACKETS = UINT16_MAX, PAUSE_NS = 10000000, IPV6_LEN = 40, ECHO_HEADER = 16 };

enum { FLOW_DURATION, BURST_TOKENS, DIRECTIONS, BYTES, IATS, COUNTS, PROTOCOL, LABELS, COLUMNS };

static const struct lcap_column columns[COLUMNS] = {
    [FLOW_DURATION] = {"flow_duration", LCAP_CELL_UNSIGNED, "us", "First to last packet", NULL,
                       NULL},
    [BURST_TOKENS] = {"burst_tokens", LCAP_CELL_NESTED, "", "The tokens of each burst", NULL, NULL},
    [DIRECTIONS] = {"directions", LCAP_CELL_SERIES, "", "1 from the initiator, 0 to it", NULL,
                    NULL},
    [BYTES] = {"bytes", LCAP_CELL_SERIES, "bytes", "Of the IP packets of a burst", NULL, NULL},
    [IATS] = {"iats", LCAP_CELL_SERIES, "us", "Since the burst before of this direction", NULL,
              NULL},
    [COUNTS] = {"counts", LCAP_CELL_SERIES, "packets", "Of a burst", NULL, NULL},
    [PROTOCOL] = {"protocol", LCAP_CELL_UNSIGNED, "", "6, 17 or 1", NULL, NULL},
    [LABELS] = {"labels", LCAP_CELL_TEXT, "", "The label", NULL, NULL},
};

/* As netFound's Tokenize.py has them. */
static const char *const arrow_types[COLUMNS] = {
    [FLOW_DURATION] = "L", [BURST_TOKENS] = "+l+lS", [DIRECTIONS] = "+lb", [BYTES] = "+lI",
    [IATS] = "+lL",        [COUNTS] = "+lI",         [PROTOCOL] = "S",     [LABELS] = "u",
};

struct burst {
    bool forward;
    uint64_t iat_ns, bytes;
    uint32_t count; /* of packets with tokens */
    uint32_t token_count;
    uint16_t tokens[BURST_PACKETS * MOST_TOKENS];
};

/* What is known of the packets of one direction. */
struct side {
    bool has_burst, has_sequence;
    uint32_t burst, sequence;  /* the last one, and the first one */
    int64_t begin_ns, last_ns; /* of that burst */
};

struct flow_bursts {
    struct burst bursts[BURSTS];
    uint32_t count; /* also those that have no room */
    struct side sides[2];
    bool compat;
};

/* ---- tokens ---- */

/* A byte of the IP packet, 0 if it is not there. */
static uint8_t byte_at(const struct array_packet *packet, uint32_t at)
{
    return at < packet->end && at < packet->captured ? packet->data[at] : 0;
}

static uint16_t number_at(const struct array_packet *packet, uint32_t at)
{
    return (uint16_t)(byte_at(packet, at) << 8 | byte_at(packet, at + 1));
}

static uint32_t long_at(const struct array_packet *packet, uint32_t at)
{
    return (uint32_t)number_at(packet, at) << 16 | number_at(packet, at + 2);
}

static void add_token(struct burst *burst, uint32_t token)
{
    burst->tokens[burst->token_count++] = (uint16_t)token;
}

static void add_long(struct burst *burst, uint32_t number)
{
    add_token(burst, number >> 16);
    add_token(burst, number);
}

static uint16_t ip_len(const struct array_packet *packet)
{
    return packet->family == FAMILY_IPV4
               ? number_at(packet, packet->network + 2)
               : (uint16_t)(number_at(packet, packet->network + 4) + IPV6_LEN);
}

/* netFound has the first four bits of a traffic class. */
static uint32_t service_of(const struct array_packet *packet, bool compat)
{
    const uint32_t ip = packet->network;
    if (packet->family == FAMILY_IPV4)
        return byte_at(packet, ip + 1);
    return compat ? byte_at(packet, ip) & 15u : number_at(packet, ip) >> 4 & 255u;
}

static void add_ip(struct burst *burst, const struct array_packet *packet, bool compat)
{
    const uint32_t ip = packet->network;
    const bool four = packet->family == FAMILY_IPV4;
    add_token(burst, four ? (byte_at(packet, ip) & 15u) * 4 : IPV6_LEN);
    add_token(burst, service_of(packet, compat));
    add_token(burst, ip_len(packet));
    add_token(burst, four ? byte_at(packet, ip + 6) >> 5 : 0);
    add_token(burst, byte_at(packet, ip + (four ? 8 : 7)));
}

/* Sequence numbers count from the first ones of their direction. */
static void add_tcp(struct burst *burst, const struct array_packet *packet,
                    const struct side sides[2])
{
    const uint32_t tcp = packet->transport;
    const struct side *own = &sides[packet->forward], *other = &sides[!packet->forward];
    add_token(burst, byte_at(packet, tcp + 13));
    add_token(burst, number_at(packet, tcp + 14));
    add_long(burst, long_at(packet, tcp + 4) - own->sequence);
    add_long(burst, other->has_sequence ? long_at(packet, tcp + 8) - other->sequence : 0);
    add_token(burst, number_at(packet, tcp + 18));
}

static void add_transport(struct burst *burst, const struct array_packet *packet,
                          const struct side sides[2])
{
    const uint32_t at = packet->transport;
    if (packet->protocol == IP_PROTOCOL_TCP) {
        add_tcp(burst, packet, sides);
    } else if (packet->protocol == IP_PROTOCOL_UDP) {
        add_token(burst, number_at(packet, at + 4));
    } else {
        add_token(burst, byte_at(packet, at));
        add_token(burst, byte_at(packet, at + 1));
    }
}

static void add_packet(const struct flow_bursts *flow, struct burst *burst,
                       const struct array_packet *packet)
{
    burst->count++;
    burst->bytes += ip_len(packet);
    add_ip(burst, packet, flow->compat);
    add_transport(burst, packet, flow->sides);
    for (uint32_t i = 0; i < PAYLOAD_TOKENS; i++)
        add_token(burst, number_at(packet, packet->payload + 2 * i));
}

/* ---- bursts ---- */

/* The first packet may acknowledge the other direction, of which none came before. */
static void learn_sequences(struct flow_bursts *flow, const struct array_packet *packet)
{
    struct side *own = &flow->sides[packet->forward], *other = &flow->sides[!packet->forward];
    const uint32_t ack = long_at(packet, packet->transport + 8);
    if (!own->has_sequence && !other->has_sequence && ack != 0) {
        other->sequence = ack;
        other->has_sequence = true;
    }
    if (!own->has_sequence)
        own->sequence = long_at(packet, packet->transport + 4);
    own->has_sequence = true;
}

static void begin_burst(struct flow_bursts *flow, struct side *side,
                        const struct array_packet *packet)
{
    if (flow->count < BURSTS)
        flow->bursts[flow->count] = (struct burst){
            .forward = packet->forward,
            .iat_ns = side->has_burst ? time_apart(side->begin_ns, packet->time_ns) : 0,
        };
    side->burst = flow->count++;
    side->has_burst = true;
    side->begin_ns = side->last_ns = packet->time_ns;
}

static void take(struct flow_bursts *flow, const struct array_packet *packet)
{
    struct side *side = &flow->sides[packet->forward];
    if (!side->has_burst ||
        (packet->time_ns > side->last_ns && time_apart(side->last_ns, packet->time_ns) > PAUSE_NS))
        begin_burst(flow, side, packet);
    if (packet->time_ns > side->last_ns)
        side->last_ns = packet->time_ns;
    if (side->burst < BURSTS && flow->bursts[side->burst].count < BURST_PACKETS)
        add_packet(flow, &flow->bursts[side->burst], packet);
}

static uint64_t duration_us(const struct array_row *row)
{
    int64_t first = INT64_MAX, last = INT64_MIN;
    for (uint32_t i = 0; i < row->count; i++) {
        first = row->packets[i].time_ns < first ? row->packets[i].time_ns : first;
        last = row->packets[i].time_ns > last ? row->packets[i].time_ns : last;
    }
    return row->count > 0 ? time_apart(first, last) / 1000 : 0;
}

/* ---- as netFound does ---- */

/* The first packet gives both sequence numbers; if it acknowledges nothing, the second one gives
 * that of the other direction, whatever its own. */
static void learn_as_netfound(struct flow_bursts *flow, const struct array_packet *packet,
                              uint32_t number)
{
    struct side *there = &flow->sides[true], *back = &flow->sides[false];
    if (number == 0) {
        there->sequence = long_at(packet, packet->transport + 4);
        there->has_sequence = true;
        back->sequence = long_at(packet, packet->transport + 8);
    } else if (number == 1 && back->sequence == 0) {
        back->sequence = long_at(packet, packet->transport + 4);
    }
    back->has_sequence = back->sequence != 0;
}

/* All that it keeps of an address of IPv6, too. */
static uint32_t source_of(const struct array_packet *packet)
{
    return long_at(packet, packet->network + (packet->family == FAMILY_IPV4 ? 12 : 8));
}

/* Forward are packets with the source of the first one. The payload of an echo lacks 16 bytes, that
 * of other ICMP has its header. */
static struct array_packet compat_view(const struct array_settings *settings,
                                       const struct array_row *row, uint32_t number)
{
    struct array_packet view = row->packets[number];
    const uint8_t type = byte_at(&view, view.transport);
    view.forward = view.forward == row->packets[0].forward;
    if (!(settings->mask.fields & 1u << MASK_IP))
        view.forward = source_of(&view) == source_of(&row->packets[0]);
    if (view.protocol == IP_PROTOCOL_ICMP)
        view.payload = view.transport + (type == 0 || type == 8 ? ECHO_HEADER : 0);
    return view;
}

/* ---- cells ---- */

/* To the nearest, and of two the even one. */
static uint64_t rounded_us(uint64_t ns)
{
    const uint64_t us = ns / 1000, rest = ns % 1000;
    return us + (rest > 500 || (rest == 500 && us % 2 == 1));
}

static void add_number(struct lcap_cell *cell, char *text, char separator, uint64_t number)
{
    if (cell->text_len > 0)
        text[cell->text_len++] = separator;
    cell->text_len += (uint32_t)number_from_unsigned(number, text + cell->text_len);
}

static void add_burst(const struct burst *burst, struct lcap_cell *cells, char *const *texts)
{
    for (uint32_t i = 0; i < burst->token_count; i++)
        add_number(&cells[BURST_TOKENS], texts[BURST_TOKENS], i > 0 ? ' ' : ';', burst->tokens[i]);
    add_number(&cells[DIRECTIONS], texts[DIRECTIONS], ' ', burst->forward);
    add_number(&cells[BYTES], texts[BYTES], ' ', burst->bytes);
    add_number(&cells[IATS], texts[IATS], ' ', rounded_us(burst->iat_ns));
    add_number(&cells[COUNTS], texts[COUNTS], ' ', burst->count);
}

static int set_series(const struct flow_bursts *flow, struct arena *texts, struct lcap_cell *cells,
                      struct lcap_error *error)
{
    enum { MOST_NUMBERS = BURSTS * BURST_PACKETS * MOST_TOKENS };
    char *rooms[COLUMNS] = {NULL};
    for (unsigned i = BURST_TOKENS; i <= COUNTS; i++) {
        const size_t most = i == BURST_TOKENS ? MOST_NUMBERS * sizeof "65535" : BURSTS * U64_TEXT;
        rooms[i] = arena_take(texts, most + U64_TEXT, error);
        if (!rooms[i])
            return LCAP_ERR_MEMORY;
        cells[i] = (struct lcap_cell){.kind = columns[i].kind, .value.text = rooms[i]};
    }
    for (uint32_t i = 0; i < flow->count && i < BURSTS; i++)
        add_burst(&flow->bursts[i], cells, rooms);
    return LCAP_OK;
}

static int cells(const struct array_settings *settings, const struct array_row *row,
                 struct arena *texts, struct lcap_cell *cells, struct lcap_error *error)
{
    struct flow_bursts flow = {.compat = settings->compat};
    for (uint32_t i = 0; i < row->count; i++) {
        const struct array_packet view =
            flow.compat ? compat_view(settings, row, i) : row->packets[i];
        if (view.protocol == IP_PROTOCOL_TCP && flow.compat)
            learn_as_netfound(&flow, &view, i);
        else if (view.protocol == IP_PROTOCOL_TCP)
            learn_sequences(&flow, &view);
        take(&flow, &view);
    }
    cells[FLOW_DURATION] =
        (struct lcap_cell){.kind = LCAP_CELL_UNSIGNED, .value.u = duration_us(row)};
    cells[PROTOCOL] =
        (struct lcap_cell){.kind = LCAP_CELL_UNSIGNED, .value.u = row->packets[0].protocol};
    cells[LABELS] = hex_text_label(row);
    return set_series(&flow, texts, cells, error);
}

/* ---- the form ---- */

static int settle(struct array_settings *settings, struct lcap_error *error)
{
    if (settings->bytes > 0 || settings->per != ARRAY_PER_FLOW)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                              "a row of --form netfound is a flow, and its tokens are fixed: "
                              "leave out --per and --bytes");
    if (settings->packets == 0)
        settings->packets = USUAL_PACKETS;
    settings->shape = (struct array_shape){.type = "text", .item_size = 1};
    return LCAP_OK;
}

static bool takes(const struct array_settings *settings, const struct array_packet *packet)
{
    (void)settings;
    return packet->has_transport &&
           (packet->protocol == IP_PROTOCOL_TCP || packet->protocol == IP_PROTOCOL_UDP ||
            packet->protocol == IP_PROTOCOL_ICMP);
}

static uint32_t reach(const struct array_settings *settings, const struct array_packet *packet)
{
    (void)settings;
    return packet->payload + ECHO_HEADER + 2 * PAYLOAD_TOKENS;
}

const struct array_form form_netfound = {
    .name = "netfound",
    .per = ARRAY_PER_FLOW,
    .settle = settle,
    .columns = columns,
    .column_count = COLUMNS,
    .has_compat = true,
    .arrow_types = arrow_types,
    .compat_is_arrow = true,
    .cells = cells,
    .takes = takes,
    .reach = reach,
};
