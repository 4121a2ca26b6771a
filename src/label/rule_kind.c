/* Parses SCOPE and EACH. */
#include "label/rule_kind.h"

#include "base/text/spelling.h"
#include "base/text/text.h"
#include "flow/assembler.h"
#include "packet/packet_headers.h"
#include <arpa/inet.h>
#include <string.h>

_Static_assert(sizeof(struct rule_kind) == 48, "no padding: kinds are compared as bytes");

#define EACH_EXPECTED "expected flow, flow:SECONDS, host:NETWORK, window:SECONDS, file or packet"

/* A word, and what is behind its colon. */
struct tag_value {
    const char *word, *rest;
    size_t word_len, rest_len;
    bool has_rest;
};

static struct tag_value split_value(const char *text, size_t len)
{
    const char *colon = memchr(text, ':', len);
    const size_t word_len = colon ? (size_t)(colon - text) : len;
    struct tag_value value = {.word = text, .word_len = word_len, .has_rest = colon};
    if (colon)
        value.rest = colon + 1;
    if (colon)
        value.rest_len = len - word_len - 1;
    return value;
}

static bool is_word(const struct tag_value *value, const char *word)
{
    return value->word_len == strlen(word) && memcmp(value->word, word, value->word_len) == 0;
}

/* Seconds are parsed as a moment that long after 1970. */
static int take_seconds(const struct tag_value *value, int64_t *ns, struct lcap_error *error)
{
    bool whole, digits = value->rest_len > 0;
    for (size_t i = 0; i < value->rest_len; i++)
        digits &= (value->rest[i] >= '0' && value->rest[i] <= '9') || value->rest[i] == '.';
    if (digits && text_to_time(value->rest, value->rest_len, ns, &whole, NULL) == 0 && *ns > 0 &&
        *ns < INT64_MAX)
        return LCAP_OK;
    char found[EXCERPT_TEXT];
    text_excerpt(value->rest, value->rest_len, found);
    return lcap_error_set(error, LCAP_ERR_RULES,
                          "%.*s: expected seconds above 0 (such as 60 or 0.5), found \"%s\"",
                          (int)value->word_len, value->word, found);
}

/* "flow" or "flow:SECONDS". */
static int take_flow(const struct tag_value *value, int64_t *idle_ns, struct lcap_error *error)
{
    *idle_ns = FLOW_IDLE_NS;
    return value->has_rest ? take_seconds(value, idle_ns, error) : LCAP_OK;
}

/* ---- networks ---- */

static bool take_address(struct network *network, const char *text, size_t len)
{
    char address[INET6_ADDRSTRLEN];
    if (len >= sizeof address)
        return false;
    memcpy(address, text, len);
    address[len] = '\0';
    network->family = FAMILY_IPV6;
    if (inet_pton(AF_INET6, address, network->address) == 1)
        return true;
    network->family = FAMILY_IPV4;
    memset(network->address, 0, sizeof network->address);
    return inet_pton(AF_INET, address, network->address) == 1;
}

static unsigned address_bits(const struct network *network)
{
    return network->family == FAMILY_IPV4 ? 32 : 128;
}

/* Whether the first `bits` bits of two addresses are the same. */
static bool same_bits(const uint8_t *a, const uint8_t *b, unsigned bits)
{
    const unsigned bytes = bits / 8, rest = bits % 8;
    return memcmp(a, b, bytes) == 0 && (rest == 0 || ((a[bytes] ^ b[bytes]) >> (8 - rest)) == 0);
}

static bool bits_behind_are_zero(const struct network *network)
{
    for (unsigned bit = network->bits; bit < address_bits(network); bit++)
        if (network->address[bit / 8] >> (7 - bit % 8) & 1)
            return false;
    return true;
}

static bool take_prefix(struct network *network, const char *text, size_t len)
{
    uint64_t bits;
    if (!text_to_u64(text, len, &bits) || bits > address_bits(network))
        return false;
    network->bits = (uint8_t)bits;
    return bits_behind_are_zero(network);
}

bool network_from_text(struct network *network, const char *text, size_t len)
{
    const char *slash = memchr(text, '/', len);
    const size_t address_len = slash ? (size_t)(slash - text) : len;
    if (!take_address(network, text, address_len))
        return false;
    if (slash)
        return take_prefix(network, slash + 1, len - address_len - 1);
    network->bits = (uint8_t)address_bits(network);
    return true;
}

