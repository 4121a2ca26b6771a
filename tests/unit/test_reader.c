/* Telling captures apart, and pcap in all its kinds. */
#include "capture_builder.h"

static const char data[] = "abcdefghijklmnop";

static void expect_refusal(const void *bytes, size_t len, const char *text)
{
    struct reading r = read_bytes(bytes, len);
    assert_int_equal(r.result, LCAP_ERR_FORMAT);
    assert_string_equal(r.error.text, text);
}

static void refuses_what_is_no_capture(void **state)
{
    (void)state;
    expect_refusal("", 0, "x: not a capture: the file is empty");
    expect_refusal("MZ\x90\0\3\0\0\0", 8,
                   "x: not a capture: expected a pcap or pcapng magic number, found 4d 5a 90 00");
    expect_refusal("\xa1\xb2\xc3", 3,
                   "x: not a capture: expected a pcap or pcapng magic number, found a1 b2 c3");
    expect_refusal("Z", 1, "x: not a capture: expected a pcap or pcapng magic number, found 5a");
    expect_refusal("\n\r\r\n\x1c\0\0\0\xde\xad\xbe\xef", 12,
                   "x: not a capture: expected the pcapng byte-order magic 1a 2b 3c 4d or "
                   "4d 3c 2b 1a, found de ad be ef");
}

static void takes_an_empty_file_where_that_is_wanted(void **state)
{
    (void)state;
    const struct lcap_reader_options options = {.size = sizeof options, .allow_empty = true};
    struct lcap_error error = {0};
    struct lcap_reader *reader = NULL;
    char path[] = "/tmp/labelcap-test-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(lcap_reader_open(&reader, path, &options, &error), 0);
    for (int pass = 0; pass < 2; pass++) {
        expect_end(reader);
        assert_int_equal(lcap_reader_rewind(reader, &error), 0);
    }
    assert_int_equal(lcap_reader_interfaces(reader), 0);
    assert_string_equal(lcap_reader_format_name(reader), "empty");
    lcap_reader_free(reader);
    reader = NULL;
    assert_int_equal(write(fd, "Z", 1), 1);
    assert_int_equal(lcap_reader_open(&reader, path, &options, &error), LCAP_ERR_FORMAT);
    close(fd);
    unlink(path);
}

static void names_formats_that_are_not_read(void **state)
{
    (void)state;
    expect_refusal("\x1c\0\1\xac....", 8,
                   "x: an IXIA hardware capture (lcap), which is not supported");
    expect_refusal("\xab\1\0\x1c....", 8,
                   "x: an IXIA software capture (lcap), which is not supported");
    expect_refusal("\x4d\x3c\x2b\xa1", 4,
                   "x: a pcap file in Navtel's format, which is not supported");
    expect_refusal("\xa1\xb2\x34\xcd", 4,
                   "x: a pcap file in Mesquita's format, which is not supported");
    expect_refusal("iptrace 2.0", 11, "x: an AIX iptrace capture, which is not supported");
    expect_refusal("GMBU", 4, "x: a Microsoft Network Monitor 2 capture, which is not supported");
    expect_refusal("snoop\0\0\0\0\0\0\2", 12, "x: a Solaris snoop capture, which is not supported");
    expect_refusal("btsnoop\0\0\0\0\1", 12, "x: a Bluetooth snoop capture, which is not supported");
    expect_refusal("TRSNIFF data    ", 16, "x: a DOS Sniffer capture, which is not supported");
    expect_refusal("\x02\x21\x4c\x18", 4, "x: lz4's legacy format, which is not supported");
}

struct pcap_kind {
    uint32_t magic;
    const char *name;
    uint8_t tsresol;
    uint64_t timestamp;
    int64_t time_ns;
    size_t more; /* bytes behind the usual record header */
};

/* 1500000000 s and a fraction of 123456, in units of the kind. */
static const struct pcap_kind kinds[] = {
    {0xa1b2c3d4, "pcap", 6, 1500000000123456, 1500000000123456000, 0},
    {0xa1b23c4d, "pcap (nanoseconds)", 9, 1500000000000123456, 1500000000000123456, 0},
    {0xa1b2cd34, "pcap (Kuznetzov's)", 6, 1500000000123456, 1500000000123456000, 8},
};

