/* Blocked gzip: what htslib's bgzip writes is read from any place, and hostile blocks are damage.
 */
#include "scratch.h"

#include "base/bytes.h"
#include "base/codec/bgzf.h"
#include "base/io/input.h"
#include "base/io/output.h"

enum { SAMPLE = 1500000 };

static struct input *open_well(const char *path)
{
    struct input *in = NULL;
    assert_int_equal(input_open(&in, path, NULL), 0);
    return in;
}

static void expect_at(struct input *in, const struct bytes *sample, uint64_t offset, size_t len)
{
    const uint8_t *at;
    struct lcap_error error = {0};
    assert_int_equal(input_offset(in), offset);
    const int64_t have = input_peek(in, len, &at, &error);
    assert_string_equal(error.text, "");
    assert_true(have >= (int64_t)len);
    assert_memory_equal(at, sample->data + offset, len);
}

/* Of every thousandth byte the virtual offset, by which it is found again. */
static void virtual_offsets_lead_back(void **state)
{
    (void)state;
    enum { STEP = 1000, PLACES = SAMPLE / STEP };
    static uint64_t coded[PLACES];
    struct bytes sample = make_sample(SAMPLE);
    spill("plain", sample.data, sample.len);
    run("bgzip -c plain > v.gz");
    struct input *in = open_well("v.gz");
    for (size_t i = 0; i < PLACES; i++) {
        expect_at(in, &sample, i * STEP, STEP);
        coded[i] = input_coded_offset(in);
        input_skip(in, STEP);
    }
    input_free(in);
    in = open_well("v.gz");
    for (size_t i = 0; i < PLACES; i++) {
        const size_t place = i * 701 % PLACES;
        assert_int_equal(input_seek(in, place * STEP, coded[place], NULL), 0);
        expect_at(in, &sample, place * STEP, STEP);
        assert_int_equal(input_coded_offset(in), coded[place]);
        assert_int_equal(input_check_random_access(in, NULL), 0);
    }
    input_free(in);
    free(sample.data);
}

/* bgzip's own reader agrees on what is at an offset of a file that we wrote. */
static void bgzip_finds_what_we_wrote(void **state)
{
    (void)state;
    struct bytes sample = make_sample(SAMPLE);
    struct output *out = NULL;
    spill("plain", sample.data, sample.len);
    assert_int_equal(output_open(&out, "ours.gz", NULL, NULL), 0);
    output_write(out, sample.data, sample.len);
    assert_int_equal(output_close(out, NULL), 0);
    run("bgzip -t ours.gz && bgzip -r ours.gz && bgzip -dc ours.gz | cmp - plain");
    run("test $(tail -c 28 ours.gz | od -An -v -tx1 | tr -d ' \\n') = "
        "1f8b08040000000000ff0600424302001b0003000000000000000000");
    for (size_t offset = 0; offset < SAMPLE - 5000; offset += 77777) {
        char line[200];
        snprintf(line, sizeof line,
                 "bgzip -b %zu -s 5000 ours.gz > a; tail -c +%zu plain | head -c 5000 | cmp - a",
                 offset, offset + 1);
        run(line);
    }
    free(sample.data);
}

/* Bytes that the process has asked the system to read so far. */
static unsigned long long bytes_asked_for(void)
{
    unsigned long long count = 0;
    FILE *io = fopen("/proc/self/io", "r");
    assert_non_null(io);
    assert_int_equal(fscanf(io, "rchar: %llu", &count), 1);
    fclose(io);
    return count;
}

/* Noise, so that the coded bytes are as many. */
static void one_block_is_read_for_one_place(void **state)
{
    (void)state;
    run("head -c 20000000 /dev/urandom > noise; bgzip -c noise > noise.gz");
    struct bytes noise = slurp("noise");
    uint64_t coded = 0;
    for (int turn = 0; turn < 2; turn++) {
        struct input *in = open_well("noise.gz");
        const uint8_t *at;
        input_peek(in, 1, &at, NULL);
        unsigned long long before = bytes_asked_for();
        assert_int_equal(input_seek(in, 12345678, coded, NULL), 0);
        expect_at(in, &noise, 12345678, 100);
        coded = input_coded_offset(in);
        /* Without the virtual offset, 307 headers and trailers come before. */
        assert_in_range(bytes_asked_for() - before, 30000, turn == 0 ? 131072 : 66000);
        input_free(in);
    }
    free(noise.data);
}

