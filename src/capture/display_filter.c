/* The simple part of wireshark-filter(4), in the words of pcap-filter(7). */
#include "capture/display_filter.h"

#include "capture/filter_tokens.h"
#include <string.h>

struct meaning {
    const char *display;
    const char *capture; /* NULL: none that is simple */
    bool takes_address;  /* `capture` stands before "host" or "net" */
};

static const struct meaning fields[] = {
    {"ip.addr", "", true},
    {"ip.src", "src ", true},
    {"ip.dst", "dst ", true},
    {"ipv6.addr", "", true},
    {"ipv6.src", "src ", true},
    {"ipv6.dst", "dst ", true},
    {"eth.addr", "ether ", true},
    {"eth.src", "ether src ", true},
    {"eth.dst", "ether dst ", true},
    {"tcp.port", "tcp port", false},
    {"tcp.srcport", "tcp src port", false},
    {"tcp.dstport", "tcp dst port", false},
    {"udp.port", "udp port", false},
    {"udp.srcport", "udp src port", false},
    {"udp.dstport", "udp dst port", false},
    {"sctp.port", "sctp port", false},
    {"vlan.id", "vlan", false},
    {"ip.proto", "ip proto", false},
};

static const struct meaning protocols[] = {
    {"tcp", "tcp", false},
    {"udp", "udp", false},
    {"sctp", "sctp", false},
    {"icmp", "icmp", false},
    {"icmpv6", "icmp6", false},
    {"arp", "arp", false},
    {"ip", "ip", false},
    {"ipv6", "ip6", false},
    {"dns", "port 53", false},
    {"http", "tcp port 80", false},
    {"tls", "tcp port 443", false},
    {"ssl", "tcp port 443", false},
    {"quic", "udp port 443", false},
    {"ssh", "tcp port 22", false},
    {"ntp", "udp port 123", false},
    {"eth", NULL, false},
    {"frame", NULL, false},
    {"vlan", "vlan", false},
    {"wlan", "wlan", false},
    {"http2", NULL, false},
    {"dhcp", NULL, false},
    {"smb", NULL, false},
    {"smb2", NULL, false},
    {"ftp", NULL, false},
    {"smtp", NULL, false},
    {"sip", NULL, false},
    {"rtp", NULL, false},
};

#define FIND(TABLE, WORD, LEN) find(TABLE, sizeof(TABLE) / sizeof *(TABLE), WORD, LEN)

static const struct meaning *find(const struct meaning *table, size_t count, const char *word,
                                  size_t len)
{
    for (size_t i = 0; i < count; i++)
        if (strlen(table[i].display) == len && memcmp(table[i].display, word, len) == 0)
            return &table[i];
    return NULL;
}

static bool is_word(const struct filter_token *token, const char *word)
{
    return token->len == strlen(word) && memcmp(token->text, word, token->len) == 0;
}

/* A protocol that capture filters do not know, or a field of a protocol. */
static bool is_of_display(const struct filter_token *token)
{
    const char *dot = memchr(token->text, '.', token->len);
    const size_t len = dot ? (size_t)(dot - token->text) : token->len;
    const struct meaning *protocol = FIND(protocols, token->text, len);
    return protocol &&
           (dot || !protocol->capture || strcmp(protocol->display, protocol->capture) != 0);
}

static bool joins(const struct filter_token *token)
{
    return is_word(token, "and") || is_word(token, "or") || is_word(token, "not");
}

/* What follows a word such as "port" or "host" is a name. */
bool display_filter_is_one(const char *text)
{
    struct filter_token token = filter_token_at(text);
    bool is_name = false;
    for (; token.kind != FILTER_END; token = filter_token_at(token.text + token.len)) {
        if (token.kind == FILTER_WORD && !is_name && is_of_display(&token))
            return true;
        is_name = token.kind == FILTER_WORD && !joins(&token);
    }
    return false;
}

/* ---- translation ---- */

struct translation {
    const char *at;
    struct buffer *out;
    bool has_and, has_or; /* display filters let `and` bind more tightly, capture filters do not */
    bool simple;
};

static bool take(struct translation *t, const char *word)
{
    const size_t len = strlen(word);
    const bool found = strncmp(t->at, word, len) == 0;
    t->at += found ? len : 0;
    return found;
}

static void skip_blanks(struct translation *t)
{
    t->at += strspn(t->at, " \t\r\n");
}

/* An inequation is not simple: it implies that the packet has the field. */
static int put_field(struct translation *t, const struct meaning *field, struct lcap_error *error)
{
    skip_blanks(t);
    const bool equates = take(t, "==") || take(t, "eq ");
    skip_blanks(t);
    const size_t len = strcspn(t->at, " \t\r\n()&|");
    t->simple = equates && len > 0;
    const char *kind = memchr(t->at, '/', len) ? "net" : "host";
    int rc = buffer_printf(t->out, error, "%s%s %.*s", field->capture,
                           field->takes_address ? kind : "", (int)len, t->at);
    t->at += len;
    return rc;
}

static int put_word(struct translation *t, const struct filter_token *token,
                    struct lcap_error *error)
{
    const struct meaning *field = FIND(fields, token->text, token->len);
    const struct meaning *protocol = FIND(protocols, token->text, token->len);
    t->has_and |= is_word(token, "and");
    t->has_or |= is_word(token, "or");
    if (field)
        return put_field(t, field, error);
    if (protocol && protocol->capture)
        return buffer_append_text(t->out, protocol->capture, error);
    t->simple = joins(token);
    return buffer_printf(t->out, error, "%s%.*s ", *token->text == 'n' ? "" : " ", (int)token->len,
                         token->text);
}

static int put_symbol(struct translation *t, const char *symbol, struct lcap_error *error)
{
    const bool doubled = symbol[0] == symbol[1];
    t->at += doubled && *symbol != '(' && *symbol != ')' && *symbol != '!';
    t->has_and |= *symbol == '&';
    t->has_or |= *symbol == '|';
    t->simple = strchr("()!", *symbol) || (doubled && strchr("&|", *symbol));
    const char *text = *symbol == '&'   ? " and "
                       : *symbol == '|' ? " or "
                       : *symbol == '!' ? "not "
                       : *symbol == '(' ? "("
                                        : ")";
    return buffer_append_text(t->out, text, error);
}

int display_filter_translate(const char *text, struct buffer *out, struct lcap_error *error)
{
    struct translation t = {.at = text, .out = out, .simple = true};
    struct filter_token token = filter_token_at(text);
    int rc = LCAP_OK;
    buffer_clear(out);
    for (; rc == 0 && t.simple && token.kind != FILTER_END; token = filter_token_at(t.at)) {
        t.at = token.text + token.len;
        if (token.kind == FILTER_WORD)
            rc = put_word(&t, &token, error);
        else if (token.kind == FILTER_SYMBOL)
            rc = put_symbol(&t, token.text, error);
        else
            t.simple = false;
    }
    if (!t.simple || (t.has_and && t.has_or))
        buffer_clear(out);
    return rc == 0 ? buffer_append(out, "", 1, error) : rc;
}
