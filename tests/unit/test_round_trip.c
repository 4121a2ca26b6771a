/*
 * The law of reader and writer: what is read, written and read again is the
 * same. Over every capture in ../shared/captures, damaged ones up to the damage.
 */
#include "base/bytes.h"
#include "capture/pcapng.h"
#include "capture/pcapng_options.h"
#include <ftw.h>
#include <labelcap/capture.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char captures[4096];
static char output[4096];

/* Copies whatever can be read of `count` captures into one file. */
static struct lcap_losses copy(const char *const *paths, size_t count, const char *to,
                               const struct lcap_writer_options *options)
{
    struct lcap_writer *out = NULL;
    struct lcap_error error = {0};
    struct lcap_losses losses;
    assert_int_equal(lcap_writer_open(&out, to, options, &error), 0);
    for (size_t i = 0; i < count; i++) {
        struct lcap_reader *in = NULL;
        const struct lcap_block *block;
        if (lcap_reader_open(&in, paths[i], NULL, NULL) < 0)
            continue;
        lcap_writer_source(out, in);
        while (lcap_reader_next(in, &block, NULL) == 1)
            if (lcap_writer_block(out, block, &error) < 0)
                fail_msg("%s: %s", paths[i], error.text);
        lcap_reader_free(in);
    }
    losses = *lcap_writer_losses(out);
    if (lcap_writer_close(out, &error) < 0)
        fail_msg("%s", error.text);
    return losses;
}

/* What a reader has after its descriptions: packets and other blocks, in order. */
static int next_content(struct lcap_reader *in, const struct lcap_block **block)
{
    int rc;
    do
        rc = lcap_reader_next(in, block, NULL);
    while (rc == 1 &&
           ((*block)->kind == LCAP_BLOCK_SECTION || (*block)->kind == LCAP_BLOCK_INTERFACE ||
            (*block)->type == PCAPNG_CUSTOM_NOCOPY));
    return rc;
}

/* Whether all snap lengths of the captures are alike, and no packet is longer. */
static bool have_sound_snaplens(const char *const *paths, size_t count)
{
    bool sound = true;
    const struct lcap_interface *first = NULL;
    struct lcap_reader *readers[3] = {NULL};
    const struct lcap_block *block;
    for (size_t i = 0; i < count; i++) {
        if (lcap_reader_open(&readers[i], paths[i], NULL, NULL) < 0)
            continue;
        while (lcap_reader_next(readers[i], &block, NULL) == 1) {
            if (block->kind == LCAP_BLOCK_INTERFACE)
                first = first ? first : block->interface;
            if (block->kind == LCAP_BLOCK_INTERFACE)
                sound &= block->interface->snaplen == first->snaplen;
            if (block->kind == LCAP_BLOCK_PACKET && first->snaplen > 0)
                sound &= block->packet.caplen <= first->snaplen;
        }
    }
    for (size_t i = 0; i < count; i++)
        lcap_reader_free(readers[i]);
    return sound;
}

static bool sound_snaplens; /* of the captures that are compared with their copy */

static void assert_same_interface(const struct lcap_interface *a, const struct lcap_interface *b)
{
    assert_int_equal(a->linktype, b->linktype);
    assert_int_equal(sound_snaplens ? a->snaplen : 0, b->snaplen);
    assert_int_equal(a->tsresol, b->tsresol);
    assert_int_equal(a->tsoffset, b->tsoffset);
    assert_int_equal(a->fcs_len, b->fcs_len);
    assert_int_equal(a->name_len, b->name_len);
    if (a->name)
        assert_memory_equal(a->name, b->name, a->name_len);
}

/* The drop count of the packet: in the block's fixed part, or the option that it became. */
static uint64_t drops_of(const struct lcap_packet *packet)
{
    if (packet->drops != LCAP_NO_DROPS)
        return packet->drops;
    struct cursor c = {packet->options, packet->options_len, packet->interface->big_endian};
    struct pcapng_option option;
    uint64_t drops = packet->drops;
    while (pcapng_option_next(&c, &option) == 1)
        if (option.code == OPT_EPB_DROPCOUNT && option.len == 8)
            drops = load64(option.value, c.big);
    return drops;
}

static bool has_nocopy(const struct lcap_packet *packet)
{
    struct cursor c = {packet->options, packet->options_len, packet->interface->big_endian};
    struct pcapng_option option;
    while (pcapng_option_next(&c, &option) == 1)
        if (option.code >= OPT_CUSTOM_TEXT_NOCOPY)
            return true;
    return false;
}

static void assert_same_packet(const struct lcap_packet *a, const struct lcap_packet *b)
{
    assert_same_interface(a->interface, b->interface);
    assert_int_equal(a->caplen, b->caplen);
    assert_int_equal(a->len, b->len);
    if (a->caplen > 0)
        assert_memory_equal(a->data, b->data, a->caplen);
    if (a->has_time) {
        assert_true(b->has_time);
        assert_true(a->time_ns == b->time_ns);
        assert_true(a->timestamp == b->timestamp);
    }
    assert_true(drops_of(a) == drops_of(b));
    assert_int_equal(a->comment_len, b->comment_len);
    if (a->comment)
        assert_memory_equal(a->comment, b->comment, a->comment_len);
    if (a->interface->big_endian == b->interface->big_endian && a->drops == LCAP_NO_DROPS &&
        !has_nocopy(a)) {
        assert_int_equal(a->options_len, b->options_len);
        if (a->options_len > 0)
            assert_memory_equal(a->options, b->options, a->options_len);
    }
}