static void wrong_virtual_offsets_do_no_harm(void **state)
{
    (void)state;
    static const uint64_t invented[] = {1, 0xffff, 77, 77ull << 16, UINT64_MAX, 1ull << 63};
    struct bytes sample = make_sample(SAMPLE);
    spill("plain", sample.data, sample.len);
    run("bgzip -c plain > v.gz");
    for (size_t i = 0; i < COUNT_OF(invented); i++) {
        struct input *in = open_well("v.gz");
        const uint64_t offset = 700000 + i * 100000;
        assert_int_equal(input_seek(in, offset, invented[i], NULL), 0);
        assert_int_equal(input_offset(in), offset);
        if (invented[i] >> 16 != 0)
            expect_at(in, &sample, offset, 100);
        input_free(in);
    }
    struct input *in = open_well("v.gz");
    assert_int_equal(input_seek(in, SAMPLE, 0, NULL), 0);
    assert_int_equal(input_seek(in, SAMPLE + 1, 0, NULL), LCAP_ERR_ARGUMENT);
    assert_int_equal(input_seek(in, 5, 0, NULL), 0);
    expect_at(in, &sample, 5, 5);
    input_free(in);
    free(sample.data);
}

/* Where the offset is not known, a virtual one stands for it, and leads to the true one. */
static void a_virtual_offset_is_enough(void **state)
{
    (void)state;
    enum { PLACE = 1234567, STEP = 200000 };
    struct bytes sample = make_sample(SAMPLE);
    const uint8_t *at;
    spill("plain", sample.data, sample.len);
    run("bgzip -c plain > v.gz");
    struct input *in = open_well("v.gz");
    assert_int_equal(input_seek(in, PLACE, 0, NULL), 0);
    const uint64_t coded = input_coded_offset(in);
    input_free(in);
    in = open_well("v.gz");
    assert_int_equal(input_seek(in, coded, coded, NULL), 0);
    assert_int_equal(input_offset(in), coded);
    assert_int_equal(input_stream_offset(in, coded + 7), PLACE + 7);
    assert_int_equal(input_seek(in, coded + STEP, 0, NULL), 0);
    assert_true(input_peek(in, 100, &at, NULL) >= 100);
    assert_memory_equal(at, sample.data + PLACE + STEP, 100);
    assert_int_equal(input_seek(in, 5, 0, NULL), 0);
    expect_at(in, &sample, 5, 5);
    assert_int_equal(input_stream_offset(in, 5), 5);
    input_free(in);
    free(sample.data);
}

static uint64_t size_of(const char *path)
{
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    return (uint64_t)st.st_size;
}

/* Two files in a row have an empty block in between, which has no place. */
static void a_place_is_in_a_block_with_data(void **state)
{
    (void)state;
    struct bytes sample = make_sample(SAMPLE);
    spill("plain", sample.data, sample.len);
    run("bgzip -c plain > half.gz; cat half.gz half.gz > two.gz");
    const uint64_t half = size_of("half.gz");
    for (int turn = 0; turn < 2; turn++) {
        struct input *in = open_well("two.gz");
        const uint8_t *at;
        assert_int_equal(input_seek(in, turn == 0 ? SAMPLE - 1 : SAMPLE + 1, 0, NULL), 0);
        assert_true(input_peek(in, 1, &at, NULL) > 0);
        assert_int_equal(input_seek(in, SAMPLE, 0, NULL), 0);
        assert_int_equal(input_coded_offset(in), half << 16);
        input_free(in);
    }
    free(sample.data);
}

