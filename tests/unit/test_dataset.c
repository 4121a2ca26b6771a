/*
 * Data sets by their catalogues: a sample is the same whatever was read before, and
 * whatever a catalogue holds, no packet of another sample is returned.
 */
#include "pass_fixture.h"

#include <labelcap/dataset.h>
#include <labelcap/label.h>

static const struct sent mixed[] = {
    {1, "7,web"}, {2, "18446744073709551615,mail"}, {3, NULL},    {4, "7,web"},
    {5, "9,dns"}, {6, "18446744073709551615,mail"}, {7, "7,shop"}};

static const uint64_t ids[] = {7, UINT64_MAX, 9};
static const char *const seconds[] = {"\1\4\7", "\2\6", "\5"}; /* of their packets */

static void index_anew(const char *path)
{
    const struct lcap_index_options options = {.size = sizeof options, .overwrite = true};
    assert_int_equal(lcap_dataset_index(path, &options, NULL), 0);
}

static struct lcap_dataset *open_well(const char *path)
{
    struct lcap_dataset *set = NULL;
    struct lcap_error error = {.code = 0};
    assert_int_equal(lcap_dataset_open(&set, path, NULL, &error), 0);
    return set;
}

/* Reads `most` packets of a sample, and compares them. */
static void expect_packets(struct lcap_dataset *set, size_t position, size_t most)
{
    const struct lcap_packet *packet;
    size_t count = 0;
    assert_int_equal(lcap_dataset_begin(set, position, NULL), 0);
    for (; count < most && lcap_dataset_next(set, &packet, NULL) == 1; count++)
        assert_int_equal(packet->data[0], seconds[position][count]);
    if (most <= strlen(seconds[position]))
        return;
    assert_int_equal(count, strlen(seconds[position]));
    assert_int_equal(lcap_dataset_next(set, &packet, NULL), 0); /* and again */
    assert_null(packet);
}

static void test_samples_come_in_any_order(void **state)
{
    (void)state;
    const struct lcap_packet *packet;
    write_capture("in", mixed, COUNT_OF(mixed));
    index_anew("in");
    struct lcap_dataset *set = open_well("in");
    assert_int_equal(lcap_dataset_samples(set), COUNT_OF(ids));
    assert_int_equal(lcap_dataset_next(set, &packet, NULL), 0); /* nothing was begun */
    srand(1);
    for (int i = 0; i < 200; i++)
        expect_packets(set, (size_t)rand() % COUNT_OF(ids), (size_t)rand() % 5);
    lcap_dataset_free(set);
}

/* Their packets one after the other; NULL: they are looked up. */
static void expect_gathered(const size_t *positions, size_t first, size_t count, const char *all)
{
    struct lcap_dataset *set = open_well("in");
    struct lcap_reader *reader = NULL;
    const struct lcap_block *block;
    assert_int_equal(lcap_dataset_gather(set, positions, first, count, NULL, &reader, NULL),
                     all != NULL);
    while (all && lcap_reader_next(reader, &block, NULL) == 1)
        if (block->kind == LCAP_BLOCK_PACKET)
            assert_int_equal(block->packet.data[0], *all++);
    assert_true(!all || !*all);
    lcap_reader_free(reader);
    lcap_dataset_free(set);
}

static void test_samples_are_gathered(void **state)
{
    (void)state;
    static const size_t backwards[] = {2, 1, 0}, twice[] = {1, 2, 1};
    write_capture("in", mixed, COUNT_OF(mixed));
    index_anew("in");
    expect_gathered(NULL, 0, 0, "\1\4\7\2\6\5");
    expect_gathered(NULL, 1, 0, "\2\6\5");
    expect_gathered(backwards, 0, 3, "\5\2\6\1\4\7");
    expect_gathered(backwards, 1, 2, "\2\6");
    expect_gathered(twice, 0, 3, NULL);
    setenv("TMPDIR", "nowhere", 1);
    expect_gathered(NULL, 0, 0, NULL);
    unsetenv("TMPDIR");
}

static void test_facts_of_samples(void **state)
{
    (void)state;
    const struct lcap_dataset_sample *sample;
    size_t position;
    write_capture("in", mixed, COUNT_OF(mixed));
    index_anew("in");
    struct lcap_dataset *set = open_well("in");
    for (size_t i = 0; i < COUNT_OF(ids); i++) {
        assert_int_equal(lcap_dataset_find(set, ids[i], &position, NULL), 1);
        assert_int_equal(position, i);
        assert_int_equal(lcap_dataset_sample(set, i, &sample, NULL), 0);
        assert_true(sample->id == ids[i]);
        assert_int_equal(sample->packets, strlen(seconds[i]));
        assert_int_equal(sample->bytes, 60 * strlen(seconds[i]));
        assert_int_equal(sample->first_ns, seconds[i][0] * INT64_C(1000000000));
        assert_null(sample->source);
    }
    assert_string_equal(sample->metadata, "dns");
    assert_int_equal(lcap_dataset_find(set, 8, &position, NULL), 0);
    assert_int_equal(lcap_dataset_sample(set, 3, &sample, NULL), LCAP_ERR_ARGUMENT);
    assert_int_equal(lcap_dataset_begin(set, 3, NULL), LCAP_ERR_ARGUMENT);
    lcap_dataset_free(set);
}

