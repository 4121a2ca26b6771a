/* For tests of passes: small captures in the scratch directory, and what is in the ones made. */
#ifndef TESTS_PASS_FIXTURE_H
#define TESTS_PASS_FIXTURE_H

#include "dataset/input_pass.h"
#include "scratch.h"
#include <labelcap/capture.h>

/* A packet by its time, with one byte of data that is the same number. */
struct sent {
    uint8_t second;
    const char *comment; /* or NULL */
};

static const struct lcap_interface ethernet = {
    .linktype = 1, .snaplen = 96, .tsresol = 6, .fcs_len = -1};

static inline struct lcap_writer *begin_capture(const char *path,
                                                const struct lcap_interface *interface)
{
    const struct lcap_writer_options options = {.size = sizeof options, .overwrite = true};
    const struct lcap_block block = {.kind = LCAP_BLOCK_INTERFACE, .interface = interface};
    struct lcap_writer *writer = NULL;
    assert_int_equal(lcap_writer_open(&writer, path, &options, NULL), 0);
    assert_int_equal(lcap_writer_block(writer, &block, NULL), 0);
    return writer;
}

/* A packet of `len` bytes on the wire. */
static inline void write_packet(struct lcap_writer *writer, const struct lcap_interface *interface,
                                const struct sent *sent, const uint8_t *data, uint32_t caplen,
                                uint32_t len)
{
    const struct lcap_packet packet = {.interface = interface,
                                       .data = data,
                                       .caplen = caplen,
                                       .len = len,
                                       .has_time = true,
                                       .time_ns = sent->second * INT64_C(1000000000),
                                       .timestamp = sent->second * UINT64_C(1000000),
                                       .drops = LCAP_NO_DROPS};
    const struct lcap_edit edit = {.size = sizeof edit,
                                   .comment = sent->comment,
                                   .comment_len = sent->comment ? strlen(sent->comment) : 0};
    assert_int_equal(lcap_writer_packet(writer, &packet, &edit, NULL), 0);
}

static inline void write_capture(const char *path, const struct sent *sent, size_t count)
{
    struct lcap_writer *writer = begin_capture(path, &ethernet);
    for (size_t i = 0; i < count; i++)
        write_packet(writer, &ethernet, &sent[i], &sent[i].second, 1, 60);
    assert_int_equal(lcap_writer_close(writer, NULL), 0);
}

/* The same without its last byte: damaged in its last packet. */
static inline void write_damaged(const char *path, const struct sent *sent, size_t count)
{
    struct stat st;
    write_capture(path, sent, count);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(truncate(path, st.st_size - 1), 0);
}

static inline void assert_sent(const struct lcap_packet *packet, const struct sent *sent)
{
    assert_int_equal(packet->time_ns, sent->second * INT64_C(1000000000));
    assert_int_equal(packet->data[0], sent->second);
    assert_int_equal(packet->comment != NULL, sent->comment != NULL);
    if (sent->comment) {
        assert_int_equal(packet->comment_len, strlen(sent->comment));
        assert_memory_equal(packet->comment, sent->comment, packet->comment_len);
    }
}

static inline void assert_capture(const char *path, const struct sent *sent, size_t count)
{
    struct lcap_reader *reader = NULL;
    const struct lcap_block *block;
    size_t packets = 0;
    int rc;
    assert_int_equal(lcap_reader_open(&reader, path, NULL, NULL), 0);
    while ((rc = lcap_reader_next(reader, &block, NULL)) == 1) {
        if (block->kind != LCAP_BLOCK_PACKET)
            continue;
        assert_true(packets < count);
        assert_sent(&block->packet, &sent[packets++]);
    }
    assert_int_equal(rc, 0);
    assert_int_equal(packets, count);
    lcap_reader_free(reader);
}

/* An input_listener: adds what is wrong with an input to the text that `heard` is, a line each. */
static inline void hear_faults(void *heard, const struct input_outcome *outcome)
{
    if (outcome->status < 0)
        strcat(strcat(heard, outcome->error.text), "\n");
}

#endif
