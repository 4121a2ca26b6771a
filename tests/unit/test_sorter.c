/*
 * The bounded-memory sort against a plain stable sort of the same blocks, for
 * many limits; what happens when the temporary file fails.
 */
#include "sort/sorter.h"

#include "sort/record.h"
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#define MIB ((uint64_t)1 << 20)

/* xorshift64* (Marsaglia 2003, Vigna 2016): the same numbers in every run. */
static uint64_t random_state = 88172645463325252u;

static uint64_t random_number(void)
{
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    return random_state * 2685821657736338717u;
}

/* A block as the model knows it: its bytes follow from its number. */
struct expected {
    struct sort_key key;
    uint32_t number;
    uint32_t len;
};

static void fill(uint8_t *at, const struct expected *block)
{
    uint64_t word = block->number * UINT64_C(0x9E3779B97F4A7C15) + 1;
    for (uint32_t i = 0; i < block->len; i++) {
        at[i] = (uint8_t)(word >> 56);
        word = word * 6364136223846793005u + 1442695040888963407u;
    }
}

static int compare_expected(const void *left, const void *right)
{
    const struct expected *a = left, *b = right;
    if (a->key.rank != b->key.rank)
        return a->key.rank < b->key.rank ? -1 : 1;
    if (a->key.primary != b->key.primary)
        return a->key.primary < b->key.primary ? -1 : 1;
    if (a->key.secondary != b->key.secondary)
        return a->key.secondary < b->key.secondary ? -1 : 1;
    return a->number < b->number ? -1 : 1;
}

static const char *temporary_directory(void)
{
    const char *directory = getenv("TMPDIR");
    return directory ? directory : "/tmp";
}

static struct sorter *new_sorter(uint64_t memory, const char *directory)
{
    struct sorter_options options = {.memory = memory, .directory = directory, .threads = 2};
    struct sorter *sorter = NULL;
    struct lcap_error error = {0};
    if (sorter_new(&sorter, &options, &error) < 0)
        fail_msg("%s", error.text);
    return sorter;
}

static int put(struct sorter *sorter, const struct expected *block, struct lcap_error *error)
{
    uint8_t *at = sorter_reserve(sorter, block->len, error);
    if (!at)
        return error->code;
    fill(at, block);
    sorter_commit(sorter, block->key, block->len);
    return 0;
}

static void assert_block(const struct sorted_block *got, const struct expected *expected)
{
    assert_int_equal(got->key.rank, expected->key.rank);
    assert_int_equal(got->key.primary, expected->key.primary);
    assert_int_equal(got->key.secondary, expected->key.secondary);
    assert_int_equal(got->len, expected->len);
    uint8_t *bytes = malloc(expected->len + 1);
    assert_non_null(bytes);
    fill(bytes, expected);
    assert_memory_equal(got->data, bytes, expected->len);
    free(bytes);
}

/* Sorts the blocks with this much memory; returns the bytes that were spilled. */
static uint64_t check_sort(const struct expected *blocks, size_t count, uint64_t memory)
{
    struct expected *model = malloc((count + 1) * sizeof *model);
    assert_non_null(model);
    if (count)
        memcpy(model, blocks, count * sizeof *model);
    qsort(model, count, sizeof *model, compare_expected);

    struct lcap_error error = {0};
    struct sorter *sorter = new_sorter(memory, temporary_directory());
    for (size_t i = 0; i < count; i++)
        assert_int_equal(put(sorter, &blocks[i], &error), 0);
    assert_int_equal(sorter_finish(sorter, &error), 0);
    struct sorted_block got;
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(sorter_next(sorter, &got, &error), 1);
        assert_block(&got, &model[i]);
    }
    assert_int_equal(sorter_next(sorter, &got, &error), 0);
    assert_int_equal(sorter_next(sorter, &got, &error), 0);
    uint64_t spilled = sorter_spilled_bytes(sorter);
    sorter_free(sorter);
    free(model);
    return spilled;
}

