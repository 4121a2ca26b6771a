/* Filters: link types, libpcap's messages, programs long and short. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "capture/libpcap/filter.h"
#include "capture/libpcap/live.h"
#include "capture/libpcap/pcap_library.h"
#include "capture/linktype.h"
#include "missing_library.h"
#include "random_traffic.h"
#include <errno.h>
#include <stdlib.h>

/* In the place of libpcap's own, which it calls: counts, and fails for lack of memory if asked. */
static unsigned compilations, fail_at;

static int counted_compile(pcap_t *handle, struct bpf_program *code, const char *text, int optimise,
                           bpf_u_int32 netmask)
{
    if (++compilations == fail_at) {
        errno = ENOMEM;
        return -1;
    }
    return pcap_compile(handle, code, text, optimise, netmask);
}

static int check(const char *text, struct lcap_error *error)
{
    struct filter_program program;
    int rc = filter_check(&program, text, error);
    filter_release(&program);
    return rc;
}

static void without_libpcap(void **state)
{
    (void)state;
    static const char expected[] =
        "cannot load libpcap for filters and live capture: libnowhere.so: cannot open shared "
        "object "
        "file: No such file or directory (Debian's package is libpcap0.8)";
    const struct live_options options = {0};
    struct live *live;
    struct lcap_error error = {0};
    instead = "libnowhere.so";
    assert_int_equal(check("tcp", &error), LCAP_ERR_IO);
    assert_string_equal(error.text, expected);
    lcap_error_clear(&error);
    assert_int_equal(live_open(&live, "lo", &options, &error), LCAP_ERR_IO);
    assert_string_equal(error.text, expected);
    lcap_error_clear(&error);
    instead = NULL;
    assert_int_equal(check("tcp", &error), LCAP_OK);
}

/* The LINKTYPE values whose DLT has another number, and some that have the same (pcap-linktype(7)).
 */
static void link_types_become_libpcaps_own(void **state)
{
    (void)state;
    static const struct {
        uint16_t linktype;
        int dlt;
    } cases[] = {
        {0, DLT_NULL},         {1, DLT_EN10MB},        {6, DLT_IEEE802},
        {9, DLT_PPP},          {10, DLT_FDDI},         {50, DLT_PPP_SERIAL},
        {51, DLT_PPP_ETHER},   {100, DLT_ATM_RFC1483}, {101, DLT_RAW},
        {102, DLT_SLIP_BSDOS}, {103, DLT_PPP_BSDOS},   {104, DLT_C_HDLC},
        {105, DLT_IEEE802_11}, {106, DLT_ATM_CLIP},    {107, DLT_FRELAY},
        {108, DLT_LOOP},       {113, DLT_LINUX_SLL},   {117, DLT_PFLOG},
        {122, DLT_IP_OVER_FC}, {123, DLT_SUNATM},      {127, DLT_IEEE802_11_RADIO},
        {228, DLT_IPV4},       {229, DLT_IPV6},        {276, DLT_LINUX_SLL2},
    };
    static const char *const texts[] = {"len > 60", "ip and tcp", "host 10.0.0.1", "link[3] = 1"};
    unsigned compiled = 0;
    for (size_t i = 0; i < 4 * sizeof cases / sizeof *cases; i++) {
        const char *text = texts[i % 4];
        struct filter_program program;
        struct bpf_program code;
        pcap_t *handle = pcap_open_dead(cases[i / 4].dlt, 262144);
        int expected = pcap_compile(handle, &code, text, 1, PCAP_NETMASK_UNKNOWN);
        assert_int_equal(filter_compile(&program, text, cases[i / 4].linktype, NULL) == 0,
                         expected == 0);
        /* NULL and LOOP differ on purpose: a file may come from another system. */
        if (expected == 0 && cases[i / 4].dlt != DLT_NULL && cases[i / 4].dlt != DLT_LOOP) {
            assert_int_equal(program.count, code.bf_len);
            assert_memory_equal(program.insns, code.bf_insns, code.bf_len * sizeof *program.insns);
            compiled++;
        }
        if (expected == 0)
            pcap_freecode(&code);
        pcap_close(handle);
        filter_release(&program);
    }
    assert_in_range(compiled, 60, 96);
}

static void refusals_are_libpcaps_words(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"host 10.0.0.1 and", "can't parse filter expression: syntax error"},
        {"(tcp", "can't parse filter expression: syntax error"},
        {"tcp port 99999", "illegal port number 99999 > 65535"},
        {"host 999.1.1.1", "invalid IPv4 address '999.1.1.1'"},
        {"net 10.0.0.1/8", "non-network bits set in \"10.0.0.1/8\""},
        {"vlan 5000", "VLAN tag 5000 greater than maximum 4095"},
        {"mpls or pppoes", "unsupported protocol over mpls"},
        {"ip and arp", "expression rejects all packets"},
        {"ip broadcast", "netmask not known, so 'ip broadcast' not supported"},
        {"port nosuchservice", "unknown port 'nosuchservice'"},
        {"tcp port 20-21", "unknown port '20-21'; did you mean portrange 20-21?"},
        {"ip proto nosuchprotocol", "unknown ip proto 'nosuchprotocol'"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct lcap_error error = {0};
        struct filter_program program;
        assert_int_equal(filter_compile(&program, cases[i].text, LINKTYPE_ETHERNET, &error),
                         LCAP_ERR_RULES);
        assert_string_equal(error.text, cases[i].message);
        assert_int_equal(program.count, 0);
        lcap_error_clear(&error);
        if (strcmp(cases[i].text, "ip and arp") == 0)
            continue; /* libpcap does not notice it for 802.11 */
        assert_int_equal(check(cases[i].text, &error), LCAP_ERR_RULES);
        assert_string_equal(error.text, cases[i].message);
    }
}