static void expect_refusal(const char *path, int code, const char *words)
{
    struct lcap_dataset *set = NULL;
    struct lcap_error error = {.code = 0};
    assert_int_equal(lcap_dataset_open(&set, path, NULL, &error), code);
    assert_non_null(strstr(error.text, words));
    assert_null(set);
}

static void test_what_cannot_be_opened(void **state)
{
    (void)state;
    struct lcap_error error = {.code = 0};
    write_capture("alone", mixed, COUNT_OF(mixed));
    expect_refusal("alone", LCAP_ERR_IO, "has no catalogue");
    index_anew("alone");
    write_capture("alone", mixed, COUNT_OF(mixed) - 1);
    expect_refusal("alone", LCAP_ERR_LABEL, "is out of date");
    assert_int_equal(unlink("alone"), 0);
    expect_refusal("alone", LCAP_ERR_IO, "cannot open");
    write_damaged("cut", mixed, COUNT_OF(mixed));
    assert_int_equal(lcap_dataset_index("cut", NULL, &error), LCAP_ERR_DAMAGED);
    assert_int_equal(access("cut.sqlite", F_OK), -1);
}

/* The same size, but the packets of two samples have changed places. */
static void test_a_change_is_noticed(void **state)
{
    (void)state;
    static const struct sent before[] = {{1, "7,web"}, {2, "8,dns"}};
    static const struct sent after[] = {{1, "8,dns"}, {2, "7,web"}};
    struct lcap_dataset *set = NULL;
    struct lcap_error error = {.code = 0};
    write_capture("changing", before, 2);
    index_anew("changing");
    write_capture("changing", after, 2);
    assert_int_equal(lcap_dataset_open(&set, "changing", NULL, &error), LCAP_ERR_LABEL);
    assert_non_null(strstr(error.text, "is out of date (the first or last 64 KiB"));
    assert_null(set);
}

/* ---- hostile catalogues ---- */

static void read_whatever_comes(struct lcap_dataset *set)
{
    const struct lcap_dataset_sample *sample;
    const struct lcap_packet *packet;
    struct lcap_label label;
    size_t count = lcap_dataset_samples(set);
    for (size_t i = 0; i < count && i < 10; i++) {
        int rc = lcap_dataset_sample(set, i, &sample, NULL);
        const uint64_t id = rc == 0 ? sample->id : 0;
        if (rc == 0)
            rc = lcap_dataset_begin(set, i, NULL);
        for (int packets = 0; rc >= 0 && (rc = lcap_dataset_next(set, &packet, NULL)) == 1;) {
            assert_true(lcap_packet_label(packet, &label));
            assert_true(label.sample_id == id);
            assert_true(++packets <= 7);
        }
    }
}

/* A catalogue with some other bytes, or cut. */
static void write_spoilt(const struct bytes *good, int step)
{
    struct bytes bad = {malloc(good->len), good->len};
    assert_non_null(bad.data);
    memcpy(bad.data, good->data, good->len);
    srand((unsigned)step);
    for (int i = rand() % 4; i >= 0; i--) /* most of a page is empty: near its ends is more */
        bad.data[(size_t)rand() % (good->len / 4096) * 4096 +
                 (size_t)(rand() % 2 ? rand() % 256 : 3840 + rand() % 256)] = (uint8_t)rand();
    if (step % 50 == 0)
        bad.len = (size_t)rand() % good->len;
    spill("in.sqlite", (const char *)bad.data, bad.len);
    free(bad.data);
}

static void test_spoilt_catalogues_do_no_harm(void **state)
{
    (void)state;
    write_capture("in", mixed, COUNT_OF(mixed));
    index_anew("in");
    struct bytes good = slurp("in.sqlite");
    int opened = 0;
    for (int step = 0; step < 1000; step++) {
        struct lcap_dataset *set = NULL;
        write_spoilt(&good, step);
        if (lcap_dataset_open(&set, "in", NULL, NULL) < 0)
            continue;
        opened++;
        read_whatever_comes(set);
        lcap_dataset_free(set);
    }
    assert_in_range(opened, 100, 950); /* many are spoilt where it matters, many elsewhere */
    free(good.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_samples_come_in_any_order),
        cmocka_unit_test(test_samples_are_gathered),
        cmocka_unit_test(test_facts_of_samples),
        cmocka_unit_test(test_what_cannot_be_opened),
        cmocka_unit_test(test_a_change_is_noticed),
        cmocka_unit_test(test_spoilt_catalogues_do_no_harm),
    };
    return cmocka_run_group_tests(tests, scratch_enter, scratch_leave);
}
