/*
 * Names of link types; headers in host byte order, turned as libpcap turns
 * them when it reads a file of the other byte order.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "capture/linktype.h"
#include <labelcap/capture.h>
#include <pcap/pcap.h>
#include <stdio.h>

enum { LONGEST = 256 };

static void names_link_types(void **state)
{
    (void)state;
    assert_string_equal(lcap_linktype_name(0), "NULL");
    assert_string_equal(lcap_linktype_name(1), "ETHERNET");
    assert_string_equal(lcap_linktype_name(101), "RAW");
    assert_string_equal(lcap_linktype_name(113), "LINUX_SLL");
    assert_string_equal(lcap_linktype_name(276), "LINUX_SLL2");
    assert_string_equal(lcap_linktype_name(12), "LINKTYPE_12");
    assert_string_equal(lcap_linktype_name(300), "LINKTYPE_300");
    assert_string_equal(lcap_linktype_name(65535), "LINKTYPE_65535");
}

/*
 * From 113 on the numbers of LINKTYPE and DLT agree, and libpcap knows the
 * names of most DLTs; the registry calls five of these link types otherwise.
 */
static void agrees_with_libpcap_on_names(void **state)
{
    (void)state;
    int same = 0, different = 0;
    for (int linktype = 113; linktype < 290; linktype++) {
        const char *theirs = pcap_datalink_val_to_name(linktype);
        if (!theirs)
            continue;
        if (strcmp(theirs, lcap_linktype_name((uint16_t)linktype)) == 0)
            same++;
        else
            different++;
    }
    assert_in_range(same, 100, 177);
    assert_int_equal(different, 5); /* 119, 127, 163, 195, 209 */
}

/* The packet as libpcap gives it out of a file in the other byte order than the host's. */
static void swap_by_libpcap(uint16_t linktype, uint8_t *data, uint32_t caplen, uint32_t len)
{
    const bool big = !HOST_BIG_ENDIAN;
    uint8_t file[24 + 16 + LONGEST] = {0};
    char message[PCAP_ERRBUF_SIZE];
    struct pcap_pkthdr *header;
    const uint8_t *packet;
    store32(file, 0xa1b2c3d4, big);
    store16(file + 4, 2, big);
    store16(file + 6, 4, big);
    store32(file + 16, 65535, big);
    store32(file + 20, linktype, big);
    store32(file + 24 + 8, caplen, big);
    store32(file + 24 + 12, len, big);
    memcpy(file + 24 + 16, data, caplen);
    FILE *stream = fmemopen(file, 24 + 16 + caplen, "rb");
    assert_non_null(stream);
    pcap_t *pcap = pcap_fopen_offline(stream, message);
    if (!pcap)
        fail_msg("%s", message);
    assert_int_equal(pcap_next_ex(pcap, &header, &packet), 1);
    memcpy(data, packet, caplen);
    pcap_close(pcap);
}