static void check_pcap(const struct pcap_kind *kind, bool big)
{
    struct wire c = {.big = big};
    put_pcap_header(&c, kind->magic, 2, 4, 262144, 1);
    put_record_header(&c, 1500000000, 123456, 5, 60);
    wire_raw(&c, "12345678", kind->more);
    wire_raw(&c, data, 5);
    struct lcap_reader *reader = open_capture(&c);
    assert_string_equal(lcap_reader_format_name(reader), kind->name);
    assert_int_equal(lcap_reader_format(reader), LCAP_FORMAT_PCAP);
    const struct lcap_block *block = next_of_kind(reader, LCAP_BLOCK_INTERFACE);
    const struct lcap_interface *interface = block->interface;
    assert_int_equal(block->offset, 0);
    assert_int_equal(interface->linktype, 1);
    assert_int_equal(interface->snaplen, 262144);
    assert_int_equal(interface->tsresol, kind->tsresol);
    assert_int_equal(interface->fcs_len, -1);
    assert_int_equal(interface->big_endian, big);
    assert_null(interface->options);
    const struct lcap_packet *packet = next_packet(reader);
    assert_ptr_equal(packet->interface, interface);
    assert_int_equal(packet->caplen, 5);
    assert_int_equal(packet->len, 60);
    assert_memory_equal(packet->data, data, 5);
    assert_true(packet->has_time);
    assert_int_equal(packet->timestamp, kind->timestamp);
    assert_int_equal(packet->time_ns, kind->time_ns);
    assert_true(packet->drops == LCAP_NO_DROPS);
    assert_null(packet->options);
    assert_null(packet->comment);
    expect_end(reader);
    lcap_reader_free(reader);
}

static void reads_every_kind_of_pcap(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        check_pcap(&kinds[i], false);
        check_pcap(&kinds[i], true);
    }
}

