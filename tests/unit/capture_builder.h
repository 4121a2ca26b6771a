/* Captures built byte by byte in either byte order, and what the reader makes of them. */
#ifndef CAPTURE_BUILDER_H
#define CAPTURE_BUILDER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "capture/pcapng.h"
#include "capture/reader_internal.h"
#include "wire.h"
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static inline void begin_block(struct wire *c, uint32_t type)
{
    c->block = c->len;
    wire32(c, type);
    wire32(c, 0);
}

static inline void end_block(struct wire *c)
{
    uint32_t length = (uint32_t)(c->len - c->block + 4);
    store32(c->data + c->block + 4, length, c->big);
    wire32(c, length);
}

static inline void put_section(struct wire *c, uint16_t major, uint16_t minor)
{
    begin_block(c, PCAPNG_SECTION_HEADER);
    wire32(c, PCAPNG_BYTE_ORDER);
    wire16(c, major);
    wire16(c, minor);
    wire64(c, UINT64_MAX);
    end_block(c);
}

static inline void begin_interface(struct wire *c, uint16_t linktype, uint32_t snaplen)
{
    begin_block(c, PCAPNG_INTERFACE);
    wire16(c, linktype);
    wire16(c, 0);
    wire32(c, snaplen);
}

static inline void put_interface(struct wire *c, uint16_t linktype, uint32_t snaplen)
{
    begin_interface(c, linktype, snaplen);
    end_block(c);
}

/* An Enhanced Packet Block up to its options. */
static inline void begin_packet(struct wire *c, uint32_t interface, uint64_t timestamp,
                                const void *data, uint32_t caplen, uint32_t len)
{
    begin_block(c, PCAPNG_ENHANCED_PACKET);
    wire32(c, interface);
    wire32(c, (uint32_t)(timestamp >> 32));
    wire32(c, (uint32_t)timestamp);
    wire32(c, caplen);
    wire32(c, len);
    wire_bytes(c, data, caplen);
}

static inline void put_packet(struct wire *c, uint32_t interface, uint64_t timestamp,
                              const void *data, uint32_t caplen, uint32_t len)
{
    begin_packet(c, interface, timestamp, data, caplen, len);
    end_block(c);
}

static inline void put_simple_packet(struct wire *c, uint32_t len, const void *data,
                                     size_t captured)
{
    begin_block(c, PCAPNG_SIMPLE_PACKET);
    wire32(c, len);
    wire_bytes(c, data, captured);
    end_block(c);
}

static inline void put_obsolete_packet(struct wire *c, uint16_t interface, uint16_t drops)
{
    begin_block(c, PCAPNG_PACKET);
    wire16(c, interface);
    wire16(c, drops);
    wire32(c, 0);
    wire32(c, 5000000);
    wire32(c, 3);
    wire32(c, 9);
    wire_bytes(c, "abc", 3);
    wire_option(c, OPT_COMMENT, "old", 3);
    end_block(c);
}

/* Any block whose body is so many bytes of the alphabet. */
static inline void put_plain_block(struct wire *c, uint32_t type, size_t len)
{
    begin_block(c, type);
    wire_bytes(c, "abcdefghijklmnop", len);
    end_block(c);
}

/* A section with one Ethernet interface. */
static inline struct wire simple_capture(bool big)
{
    struct wire c = {.big = big};
    put_section(&c, 1, 0);
    put_interface(&c, 1, 262144);
    return c;
}

/* 28 bytes of section header, 20 of interface. */
#define AFTER_INTERFACE 48

static inline void put_pcap_header(struct wire *c, uint32_t magic, uint16_t major, uint16_t minor,
                                   uint32_t snaplen, uint32_t network)
{
    wire32(c, magic);
    wire16(c, major);
    wire16(c, minor);
    wire64(c, 0);
    wire32(c, snaplen);
    wire32(c, network);
}

static inline void put_record_header(struct wire *c, uint32_t seconds, uint32_t fraction,
                                     uint32_t caplen, uint32_t len)
{
    wire32(c, seconds);
    wire32(c, fraction);
    wire32(c, caplen);
    wire32(c, len);
}

static inline int open_bytes(struct lcap_reader **reader, const void *data, size_t len,
                             enum lcap_pcapml_times times, struct lcap_error *error)
{
    const struct lcap_reader_options options = {.pcapml_times = times};
    struct input *input = NULL;
    int fd = memfd_create("capture", MFD_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, data, len), len);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    assert_int_equal(input_open_fd(&input, fd, "x", error), 0);
    return reader_open_input(reader, input, &options, error);
}

/* Opens what must be a sound beginning. */
static inline struct lcap_reader *open_capture(const struct wire *c)
{
    struct lcap_error error = {0};
    struct lcap_reader *reader = NULL;
    if (open_bytes(&reader, c->data, c->len, LCAP_PCAPML_TIMES_AUTO, &error) < 0)
        fail_msg("%s", error.text);
    return reader;
}

static inline const struct lcap_block *next_of_kind(struct lcap_reader *reader,
                                                    enum lcap_block_kind kind)
{
    struct lcap_error error = {0};
    const struct lcap_block *block = NULL;
    if (lcap_reader_next(reader, &block, &error) != 1)
        fail_msg("no block: %s", error.text);
    assert_int_equal(block->kind, kind);
    return block;
}

static inline const struct lcap_packet *next_packet(struct lcap_reader *reader)
{
    return &next_of_kind(reader, LCAP_BLOCK_PACKET)->packet;
}

static inline void expect_end(struct lcap_reader *reader)
{
    struct lcap_error error = {0};
    const struct lcap_block *block;
    for (int i = 0; i < 2; i++) { /* and again */
        assert_int_equal(lcap_reader_next(reader, &block, &error), 0);
        assert_null(block);
        assert_int_equal(error.code, 0);
    }
}

/* How a whole reading went. */
struct reading {
    int packets;
    int blocks;
    int result;
    struct lcap_error error;
};

static inline struct reading read_bytes(const void *data, size_t len)
{
    struct reading r = {0};
    struct lcap_reader *reader = NULL;
    const struct lcap_block *block;
    r.result = open_bytes(&reader, data, len, LCAP_PCAPML_TIMES_AUTO, &r.error);
    if (r.result < 0)
        return r;
    while ((r.result = lcap_reader_next(reader, &block, &r.error)) == 1) {
        r.blocks++;
        r.packets += block->kind == LCAP_BLOCK_PACKET;
    }
    struct lcap_error again = {0};
    assert_int_equal(lcap_reader_next(reader, &block, &again), r.result);
    assert_string_equal(again.text, r.error.text);
    lcap_reader_free(reader);
    return r;
}

/* The capture has so many good packets, then this error. */
static inline void expect_error(const struct wire *c, int packets, int code, const char *text)
{
    struct reading r = read_bytes(c->data, c->len);
    assert_string_equal(r.error.text, text);
    assert_int_equal(r.result, code);
    assert_int_equal(r.error.code, code);
    assert_int_equal(r.packets, packets);
}

#endif
