/* The JSON text of a flow, in the two layouts of pcap2json. */
#include "features/pcap2json/pcap2json_text.h"

#include "base/bytes.h"
#include "base/number/number.h"
#include "base/text/json.h"
#include "base/text/text.h"
#include "packet/packet_headers.h"
#include <inttypes.h>
#include <string.h>

enum {
    PIECE = 48 << 10,   /* a piece ends with the first packet or part of one that reaches it */
    PART = 4 << 10,     /* bytes of content that are written at once */
    PACKET_TEXT = 1024, /* room for a packet without its content, and for the end of a flow: up to
                           24 numbers of at most 20 digits, and less than 400 bytes of names */
};

#define NS_PER_US 1000

/* Writes at `at`, where there is room. */
#define PUT(at, literal) ((char *)memcpy(at, literal, sizeof(literal) - 1) + sizeof(literal) - 1)

static char *put_unsigned(char *at, uint64_t value)
{
    return at + number_from_unsigned(value, at);
}

static char *put_signed(char *at, int64_t value)
{
    return at + number_from_signed(value, at);
}

/* A value that was not captured is null. */
static char *put_known(char *at, bool known, uint64_t value)
{
    return known ? put_unsigned(at, value) : PUT(at, "null");
}

/* Hexadecimal, eight bytes at once: as 16-bit numbers, with the first digit of each first in
 * memory. */
typedef uint8_t bytes8 __attribute__((vector_size(8)));
typedef uint16_t numbers8 __attribute__((vector_size(16)));
typedef uint8_t digits16 __attribute__((vector_size(16)));

static digits16 hex_of_eight(const uint8_t *at)
{
    bytes8 bytes;
    memcpy(&bytes, at, sizeof bytes);
    const numbers8 numbers = __builtin_convertvector(bytes, numbers8);
    const digits16 digits = (digits16)(HOST_BIG_ENDIAN ? (numbers & 0xF0) << 4 | (numbers & 0xF)
                                                       : numbers >> 4 | (numbers & 0xF) << 8);
    const digits16 is_letter = (digits16)(digits > 9);
    return digits + '0' + (is_letter & ('a' - '0' - 10));
}

static char *put_hex(char *at, const uint8_t *bytes, size_t len)
{
    size_t i = 0;
    for (; i + 8 <= len; i += 8) {
        const digits16 digits = hex_of_eight(bytes + i);
        memcpy(at + 2 * i, &digits, sizeof digits);
    }
    for (; i < len; i++) {
        at[2 * i] = "0123456789abcdef"[bytes[i] >> 4];
        at[2 * i + 1] = "0123456789abcdef"[bytes[i] & 0xF];
    }
    return at + 2 * len;
}

int pcap2json_store(struct chains *chains, struct chain *chain,
                    const struct pcap2json_packet *packet, const uint8_t *content,
                    struct lcap_error *error)
{
    const int rc = chains_append(chains, chain, packet, sizeof *packet, error);
    return rc == LCAP_OK ? chains_append(chains, chain, content, packet->content_len, error) : rc;
}

/* Times: seconds are rounded down, so that the rest is never negative. */

struct split_time {
    int64_t seconds;
    uint32_t microseconds, nanoseconds;
};

static struct split_time split_time(int64_t ns)
{
    int64_t seconds = ns / NS_PER_SECOND;
    int64_t rest = ns % NS_PER_SECOND;
    if (rest < 0) {
        rest += NS_PER_SECOND;
        seconds--;
    }
    return (struct split_time){seconds, (uint32_t)(rest / NS_PER_US), (uint32_t)(rest % NS_PER_US)};
}

static char *put_time_stamp(char *at, int64_t ns, bool nanoseconds)
{
    const struct split_time time = split_time(ns);
    at = PUT(at, "{\"seconds\": ");
    at = put_signed(at, time.seconds);
    at = PUT(at, ", \"microseconds\": ");
    at = put_unsigned(at, time.microseconds);
    if (nanoseconds) {
        at = PUT(at, ", \"nanoseconds\": ");
        at = put_unsigned(at, time.nanoseconds);
    }
    return PUT(at, "}");
}

static char *put_time_delta(char *at, int64_t ns, bool nanoseconds)
{
    const struct split_time time = split_time(ns);
    at = PUT(at, "{\"sec_delta\": ");
    at = put_signed(at, time.seconds);
    at = PUT(at, ", \"microsec_delta\": ");
    at = put_unsigned(at, time.microseconds);
    if (nanoseconds) {
        at = PUT(at, ", \"nanosec_delta\": ");
        at = put_unsigned(at, time.nanoseconds);
    }
    return PUT(at, "}");
}