static void reads_link_type_and_check_sequence(void **state)
{
    (void)state;
    static const struct {
        uint32_t network;
        uint16_t linktype;
        int fcs_len;
    } cases[] = {
        {1, 1, -1},   {0x24000001, 1, 4},  {0x04000001, 1, 0}, {0x30000084, 132, -1},
        {12, 12, -1}, {0xffff, 65535, -1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct wire c = {.big = i % 2};
        put_pcap_header(&c, 0xa1b2c3d4, 2, 4, 0, cases[i].network);
        struct lcap_reader *reader = open_capture(&c);
        const struct lcap_interface *interface =
            next_of_kind(reader, LCAP_BLOCK_INTERFACE)->interface;
        assert_int_equal(interface->linktype, cases[i].linktype);
        assert_int_equal(interface->fcs_len, cases[i].fcs_len);
        expect_end(reader);
        lcap_reader_free(reader);
    }
}

/* The captured length of a record whose two lengths are `first` and `second`. */
static uint32_t captured_length(uint16_t major, uint16_t minor, uint32_t first, uint32_t second)
{
    struct wire c = {.big = true};
    put_pcap_header(&c, 0xa1b2c3d4, major, minor, 65535, 1);
    put_record_header(&c, 1, 2, first, second);
    wire_raw(&c, data, 10);
    struct lcap_reader *reader = open_capture(&c);
    next_of_kind(reader, LCAP_BLOCK_INTERFACE);
    uint32_t caplen = next_packet(reader)->caplen;
    lcap_reader_free(reader);
    return caplen;
}

static void reads_old_versions(void **state)
{
    (void)state;
    assert_int_equal(captured_length(2, 4, 10, 60), 10);
    assert_int_equal(captured_length(2, 2, 60, 10), 10);
    assert_int_equal(captured_length(543, 0, 60, 10), 10);
    assert_int_equal(captured_length(2, 3, 60, 10), 10);
    assert_int_equal(captured_length(2, 3, 10, 60), 10);
    assert_int_equal(captured_length(2, 4, 10, 5), 10); /* odd, but as the file says */
    assert_int_equal(captured_length(9, 9, 10, 60), 10);
    struct wire c = {.big = false};
    put_pcap_header(&c, 0xa1b2c3d4, 1, 4, 65535, 1);
    expect_error(&c, 0, LCAP_ERR_FORMAT,
                 "x: pcap version 1.4 is not supported, only 2.0 and later");
}

static void carries_fractions_over(void **state)
{
    (void)state;
    struct wire c = {.big = false};
    put_pcap_header(&c, 0xa1b2c3d4, 2, 4, 65535, 1);
    put_record_header(&c, 1, 2000000, 0, 0);
    put_record_header(&c, UINT32_MAX, UINT32_MAX, 0, 0);
    struct lcap_reader *reader = open_capture(&c);
    next_of_kind(reader, LCAP_BLOCK_INTERFACE);
    assert_int_equal(next_packet(reader)->time_ns, INT64_C(3000000000));
    assert_int_equal(next_packet(reader)->time_ns, INT64_C(4294971589967295000));
    expect_end(reader);
    lcap_reader_free(reader);
}

static void turns_headers_into_host_order(void **state)
{
    (void)state;
    for (int big = 0; big <= 1; big++) {
        struct wire c = {.big = big};
        put_pcap_header(&c, 0xa1b2c3d4, 2, 4, 65535, 0); /* BSD loopback */
        put_record_header(&c, 1, 2, 8, 8);
        wire32(&c, 30);
        wire_raw(&c, data, 4);
        struct lcap_reader *reader = open_capture(&c);
        next_of_kind(reader, LCAP_BLOCK_INTERFACE);
        const struct lcap_packet *packet = next_packet(reader);
        assert_int_equal(load32(packet->data, HOST_BIG_ENDIAN), 30);
        assert_memory_equal(packet->data + 4, data, 4);
        lcap_reader_free(reader);
    }
}

static void tells_pcap_damage(void **state)
{
    (void)state;
    struct wire c = {.big = false};
    put_pcap_header(&c, 0xa1b2c3d4, 2, 4, 65535, 1);
    put_record_header(&c, 1, 2, 16, 16);
    wire_raw(&c, data, 16);
    const struct wire good = c;
    c.len = 20;
    expect_error(&c, 0, LCAP_ERR_DAMAGED,
                 "x: offset 0: truncated file header: expected 24 bytes, found 20");
    c = good;
    c.len = 24 + 15;
    expect_error(&c, 0, LCAP_ERR_DAMAGED,
                 "x: offset 24: truncated packet record: expected 16 bytes of header, found 15");
    c = good;
    c.len -= 4;
    expect_error(&c, 0, LCAP_ERR_DAMAGED,
                 "x: offset 24: truncated packet record: expected 16 bytes of data, found 12");
    c = good;
    wire_raw(&c, "\0\0\0\0\0\0\0", 8);
    expect_error(&c, 1, LCAP_ERR_DAMAGED,
                 "x: offset 56: truncated packet record: expected 16 bytes of header, found 8");
    c = good;
    put_record_header(&c, 1, 2, LCAP_MAX_BLOCK + 1, 60);
    expect_error(&c, 1, LCAP_ERR_DAMAGED,
                 "x: offset 56: packet record: expected at most 16777216 bytes of data, "
                 "found 16777217");
}

/* Law: every prefix is handled, and no record that lies whole in it is lost. */
static void reads_every_prefix_of_pcap(void **state)
{
    (void)state;
    for (int big = 0; big <= 1; big++) {
        struct wire c = {.big = big};
        put_pcap_header(&c, 0xa1b23c4d, 2, 4, 65535, 1);
        size_t ends[8];
        for (uint32_t i = 0; i < 8; i++) {
            put_record_header(&c, 1500000000 + i, i, i, i);
            wire_raw(&c, data, i);
            ends[i] = c.len;
        }
        for (size_t len = 0; len <= c.len; len++) {
            int whole = 0;
            bool at_end = len == 24;
            for (size_t i = 0; i < 8; i++) {
                whole += ends[i] <= len;
                at_end |= ends[i] == len;
            }
            struct reading r = read_bytes(c.data, len);
            assert_int_equal(r.packets, whole);
            assert_int_equal(r.result == 0, at_end);
        }
    }
}

static void reads_twice(void **state)
{
    (void)state;
    struct wire c = {.big = false};
    struct lcap_error error = {0};
    put_pcap_header(&c, 0xa1b2c3d4, 2, 4, 65535, 1);
    put_record_header(&c, 1, 2, 4, 4);
    wire_raw(&c, data, 4);
    wire_raw(&c, "\0", 1);
    struct lcap_reader *reader = open_capture(&c);
    const struct lcap_interface *interface = NULL;
    for (int pass = 0; pass < 3; pass++) {
        const struct lcap_block *block = next_of_kind(reader, LCAP_BLOCK_INTERFACE);
        assert_true(pass == 0 || block->interface == interface);
        interface = block->interface;
        assert_memory_equal(next_packet(reader)->data, data, 4);
        if (pass > 0) /* the first pass stops in the middle, the second at the damage */
            assert_int_equal(lcap_reader_next(reader, &block, NULL), LCAP_ERR_DAMAGED);
        assert_true(lcap_reader_can_rewind(reader));
        assert_int_equal(lcap_reader_rewind(reader, &error), 0);
        assert_int_equal(lcap_reader_interfaces(reader), 1);
    }
    assert_ptr_equal(lcap_reader_interface(reader, 0), interface);
    assert_null(lcap_reader_interface(reader, 1));
    lcap_reader_free(reader);
}

static void does_not_read_a_pipe_twice(void **state)
{
    (void)state;
    struct wire c = {.big = false};
    struct lcap_error error = {0};
    struct lcap_reader *reader = NULL;
    struct input *input = NULL;
    int ends[2];
    put_pcap_header(&c, 0xa1b2c3d4, 2, 4, 65535, 1);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], c.data, c.len), c.len);
    close(ends[1]);
    assert_int_equal(input_open_fd(&input, ends[0], "x", &error), 0);
    assert_int_equal(reader_open_input(&reader, input, NULL, &error), 0);
    assert_false(lcap_reader_can_rewind(reader));
    assert_int_equal(lcap_reader_rewind(reader, &error), LCAP_ERR_ARGUMENT);
    assert_string_equal(error.text, "x: cannot be read twice: not a regular file");
    next_of_kind(reader, LCAP_BLOCK_INTERFACE); /* it goes on where it was */
    expect_end(reader);
    lcap_reader_free(reader);
}

