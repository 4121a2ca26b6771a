/*
 * Flows take turns at random. A TCP flow is a handshake, data with
 * acknowledgements, and both FINs; a UDP flow is requests and responses.
 */
#include "traffic.h"

#include "base/bytes.h"
#include "population.h"
#include <stdlib.h>

/* Flows that are open at a time. */
#define CONVERSATIONS 2000

/* Frame lengths: small ones, a few of any length, and full ones; the means of each. */
#define SMALL_MEAN   78
#define MEDIUM_MIN   100
#define MEDIUM_RANGE 801
#define MEDIUM_MEAN  500
#define MEDIUM_SHARE 0.08
#define LARGE_MEAN   1482

#define TCP_SHARE 0.75

enum { ETHERNET_LEN = 14, IPV4_LEN = 20, IPV6_LEN = 40, UDP_LEN = 8 };
/* With the options that stacks send: timestamps; and MSS, SACK permitted, window scale on SYN. */
enum { TCP_LEN = 32, TCP_SYN_LEN = 40 };
enum { TCP_FIN = 1, TCP_SYN = 2, TCP_PSH = 8, TCP_ACK = 16 };
enum { PROTOCOL_TCP = 6, PROTOCOL_UDP = 17 };

/* Packets of a TCP flow that carry no data: three to open it, four to close it. */
enum { TCP_OPENING = 3, TCP_CLOSING = 4, TCP_SHORTEST = 8, UDP_SHORTEST = 2 };

struct conversation {
    struct flow_tuple tuple;
    uint32_t sent;
    uint32_t length; /* in packets, decided when it begins */
    bool upload;     /* large segments go to the server */
    bool last_from_client;
    uint32_t sequence[2]; /* of the client, of the server */
    uint16_t ip_id[2];
};

/* What one packet is, before it has bytes. */
struct step {
    bool from_client;
    uint8_t tcp_flags;
    uint32_t payload;
};

/* Payload is cut from this; even offsets only, so that checksums come from sums of prefixes. */
#define POOL 65536
static uint8_t pool[POOL + TRAFFIC_MAX_FRAME + 1];
static uint32_t pool_sums[sizeof pool / 2 + 1];

struct traffic {
    struct traffic_options options;
    uint64_t random;
    uint64_t bytes_left;
    uint64_t packets_left; /* expected */
    uint64_t packets_owed; /* by the open conversations */
    uint64_t begun;        /* flows */
    uint64_t made;         /* packets */
    uint64_t now;          /* nanoseconds */
    uint64_t mean_gap;
    uint32_t large_below, medium_below; /* of 65,536 draws */
    size_t open;
    struct conversation conversations[CONVERSATIONS];
};

static uint64_t draw(struct traffic *t)
{
    t->random += 0x9E3779B97F4A7C15u;
    return mix64(t->random);
}

static void make_pool(void)
{
    for (size_t i = 0; i < sizeof pool; i++)
        pool[i] = (uint8_t)('a' + mix64(i) % 26);
    for (size_t i = 0; i + 1 < sizeof pool; i += 2)
        pool_sums[i / 2 + 1] = pool_sums[i / 2] + load16(pool + i, true);
}

/* The sum of 16-bit words that checksums are made of (RFC 1071), not yet folded. */
static uint64_t pool_sum(uint32_t offset, uint32_t len)
{
    uint64_t sum = pool_sums[(offset + len) / 2] - pool_sums[offset / 2];
    if (len % 2)
        sum += (uint64_t)pool[offset + len - 1] << 8;
    return sum;
}

static uint64_t words_sum(const uint8_t *at, size_t len)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < len; i += 2)
        sum += load16(at + i, true);
    return sum;
}