/* Since the start of the flow, limited to the range of the type. */
static int64_t since_start(const struct pcap2json_flow *flow, int64_t ns)
{
    int64_t delta;
    if (__builtin_sub_overflow(ns, flow->start_ns, &delta))
        return ns < flow->start_ns ? INT64_MIN : INT64_MAX;
    return delta;
}

/* Head and end of a flow. */

/* Room for PACKET_TEXT more bytes; NULL without memory. */
static char *make_room(struct buffer *out, struct lcap_error *error)
{
    return buffer_reserve(out, PACKET_TEXT, error) == LCAP_OK ? (char *)out->data + out->len : NULL;
}

/* Keeps what was written into the room, up to `at`. */
static void take(struct buffer *out, const char *at)
{
    out->len = (size_t)(at - (const char *)out->data);
}

static char *put_text(char *at, const char *text)
{
    return stpcpy(at, text);
}

/* Members that name the sample, each followed by a comma. */
static int add_sample(struct buffer *out, const struct pcap2json_flow *flow,
                      struct lcap_error *error)
{
    int rc = LCAP_OK;
    if (flow->has_label)
        rc = buffer_printf(out, error, "\"sample_id\": \"%" PRIu64 "\", ", flow->sample_id);
    if (rc != LCAP_OK || !flow->metadata)
        return rc;
    rc = buffer_append_text(out, "\"metadata\": ", error);
    if (rc != LCAP_OK)
        return rc;
    struct json_writer json;
    json_begin(&json, out, error);
    json_text(&json, NULL, flow->metadata, strlen(flow->metadata));
    return json.status == LCAP_OK ? buffer_append_text(out, ", ", error) : json.status;
}

/* The members of a flow's key: addresses and names are short. */
static char *put_flow_key(char *at, const struct pcap2json_flow *flow)
{
    at = PUT(at, "\"source_addr\": \"");
    at = put_text(at, flow->source);
    at = PUT(at, "\", \"dest_addr\": \"");
    at = put_text(at, flow->destination);
    at = PUT(at, "\", \"source_port\": ");
    at = put_known(at, !flow->unknown_ports, flow->ports[0]);
    at = PUT(at, ", \"dest_port\": ");
    at = put_known(at, !flow->unknown_ports, flow->ports[1]);
    at = PUT(at, ", \"protocol\": \"");
    at = put_text(at, flow->protocol);
    return PUT(at, "\"");
}

static char *put_retransmissions(char *at, const struct pcap2json_flow *flow)
{
    at = PUT(at, ", \"retransmissions\": ");
    return put_unsigned(at, flow->retransmissions);
}

static int add_head(struct pcap2json_text *text, struct lcap_error *error)
{
    const struct pcap2json_flow *flow = &text->flow;
    struct buffer *out = &text->out;
    int rc = buffer_append_text(out, flow->detail ? "[{" : "{", error);
    if (rc == LCAP_OK)
        rc = add_sample(out, flow, error);
    char *at = rc == LCAP_OK ? make_room(out, error) : NULL;
    if (!at)
        return LCAP_ERR_MEMORY;
    if (flow->detail) {
        at = put_flow_key(at, flow);
        at = flow->compat ? at : put_retransmissions(at, flow);
        at = PUT(at, "}");
    } else {
        at = PUT(at, "\"pkt_num\": ");
        at = put_unsigned(at, flow->packets);
        at = PUT(at, ", \"pkt_info\": [");
    }
    take(out, at);
    return LCAP_OK;
}

static char *put_ring(char *at, const struct pcap2json_ring_state *ring, const char *prefix)
{
    at = PUT(at, ", \"");
    at = put_text(at, prefix);
    at = PUT(at, "tcp_retrans_flag\": ");
    at = put_unsigned(at, ring->flag);
    at = PUT(at, ", \"");
    at = put_text(at, prefix);
    at = PUT(at, "tcp_retrans_tail\": ");
    return put_unsigned(at, ring->tail);
}

static char *put_init_seq(char *at, const struct pcap2json_flow *flow, int side)
{
    return flow->unknown_init_seq[side] ? PUT(at, "null") : put_signed(at, flow->init_seq[side]);
}

