/*
 * Names in filters. What a name means depends on the qualifier in force: in "port
 * http or https" both are ports, in "port http or host a or b" the last two are
 * hosts. This follows libpcap's grammar.y, where an identifier inherits the
 * qualifiers of what precedes its and, or, not or '('.
 */
#include "capture/filter_names.h"

#include "capture/filter_tokens.h"
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* What a name would mean at this place. */
enum meaning { MEANS_NOTHING, MEANS_HOST, MEANS_NETWORK, MEANS_SERVICE };

/* The effect of a keyword on the names after it. */
enum effect {
    ENDS,      /* no name may follow */
    JOINS,     /* the qualifier in force remains */
    HOSTS,     /* qualifies hosts */
    NETWORKS,  /* qualifies networks */
    SERVICES,  /* qualifies ports or protocols */
    ONE_WORD,  /* takes one word from a list in libpcap */
    NO_KEYWORD /* a name */
};

struct keyword {
    const char *text;
    enum effect effect;
};

/* All words of scanner.l of libpcap 1.10, sorted bytewise. */
static const struct keyword keywords[] = {
    {"aarp", ENDS},
    {"action", ONE_WORD},
    {"addr1", HOSTS},
    {"addr2", HOSTS},
    {"addr3", HOSTS},
    {"addr4", HOSTS},
    {"address1", HOSTS},
    {"address2", HOSTS},
    {"address3", HOSTS},
    {"address4", HOSTS},
    {"ah", ENDS},
    {"and", JOINS},
    {"arp", ENDS},
    {"atalk", ENDS},
    {"bcc", ENDS},
    {"broadcast", ENDS},
    {"byte", ENDS},
    {"carp", ENDS},
    {"clnp", ENDS},
    {"connectmsg", ENDS},
    {"csnp", ENDS},
    {"decnet", ENDS},
    {"dir", ONE_WORD},
    {"direction", ONE_WORD},
    {"dpc", ENDS},
    {"dst", HOSTS},
    {"es-is", ENDS},
    {"esis", ENDS},
    {"esp", ENDS},
    {"ether", ENDS},
    {"fddi", ENDS},
    {"fisu", ENDS},
    {"gateway", HOSTS},
    {"geneve", ENDS},
    {"greater", ENDS},
    {"hdpc", ENDS},
    {"hfisu", ENDS},
    {"hlssu", ENDS},
    {"hmsu", ENDS},
    {"hopc", ENDS},
    {"host", HOSTS},
    {"hsio", ENDS},
    {"hsls", ENDS},
    {"icmp", ENDS},
    {"icmp-echo", ENDS},
    {"icmp-echoreply", ENDS},
    {"icmp-ireq", ENDS},
    {"icmp-ireqreply", ENDS},
    {"icmp-maskreply", ENDS},
    {"icmp-maskreq", ENDS},
    {"icmp-paramprob", ENDS},
    {"icmp-redirect", ENDS},
    {"icmp-routeradvert", ENDS},
    {"icmp-routersolicit", ENDS},
    {"icmp-sourcequench", ENDS},
    {"icmp-timxceed", ENDS},
    {"icmp-tstamp", ENDS},
    {"icmp-tstampreply", ENDS},
    {"icmp-unreach", ENDS},
    {"icmp6", ENDS},
    {"icmp6-certpathadvert", ENDS},
    {"icmp6-certpathsolicit", ENDS},
    {"icmp6-destinationunreach", ENDS},
    {"icmp6-echo", ENDS},
    {"icmp6-echoreply", ENDS},
    {"icmp6-homeagentdiscoveryreply", ENDS},
    {"icmp6-homeagentdiscoveryrequest", ENDS},
    {"icmp6-ineighbordiscoveryadvert", ENDS},
    {"icmp6-ineighbordiscoverysolicit", ENDS},
    {"icmp6-mobileprefixadvert", ENDS},
    {"icmp6-mobileprefixsolicit", ENDS},
    {"icmp6-multicastlistenerdone", ENDS},
    {"icmp6-multicastlistenerquery", ENDS},
    {"icmp6-multicastlistenerreportv1", ENDS},
    {"icmp6-multicastlistenerreportv2", ENDS},
    {"icmp6-multicastrouteradvert", ENDS},
    {"icmp6-multicastroutersolicit", ENDS},
    {"icmp6-multicastrouterterm", ENDS},
    {"icmp6-neighboradvert", ENDS},
    {"icmp6-neighborsolicit", ENDS},
    {"icmp6-nodeinformationquery", ENDS},
    {"icmp6-nodeinformationresponse", ENDS},
    {"icmp6-packettoobig", ENDS},
    {"icmp6-parameterproblem", ENDS},
    {"icmp6-redirect", ENDS},
    {"icmp6-routeradvert", ENDS},
    {"icmp6-routerrenum", ENDS},
    {"icmp6-routersolicit", ENDS},
    {"icmp6-timeexceeded", ENDS},
    {"icmp6code", ENDS},
    {"icmp6type", ENDS},
    {"icmpcode", ENDS},
    {"icmptype", ENDS},
    {"ifindex", ENDS},
    {"ifname", ONE_WORD},
    {"igmp", ENDS},
    {"igrp", ENDS},
    {"iih", ENDS},
    {"ilmic", ENDS},
    {"inbound", ENDS},
    {"ip", ENDS},
    {"ip6", ENDS},
    {"ipx", ENDS},
    {"is-is", ENDS},
    {"isis", ENDS},
    {"iso", ENDS},
    {"l1", ENDS},
    {"l2", ENDS},
    {"lane", ENDS},
    {"lat", ENDS},
    {"len", ENDS},
    {"length", ENDS},
    {"less", ENDS},
    {"link", ENDS},
    {"llc", ONE_WORD},
    {"lsp", ENDS},
    {"lssu", ENDS},
    {"lsu", ENDS},
    {"mask", JOINS},
    {"metac", ENDS},
    {"metaconnect", ENDS},
    {"mopdl", ENDS},
    {"moprc", ENDS},
    {"mpls", ENDS},
    {"msu", ENDS},
    {"multicast", ENDS},
    {"net", NETWORKS},
    {"netbeui", ENDS},
    {"not", JOINS},
    {"oam", ENDS},
    {"oamf4", ENDS},
    {"oamf4ec", ENDS},
    {"oamf4sc", ENDS},
    {"on", ONE_WORD},
    {"opc", ENDS},
    {"or", JOINS},
    {"outbound", ENDS},
    {"pim", ENDS},
    {"port", SERVICES},
    {"portrange", SERVICES},
    {"ppp", ENDS},
    {"pppoed", ENDS},
    {"pppoes", ENDS},
    {"proto", SERVICES},
    {"protochain", SERVICES},
    {"psnp", ENDS},
    {"ra", HOSTS},
    {"radio", ENDS},
    {"rarp", ENDS},
    {"reason", ONE_WORD},
    {"rnr", ENDS},
    {"rset", ONE_WORD},
    {"rulenum", ENDS},
    {"ruleset", ONE_WORD},
    {"sc", ENDS},
    {"sca", ENDS},
    {"sctp", ENDS},
    {"sio", ENDS},
    {"slip", ENDS},
    {"sls", ENDS},
    {"snp", ENDS},
    {"src", HOSTS},
    {"srnr", ENDS},
    {"stp", ENDS},
    {"subrulenum", ENDS},
    {"subtype", ONE_WORD},
    {"ta", HOSTS},
    {"tcp", ENDS},
    {"tcp-ack", ENDS},
    {"tcp-cwr", ENDS},
    {"tcp-ece", ENDS},
    {"tcp-fin", ENDS},
    {"tcp-push", ENDS},
    {"tcp-rst", ENDS},
    {"tcp-syn", ENDS},
    {"tcp-urg", ENDS},
    {"tcpflags", ENDS},
    {"tr", ENDS},
    {"type", ONE_WORD},
    {"udp", ENDS},
    {"vci", ENDS},
    {"vlan", ENDS},
    {"vpi", ENDS},
    {"vrrp", ENDS},
    {"wlan", ENDS},
};