static uint16_t checksum(uint64_t sum)
{
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

/*
 * How often frames of each kind are drawn, so that the mean comes out as
 * wanted: the packets that open and close TCP flows are small and not drawn.
 */
static void set_shares(struct traffic *t)
{
    double packets = (double)t->packets_left;
    double control = (double)t->options.flows * TCP_SHARE * (TCP_OPENING + TCP_CLOSING);
    double drawn = packets > 2 * control ? packets - control : packets / 2;
    double above_small = ((double)t->options.mean - SMALL_MEAN) * packets / drawn;
    double medium = MEDIUM_SHARE;
    if (above_small < 2 * medium * (MEDIUM_MEAN - SMALL_MEAN))
        medium = above_small > 0 ? above_small / 2 / (MEDIUM_MEAN - SMALL_MEAN) : 0;
    double large = (above_small - medium * (MEDIUM_MEAN - SMALL_MEAN)) / (LARGE_MEAN - SMALL_MEAN);
    t->large_below = large > 0 ? (uint32_t)(large * 65536) : 0;
    t->medium_below = t->large_below + (uint32_t)(medium * 65536);
}

struct traffic *traffic_new(const struct traffic_options *options)
{
    struct traffic *t = calloc(1, sizeof *t);
    if (!t)
        return NULL;
    make_pool();
    t->options = *options;
    t->random = mix64(options->seed);
    t->bytes_left = options->bytes;
    t->packets_left = options->bytes / (options->mean + 16) + 1;
    t->now = (uint64_t)TRAFFIC_START * 1000000000;
    t->mean_gap = (uint64_t)TRAFFIC_SECONDS * 1000000000 / t->packets_left;
    set_shares(t);
    return t;
}

void traffic_free(struct traffic *t)
{
    free(t);
}

uint64_t traffic_packets(const struct traffic *t)
{
    return t->made;
}

uint64_t traffic_flows(const struct traffic *t)
{
    return t->begun;
}

/*
 * How many packets a new flow will have: many have few and few have many, with
 * a mean that uses up what is left when the last flow ends.
 */
static uint32_t draw_length(struct traffic *t, bool udp)
{
    uint64_t flows_left = t->options.flows - t->begun;
    uint64_t free_packets =
        t->packets_left > t->packets_owed ? t->packets_left - t->packets_owed : 0;
    uint64_t mean = free_packets / flows_left;
    uint64_t class = draw(t) % 100;
    /* 0.70 × 1/4 + 0.25 + 0.05 × 23/2 = 1, and half to one and a half times that. */
    uint64_t typical = class < 70 ? mean / 4 : class < 95 ? mean : mean * 23 / 2;
    uint64_t length = typical / 2 + draw(t) % (typical + 1);
    uint64_t shortest = udp ? UDP_SHORTEST : TCP_SHORTEST;
    return (uint32_t)(length < shortest ? shortest : length);
}

static void begin_conversation(struct traffic *t, struct conversation *c)
{
    *c = (struct conversation){.tuple = population_flow(t->options.seed, t->begun)};
    c->length = draw_length(t, c->tuple.udp);
    c->upload = draw(t) % 4 == 0;
    c->sequence[0] = (uint32_t)draw(t);
    c->sequence[1] = (uint32_t)draw(t);
    t->packets_owed += c->length;
    t->begun++;
}

static uint32_t draw_frame_length(struct traffic *t)
{
    uint64_t bits = draw(t);
    uint32_t kind = bits & 0xffff;
    uint32_t more = (uint32_t)(bits >> 32);
    if (kind < t->large_below)
        return bits >> 16 & 1 ? TRAFFIC_MAX_FRAME : 1400 + more % 101;
    if (kind < t->medium_below)
        return MEDIUM_MIN + more % MEDIUM_RANGE;
    return 60 + more % 40;
}

static uint32_t headers_length(const struct conversation *c, uint8_t tcp_flags)
{
    uint32_t transport = c->tuple.udp ? UDP_LEN : tcp_flags & TCP_SYN ? TCP_SYN_LEN : TCP_LEN;
    return ETHERNET_LEN + (c->tuple.client.ipv6 ? IPV6_LEN : IPV4_LEN) + transport;
}

static struct step udp_step(struct traffic *t, const struct conversation *c)
{
    struct step step = {.from_client = c->sent % 2 == 0};
    uint32_t length = draw_frame_length(t), headers = headers_length(c, 0);
    uint32_t payload = length > headers ? length - headers : 0;
    step.payload = payload < 18 ? 18 : payload; /* which makes the least Ethernet frame */
    return step;
}

static struct step tcp_data_step(struct traffic *t, const struct conversation *c)
{
    uint32_t length = draw_frame_length(t), headers = headers_length(c, 0);
    struct step step = {.tcp_flags = TCP_ACK};
    if (length < MEDIUM_MIN && (length % 4 || length <= headers)) {
        step.from_client = !c->last_from_client; /* an acknowledgement */
        return step;
    }
    step.from_client = length >= 1400 ? c->upload : !c->last_from_client;
    step.payload = length - headers;
    step.tcp_flags |= length < TRAFFIC_MAX_FRAME ? TCP_PSH : 0;
    return step;
}

static struct step tcp_step(struct traffic *t, const struct conversation *c)
{
    static const struct step opening[TCP_OPENING] = {
        {true, TCP_SYN, 0}, {false, TCP_SYN | TCP_ACK, 0}, {true, TCP_ACK, 0}};
    static const struct step closing[TCP_CLOSING] = {{true, TCP_FIN | TCP_ACK, 0},
                                                     {false, TCP_ACK, 0},
                                                     {false, TCP_FIN | TCP_ACK, 0},
                                                     {true, TCP_ACK, 0}};
    if (c->sent < TCP_OPENING)
        return opening[c->sent];
    uint32_t left = c->length - c->sent;
    if (left <= TCP_CLOSING)
        return closing[TCP_CLOSING - left];
    return tcp_data_step(t, c);
}

static uint8_t *put_ethernet(uint8_t *at, const struct conversation *c, bool from_client)
{
    static const uint8_t client_mac[6] = {2, 0, 0, 0, 0, 1}, server_mac[6] = {2, 0, 0, 0, 0, 2};
    memcpy(at, from_client ? server_mac : client_mac, 6);
    memcpy(at + 6, from_client ? client_mac : server_mac, 6);
    store16(at + 12, c->tuple.client.ipv6 ? 0x86DD : 0x0800, true);
    return at + ETHERNET_LEN;
}

/* Writes the IP header (RFC 791, RFC 8200); *sum becomes that of the pseudo-header. */
static uint8_t *put_ip(uint8_t *at, struct conversation *c, const struct step *step,
                       uint32_t transport_len, uint64_t *sum)
{
    const struct endpoint *from = step->from_client ? &c->tuple.client : &c->tuple.server;
    const struct endpoint *to = step->from_client ? &c->tuple.server : &c->tuple.client;
    uint8_t protocol = c->tuple.udp ? PROTOCOL_UDP : PROTOCOL_TCP;
    uint8_t hops = step->from_client ? 64 : 57;
    size_t header = from->ipv6 ? IPV6_LEN : IPV4_LEN, address = from->ipv6 ? 16 : 4;
    if (from->ipv6) {
        store32(at, 0x60000000, true);
        store16(at + 4, (uint16_t)transport_len, true);
        at[6] = protocol;
        at[7] = hops;
    } else {
        store32(at, 0x45000000 | (IPV4_LEN + transport_len), true);
        store16(at + 4, c->ip_id[step->from_client]++, true);
        store16(at + 6, 0x4000, true); /* do not fragment */
        at[8] = hops;
        at[9] = protocol;
        store16(at + 10, 0, true);
    }
    uint8_t *addresses = at + header - 2 * address;
    memcpy(addresses, from->address, address);
    memcpy(addresses + address, to->address, address);
    *sum = words_sum(addresses, 2 * address) + protocol + transport_len;
    if (!from->ipv6)
        store16(at + 10, checksum(words_sum(at, header)), true);
    return at + header;
}

static void put_ports(uint8_t *at, const struct conversation *c, bool from_client)
{
    store16(at, from_client ? c->tuple.client.port : c->tuple.server.port, true);
    store16(at + 2, from_client ? c->tuple.server.port : c->tuple.client.port, true);
}

static size_t put_udp(uint8_t *at, const struct conversation *c, const struct step *step)
{
    put_ports(at, c, step->from_client);
    store16(at + 4, (uint16_t)(UDP_LEN + step->payload), true);
    store16(at + 6, 0, true);
    return UDP_LEN;
}

/* RFC 9293, with the options of RFC 7323 and RFC 2018. */
static size_t put_tcp(uint8_t *at, struct conversation *c, const struct step *step, uint64_t now)
{
    bool syn = step->tcp_flags & TCP_SYN;
    size_t len = syn ? TCP_SYN_LEN : TCP_LEN;
    int self = step->from_client ? 0 : 1;
    put_ports(at, c, step->from_client);
    store32(at + 4, c->sequence[self], true);
    store32(at + 8, step->tcp_flags & TCP_ACK ? c->sequence[!self] : 0, true);
    at[12] = (uint8_t)(len / 4 << 4);
    at[13] = step->tcp_flags;
    /* A window that moves: the same one twice would look like a duplicate acknowledgement. */
    store16(at + 14, (uint16_t)(64240 - c->sent % 1024), true);
    store32(at + 16, 0, true); /* checksum, urgent pointer */
    uint8_t *options = at + 20;
    if (syn) {
        memcpy(options, (uint8_t[8]){2, 4, 0x05, 0xb4, 4, 2, 8, 10}, 8);
        memcpy(options + 16, (uint8_t[4]){1, 3, 3, 7}, 4);
    } else {
        memcpy(options, (uint8_t[4]){1, 1, 8, 10}, 4);
    }
    uint32_t milliseconds = (uint32_t)(now / 1000000);
    uint8_t *stamps = options + (syn ? 8 : 4);
    store32(stamps, milliseconds, true);
    store32(stamps + 4, step->tcp_flags & TCP_ACK ? milliseconds - 1 : 0, true);
    c->sequence[self] += step->payload + (step->tcp_flags & (TCP_SYN | TCP_FIN) ? 1 : 0);
    return len;
}

static uint32_t put_frame(struct traffic *t, struct conversation *c, const struct step *step,
                          uint8_t *frame)
{
    uint32_t length = headers_length(c, step->tcp_flags) + step->payload;
    uint8_t *at = put_ethernet(frame, c, step->from_client);
    uint32_t network = c->tuple.client.ipv6 ? IPV6_LEN : IPV4_LEN;
    uint64_t sum;
    at = put_ip(at, c, step, length - ETHERNET_LEN - network, &sum);
    size_t transport = c->tuple.udp ? put_udp(at, c, step) : put_tcp(at, c, step, t->now);
    uint32_t offset = (uint32_t)draw(t) & (POOL - 2);
    memcpy(at + transport, pool + offset, step->payload);
    uint16_t value = checksum(sum + words_sum(at, transport) + pool_sum(offset, step->payload));
    /* A UDP checksum of 0 says that there is none (RFC 768). */
    store16(at + (c->tuple.udp ? 6 : 16), c->tuple.udp && value == 0 ? 0xffff : value, true);
    return length;
}

static void open_conversations(struct traffic *t)
{
    while (t->open < CONVERSATIONS && t->begun < t->options.flows)
        begin_conversation(t, &t->conversations[t->open++]);
}

uint32_t traffic_next(struct traffic *t, uint8_t frame[TRAFFIC_MAX_FRAME], uint64_t *time_ns)
{
    open_conversations(t);
    if (t->open == 0)
        return 0;
    uint64_t bits = draw(t);
    struct conversation *c = &t->conversations[(bits >> 32) * t->open >> 32];
    struct step step = c->tuple.udp ? udp_step(t, c) : tcp_step(t, c);
    t->now += (bits & 0xffffff) * 2 * t->mean_gap >> 24;
    *time_ns = t->now;
    uint32_t length = put_frame(t, c, &step, frame);
    if (length + 16 > t->bytes_left)
        return 0;
    t->bytes_left -= length + 16;
    t->packets_left -= t->packets_left > 0;
    t->packets_owed--;
    t->made++;
    c->last_from_client = step.from_client;
    if (++c->sent == c->length)
        *c = t->conversations[--t->open];
    return length;
}