/* Bodies but for the interface number; opt_endofopt behind them may have come or gone. */
static void assert_same_body(const struct lcap_block *a, const struct lcap_block *b)
{
    size_t from = a->kind == LCAP_BLOCK_STATISTICS ? 4 : 0;
    uint32_t shorter = a->body_len < b->body_len ? a->body_len : b->body_len;
    if (a->kind == LCAP_BLOCK_STATISTICS)
        assert_same_interface(a->interface, b->interface);
    if (a->big_endian != b->big_endian)
        return;
    assert_in_range(a->body_len + 4, b->body_len, b->body_len + 8);
    assert_memory_equal(a->body + from, b->body + from, shorter - from);
}

/* The contents of `count` captures, one behind the other, against one. */
static void compare(const char *const *paths, size_t count, const char *with)
{
    struct lcap_reader *b = NULL;
    const struct lcap_block *left, *right;
    assert_int_equal(lcap_reader_open(&b, with, NULL, NULL), 0);
    sound_snaplens = have_sound_snaplens(paths, count);
    for (size_t i = 0; i < count; i++) {
        struct lcap_reader *a = NULL;
        if (lcap_reader_open(&a, paths[i], NULL, NULL) < 0)
            continue;
        while (next_content(a, &left) == 1) {
            if (next_content(b, &right) != 1)
                fail_msg("%s: byte %llu: no more in the copy", paths[i],
                         (unsigned long long)left->offset);
            assert_int_equal(left->kind, right->kind);
            if (left->kind == LCAP_BLOCK_PACKET)
                assert_same_packet(&left->packet, &right->packet);
            else
                assert_same_body(left, right);
        }
        lcap_reader_free(a);
    }
    assert_int_equal(next_content(b, &right), 0);
    lcap_reader_free(b);
}

static bool same_bytes(const char *a, const char *b)
{
    FILE *f = fopen(a, "rb"), *g = fopen(b, "rb");
    int x, y;
    assert_non_null(f);
    assert_non_null(g);
    do {
        x = getc(f);
        y = getc(g);
    } while (x == y && x != EOF);
    fclose(f);
    fclose(g);
    return x == y;
}

static const struct lcap_writer_options overwrite = {.size = sizeof overwrite, .overwrite = true};
static size_t copied;

/* Blocks in an order that one section cannot hold are left out: then counts differ. */
static int round_trip(const char *path, const struct stat *st, int type, struct FTW *where)
{
    (void)st;
    (void)where;
    struct lcap_reader *in = NULL;
    if (type != FTW_F || lcap_reader_open(&in, path, NULL, NULL) < 0)
        return 0;
    lcap_reader_free(in);
    struct lcap_losses losses = copy(&path, 1, output, &overwrite);
    if (losses.blocks_order == 0)
        compare(&path, 1, output);
    char again[4200];
    snprintf(again, sizeof again, "%s.again", output);
    const char *first = output;
    copy(&first, 1, again, &overwrite);
    assert_true(same_bytes(output, again)); /* nothing changes any more */
    unlink(again);
    copied++;
    return 0;
}

static void skip_without_captures(void)
{
    if (access(captures, R_OK) == 0)
        return;
    print_message("%s is not there\n", captures);
    skip();
}

static void test_every_capture(void **state)
{
    (void)state;
    skip_without_captures();
    assert_int_equal(nftw(captures, round_trip, 16, FTW_PHYS), 0);
    assert_true(copied > 500);
}

/* Into the other byte order and back again, behind a capture that decides on the order. */
static int there_and_back(const char *path, const struct stat *st, int type, struct FTW *where)
{
    char big[4200], little[4200], turned[4200];
    struct lcap_reader *in = NULL;
    (void)st;
    (void)where;
    if (type != FTW_F || lcap_reader_open(&in, path, NULL, NULL) < 0)
        return 0;
    lcap_reader_free(in);
    snprintf(big, sizeof big, "%s/formats/derived/pcap-be-us.pcap", captures);
    snprintf(little, sizeof little, "%s/formats/derived/pcap-le-ns.pcap", captures);
    snprintf(turned, sizeof turned, "%s.turned", output);
    const char *const there[] = {big, path}, *const back[] = {little, turned};
    const char *const all[] = {little, big, path};
    struct lcap_losses lost = copy(there, 2, turned, &overwrite);
    struct lcap_losses lost_back = copy(back, 2, output, &overwrite);
    if (lost.blocks_order == 0)
        compare(there, 2, turned);
    if (lost.blocks_order + lost_back.blocks_order + lost.options_order + lost_back.options_order ==
        0) {
        compare(all, 3, output);
        copied++;
    }
    unlink(turned);
    return 0;
}