static int compare_keyword(const void *token_, const void *keyword_)
{
    const struct filter_token *token = token_;
    const struct keyword *keyword = keyword_;
    int order = strncmp(token->text, keyword->text, token->len);
    if (order == 0 && keyword->text[token->len])
        return -1;
    return order;
}

static enum effect effect_of(const struct filter_token *token)
{
    if (token->kind == FILTER_ESCAPED)
        return NO_KEYWORD;
    const struct keyword *found = bsearch(token, keywords, sizeof keywords / sizeof *keywords,
                                          sizeof *keywords, compare_keyword);
    return found ? found->effect : NO_KEYWORD;
}

struct scan {
    enum meaning meaning; /* of a name at this place */
    bool one_word;        /* the previous token takes a word */
    size_t terms;
    size_t depth;
    uint8_t outer[FILTER_MAX_DEPTH]; /* the meanings at the beginning of the open parentheses */
};

static int refuse_name(enum meaning meaning, const struct filter_token *name,
                       struct lcap_error *error)
{
    int len = name->len < 255 ? (int)name->len : 255;
    if (meaning == MEANS_NOTHING)
        return lcap_error_set(error, LCAP_ERR_RULES,
                              "can't parse filter expression: syntax error at '%.*s': not a "
                              "keyword, and names are not looked up",
                              len, name->text);
    return lcap_error_set(error, LCAP_ERR_RULES,
                          "%s name '%.*s' is not looked up: write its address",
                          meaning == MEANS_NETWORK ? "network" : "host", len, name->text);
}