static void filters_of_other_link_types_are_filters(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "type mgt subtype beacon",
        "wlan addr1 00:11:22:33:44:55",
        "ifname eth0",
        "on lo or tcp",
        "inbound and tcp",
        "ifindex 3",
        "vpi 1",
        "lane",
        "fisu",
        "sio 3",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct lcap_error error = {0};
        struct filter_program program;
        assert_int_equal(filter_compile(&program, texts[i], LINKTYPE_ETHERNET, NULL),
                         LCAP_ERR_RULES);
        if (filter_check(&program, texts[i], &error) < 0)
            fail_msg("%s: %s", texts[i], error.text);
        assert_int_equal(error.code, 0);
        assert_int_equal(program.count, 0);
    }
}

/* A load of what only a live interface's kernel knows (negative offsets) would never match. */
static void nothing_asks_the_kernel(void **state)
{
    (void)state;
    static const char *const texts[] = {"vlan",      "vlan 5 and tcp", "inbound",
                                        "ifindex 3", "not vlan",       "vlan and vlan"};
    static const uint16_t linktypes[] = {LINKTYPE_ETHERNET, LINKTYPE_LINUX_SLL, LINKTYPE_LINUX_SLL2,
                                         LINKTYPE_RAW};
    for (size_t i = 0; i < 24; i++) {
        struct filter_program program;
        if (filter_compile(&program, texts[i % 6], linktypes[i / 6], NULL) == 0) {
            for (uint32_t n = 0; n < program.count; n++) {
                if ((program.insns[n].code & 0xE7) == (BPF_LD | BPF_ABS))
                    assert_in_range(program.insns[n].k, 0, 65535);
            }
        }
        filter_release(&program);
    }
}

static void packets_match_as_libpcap_has_it(void **state)
{
    (void)state;
    struct random r = {.state = 7};
    struct lcap_interface interface = {.linktype = LINKTYPE_ETHERNET};
    unsigned matched = 0;
    for (int i = 0; i < 400; i++) {
        struct random_text text;
        struct filter_program program;
        random_filter(&r, &text);
        if (filter_compile(&program, text.text, LINKTYPE_ETHERNET, NULL) == 0) {
            struct bpf_program code = {.bf_len = program.count,
                                       .bf_insns = (struct bpf_insn *)program.insns};
            assert_true(bpf_validate(code.bf_insns, (int)code.bf_len));
            for (int n = 0; n < 50; n++) {
                struct random_packet bytes;
                random_packet(&r, LINKTYPE_ETHERNET, &bytes);
                struct pcap_pkthdr header = {.caplen = random_below(&r, bytes.len + 1),
                                             .len = bytes.len};
                struct lcap_packet packet = {.interface = &interface,
                                             .data = bytes.data,
                                             .caplen = header.caplen,
                                             .len = header.len};
                bool expected = pcap_offline_filter(&code, &header, bytes.data) != 0;
                assert_int_equal(filter_matches(&program, &packet), expected);
                matched += expected;
            }
        }
        filter_release(&program);
    }
    assert_in_range(matched, 500, 19500);
}

/* Too long for the optimizer: taken as it is generated, and right all the same. */
static void long_lists_compile_soon(void **state)
{
    (void)state;
    char text[8000];
    size_t len = 0;
    struct filter_program program;
    for (int i = 0; i < 200; i++)
        len += (size_t)snprintf(text + len, sizeof text - len, "%shost 10.9.%d.%d", i ? " or " : "",
                                i / 16, i);
    compilations = 0;
    libpcap.pcap_compile = counted_compile;
    assert_int_equal(filter_compile(&program, text, LINKTYPE_RAW, NULL), 0);
    assert_int_equal(compilations, 1);
    assert_in_range(program.count, 2000, 20000);
    struct lcap_interface interface = {.linktype = LINKTYPE_RAW};
    uint8_t data[20] = {0x45, [9] = 6, [12] = 10, 9, 12, 199};
    struct lcap_packet packet = {.interface = &interface, .data = data, .caplen = 20, .len = 20};
    assert_true(filter_matches(&program, &packet));
    data[15] = 200;
    assert_false(filter_matches(&program, &packet));
    filter_release(&program);
}

/* Whichever link type is being tried. */
static void a_lack_of_memory_is_none_of_the_filter(void **state)
{
    (void)state;
    struct lcap_error error = {0};
    libpcap.pcap_compile = counted_compile;
    for (unsigned at = 1; at <= 3; at++) {
        compilations = 0;
        fail_at = at;
        assert_int_equal(check("type mgt", &error), LCAP_ERR_MEMORY);
        assert_string_equal(error.text, "out of memory for a filter");
        lcap_error_clear(&error);
    }
    fail_at = 0;
    assert_int_equal(check("type mgt", &error), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_libpcap), /* before it is loaded */
        cmocka_unit_test(link_types_become_libpcaps_own),
        cmocka_unit_test(refusals_are_libpcaps_words),
        cmocka_unit_test(filters_of_other_link_types_are_filters),
        cmocka_unit_test(nothing_asks_the_kernel),
        cmocka_unit_test(packets_match_as_libpcap_has_it),
        cmocka_unit_test(long_lists_compile_soon),
        cmocka_unit_test(a_lack_of_memory_is_none_of_the_filter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
