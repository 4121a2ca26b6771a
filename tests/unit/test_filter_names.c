/*
 * No filter makes libpcap look a name up: the resolver's functions are
 * replaced here by ones that count their calls.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "capture/filter_names.h"
#include "capture/libpcap/filter.h"
#include "capture/linktype.h"
#include "random_traffic.h"
#include <arpa/inet.h>
#include <dlfcn.h>
#include <netdb.h>
#include <netinet/ether.h>
#include <pcap/pcap.h>
#include <stdlib.h>

static unsigned lookups;

/* libpcap finds these before the C library's, as this program comes first. */
#define REPLACES __attribute__((visibility("default")))

/* Addresses and names of services need no look-up; all else fails, and is counted. */
REPLACES int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                         struct addrinfo **result)
{
    static int (*original)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
    struct in6_addr address;
    if (node && inet_pton(AF_INET, node, &address) != 1 &&
        inet_pton(AF_INET6, node, &address) != 1 && !(hints && hints->ai_flags & AI_NUMERICHOST)) {
        lookups++;
        return EAI_NONAME;
    }
    if (!original)
        *(void **)&original = dlsym(RTLD_NEXT, "getaddrinfo");
    return original(node, service, hints, result);
}

REPLACES struct hostent *gethostbyname(const char *name)
{
    (void)name;
    lookups++;
    return NULL;
}

REPLACES struct netent *getnetbyname(const char *name)
{
    (void)name;
    lookups++;
    return NULL;
}

REPLACES int getnetbyname_r(const char *restrict name, struct netent *restrict entry,
                            char *restrict text, size_t len, struct netent **restrict result,
                            int *restrict error)
{
    (void)name, (void)entry, (void)text, (void)len, (void)error;
    lookups++;
    *result = NULL;
    return -1;
}

REPLACES int ether_hostton(const char *name, struct ether_addr *address)
{
    (void)name, (void)address;
    lookups++;
    return -1;
}

static bool libpcap_looks_up(const char *text)
{
    struct bpf_program code = {0};
    pcap_t *handle = pcap_open_dead(DLT_EN10MB, 262144);
    assert_non_null(handle);
    lookups = 0;
    if (pcap_compile(handle, &code, text, 1, PCAP_NETMASK_UNKNOWN) == 0)
        pcap_freecode(&code);
    pcap_close(handle);
    bool any = lookups > 0;
    lookups = 0;
    return any;
}

static int check(const char *text, struct lcap_error *error)
{
    struct filter_program program;
    int rc = filter_check(&program, text, error);
    filter_release(&program);
    return rc;
}

struct refusal {
    const char *text, *message;
};