static int scan_word(struct scan *s, const struct filter_token *token, struct lcap_error *error)
{
    static const enum meaning meanings[] = {
        [ENDS] = MEANS_NOTHING,     [HOSTS] = MEANS_HOST,       [NETWORKS] = MEANS_NETWORK,
        [SERVICES] = MEANS_SERVICE, [ONE_WORD] = MEANS_NOTHING,
    };
    enum effect effect = effect_of(token);
    bool word_wanted = s->one_word;
    s->one_word = effect == ONE_WORD;
    if (effect == NO_KEYWORD)
        return word_wanted || s->meaning == MEANS_SERVICE ? LCAP_OK
                                                          : refuse_name(s->meaning, token, error);
    if (effect == JOINS)
        s->terms += token->text[0] != 'n' && token->text[0] != 'm';
    else
        s->meaning = meanings[effect];
    return LCAP_OK;
}

static int scan_symbol(struct scan *s, const struct filter_token *token, struct lcap_error *error)
{
    s->one_word = false;
    if (*token->text == '(') {
        if (s->depth == FILTER_MAX_DEPTH)
            return lcap_error_set(error, LCAP_ERR_RULES, "parentheses nested more than %d deep",
                                  FILTER_MAX_DEPTH);
        s->outer[s->depth++] = (uint8_t)s->meaning;
    } else if (*token->text == ')') {
        s->meaning = s->depth ? (enum meaning)s->outer[--s->depth] : MEANS_NOTHING;
    } else if ((*token->text == '&' || *token->text == '|') && token->text[1] == *token->text) {
        s->terms++;
    }
    return LCAP_OK;
}

int filter_names_check(const char *text, size_t *terms, struct lcap_error *error)
{
    struct scan scan = {.terms = 1};
    int rc = LCAP_OK;
    if (strnlen(text, FILTER_MAX_LENGTH + 1) > FILTER_MAX_LENGTH)
        return lcap_error_set(error, LCAP_ERR_RULES, "longer than %u bytes", FILTER_MAX_LENGTH);
    for (struct filter_token token = filter_token_at(text); rc == 0 && token.kind != FILTER_END;
         token = filter_token_at(token.text + token.len)) {
        if (token.kind == FILTER_WORD || token.kind == FILTER_ESCAPED)
            rc = scan_word(&scan, &token, error);
        else if (token.kind == FILTER_SYMBOL)
            rc = scan_symbol(&scan, &token, error);
        else
            scan.one_word = false;
    }
    if (rc == 0 && scan.terms > FILTER_MAX_TERMS)
        rc = lcap_error_set(error, LCAP_ERR_RULES,
                            "expected at most %d terms joined by and/or, found %zu: libpcap's time "
                            "grows with their square; use several rules with one hash_key",
                            FILTER_MAX_TERMS, scan.terms);
    *terms = scan.terms;
    return rc;
}