static char *put_coarse_end(char *at, const struct pcap2json_flow *flow)
{
    at = PUT(at, "], \"start_time_stamp\": ");
    at = put_time_stamp(at, flow->start_ns, flow->nanoseconds);
    at = PUT(at, ", \"init_seq_backward\": ");
    at = put_init_seq(at, flow, 1);
    at = PUT(at, ", \"flow_key\": {");
    at = put_flow_key(at, flow);
    at = PUT(at, "}, \"init_seq\": ");
    at = put_init_seq(at, flow, 0);
    if (flow->has_rings)
        at = put_ring(at, &flow->rings[0], "");
    if (flow->has_rings && flow->bidirectional)
        at = put_ring(at, &flow->rings[1], "twin_");
    at = flow->compat ? at : put_retransmissions(at, flow);
    return PUT(at, "}");
}

static int add_end(struct pcap2json_text *text, struct lcap_error *error)
{
    char *at = make_room(&text->out, error);
    if (!at)
        return LCAP_ERR_MEMORY;
    take(&text->out, text->flow.detail ? PUT(at, "]") : put_coarse_end(at, &text->flow));
    return LCAP_OK;
}

/* Packets. */

static char *put_coarse(char *at, const struct pcap2json_flow *flow,
                        const struct pcap2json_packet *packet)
{
    at = PUT(at, "{");
    if (flow->bidirectional)
        at = packet->second == flow->source_is_second ? PUT(at, "\"direction\": \">\", ")
                                                      : PUT(at, "\"direction\": \"<\", ");
    at = PUT(at, "\"time_stamp\": ");
    at = put_time_stamp(at, flow->compat ? packet->time_ns : since_start(flow, packet->time_ns),
                        flow->nanoseconds);
    at = PUT(at, ", \"data_len\": ");
    at = put_known(at, !(packet->unknown & UNKNOWN_LENGTHS), packet->data_len);
    return PUT(at, ", \"ip_content\": \"");
}

static char *put_flags(char *at, const struct pcap2json_packet *packet)
{
    static const struct {
        char name[12];
        uint8_t flag;
    } order[] = {
        {", \"URG\": ", TCP_URG}, {", \"PSH\": ", TCP_PSH}, {", \"RST\": ", TCP_RST},
        {", \"FIN\": ", TCP_FIN}, {", \"ACK\": ", TCP_ACK}, {", \"SYN\": ", TCP_SYN},
        {", \"ECE\": ", TCP_ECE}, {", \"CWR\": ", TCP_CWR},
    };
    const size_t name_len = sizeof ", \"URG\": " - 1;
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        memcpy(at, order[i].name, name_len);
        at += name_len;
        if (packet->unknown & UNKNOWN_FLAGS)
            at = PUT(at, "null");
        else
            *at++ = packet->flags & order[i].flag ? '1' : '0';
    }
    return at;
}

static char *put_sequence(char *at, const struct pcap2json_flow *flow,
                          const struct pcap2json_packet *packet, bool backward)
{
    if (packet->unknown & UNKNOWN_SEQUENCE)
        return PUT(at, "null");
    return put_signed(at, packet->has_sequence ? packet->sequence - flow->init_seq[backward] : 0);
}

static char *put_headers(char *at, const struct pcap2json_flow *flow,
                         const struct pcap2json_packet *packet, bool backward)
{
    at = PUT(at, ", \"data_len\": ");
    at = put_known(at, !(packet->unknown & UNKNOWN_LENGTHS), packet->data_len);
    at = PUT(at, ", \"ip_len\": ");
    at = put_unsigned(at, packet->ip_len);
    at = PUT(at, ", \"ip_hlen\": ");
    at = put_signed(at, packet->ip_header_len);
    at = PUT(at, ", \"ip_tos\": ");
    at = put_unsigned(at, packet->tos);
    at = PUT(at, ", \"ip_ttl\": ");
    at = put_unsigned(at, packet->ttl);
    at = PUT(at, ", \"th_seq\": ");
    at = put_sequence(at, flow, packet, backward);
    at = PUT(at, ", \"4layer_hdr_len\": ");
    at = put_known(at, !(packet->unknown & UNKNOWN_LENGTHS), packet->transport_header_len);
    at = put_flags(at, packet);
    at = PUT(at, ", \"th_win\": ");
    at = put_known(at, !(packet->unknown & UNKNOWN_WINDOW), packet->window);
    at = PUT(at, ", \"th_urp\": ");
    return put_known(at, !(packet->unknown & UNKNOWN_URGENT), packet->urgent);
}