static void notices_a_changed_file(void **state)
{
    (void)state;
    struct wire c = {.big = false};
    struct lcap_error error = {0};
    struct lcap_reader *reader = NULL;
    struct input *input = NULL;
    put_pcap_header(&c, 0xa1b2c3d4, 2, 4, 65535, 1);
    int fd = memfd_create("capture", MFD_CLOEXEC);
    assert_int_equal(pwrite(fd, c.data, c.len, 0), c.len);
    assert_int_equal(input_open_fd(&input, fd, "x", &error), 0);
    assert_int_equal(reader_open_input(&reader, input, NULL, &error), 0);
    assert_int_equal(pwrite(fd, "\x65", 1, 20), 1);
    assert_int_equal(lcap_reader_rewind(reader, &error), LCAP_ERR_DAMAGED);
    assert_string_equal(
        error.text,
        "x: offset 0: interface 0 differs from the one read before: the file has changed");
    lcap_reader_free(reader);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_what_is_no_capture),
        cmocka_unit_test(takes_an_empty_file_where_that_is_wanted),
        cmocka_unit_test(names_formats_that_are_not_read),
        cmocka_unit_test(reads_every_kind_of_pcap),
        cmocka_unit_test(reads_link_type_and_check_sequence),
        cmocka_unit_test(reads_old_versions),
        cmocka_unit_test(carries_fractions_over),
        cmocka_unit_test(turns_headers_into_host_order),
        cmocka_unit_test(tells_pcap_damage),
        cmocka_unit_test(reads_every_prefix_of_pcap),
        cmocka_unit_test(reads_twice),
        cmocka_unit_test(does_not_read_a_pipe_twice),
        cmocka_unit_test(notices_a_changed_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
