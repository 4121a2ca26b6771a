/* Files of buckets: chunks of many streams are written early, and read back as they were. */
#include "scratch.h"

#include "dataset/shard/bucket_file.h"

static struct bucket_writer *write_some(uint32_t streams, const uint8_t *bytes, size_t len)
{
    static const struct output_options placing = {.overwrite = true};
    struct bucket_writer *writer = NULL;
    assert_int_equal(bucket_writer_open(&writer, "buckets", streams, &placing, NULL), 0);
    assert_int_equal(buffer_append(bucket_writer_stream(writer, 3), bytes, len, NULL), 0);
    assert_int_equal(bucket_writer_note(writer, 3, NULL), 0);
    return writer;
}

static void assert_read(uint32_t stream, const uint8_t *bytes, size_t len)
{
    struct bucket_reader *reader = NULL;
    const uint8_t *found;
    assert_int_equal(bucket_reader_open(&reader, "buckets", stream, NULL), 0);
    assert_int_equal(bucket_reader_peek(reader, len + 1, &found, NULL), len);
    assert_memory_equal(found, bytes, len);
    bucket_reader_free(reader);
}

/* All streams together wait for no more bytes than 2,048 of full length. */
static void writes_early_with_many_streams(void **state)
{
    (void)state;
    enum { FEW = 2000, MANY = 20000, LEN = 40000 };
    static uint8_t bytes[LEN];
    for (size_t i = 0; i < LEN; i++)
        bytes[i] = (uint8_t)(i % 251);
    struct bucket_writer *writer = write_some(FEW, bytes, LEN);
    assert_int_equal(bucket_writer_stream(writer, 3)->len, LEN);
    bucket_writer_discard(writer);
    writer = write_some(MANY, bytes, LEN);
    assert_int_equal(bucket_writer_stream(writer, 3)->len, 0);
    assert_int_equal(bucket_writer_stream(writer, 3)->capacity, 0);
    assert_int_equal(buffer_append(bucket_writer_stream(writer, 4), bytes, 9, NULL), 0);
    assert_int_equal(bucket_writer_close(writer, NULL), 0);
    assert_read(3, bytes, LEN);
    assert_read(4, bytes, 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(writes_early_with_many_streams, scratch_enter,
                                        scratch_leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