struct shape {
    size_t count;
    uint64_t samples; /* distinct primaries */
    uint64_t times;   /* distinct secondaries; 0: as they come */
    uint32_t max_len;
};

static struct expected *make_blocks(const struct shape *shape)
{
    struct expected *blocks = calloc(shape->count + 1, sizeof *blocks);
    assert_non_null(blocks);
    for (size_t i = 0; i < shape->count; i++) {
        blocks[i].number = (uint32_t)i;
        blocks[i].len = (uint32_t)(random_number() % (shape->max_len + 1));
        blocks[i].key.rank = random_number() % 20 == 0;
        blocks[i].key.primary = (random_number() % shape->samples) * UINT64_C(0x9E3779B97F4A7C15);
        blocks[i].key.secondary = (int64_t)i - 1000;
        if (shape->times)
            blocks[i].key.secondary =
                (int64_t)(random_number() % shape->times) * 1000003 - (int64_t)shape->times * 500;
    }
    return blocks;
}

static void any_memory_gives_the_same_order(void **state)
{
    (void)state;
    static const struct shape shapes[] = {
        {20000, 300, 100000, 700}, /* random */
        {20000, 7, 3, 300},        /* mostly equal keys */
        {20000, 1, 1, 300},        /* all equal but rank */
        {20000, 400, 0, 300},      /* in order of time, samples interleaved */
        {20000, 1, 0, 300},        /* nearly in order */
        {3000, 300, 100000, 9000}, /* blocks that often cross a buffer's end */
        {60000, 300, 100000, 0},   /* empty blocks: the index is all there is */
    };
    static const uint64_t memories[] = {0,       MIB,     MIB + 1,      3 * MIB / 2, 2 * MIB - 7,
                                        3 * MIB, 7 * MIB, 16 * MIB + 5, 256 * MIB};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        struct expected *blocks = make_blocks(&shapes[i]);
        uint64_t spilled = 0;
        for (size_t m = 0; m < sizeof memories / sizeof *memories; m++) {
            spilled = check_sort(blocks, shapes[i].count, memories[m]);
            if (memories[m] <= 2 * MIB)
                assert_true(spilled > 0);
        }
        assert_int_equal(spilled, 0);
        free(blocks);
    }
}

static void extreme_keys(void **state)
{
    (void)state;
    static const uint64_t words[] = {0, 1, INT64_MAX, (uint64_t)INT64_MAX + 1, UINT64_MAX};
    static const uint32_t ranks[] = {0, 1, UINT32_MAX};
    struct expected blocks[300] = {{{0}, 0, 0}};
    for (uint32_t i = 0; i < 300; i++) {
        blocks[i].number = i;
        blocks[i].len = 8;
        blocks[i].key = (struct sort_key){ranks[random_number() % 3], words[random_number() % 5],
                                          (int64_t)words[random_number() % 5]};
    }
    check_sort(blocks, 300, MIB);
}

static void nothing_to_sort(void **state)
{
    (void)state;
    assert_int_equal(check_sort(NULL, 0, MIB), 0);
}

static void hundreds_of_runs_are_folded(void **state)
{
    (void)state;
    const struct shape shape = {330000, 5000, 40, 800};
    struct expected *blocks = make_blocks(&shape);
    uint64_t all = 0;
    for (size_t i = 0; i < shape.count; i++)
        all += sizeof(struct record_header) + blocks[i].len;
    /* About 160 runs of under 1 MiB become a dozen, each block written once more at most. */
    uint64_t spilled = check_sort(blocks, shape.count, MIB);
    assert_in_range(spilled, all * 3 / 2, all * 2);
    free(blocks);
}

