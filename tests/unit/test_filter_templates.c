/* Programs from templates against those that libpcap compiles: equal to the last instruction. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "capture/filter_templates.h"
#include "capture/linktype.h"

/* %a is an address, %p a port, %A and %P those before it once more. */
static const char *const shapes[] = {
    "host %a",
    "src host %a",
    "port %p",
    "tcp port %p",
    "udp and host %a",
    "host %a and host %a",
    "host %a or host %a or host %a",
    "not host %a and port %p",
    "arp src host %a and arp dst host %a",
    "icmp and ((src host %a and dst host %a) or (src host %a and dst host %a))",
    "tcp and src host %a and src port %p and dst host %a and dst port %p",
    "ip proto 47 and ((src host %a and dst host %a))",
    "sctp and ((src host %a and src port %p and dst host %a and dst port %p))",
    "tcp and host %a and port %p and tcp[tcpflags] & tcp-syn != 0",
    "(host %a and port %p) or (host %A and port %P)",
    "tcp and ((src host %a and src port %p and dst host %A and dst port %p))",
    "((src host %a and src port %p) or (dst host %A and dst port %P))",
    "vlan and host %a and port %p",
    "len > 100 and (port %p or port %p or port %p)",
    "host %a and not (port %p or port %p) and ip[8] < 64",
    "host %6",
    "src host %6 and dst host %6",
    "tcp and host %6 and port %p and host %6 and port %p",
    "(src host %6 and src port %p and dst host %6 and dst port %p) or (src host %6 and port %p)",
    "icmp6 and ((src host %6 and dst host %6) or (src host %6 and dst host %6))",
    "host %6 or host %a",
};

static const uint16_t linktypes[] = {
    LINKTYPE_ETHERNET, LINKTYPE_RAW, LINKTYPE_LINUX_SLL,  LINKTYPE_LINUX_SLL2,
    LINKTYPE_NULL,     LINKTYPE_PPP, LINKTYPE_IEEE802_11, LINKTYPE_IEEE802_11_RADIOTAP,
};

/* Also those that equal constants of programs: protocols, Ethernet types, offsets, masks. */
static uint32_t any_port(void)
{
    static const uint32_t odd[] = {0,  1,    6,    9,     12,    14,    17,    20,
                                   23, 26,   30,   58,    132,   1500,  2048,  2054,
                                   34, 8191, 8192, 32821, 33024, 34525, 65535, 262144 & 65535};
    return rand() % 4 == 0 ? odd[(size_t)rand() % (sizeof odd / sizeof *odd)]
                           : (uint32_t)rand() % 65536;
}

static uint32_t any_address(void)
{
    static const uint32_t odd[] = {0, 1, 80, 0x7F000001, 0xFFFFFFFF, 0xE0000001, 0x01000000, 2048};
    return rand() % 4 == 0 ? odd[(size_t)rand() % (sizeof odd / sizeof *odd)]
                           : (uint32_t)rand() << 1 ^ (uint32_t)rand();
}

/* With words that are 0, equal in several addresses, or like ports. */
static char *write_ipv6(char *text)
{
    static const char *const heads[] = {"2001:db8", "fe80:0", "0:0", "ffff:ffff", "ff02:0"};
    text += sprintf(text, "%s", heads[(size_t)rand() % (sizeof heads / sizeof *heads)]);
    if (rand() % 2)
        return text + sprintf(text, "::%x", any_port());
    return text + sprintf(text, ":%x:%x:%x:%x:0:%x", rand() % 3, rand() % 65536, rand() % 65536,
                          rand() % 65536, any_port());
}

static void fill(const char *shape, char *text)
{
    uint32_t address = 0, port = 0;
    for (; *shape; shape++) {
        if (*shape != '%') {
            *text++ = *shape;
            continue;
        }
        shape++;
        if (*shape == 'a')
            address = any_address();
        if (*shape == 'p')
            port = rand() % 4 ? any_port() : port;
        if (*shape == '6')
            text = write_ipv6(text);
        else if (*shape == 'a' || *shape == 'A')
            text += sprintf(text, "%u.%u.%u.%u", address >> 24, address >> 16 & 255,
                            address >> 8 & 255, address & 255);
        else
            text += sprintf(text, "%u", port);
    }
    *text = '\0';
}

static size_t made; /* programs from templates */

static void assert_equal(struct filter_templates *templates, const char *text, uint16_t linktype)
{
    struct filter_program found, expected;
    struct lcap_error error = {0}, other = {0};
    const int rc = filter_templates_make(templates, &found, text, linktype, &error);
    assert_string_equal(error.text, "");
    if (rc == 0) /* libpcap's to make, or to refuse */
        return;
    made++;
    assert_int_equal(rc, 1);
    assert_int_equal(filter_compile(&expected, text, linktype, &other), 0);
    if (found.count != expected.count ||
        (found.count > 0 &&
         memcmp(found.insns, expected.insns, found.count * sizeof *found.insns) != 0))
        fail_msg("link type %u: %s", linktype, text);
    filter_release(&found);
    filter_release(&expected);
}

static void programs_are_libpcaps(void **state)
{
    (void)state;
    struct filter_templates *templates = NULL;
    char text[1000];
    srand(20261129);
    assert_int_equal(filter_templates_new(&templates, NULL), 0);
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++)
        for (size_t l = 0; l < sizeof linktypes / sizeof *linktypes; l++)
            for (int i = 0; i < 60; i++) {
                fill(shapes[s], text);
                assert_equal(templates, text, linktypes[l]);
            }
    assert_true(made > 4000); /* of 12,480, many of which have odd values */
    filter_templates_free(templates);
}

/* What looks like a value and is none. */
static void odd_texts(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "host 010.0.0.1",
        "host 10.0.0.256",
        "host 10.0.0",
        "port 080",
        "port 65536",
        "port 0",
        "host 10.0.0.1/8",
        "host 10.0.0.1)",
        "port 80-90",
        "portrange 80-90",
        "host \001",
        "",
        "net 10.0.0.0/8",
        "host  10.0.0.1",
        "host 10.0.0.1 or 10.0.0.2",
        "host 0.0.0.0",
        "port 80 80",
        "host 2001:db8::1/64",
        "host 2001:db8",
        "host ::1",
        "host :",
        "host 1:2:3:4:5:6:7:8:9",
        "host 10.0.0.1.2",
        "port\t80",
        "ether host 00:11:22:33:44:55",
        "\002A",
    };
    struct filter_templates *templates = NULL;
    assert_int_equal(filter_templates_new(&templates, NULL), 0);
    for (int round = 0; round < 4; round++)
        for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
            assert_equal(templates, texts[i], LINKTYPE_ETHERNET);
    filter_templates_free(templates);
    filter_templates_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(programs_are_libpcaps),
        cmocka_unit_test(odd_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