static void names_are_refused(void **state)
{
    (void)state;
    static const struct refusal cases[] = {
        {"host example.com", "host name 'example.com' is not looked up: write its address"},
        {"src example.com", "host name 'example.com' is not looked up: write its address"},
        {"dst host a-b_c.d", "host name 'a-b_c.d' is not looked up: write its address"},
        {"src or dst example", "host name 'example' is not looked up: write its address"},
        {"ip6 host example", "host name 'example' is not looked up: write its address"},
        {"ip6 host fe80::1%eth0", "host name 'eth0' is not looked up: write its address"},
        {"arp host example", "host name 'example' is not looked up: write its address"},
        {"ether host router", "host name 'router' is not looked up: write its address"},
        {"ether src router", "host name 'router' is not looked up: write its address"},
        {"wlan addr1 ap", "host name 'ap' is not looked up: write its address"},
        {"wlan ra ap", "host name 'ap' is not looked up: write its address"},
        {"gateway router", "host name 'router' is not looked up: write its address"},
        {"net loopback", "network name 'loopback' is not looked up: write its address"},
        {"src net loopback", "network name 'loopback' is not looked up: write its address"},
        {"host 1.2.3.4.5", "host name '1.2.3.4.5' is not looked up: write its address"},
        {"host 10.0.0.1-2", "host name '10.0.0.1-2' is not looked up: write its address"},
        {"host 0x1g", "host name '0x1g' is not looked up: write its address"},
        {"host 1-2-3-4-5-6-7", "host name '1-2-3-4-5-6-7' is not looked up: write its address"},
        {"host \\tcp", "host name '\\tcp' is not looked up: write its address"},
        {"host HOST", "host name 'HOST' is not looked up: write its address"},
        {"host hosts", "host name 'hosts' is not looked up: write its address"},
        {"host 1.2.3.4 or example", "host name 'example' is not looked up: write its address"},
        {"host (1.2.3.4 or example)", "host name 'example' is not looked up: write its address"},
        {"host 1.2.3.4 and not example", "host name 'example' is not looked up: write its address"},
        {"host 1.2.3.4 || example", "host name 'example' is not looked up: write its address"},
        {"host 1.2.3.4 and (port 80) and example",
         "host name 'example' is not looked up: write its address"},
        {"port http or host a", "host name 'a' is not looked up: write its address"},
        {"port http or src a", "host name 'a' is not looked up: write its address"},
        {"port http and (host 1.2.3.4 or b)", "host name 'b' is not looked up: write its address"},
        {"net 10.0.0.0 mask 255.0.0.0 or b",
         "network name 'b' is not looked up: write its address"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct lcap_error error = {0};
        struct filter_program program;
        lookups = 0;
        assert_int_equal(filter_compile(&program, cases[i].text, LINKTYPE_ETHERNET, &error),
                         LCAP_ERR_RULES);
        assert_string_equal(error.text, cases[i].message);
        assert_int_equal(check(cases[i].text, NULL), LCAP_ERR_RULES);
        assert_int_equal(lookups, 0);
    }
}

/* The list above is not idle: without the check libpcap does look most of them up. */
static void libpcap_would_look_them_up(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "host example.com",
        "src example.com",
        "net loopback",
        "ether host router",
        "host 1.2.3.4.5",
        "host 10.0.0.1-2",
        "host 1-2-3-4-5-6-7",
        "host \\tcp",
        "host 1.2.3.4 or example",
        "host 1.2.3.4 and (port 80) and example",
        "port http or host a",
        "port http and (host 1.2.3.4 or b)",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (!libpcap_looks_up(texts[i]))
            fail_msg("%s", texts[i]);
    }
}