/* A small generator (Marsaglia's xorshift), so that a failure can be repeated. */
static uint32_t next_random(uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

/* Random bytes that are, more often than not, a sound header of the link type. */
static void make_header(uint16_t linktype, uint8_t *data, uint32_t *seed)
{
    const bool big = !HOST_BIG_ENDIAN;
    for (int i = 0; i < LONGEST; i++)
        data[i] = (uint8_t)next_random(seed);
    if (next_random(seed) % 4 == 0)
        return;
    switch (linktype) {
    case LINKTYPE_PFLOG:
        data[0] = (uint8_t)(40 + next_random(seed) % 30);
        break;
    case LINKTYPE_LINUX_SLL:
        store16(data + 14, (uint16_t)(0x0B + next_random(seed) % 3), true);
        break;
    case LINKTYPE_USB_LINUX:
    case LINKTYPE_USB_LINUX_MMAPPED:
        data[9] = next_random(seed) % 4; /* 0 is isochronous */
        store32(data + 60, next_random(seed) % 16, big);
        break;
    }
}

static void check_against_libpcap(uint16_t linktype)
{
    uint32_t seed = 1 + linktype;
    int changed = 0;
    for (int round = 0; round < 2000; round++) {
        uint8_t ours[LONGEST], theirs[LONGEST], original[LONGEST];
        uint32_t caplen = next_random(&seed) % LONGEST;
        uint32_t len = caplen + next_random(&seed) % 100;
        make_header(linktype, original, &seed);
        memcpy(ours, original, LONGEST);
        memcpy(theirs, original, LONGEST);
        swap_by_libpcap(linktype, theirs, caplen, len);
        linktype_swap_header(linktype, ours, caplen, len, !HOST_BIG_ENDIAN);
        assert_memory_equal(ours, theirs, LONGEST);
        changed += memcmp(ours, original, LONGEST) != 0;
        linktype_swap_header(linktype, ours, caplen, len, HOST_BIG_ENDIAN);
        assert_memory_equal(ours, original, LONGEST);
    }
    assert_in_range(changed, 500, 2000);
}

static void swaps_as_libpcap(void **state)
{
    (void)state;
    check_against_libpcap(LINKTYPE_PFLOG);
    check_against_libpcap(LINKTYPE_LINUX_SLL);
    check_against_libpcap(LINKTYPE_USB_LINUX);
    check_against_libpcap(LINKTYPE_USB_LINUX_MMAPPED);
}

/* Turned and turned back; `from_big` both ways. */
static void check_swap(uint16_t linktype, const uint8_t *little, const uint8_t *big, uint32_t len)
{
    uint8_t data[LONGEST];
    assert_true(linktype_has_host_order_header(linktype));
    memcpy(data, little, len);
    linktype_swap_header(linktype, data, len, len, false);
    assert_memory_equal(data, big, len);
    linktype_swap_header(linktype, data, len, len, true);
    assert_memory_equal(data, little, len);
}

/*
 * What libpcap 1.10.3 does not turn: loopback (its filters know both orders),
 * CAN in SLL2, CAN XL, and the fields of NFLOG after the first.
 */
static void swaps_the_rest(void **state)
{
    (void)state;
    check_swap(LINKTYPE_NULL, (const uint8_t *)"\x1e\0\0\0rest", (const uint8_t *)"\0\0\0\x1erest",
               8);
    check_swap(LINKTYPE_NULL, (const uint8_t *)"\x1e\0\0", (const uint8_t *)"\x1e\0\0", 3);
    check_swap(LINKTYPE_LINUX_SLL2, (const uint8_t *)"\0\x0c..................\1\2\3\4rest",
               (const uint8_t *)"\0\x0c..................\4\3\2\1rest", 28);
    check_swap(LINKTYPE_LINUX_SLL2, (const uint8_t *)"\x08\0..................\1\2\3\4rest",
               (const uint8_t *)"\x08\0..................\1\2\3\4rest", 28);
    check_swap(LINKTYPE_LINUX_SLL, (const uint8_t *)"..............\0\x0e\1\2\3\4ab\5\6\1\2\3\4",
               (const uint8_t *)"..............\0\x0e\4\3\2\1ab\6\5\4\3\2\1", 28);
    check_swap(LINKTYPE_NFLOG, (const uint8_t *)"\2\0\0\7\5\0\3\1abc.\6\7\4\0\1\0\377\0",
               (const uint8_t *)"\2\0\0\7\0\5\1\3abc.\6\7\4\0\1\0\377\0", 20);
    check_swap(LINKTYPE_NFLOG, (const uint8_t *)"\2\0\0\7\5\0\7\0abc.\6\7\4\0\1\0\377\0..",
               (const uint8_t *)"\2\0\0\7\0\5\0\7abc.\7\6\0\4\0\1\0\377..", 22);
    check_swap(LINKTYPE_NFLOG, (const uint8_t *)"\2\1\0\7\5\0\7\0abc.",
               (const uint8_t *)"\2\1\0\7\5\0\7\0abc.", 12); /* another version */
}

static void leaves_others_alone(void **state)
{
    (void)state;
    static const uint16_t others[] = {LINKTYPE_ETHERNET, LINKTYPE_LOOP, LINKTYPE_RAW, 227, 65535};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        uint8_t data[] = "0123456789abcdefghijklmnopqrstuvwxyz";
        assert_false(linktype_has_host_order_header(others[i]));
        linktype_swap_header(others[i], data, 36, 36, true);
        assert_string_equal((char *)data, "0123456789abcdefghijklmnopqrstuvwxyz");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_link_types),    cmocka_unit_test(agrees_with_libpcap_on_names),
        cmocka_unit_test(swaps_as_libpcap),    cmocka_unit_test(swaps_the_rest),
        cmocka_unit_test(leaves_others_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