static void blocks_longer_than_buffers_and_slab(void **state)
{
    (void)state;
    struct expected blocks[600] = {{{0}, 0, 0}};
    for (uint32_t i = 0; i < 600; i++) {
        blocks[i].number = i;
        blocks[i].len = (uint32_t)(random_number() % 20000);
        if (i % 10 == 0)
            blocks[i].len = 65000 + (uint32_t)(random_number() % 2000); /* about a read buffer */
        if (i % 50 == 7)
            blocks[i].len = 400000 + (uint32_t)(random_number() % 600000); /* about half a MiB */
        if (i == 300 || i == 301 || i == 590)
            blocks[i].len = (16 << 20) + 12 + i;
        blocks[i].key.primary = random_number() % 20;
    }
    check_sort(blocks, 600, MIB);
    check_sort(blocks, 600, 5 * MIB);
    check_sort(blocks, 600, 40 * MIB);
    check_sort(blocks, 600, 400 * MIB);
    blocks[0].len = 17 << 20;
    check_sort(blocks, 1, MIB);
    check_sort(blocks, 2, MIB);
}

static void blocks_of_nearly_the_memory(void **state)
{
    (void)state;
    enum { COUNT = 3000 };
    struct expected *blocks = calloc(COUNT, sizeof *blocks);
    assert_non_null(blocks);
    for (uint32_t i = 0; i < COUNT; i++)
        blocks[i] = (struct expected){{0, random_number() % 20, 0}, i, i ? 500 : 1040000};
    check_sort(blocks, COUNT, MIB);
    for (uint32_t i = 0; i < COUNT; i += 100)
        blocks[i].len = 1040000;
    check_sort(blocks, COUNT, MIB);
    free(blocks);
}

static void less_may_be_committed_than_reserved(void **state)
{
    (void)state;
    struct lcap_error error = {0};
    struct sorter *sorter = new_sorter(MIB, temporary_directory());
    for (uint32_t i = 0; i < 50000; i++) {
        struct expected block = {{0, 50000 - i, 0}, i, i % 90};
        uint8_t *at = sorter_reserve(sorter, 5000, &error);
        assert_non_null(at);
        fill(at, &block);
        if (i % 3 == 0) { /* the room is given up, and asked for again */
            at = sorter_reserve(sorter, 90, &error);
            assert_non_null(at);
            fill(at, &block);
        }
        sorter_commit(sorter, block.key, block.len);
    }
    assert_int_equal(sorter_finish(sorter, &error), 0);
    /* What was not committed takes no room: 50,000 blocks of 45 bytes and their index. */
    assert_true(sorter_spilled_bytes(sorter) < 50000 * (45 + 24) + 1000);
    for (uint32_t i = 50000; i-- > 0;) {
        struct expected block = {{0, 50000 - i, 0}, i, i % 90};
        struct sorted_block got;
        assert_int_equal(sorter_next(sorter, &got, &error), 1);
        assert_block(&got, &block);
    }
    sorter_free(sorter);
}