static void unknown_words_are_syntax_errors(void **state)
{
    (void)state;
    static const struct refusal cases[] = {
        {"frobnicate", "can't parse filter expression: syntax error at 'frobnicate': not a "
                       "keyword, and names are not looked up"},
        {"tcp or http", "can't parse filter expression: syntax error at 'http': not a keyword, and "
                        "names are not looked up; display filters of Wireshark are not capture "
                        "filters: did you mean \"tcp or tcp port 80\"?"},
        {"ifname eth0 or wlan0", "can't parse filter expression: syntax error at 'wlan0': not a "
                                 "keyword, and names are not looked up"},
        {"type mgt subtype beacon data", "can't parse filter expression: syntax error at 'data': "
                                         "not a keyword, and names are not looked up"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct lcap_error error = {0};
        assert_int_equal(check(cases[i].text, &error), LCAP_ERR_RULES);
        assert_string_equal(error.text, cases[i].message);
    }
}

/* pcap-filter(7): a filter or more for each primitive and each form of an address. */
static const char *const manual[] = {
    "host 10.0.0.1",
    "src 10.0.0.1",
    "dst 10.0.0.1",
    "src or dst 10.0.0.1",
    "src and dst host 10.0.0.1",
    "net 128.3",
    "dst net 128.3.0.0/16",
    "net 10.0.0.0 mask 255.0.0.0",
    "net 192.168.1",
    "net 10",
    "ip6 net 2001:db8::/32",
    "ip6 host ::1",
    "host 2001:db8:0:0:0:0:0:1",
    "host ::ffff:1.2.3.4",
    "host fe80::a:b:c:d and not port 53",
    "ether host 00:11:22:33:44:55",
    "ether src 0:1:2:a:b:c",
    "ether dst 00-11-22-33-44-55",
    "ether host 0011.2233.4455",
    "ether host 001122334455",
    "ether host 0.1.2.3.4.5",
    "ether broadcast",
    "ether multicast",
    "ether proto \\ip",
    "ether proto 0x86dd",
    "ether proto \\arp or \\rarp",
    "port 20",
    "src port 1025",
    "dst port http",
    "port http or https",
    "port (http or https) and host 10.0.0.1",
    "tcp port ftp or ftp-data or domain",
    "tcp dst port ftp or tcp dst port ftp-data or tcp dst port domain",
    "host 10.0.0.1 and not port ftp and not port ftp-data",
    "portrange 6000-6008",
    "tcp src portrange ftp-data-ftp",
    "ip proto \\tcp",
    "ip proto 47",
    "ip proto (\\tcp or \\udp)",
    "proto \\icmp",
    "ip6 proto \\udp",
    "ip6 protochain 6",
    "ip protochain \\tcp",
    "less 100",
    "greater 100",
    "len <= 100",
    "length > 5",
    "ip broadcast or 1 = 1",
    "ip multicast",
    "ip6 multicast",
    "byte 0 = 5",
    "vlan",
    "vlan 300 and tcp",
    "vlan 100 && vlan 200",
    "mpls",
    "mpls 100000 && mpls 1024",
    "pppoed",
    "pppoes 0x27",
    "pppoes && tcp",
    "geneve",
    "geneve 0xb",
    "iso proto \\esis",
    "iso proto 0x82",
    "esis or isis or clnp",
    "es-is or is-is",
    "l1 or l2 or iih or lsp or snp or csnp or psnp",
    "stp or ipx or netbeui",
    "lat or moprc or mopdl or sca",
    "decnet src 10.15",
    "atalk or aarp",
    "rarp or carp or vrrp or pim or igrp or igmp",
    "ah or esp",
    "icmp6",
    "llc",
    "llc i",
    "llc s or llc u",
    "llc rr or llc rnr",
    "gateway 10.0.0.1",
    "tcp[0] & 1 != 0",
    "ip[0] & 0xf != 5",
    "ip[6:2] & 0x1fff = 0",
    "icmp[icmptype] != icmp-echo and icmp[icmptype] != icmp-echoreply",
    "icmp6[icmp6type] == icmp6-neighborsolicit",
    "tcp[tcpflags] & (tcp-syn|tcp-fin) != 0 and not src and dst net 10.0.0.0/8",
    "tcp[tcpflags] & (tcp-syn|tcp-push|tcp-rst|tcp-urg|tcp-ece|tcp-cwr) == tcp-syn",
    "tcp port 80 and (((ip[2:2] - ((ip[0]&0xf)<<2)) - ((tcp[12]&0xf0)>>2)) != 0)",
    "gateway 10.0.0.1 and ip[2:2] > 576",
    "ether[0] & 1 = 0 and ip[16] >= 224",
    "link[0] = 1",
    "ppp[0] = 1 or slip[0] = 1 or fddi[0] = 1 or tr[0] = 1",
    "!tcp && !(udp || icmp)",
    "not host 10.0.0.1 and 10.0.0.2",
    "len = 5 + 3 * 2 - 1 / 1 % 7 ^ 1 | 2 & 3",
    "len << 2 >= 4 >> 1",
    "inbound",
    "outbound",
    "ifindex 3",
    "wlan type mgt",
    "type mgt subtype deauth",
    "wlan type ctl subtype cf-end-ack",
    "type data subtype qos-cf-ack-poll",
    "subtype beacon",
    "dir tods",
    "direction fromds",
    "wlan addr1 00:11:22:33:44:55",
    "wlan address4 00:11:22:33:44:55",
    "wlan ra 00:11:22:33:44:55 or wlan ta 00:11:22:33:44:55",
    "ifname eth0",
    "on lo",
    "rnr 1 or rulenum 1",
    "rset test",
    "ruleset test",
    "srnr 2",
    "subrulenum 2",
    "vpi 1 and vci 2",
    "lane or metac or bcc or oamf4sc or oamf4ec or sc or ilmic",
    "connectmsg or metaconnect or oam or oamf4",
    "fisu or lssu or lsu or msu",
    "sio 1 or opc 2 or dpc 3 or sls 4",
    "hfisu or hlssu or hmsu or hsio 1 or hopc 2 or hdpc 3 or hsls 4",
    "",
};

/* What passes here may still be refused by libpcap, for a link type or altogether. */
static void the_manuals_filters_pass(void **state)
{
    (void)state;
    size_t terms;
    for (size_t i = 0; i < sizeof manual / sizeof *manual; i++) {
        struct lcap_error error = {0};
        if (filter_names_check(manual[i], &terms, &error) < 0)
            fail_msg("%s: %s", manual[i], error.text);
    }
}

/* Words, addresses and signs in any order: whatever passes, libpcap does not look up. */
static void random_filters_are_never_looked_up(void **state)
{
    (void)state;
    static const char *const words[] = {
        "host",      "net",
        "port",      "portrange",
        "proto",     "protochain",
        "src",       "dst",
        "src",       "tcp",
        "udp",       "ip",
        "ip6",       "ether",
        "arp",       "and",
        "or",        "not",
        "(",         ")",
        "!",         "||",
        "&&",        "gateway",
        "mask",      "less",
        "5",         "80",
        "1.2",       "1.2.3.4",
        "::1",       "1:2:3:4:5:6",
        "a",         "b.c",
        "a-b",       "\\tcp",
        "\\a",       "http",
        "0x1F",      "$1",
        "vlan",      "llc",
        "ifname",    "type",
        "dir",       "1-2-3-4-5-6",
        "ip[0]",     "=",
        "x:y",       "/",
        "8",         "addr1",
        "len",       "1.2.3.4/32",
        "1:2:",      "dead::beef.a",
        "a::b",      ":",
        "&",         "-",
        "broadcast", "abcdefabcdef",
        "1.2.3.4.5", "tcp-syn",
    };
    struct random r = {.state = 1};
    unsigned passed = 0, saved = 0;
    for (int i = 0; i < 60000; i++) {
        struct random_text text = {.len = 0};
        for (uint32_t n = 1 + random_below(&r, 9); n > 0; n--)
            random_print(&text, "%s%s", words[random_below(&r, sizeof words / sizeof *words)],
                         random_below(&r, 12) ? " " : "");
        struct filter_program program;
        lookups = 0;
        if (filter_compile(&program, text.text, LINKTYPE_ETHERNET, NULL) == 0)
            passed++;
        filter_release(&program);
        if (lookups > 0)
            fail_msg("looked up: %s", text.text);
        saved += libpcap_looks_up(text.text);
    }
    /* Many filters were sound, and many would have been looked up. */
    assert_in_range(passed, 500, 60000);
    assert_in_range(saved, 500, 60000);
}

static void limits(void **state)
{
    (void)state;
    struct lcap_error error = {0};
    size_t terms;
    char *text = calloc(1, 300000);
    assert_non_null(text);
    memset(text, ' ', FILTER_MAX_LENGTH);
    assert_int_equal(filter_names_check(text, &terms, &error), 0);
    text[FILTER_MAX_LENGTH] = ' ';
    assert_int_equal(check(text, &error), LCAP_ERR_RULES);
    assert_string_equal(error.text, "longer than 65536 bytes");
    lcap_error_clear(&error);

    size_t len = 0;
    for (int i = 0; i < 1000; i++)
        len += (size_t)sprintf(text + len, "%sport 1", i ? " or " : "");
    assert_int_equal(filter_names_check(text, &terms, &error), 0);
    assert_int_equal(terms, 1000);
    strcpy(text + len, "||2");
    assert_int_equal(check(text, &error), LCAP_ERR_RULES);
    assert_string_equal(error.text, "expected at most 1000 terms joined by and/or, found 1001: "
                                    "libpcap's time grows with their square; use several rules "
                                    "with one hash_key");
    lcap_error_clear(&error);

    memset(text, '(', 1000);
    strcpy(text + 1000, "tcp");
    memset(text + 1003, ')', 1000);
    text[2003] = '\0';
    assert_int_equal(check(text, &error), 0);
    memset(text, '(', 60000);
    strcpy(text + 60000, "tcp");
    assert_int_equal(check(text, &error), LCAP_ERR_RULES);
    assert_string_equal(error.text, "parentheses nested more than 1000 deep");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_refused),
        cmocka_unit_test(libpcap_would_look_them_up),
        cmocka_unit_test(unknown_words_are_syntax_errors),
        cmocka_unit_test(the_manuals_filters_pass),
        cmocka_unit_test(random_filters_are_never_looked_up),
        cmocka_unit_test(limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