static int take_host(const struct tag_value *value, struct network *network,
                     struct lcap_error *error)
{
    if (value->has_rest && network_from_text(network, value->rest, value->rest_len))
        return LCAP_OK;
    char found[EXCERPT_TEXT];
    text_excerpt(value->rest ? value->rest : "", value->rest_len, found);
    return lcap_error_set(error, LCAP_ERR_RULES,
                          "host: expected " NETWORK_EXPECTED ", found \"%s\"", found);
}

bool network_holds(const struct network *network, uint8_t family, const uint8_t address[16])
{
    /* ARP is about IPv4 addresses. */
    const uint8_t kind = family == FAMILY_ARP ? FAMILY_IPV4 : family;
    return kind == network->family && same_bits(network->address, address, network->bits);
}

/* ---- the tags ---- */

static const struct each_tag {
    const char *word;
    enum each each;
    enum { REST_NEVER, REST_MAYBE, REST_ALWAYS } rest; /* whether a colon and a value follow */
} each_tags[EACH_MOST] = {
    {"flow", EACH_FLOW, REST_MAYBE},      {"host", EACH_HOST, REST_ALWAYS},
    {"window", EACH_WINDOW, REST_ALWAYS}, {"file", EACH_FILE, REST_NEVER},
    {"packet", EACH_PACKET, REST_NEVER},
};

const char *each_word(enum each each)
{
    const struct each_tag *tag = each_tags;
    while (tag->each != each)
        tag++;
    return tag->word;
}

static const struct each_tag *find_each(const struct tag_value *value)
{
    for (size_t i = 0; i < EACH_MOST; i++)
        if (is_word(value, each_tags[i].word))
            return &each_tags[i];
    return NULL;
}

static int unknown_each(const struct tag_value *value, struct lcap_error *error)
{
    struct spelling spelling = {.word = value->word, .len = value->word_len};
    for (size_t i = 0; i < EACH_MOST; i++)
        spelling_try(&spelling, each_tags[i].word);
    char found[EXCERPT_TEXT];
    text_excerpt(value->word, value->word_len, found);
    return lcap_error_set(error, LCAP_ERR_RULES, "EACH:%s: " EACH_EXPECTED "%s%s%s", found,
                          spelling.meant ? "; did you mean " : "",
                          spelling.meant ? spelling.meant : "", spelling.meant ? "?" : "");
}

static int take_rest(struct rule_kind *kind, const struct each_tag *tag,
                     const struct tag_value *value, struct lcap_error *error)
{
    switch (tag->each) {
    case EACH_FLOW:
        return take_flow(value, &kind->flow_ns, error);
    case EACH_HOST:
        return take_host(value, &kind->host, error);
    case EACH_WINDOW:
        return take_seconds(value, &kind->window_ns, error);
    default:
        return LCAP_OK;
    }
}

int rule_kind_take_each(struct rule_kind *kind, const char *text, size_t len, size_t *at,
                        struct lcap_error *error)
{
    const struct tag_value value = split_value(text, len);
    const struct each_tag *tag = find_each(&value);
    *at = 0;
    if (!tag || (tag->rest == REST_NEVER && value.has_rest))
        return unknown_each(&value, error);
    if (kind->each & tag->each)
        return lcap_error_set(error, LCAP_ERR_RULES, "EACH:%s occurs twice in one rule", tag->word);
    kind->each |= (uint8_t)tag->each;
    int rc = take_rest(kind, tag, &value, error);
    if (rc < 0 && value.has_rest)
        *at = value.word_len + 1;
    return rc;
}

int rule_kind_take_scope(struct rule_kind *kind, const char *text, size_t len, size_t *at,
                         struct lcap_error *error)
{
    const struct tag_value value = split_value(text, len);
    char found[EXCERPT_TEXT];
    *at = 0;
    if (is_word(&value, "flow")) {
        *at = value.has_rest ? value.word_len + 1 : 0;
        return take_flow(&value, &kind->scope_ns, error);
    }
    text_excerpt(text, len, found);
    return lcap_error_set(error, LCAP_ERR_RULES, "SCOPE:%s: expected flow or flow:SECONDS", found);
}