static void test_both_byte_orders(void **state)
{
    (void)state;
    skip_without_captures();
    copied = 0;
    assert_int_equal(nftw(captures, there_and_back, 16, FTW_PHYS), 0);
    assert_true(copied > 500);
}

static void test_same_bytes(void **state)
{
    /* One section, nothing that is left out, every list of options ended: bit by bit. */
    static const char *const names[] = {
        "derived/all-block-types.pcapng",
        "derived/caplen-zero-epb.pcapng",
        "derived/comments-0to3-per-packet.pcapng",
        "derived/pre-1970-by-tsoffset.pcapng",
        "derived/shb-idb-only.pcapng",
        "derived/shb-only.pcapng",
        "derived/spb-epb-mixed.pcapng",
        "derived/spb-only-snaplen64.pcapng",
        "derived/tsoffset-2pow.pcapng",
        "derived/tsoffset-minus-us.pcapng",
        "derived/tsoffset-plus.pcapng",
        "derived/tsresol-10e-0.pcapng",
        "derived/tsresol-10e-3.pcapng",
        "derived/tsresol-10e-9.pcapng",
        "derived/tsresol-2e-0.pcapng",
        "derived/tsresol-2e-20.pcapng",
        "derived/tsresol-2e-32.pcapng",
        "derived/tsresol-ps-with-tsoffset.pcapng",
        "gopn-tests-epb.pcapng",
        "happy-dns-1-dns.pcapng",
        "hk-output_be-basic-test002.pcapng",
        "hk-output_be-basic-test011.pcapng",
        "hk-output_be-basic-test015.pcapng",
        "hk-output_be-basic-test016.pcapng",
        "hk-output_le-basic-test002.pcapng",
        "hk-output_le-basic-test011.pcapng",
        "hk-output_le-basic-test015.pcapng",
        "hk-output_le-basic-test016.pcapng",
        "lpng-dhcp_big_endian.pcapng",
        "lpng-many_interfaces.pcapng",
        "lpng-packets.merged.pcapng",
        "lpng-test_write_decryption_block.pcapng",
        "lpng-test_write_pcapng.pcapng",
        "ndpi-dtls_old_version.pcapng",
        "ndpi-fins.pcapng",
        "ndpi-kerberos_fuzz.pcapng",
        "ndpi-knxip.pcapng",
        "ndpi-ossfuzz_seed_fake_traces_3.pcapng",
        "ndpi-pcap-doq.pcapng",
        "ndpi-pcap-rtp.pcapng",
        "ndpi-pcap-vk.pcapng",
        "ndpi-protonvpn.pcapng",
        "ndpi-quic-33.pcapng",
        "ndpi-quic-fuzz-overflow.pcapng",
        "ndpi-quic-v2-00.pcapng",
        "ndpi-quic_frags_ch_in_multiple_packets.pcapng",
        "ndpi-radmin3.pcapng",
        "ndpi-sccp_hw_conf_register.pcapng",
        "ndpi-snapchat_call.pcapng",
        "ndpi-someip-udp-method-call.pcapng",
        "ndpi-stun_dtls_rtp_unidir.pcapng",
        "ndpi-stun_facebook.pcapng",
        "ndpi-tls_with_huge_ch.pcapng",
        "ppp-many_interfaces-1.pcapng",
        "rshk-test001.pcapng",
        "rshk-test002.pcapng",
        "rshk-test009.pcapng",
        "scapy-dcerpc_msdrsr_cracknames.pcapng",
        "scapy-macos.pcapng",
        "tcpdump-isis-seg-fault-3.pcapng",
        "tcpdump-vsock-1.pcapng",
        "ws-dhcp-nanosecond.pcapng",
        "ws-dtls12-aes128ccm8-dsb.pcapng",
        "ws-http-brotli.pcapng",
        "ws-ikev2-decrypt-aes256cbc.pcapng",
        "ws-many_interfaces.pcapng.pcapng",
        "ws-wpa2-ft-psk.pcapng",
        "ws-wpa3-suiteb-192.pcapng",
        "zeek-ldap-issue-32.pcapng",
    };
    (void)state;
    skip_without_captures();
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char path[8192];
        const char *from = path;
        snprintf(path, sizeof path, "%s/formats/%s", captures, names[i]);
        copy(&from, 1, output, &overwrite);
        if (!same_bytes(path, output))
            fail_msg("%s: the copy differs", names[i]);
    }
}

int main(void)
{
    const char *shared = getenv("LABELCAP_SHARED");
    const char *tmp = getenv("TMPDIR");
    snprintf(captures, sizeof captures, "%s/captures", shared ? shared : "../shared");
    snprintf(output, sizeof output, "%s/test_round_trip.%ld.pcapng", tmp ? tmp : "/tmp",
             (long)getpid());
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_capture),
        cmocka_unit_test(test_both_byte_orders),
        cmocka_unit_test(test_same_bytes),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    unlink(output);
    return failed;
}