/* Any byte leads to the next block, and what is no row of blocks is none. */
static void blocks_are_guessed(void **state)
{
    (void)state;
    struct bytes sample = make_sample(SAMPLE);
    spill("plain", sample.data, sample.len);
    run("bgzip -c plain > v.gz; (cat v.gz; head -c 9000 v.gz) > cut.gz");
    struct input *in = open_well("cut.gz");
    const uint64_t size = size_of("v.gz"), all = input_file_size(in);
    const uint8_t *at;
    uint64_t block = 0, blocks = 0;
    input_peek(in, 1, &at, NULL);
    for (uint64_t from = 0; from < size; from = block + 1, blocks++) {
        block = input_guess_block(in, from);
        assert_int_equal(input_guess_block(in, from + (block - from) / 2), block);
        if (block < size) {
            assert_int_equal(input_seek(in, block << 16, block << 16, NULL), 0);
            assert_int_equal(input_coded_offset(in), block << 16);
        }
    }
    assert_true(blocks > SAMPLE / BGZF_MOST - 5);
    assert_int_equal(input_guess_block(in, size), all);
    assert_int_equal(input_guess_block(in, all), all);
    input_free(in);
    free(sample.data);
}

static void other_gzip_says_how_to_get_random_access(void **state)
{
    (void)state;
    struct lcap_error error = {0};
    spill("hello", "hello", 5);
    run("gzip -k hello");
    struct input *in = open_well("hello.gz");
    const uint8_t *at;
    input_peek(in, 1, &at, NULL);
    assert_int_equal(input_coded_offset(in), 0);
    assert_int_equal(input_check_random_access(in, &error), LCAP_ERR_ARGUMENT);
    assert_string_equal(error.text,
                        "hello.gz: gzip data can be read only from its start; 'labelcap sort -o "
                        "x.pcapng.gz' writes a file that can be read from any place");
    input_free(in);
}

/* Reads to the end, and compares. Returns the result, and how many bytes came before. */
static int read_through(const char *path, const struct bytes *sample, size_t *came,
                        struct lcap_error *error)
{
    struct input *in = open_well(path);
    const uint8_t *at;
    int64_t have;
    while ((have = input_peek(in, 3000, &at, error)) > 0) {
        assert_true(input_offset(in) + (uint64_t)have <= sample->len);
        assert_memory_equal(at, sample->data + input_offset(in), (size_t)have);
        input_skip(in, have > 3000 ? 3000 : (size_t)have);
    }
    if (have < 0 && (have = input_peek(in, 0, &at, NULL)) > 0)
        assert_memory_equal(at, sample->data + input_offset(in), (size_t)have);
    *came = (size_t)input_offset(in) + (have > 0 ? (size_t)have : 0);
    input_free(in);
    return error->code;
}

static void every_mixture_of_members_is_read(void **state)
{
    (void)state;
    static const char *const commands[] = {
        "bgzip -c plain > m.gz",
        "bgzip -l 0 -c plain > m.gz",
        "bgzip -l 9 -@ 2 -c plain > m.gz",
        "(head -c 700000 plain | bgzip; tail -c +700001 plain | bgzip) > m.gz",
        "(head -c 700000 plain | bgzip; tail -c +700001 plain | gzip) > m.gz",
        "(head -c 700000 plain | gzip; tail -c +700001 plain | bgzip) > m.gz",
        "(bgzip < plain; head -c 100000 /dev/zero) > m.gz",
        "bgzip < plain | head -c -28 > m.gz",
        "(for i in $(seq 300); do bgzip < /dev/null; done; bgzip < plain) > m.gz",
    };
    struct bytes sample = make_sample(SAMPLE);
    spill("plain", sample.data, sample.len);
    for (size_t i = 0; i < COUNT_OF(commands); i++) {
        char line[200];
        struct lcap_error error = {0};
        size_t came;
        snprintf(line, sizeof line, "bash -c '%s'", commands[i]);
        run(line);
        assert_int_equal(read_through("m.gz", &sample, &came, &error), 0);
        assert_int_equal(came, SAMPLE);
        struct input *in = open_well("m.gz");
        for (uint64_t offset = SAMPLE - 9; offset > 400000; offset -= 300007) {
            assert_int_equal(input_seek(in, offset, 0, NULL), 0);
            expect_at(in, &sample, offset, 9);
        }
        input_free(in);
    }
    free(sample.data);
}