static char *put_detail(char *at, const struct pcap2json_flow *flow,
                        const struct pcap2json_packet *packet)
{
    const bool backward = packet->second != flow->source_is_second;
    at = PUT(at, "{");
    if (flow->bidirectional)
        at = backward ? PUT(at, "\"direction_forward\": 0, \"direction_backward\": 1, ")
                      : PUT(at, "\"direction_forward\": 1, \"direction_backward\": 0, ");
    at = PUT(at, "\"time\": ");
    at = put_time_delta(at, since_start(flow, packet->time_ns), flow->nanoseconds);
    at = put_headers(at, flow, packet, backward);
    if (flow->others)
        return put_text(PUT(at, ", \"data\": \""), flow->others);
    return packet->content_len > 0 ? PUT(at, ", \"data\": \"") : PUT(at, ", \"data\": null");
}

/* A packet up to its content. */
static int add_packet(struct pcap2json_text *text, struct lcap_error *error)
{
    const struct pcap2json_flow *flow = &text->flow;
    struct buffer *out = &text->out;
    struct pcap2json_packet packet;
    const int rc = chain_reader_copy(&text->reader, &packet, sizeof packet, error);
    if (rc != LCAP_OK)
        return rc;
    char *at = make_room(out, error);
    if (!at)
        return LCAP_ERR_MEMORY;
    if (flow->detail || text->packets_left < flow->packets)
        at = PUT(at, ", ");
    at = flow->detail ? put_detail(at, flow, &packet) : put_coarse(at, flow, &packet);
    text->packets_left--;
    text->content_left = packet.content_len;
    text->next = PCAP2JSON_CONTENT;
    if (flow->detail && !flow->others && packet.content_len == 0) {
        text->next = PCAP2JSON_PACKETS;
        at = PUT(at, "}");
    }
    take(out, at);
    return LCAP_OK;
}

/* A part of the content of a packet, and after the last one its end. */
static int add_content(struct pcap2json_text *text, struct lcap_error *error)
{
    struct buffer *out = &text->out;
    const uint8_t *bytes = NULL;
    size_t len = 0;
    int rc = buffer_reserve(out, 2 * PART + 2, error);
    if (rc == LCAP_OK && text->content_left > 0)
        rc = chain_reader_view(&text->reader, text->content_left < PART ? text->content_left : PART,
                               &bytes, &len, error);
    if (rc < 0)
        return rc;
    char *at = put_hex((char *)out->data + out->len, bytes, len);
    text->content_left -= (uint32_t)len;
    if (text->content_left == 0) {
        at = PUT(at, "\"}");
        text->next = PCAP2JSON_PACKETS;
    }
    take(out, at);
    return LCAP_OK;
}

static int add_more(struct pcap2json_text *text, struct lcap_error *error)
{
    switch (text->next) {
    case PCAP2JSON_HEAD:
        text->next = PCAP2JSON_PACKETS;
        return add_head(text, error);
    case PCAP2JSON_CONTENT:
        return add_content(text, error);
    case PCAP2JSON_PACKETS:
        if (text->packets_left > 0)
            return add_packet(text, error);
        text->next = PCAP2JSON_END;
        return add_end(text, error);
    case PCAP2JSON_END:
        break;
    }
    return LCAP_OK;
}

static int begin(struct pcap2json_text *text, struct chains *chains, const struct chain *chain,
                 struct lcap_error *error)
{
    text->packets_left = text->flow.packets;
    text->next = PCAP2JSON_HEAD;
    return chain_reader_begin(&text->reader, chains, chain, error);
}

int pcap2json_text_begin(struct pcap2json_text *text, const struct pcap2json_flow *flow,
                         struct chains *chains, const struct chain *chain, struct lcap_error *error)
{
    text->flow = *flow;
    return begin(text, chains, chain, error);
}

int pcap2json_text_next(void *source, const char **piece, size_t *len, struct lcap_error *error)
{
    struct pcap2json_text *text = source;
    int rc = LCAP_OK;
    buffer_clear(&text->out);
    while (rc == LCAP_OK && text->next != PCAP2JSON_END && text->out.len < PIECE)
        rc = add_more(text, error);
    *piece = (const char *)text->out.data;
    *len = text->out.len;
    if (rc == LCAP_OK && *len == 0) /* whoever is next to read it reads it from its beginning */
        return begin(text, text->reader.chains, text->reader.chain, error);
    return rc < 0 ? rc : 1;
}

void pcap2json_text_release(struct pcap2json_text *text)
{
    buffer_release(&text->out);
}