/* Puts blocks in until the sorter fails or has about `bytes`; returns the code. */
static int put_bytes(struct sorter *sorter, uint64_t bytes, struct lcap_error *error)
{
    struct expected block = {{0}, 0, 1000};
    for (uint64_t i = 0; i < bytes / 1000; i++) {
        block.number = (uint32_t)i;
        block.key.primary = random_number();
        int rc = put(sorter, &block, error);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static void directory_that_takes_no_files(void **state)
{
    (void)state;
    static const char *const directories[] = {"/proc", "/dev/null", "/nowhere/at/all"};
    for (size_t i = 0; i < sizeof directories / sizeof *directories; i++) {
        struct lcap_error error = {0};
        struct sorter *sorter = new_sorter(MIB, directories[i]);
        assert_int_equal(put_bytes(sorter, 4 * MIB, &error), LCAP_ERR_IO);
        assert_non_null(strstr(error.text, directories[i]));
        sorter_free(sorter);
    }
}

static void directory_is_not_needed_in_memory(void **state)
{
    (void)state;
    struct lcap_error error = {0};
    struct sorter *sorter = new_sorter(8 * MIB, "/nowhere/at/all");
    assert_int_equal(put_bytes(sorter, 4 * MIB, &error), 0);
    assert_int_equal(sorter_finish(sorter, &error), 0);
    sorter_free(sorter);
}

static void full_disk(void **state)
{
    (void)state;
    char directory[] = "/tmp/labelcap-full-XXXXXX";
    assert_non_null(mkdtemp(directory));
    if (mount("none", directory, "tmpfs", 0, "size=1m") != 0) {
        print_message("skipped: a small tmpfs needs root: %s\n", strerror(errno));
        rmdir(directory);
        skip();
    }
    struct lcap_error error = {0};
    struct sorter *sorter = new_sorter(MIB, directory);
    int rc = put_bytes(sorter, 8 * MIB, &error);
    sorter_free(sorter);
    umount(directory);
    rmdir(directory);
    assert_int_equal(rc, LCAP_ERR_IO);
    char expected[200];
    snprintf(expected, sizeof expected, "%s: cannot write temporary file: No space left on device",
             directory);
    assert_string_equal(error.text, expected);
}

/* The limit of a file's size stands in for a full disk where there is no root. */
static void write_that_stops_in_the_middle(void **state)
{
    (void)state;
    struct rlimit before, limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    limit = before;
    limit.rlim_cur = 3 * MIB + 1001;
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    struct lcap_error error = {0};
    struct sorter *sorter = new_sorter(MIB, temporary_directory());
    int rc = put_bytes(sorter, 20 * MIB, &error);
    sorter_free(sorter);
    setrlimit(RLIMIT_FSIZE, &before);
    signal(SIGXFSZ, handler);
    assert_int_equal(rc, LCAP_ERR_IO);
    assert_non_null(strstr(error.text, ": cannot write temporary file: File too large"));
}

#define RECORD_SIZE (off_t)(sizeof(struct record_header) + 1000)
#define LONGER      5000

/* A sorter with spilled runs, and the descriptor of its temporary file. One block has 5,000 bytes.
 */
static struct sorter *spilled_sorter(int *fd)
{
    struct lcap_error error = {0};
    int next_free = open("/dev/null", O_RDONLY);
    assert_true(next_free >= 0);
    close(next_free);
    struct sorter *sorter = new_sorter(MIB, temporary_directory());
    assert_int_equal(put_bytes(sorter, 8 * MIB, &error), 0);
    assert_int_equal(put(sorter, &(struct expected){{0}, 0, LONGER}, &error), 0);
    assert_int_equal(sorter_finish(sorter, &error), 0);
    assert_true(lseek(next_free, 0, SEEK_END) > (off_t)(7 * MIB));
    *fd = next_free;
    return sorter;
}

static int drain(struct sorter *sorter, struct lcap_error *error)
{
    struct sorted_block block;
    int rc;
    while ((rc = sorter_next(sorter, &block, error)) == 1)
        assert_true(block.len == 1000 || block.len == LONGER);
    return rc;
}

static void temporary_file_that_shrinks(void **state)
{
    (void)state;
    struct lcap_error error = {0};
    int fd;
    struct sorter *sorter = spilled_sorter(&fd);
    assert_int_equal(ftruncate(fd, 5 * MIB), 0);
    assert_int_equal(drain(sorter, &error), LCAP_ERR_IO);
    assert_non_null(strstr(error.text, "found the end of the file"));
    sorter_free(sorter);
}

/* Lengths that the temporary file cannot hold: 2,000 past the end of a run, 100,000 of no block. */
static void temporary_file_that_changes(void **state)
{
    (void)state;
    static const struct {
        int whence;
        off_t record;
        uint32_t len;
    } changes[] = {{SEEK_END, -RECORD_SIZE, 2000},
                   {SEEK_SET, 400 * RECORD_SIZE, 100000},
                   {SEEK_SET, 400 * RECORD_SIZE, UINT32_MAX}};
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        struct lcap_error error = {0};
        int fd;
        struct sorter *sorter = spilled_sorter(&fd);
        off_t at = lseek(fd, changes[i].record, changes[i].whence);
        at += (off_t)offsetof(struct record_header, len);
        assert_int_equal(pwrite(fd, &changes[i].len, sizeof changes[i].len, at), 4);
        assert_int_equal(drain(sorter, &error), LCAP_ERR_IO);
        assert_non_null(strstr(error.text, "temporary file was changed while in use"));
        sorter_free(sorter);
    }
}

static void impossible_memory(void **state)
{
    (void)state;
    struct sorter_options options = {.memory = UINT64_C(1) << 62, .directory = "/tmp"};
    struct sorter *sorter = NULL;
    struct lcap_error error = {0};
    assert_int_equal(sorter_new(&sorter, &options, &error), LCAP_ERR_MEMORY);
    assert_null(sorter);
    assert_string_equal(error.text, "out of memory: 4611686018427125760 bytes for sorting");
    sorter_free(NULL);
}

static void unused_memory_costs_nothing(void **state)
{
    (void)state;
    struct rusage before, after;
    getrusage(RUSAGE_SELF, &before);
    struct expected blocks[100] = {{{0}, 0, 0}};
    for (uint32_t i = 0; i < 100; i++)
        blocks[i] = (struct expected){{0, i * 37 % 100, 0}, i, 500};
    /* 32 times what is there at most so far. */
    check_sort(blocks, 100, (uint64_t)before.ru_maxrss * 1024 * 32);
    getrusage(RUSAGE_SELF, &after);
    assert_in_range(after.ru_maxrss, 0, before.ru_maxrss + 8 * 1024);
}

/* Whether 140 MiB were spilled in a gigabyte of memory, if `least` bytes had been announced. */
static bool spills_in_a_gigabyte(uint64_t least)
{
    const struct sorter_options options = {
        .memory = 1024 * MIB, .directory = temporary_directory(), .threads = 2, .least = least};
    struct sorter *sorter;
    struct lcap_error error = {0};
    assert_int_equal(sorter_new(&sorter, &options, &error), 0);
    assert_int_equal(put_bytes(sorter, 140 * MIB, &error), 0);
    const bool spilled = sorter_spilled_bytes(sorter) > 0;
    sorter_free(sorter);
    return spilled;
}

static void memory_that_saves_nothing_is_not_used(void **state)
{
    (void)state;
    assert_false(spills_in_a_gigabyte(1024 * MIB));
    assert_true(spills_in_a_gigabyte(1025 * MIB));
    assert_false(spills_in_a_gigabyte(64 * 256 * MIB));
}

static void peak_memory_is_the_limit(void **state)
{
    (void)state;
    struct rusage before, after;
    struct lcap_error error = {0};
    struct sorter *sorter = new_sorter(24 * MIB, temporary_directory());
    getrusage(RUSAGE_SELF, &before);
    assert_int_equal(put_bytes(sorter, 100 * MIB, &error), 0);
    assert_int_equal(sorter_finish(sorter, &error), 0);
    assert_int_equal(drain(sorter, &error), 0);
    getrusage(RUSAGE_SELF, &after);
    sorter_free(sorter);
    assert_in_range(after.ru_maxrss, 0, before.ru_maxrss + (24 + 2) * 1024);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unused_memory_costs_nothing),
        cmocka_unit_test(peak_memory_is_the_limit),
        cmocka_unit_test(memory_that_saves_nothing_is_not_used),
        cmocka_unit_test(any_memory_gives_the_same_order),
        cmocka_unit_test(extreme_keys),
        cmocka_unit_test(nothing_to_sort),
        cmocka_unit_test(hundreds_of_runs_are_folded),
        cmocka_unit_test(blocks_longer_than_buffers_and_slab),
        cmocka_unit_test(blocks_of_nearly_the_memory),
        cmocka_unit_test(less_may_be_committed_than_reserved),
        cmocka_unit_test(directory_that_takes_no_files),
        cmocka_unit_test(directory_is_not_needed_in_memory),
        cmocka_unit_test(full_disk),
        cmocka_unit_test(write_that_stops_in_the_middle),
        cmocka_unit_test(temporary_file_that_shrinks),
        cmocka_unit_test(temporary_file_that_changes),
        cmocka_unit_test(impossible_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