/* Where block `number` of the packed bytes is. */
static size_t find_block(const struct bytes *packed, int number)
{
    size_t at = 0;
    while (number-- > 0)
        at += load16(packed->data + at + 16, false) + 1u;
    return at;
}

static void hostile_blocks_are_damage(void **state)
{
    (void)state;
    static const struct {
        int from_end; /* 1: the place counts from the end of the block */
        size_t place;
        uint32_t value;
        size_t width;
        const char *reason;
    } cases[] = {
        {0, 16, 0, 2, "a BGZF block of 1 bytes, which has no room for its data"},
        {0, 16, 25, 2, "a BGZF block of 26 bytes, which has no room for its data"},
        {0, 16, 100, 2, "a BGZF block says that it unpacks to "},
        {1, 4, 0xffffffff, 4,
         "a BGZF block says that it unpacks to 4294967295 bytes, more than 65536"},
        {1, 4, 65281, 4, "damaged BGZF block: its data is shorter than it says"},
        {1, 4, 65279, 4, "damaged BGZF block: its data is longer than it says"},
        {1, 8, 0x12345678, 4, "damaged BGZF block: incorrect data check"},
        {0, 18, 0xffffffff, 4, "damaged BGZF block: invalid deflate data"},
    };
    struct bytes sample = make_sample(SAMPLE);
    spill("plain", sample.data, sample.len);
    run("bgzip -c plain > good.gz");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct bytes packed = slurp("good.gz");
        struct lcap_error error = {0};
        size_t came;
        char expected[200];
        const size_t block = find_block(&packed, 11);
        uint8_t *at = packed.data + (cases[i].from_end ? find_block(&packed, 12) - cases[i].place
                                                       : block + cases[i].place);
        if (cases[i].width == 2)
            store16(at, (uint16_t)cases[i].value, false);
        else
            store32(at, cases[i].value, false);
        spill("bad.gz", packed.data, packed.len);
        assert_int_equal(read_through("bad.gz", &sample, &came, &error), LCAP_ERR_DAMAGED);
        snprintf(expected, sizeof expected, "bad.gz: compressed byte %zu: %s", block,
                 cases[i].reason);
        if (strncmp(error.text, expected, strlen(expected)) != 0)
            fail_msg("%s instead of %s", error.text, expected);
        assert_int_equal(came, 11 * BGZF_DATA);
        free(packed.data);
    }
    free(sample.data);
}

/* Gives the block that begins at `at` a longer header: another subfield before its length. */
static void widen_header(struct bytes *packed, size_t at)
{
    static const uint8_t subfield[] = {'X', 'Y', 2, 0, 7, 7};
    uint8_t *block = packed->data + at, *extra = block + 12;
    store16(block + 10, 6 + sizeof subfield, false);
    store16(block + 16, (uint16_t)(load16(block + 16, false) + sizeof subfield), false);
    memmove(extra + sizeof subfield, extra, packed->len - at - 12);
    memcpy(extra, subfield, sizeof subfield);
    packed->len += sizeof subfield;
}

/* The last block, whose header is longer than usual, is one after a jump, too. */
static void a_longer_header_is_found_near_the_end(void **state)
{
    (void)state;
    struct bytes sample = make_sample(100000);
    spill("plain", sample.data, sample.len);
    run("bgzip -c plain | head -c -28 > narrow.gz");
    struct bytes packed = slurp("narrow.gz");
    packed.data = realloc(packed.data, packed.len + 6);
    widen_header(&packed, find_block(&packed, 1));
    spill("wide.gz", packed.data, packed.len);
    const uint64_t coded = (uint64_t)find_block(&packed, 1) << 16 | (70000 - BGZF_DATA);
    struct input *in = open_well("wide.gz");
    assert_int_equal(input_seek(in, 70000, coded, NULL), 0);
    expect_at(in, &sample, 70000, 9);
    assert_int_equal(input_coded_offset(in), coded);
    input_free(in);
    free(packed.data);
    free(sample.data);
}

/* Whole blocks come before a cut, and of the cut one what is there. */
static void a_cut_block_gives_what_it_has(void **state)
{
    (void)state;
    struct bytes sample = make_sample(100000);
    spill("plain", sample.data, sample.len);
    run("bgzip -c plain > good.gz");
    struct bytes packed = slurp("good.gz");
    const size_t second = find_block(&packed, 1), end = find_block(&packed, 2);
    size_t before = 0;
    for (size_t len = second + 1; len < end; len += 97) {
        struct lcap_error error = {0};
        size_t came;
        spill("cut.gz", packed.data, len);
        assert_int_equal(read_through("cut.gz", &sample, &came, &error), LCAP_ERR_DAMAGED);
        assert_non_null(strstr(error.text, "the file ends in the middle of the gzip data"));
        assert_true(came >= BGZF_DATA && came >= before);
        before = came;
    }
    assert_true(before > 90000);

    /* A whole member that claims to be longer than the file. */
    struct lcap_error error = {0};
    char expected[200];
    size_t came;
    store16(packed.data + second + 16, 65000, false);
    spill("cut.gz", packed.data, end);
    assert_int_equal(read_through("cut.gz", &sample, &came, &error), LCAP_ERR_DAMAGED);
    snprintf(expected, sizeof expected,
             "cut.gz: compressed byte %zu: a BGZF block says that it has 65001 bytes, but the file "
             "ends after %zu",
             end, end - second);
    assert_string_equal(error.text, expected);
    assert_int_equal(came, sample.len);
    free(packed.data);
    free(sample.data);
}

static void levels_are_those_of_the_format(void **state)
{
    (void)state;
    struct bytes sample = make_sample(SAMPLE);
    size_t before = SIZE_MAX;
    for (int level = 1; level <= 12; level += 11) {
        const struct output_options options = {.overwrite = true, .level = level};
        struct output *out = NULL;
        assert_int_equal(output_open(&out, "l.gz", &options, NULL), 0);
        output_write(out, sample.data, sample.len);
        assert_int_equal(output_close(out, NULL), 0);
        struct bytes packed = slurp("l.gz");
        assert_true(packed.len < before);
        before = packed.len;
        free(packed.data);
    }
    free(sample.data);
    static const struct {
        const char *name, *text;
        int level;
    } cases[] = {
        {"x.gz", "x.gz: the levels of gzip are 1 to 12, not 13", 13},
        {"x.zst", "x.zst: the levels of zstd are 1 to 19, not -1", -1},
        {"x",
         "x: not compressed, so there is no level (names that end in .gz or .zst are "
         "compressed)",
         1},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct lcap_error error = {0};
        const struct output_options options = {.level = cases[i].level};
        struct output *out = NULL;
        assert_int_equal(output_open(&out, cases[i].name, &options, &error), LCAP_ERR_ARGUMENT);
        assert_string_equal(error.text, cases[i].text);
        lcap_error_clear(&error);
        assert_int_equal(output_try(cases[i].name, &options, &error), LCAP_ERR_ARGUMENT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(virtual_offsets_lead_back),
        cmocka_unit_test(bgzip_finds_what_we_wrote),
        cmocka_unit_test(one_block_is_read_for_one_place),
        cmocka_unit_test(wrong_virtual_offsets_do_no_harm),
        cmocka_unit_test(a_virtual_offset_is_enough),
        cmocka_unit_test(a_place_is_in_a_block_with_data),
        cmocka_unit_test(blocks_are_guessed),
        cmocka_unit_test(other_gzip_says_how_to_get_random_access),
        cmocka_unit_test(every_mixture_of_members_is_read),
        cmocka_unit_test(hostile_blocks_are_damage),
        cmocka_unit_test(a_longer_header_is_found_near_the_end),
        cmocka_unit_test(a_cut_block_gives_what_it_has),
        cmocka_unit_test(levels_are_those_of_the_format),
    };
    return cmocka_run_group_tests(tests, scratch_enter, scratch_leave);
}
