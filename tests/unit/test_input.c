/* Bytes in: plain, gzip, zstd; every way in which a file can be odd or broken. */
#include "scratch.h"

#include "base/io/input.h"
#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/time.h>

/* Reads to the end, by one byte at a time where `step` is 1. Returns 0 or the code of the failure.
 */
static int read_all(struct input *in, size_t step, struct bytes *all, struct lcap_error *error)
{
    const uint8_t *data;
    int64_t have;
    *all = (struct bytes){0};
    while ((have = input_peek(in, step, &data, error)) > 0) {
        assert_int_equal(input_offset(in), all->len);
        all->data = realloc(all->data, all->len + (size_t)have);
        assert_non_null(all->data);
        memcpy(all->data + all->len, data, (size_t)have);
        all->len += (size_t)have;
        input_skip(in, (size_t)have);
    }
    return (int)have;
}

static struct input *open_well(const char *path)
{
    struct lcap_error error = {0};
    struct input *in = NULL;
    assert_int_equal(input_open(&in, path, &error), 0);
    assert_non_null(in);
    return in;
}

static void assert_reads_as(const char *path, const uint8_t *data, size_t len)
{
    struct lcap_error error = {0};
    struct input *in = open_well(path);
    struct bytes all;
    int rc = read_all(in, 1, &all, &error);
    assert_string_equal(error.text, "");
    assert_int_equal(rc, 0);
    assert_int_equal(all.len, len);
    if (len > 0)
        assert_memory_equal(all.data, data, len);
    free(all.data);
    input_free(in);
}

/* What comes before the damage must be the beginning of `data`; its length is returned. */
static size_t assert_fails(const char *path, const uint8_t *data, int code, const char *text)
{
    struct lcap_error error = {0};
    struct input *in = open_well(path);
    struct bytes all;
    assert_int_equal(read_all(in, 1, &all, &error), code);
    assert_string_equal(error.text, text);
    if (all.len > 0)
        assert_memory_equal(all.data, data, all.len);

    struct lcap_error again = {0};
    const uint8_t *at;
    assert_int_equal(input_peek(in, 1, &at, &again), code);
    assert_string_equal(again.text, text);
    assert_int_equal(input_peek(in, 0, &at, NULL), 0);
    free(all.data);
    input_free(in);
    return all.len;
}

static void assert_refused(const char *path, int code, const char *text)
{
    struct lcap_error error = {0};
    struct input *in = (struct input *)&error;
    assert_int_equal(input_open(&in, path, &error), code);
    assert_string_equal(error.text, text);
    assert_null(in);
}

static void refuses_what_cannot_be_read(void **state)
{
    (void)state;
    assert_int_equal(mkdir("dir", 0755), 0);
    assert_refused("no.pcap", LCAP_ERR_IO, "no.pcap: cannot open: No such file or directory");
    assert_refused("dir", LCAP_ERR_IO, "dir: is a directory, not a file");
    assert_refused("", LCAP_ERR_IO, ": cannot open: No such file or directory");
    /* Address 0 of a process cannot be read: the read itself fails. */
    assert_fails("/proc/self/mem", NULL, LCAP_ERR_IO,
                 "/proc/self/mem: cannot read at byte 0: Input/output error");
}

static void empty_and_tiny_files_end_at_once(void **state)
{
    (void)state;
    for (size_t len = 0; len <= 5; len++) {
        spill("tiny", "abcde", len);
        assert_reads_as("tiny", (const uint8_t *)"abcde", len);
    }
    spill("tiny", "\x1f", 1);
    assert_reads_as("tiny", (const uint8_t *)"\x1f", 1);
    spill("tiny", "\x28\xb5\x2f", 3);
    assert_reads_as("tiny", (const uint8_t *)"\x28\xb5\x2f", 3);
}

static void peek_shows_and_skip_moves(void **state)
{
    (void)state;
    spill("abc", "abcdefgh", 8);
    struct input *in = open_well("abc");
    const uint8_t *data;
    assert_string_equal(input_name(in), "abc");
    assert_int_equal(input_file_size(in), 8);
    assert_int_equal(input_bytes_read(in), 0);
    assert_true(input_peek(in, 2, &data, NULL) >= 2);
    assert_memory_equal(data, "ab", 2);
    assert_int_equal(input_offset(in), 0);
    input_skip(in, 3);
    assert_int_equal(input_offset(in), 3);
    assert_int_equal(input_peek(in, 100, &data, NULL), 5);
    assert_memory_equal(data, "defgh", 5);
    input_skip(in, 5);
    assert_int_equal(input_peek(in, 1, &data, NULL), 0);
    assert_int_equal(input_peek(in, 1, &data, NULL), 0);
    assert_int_equal(input_offset(in), 8);
    assert_int_equal(input_bytes_read(in), 8);
    input_free(in);
    input_free(NULL);
}

/* What was read stays where it is, though the input reads on. */
static void memory_changes_hands(void **state)
{
    (void)state;
    enum { PIECES = 5, STEP = 3000, LARGE = 700000 };
    const struct bytes sample = make_sample(3 << 20);
    struct buffer memory[PIECES] = {{0}};
    const uint8_t *at[PIECES];
    uint64_t offset[PIECES];
    spill("in", sample.data, sample.len);
    struct input *in = open_well("in");
    for (size_t i = 0; i < PIECES; i++) {
        const size_t len = i == 2 ? LARGE : STEP; /* longer than what is read at once */
        assert_true(input_peek(in, len, &at[i], NULL) >= (int64_t)len);
        offset[i] = input_offset(in);
        input_skip(in, len);
        assert_int_equal(input_exchange_memory(in, &memory[i], NULL), 0);
        assert_int_equal(input_offset(in), offset[i] + len);
    }
    for (size_t i = 0; i < PIECES; i++) {
        assert_memory_equal(at[i], sample.data + offset[i], i == 2 ? LARGE : STEP);
        buffer_release(&memory[i]);
    }
    input_free(in);
    free(sample.data);
}

/* Peeks and skips of lengths that chance chooses, up to more than a block of 4 MiB. */
static void check_random_walk(const char *path, const struct bytes *sample)
{
    struct input *in = open_well(path);
    uint32_t chance = 7;
    size_t at = 0;
    while (at < sample->len) {
        chance = chance * 1664525u + 1013904223u;
        size_t most = chance >> 30 == 0 ? 6000000 : 3000;
        size_t want = (chance >> 3) % most + 1;
        size_t left = sample->len - at;
        const uint8_t *data;
        int64_t have = input_peek(in, want, &data, NULL);
        assert_true(have >= (int64_t)(want < left ? want : left));
        assert_true(have <= (int64_t)left);
        assert_memory_equal(data, sample->data + at, (size_t)have);
        size_t skip = (chance >> 9) % ((size_t)have + 1);
        skip = skip > 100000 ? 100000 : skip;
        input_skip(in, skip);
        at += skip;
        assert_int_equal(input_offset(in), at);
    }
    input_free(in);
}

static void every_way_of_compression_reads_the_same(void **state)
{
    (void)state;
    static const char *const commands[] = {
        "cat sample > packed",
        "gzip -c sample > packed",
        "gzip -1 -c sample > packed",
        "zstd -q -c sample > packed",
        "zstd -q -c --no-check sample > packed",
        "zstd -q --long=27 -c < sample > packed",
        "(head -c 1000000 sample | gzip; tail -c +1000001 sample | gzip) > packed",
        "(head -c 1000000 sample | zstd -q; tail -c +1000001 sample | zstd -q) > packed",
        "(gzip < /dev/null; gzip < sample; gzip < /dev/null) > packed",
        "(zstd -q < /dev/null; zstd -q < sample; zstd -q < /dev/null) > packed",
        "(printf '\\x5a\\x2a\\x4d\\x18\\x03\\0\\0\\0abc'; zstd -q < sample) > packed",
        "(zstd -q < sample; printf '\\x50\\x2a\\x4d\\x18\\0\\0\\0\\0') > packed",
        "(gzip < sample; head -c 5000000 /dev/zero) > packed",
        "xz -0 -c sample > packed",
        "xz -0 -T2 --check=sha256 -c sample > packed",
        "(head -c 99999 sample | xz; head -c 8 /dev/zero; tail -c +100000 sample | xz -0) > packed",
        "lz4 -q -c sample > packed",
        "lz4 -q -9 -B4 -BD -c sample > packed",
        "(head -c 1000000 sample | lz4 -q; tail -c +1000001 sample | lz4 -q) > packed",
        "bzip2 -c sample > packed",
        "(head -c 1000000 sample | bzip2 -1; tail -c +1000001 sample | bzip2 -2) > packed",
    };
    struct bytes sample = make_sample(4500001);
    spill("sample", sample.data, sample.len);
    for (size_t i = 0; i < COUNT_OF(commands); i++) {
        char line[256];
        snprintf(line, sizeof line, "bash -c \"%s\"", commands[i]);
        run(line);
        assert_reads_as("packed", sample.data, sample.len);
    }
    run("gzip -c sample > packed.gz; zstd -q -c sample > packed.zst");
    check_random_walk("sample", &sample);
    check_random_walk("packed.gz", &sample);
    check_random_walk("packed.zst", &sample);
    free(sample.data);
}

static void other_bytes_behind_compressed_data_are_damage(void **state)
{
    (void)state;
    static const struct {
        const char *command, *text;
    } cases[] = {
        {"(gzip -n < hello; printf X)",
         "bad: compressed byte 25: unexpected data after the end of the gzip data"},
        {"(gzip -n < hello; printf '\\\\0\\\\0X')",
         "bad: compressed byte 27: unexpected data after the end of the gzip data"},
        {"(gzip -n < hello; printf '\\\\0'; gzip < hello)",
         "bad: compressed byte 26: unexpected data after the end of the gzip data"},
        {"(gzip -n < hello; printf '\\\\x1fab')",
         "bad: compressed byte 25: unexpected data after the end of the gzip data"},
        {"(gzip -n < hello; printf '\\\\x1f')",
         "bad: compressed byte 26: the file ends in the middle of the gzip data"},
        {"(zstd -q < hello; printf 'garbage')",
         "bad: compressed byte 18: damaged zstd data: Unknown frame descriptor"},
        {"(xz < hello; printf 'garbagegarbage')",
         "bad: compressed byte 64: unexpected data after the end of the xz data"},
        {"(lz4 -q < hello; printf 'garbage')",
         "bad: compressed byte 24: damaged lz4 data: ERROR_frameType_unknown"},
        {"(bzip2 < hello; printf 'garbage')",
         "bad: compressed byte 41: unexpected data after the end of the bzip2 data"},
    };
    spill("hello", "hello", 5);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char line[256];
        snprintf(line, sizeof line, "bash -c \"%s > bad\"", cases[i].command);
        run(line);
        assert_int_equal(
            assert_fails("bad", (const uint8_t *)"hello", LCAP_ERR_DAMAGED, cases[i].text), 5);
    }
}

/* A member of one copy of 258 bytes, from the byte before it or at an invalid distance: none of
 * what the copy might have given is data. Room behind lets decoders take their fast way. */
static void a_member_takes_no_bytes_from_the_one_before(void **state)
{
    (void)state;
    static const char *const deflated[] = {"\\033\\005\\0", "\\033\\375\\1"};
    spill("hello", "hello", 5);
    for (size_t i = 0; i < COUNT_OF(deflated); i++) {
        char line[256];
        struct lcap_error error = {0};
        struct bytes all;
        snprintf(line, sizeof line,
                 "(gzip -n < hello; printf '\\037\\213\\010\\0\\0\\0\\0\\0\\0\\3%s'; "
                 "head -c 400 /dev/zero) > bad",
                 deflated[i]);
        run(line);
        struct input *in = open_well("bad");
        assert_int_equal(read_all(in, 1, &all, &error), LCAP_ERR_DAMAGED);
        assert_non_null(strstr(error.text, "damaged gzip data: invalid "));
        assert_int_equal(all.len, 5);
        assert_memory_equal(all.data, "hello", 5);
        free(all.data);
        input_free(in);
    }
}

/* Cuts `path` at every byte. `whole` are the lengths at which a member or frame ends. */
static void check_truncations(const char *path, const struct bytes *sample, const size_t *whole,
                              size_t magic, const char *kind)
{
    struct bytes packed = slurp(path);
    size_t before = 0;
    for (size_t len = magic; len < packed.len; len++) {
        char text[128];
        snprintf(text, sizeof text,
                 "cut: compressed byte %zu: the file ends in the middle of the %s data", len, kind);
        spill("cut", packed.data, len);
        if (len == whole[0]) {
            assert_reads_as("cut", sample->data, sample->len / 2);
            continue;
        }
        size_t got = assert_fails("cut", sample->data, LCAP_ERR_DAMAGED, text);
        assert_true(got >= before);
        before = got;
    }
    assert_int_equal(before, sample->len);
    free(packed.data);
}

static void check_others_cut(const struct bytes *sample)
{
    static const char *const names[] = {"xz", "lz4", "bzip2"};
    static const char *const tools[] = {"xz -0", "lz4 -q", "bzip2 -1"};
    for (size_t i = 0; i < COUNT_OF(tools); i++) {
        char line[200];
        struct stat st;
        snprintf(line, sizeof line, "%s < a > a.c; (cat a.c; %s < b) > ab.c", tools[i], tools[i]);
        run(line);
        assert_int_equal(stat("a.c", &st), 0);
        check_truncations("ab.c", sample, &(size_t){(size_t)st.st_size}, 4, names[i]);
    }
}

static void every_truncation_delivers_what_came_before(void **state)
{
    (void)state;
    struct bytes sample = make_sample(4000);
    spill("a", sample.data, 2000);
    spill("b", sample.data + 2000, 2000);
    run("gzip < a > a.gz; (cat a.gz; gzip < b) > ab.gz");
    run("zstd -q < a > a.zst; (cat a.zst; zstd -q < b) > ab.zst");
    struct stat gz, zst;
    assert_int_equal(stat("a.gz", &gz), 0);
    assert_int_equal(stat("a.zst", &zst), 0);
    check_truncations("ab.gz", &sample, &(size_t){(size_t)gz.st_size}, 2, "gzip");
    check_truncations("ab.zst", &sample, &(size_t){(size_t)zst.st_size}, 4, "zstd");
    check_others_cut(&sample);
    free(sample.data);
}

/* A changed byte is noticed, or does not matter: never are other bytes delivered without a word. */
static void check_flips(const char *path, const struct bytes *sample, size_t magic)
{
    struct bytes packed = slurp(path);
    size_t noticed = 0;
    for (size_t i = magic; i < packed.len; i++) {
        packed.data[i] ^= 0x11;
        spill("flipped", packed.data, packed.len);
        packed.data[i] ^= 0x11;
        struct lcap_error error = {0};
        struct input *in = open_well("flipped");
        struct bytes all;
        int rc = read_all(in, 1, &all, &error);
        input_free(in);
        assert_true(rc == 0 || rc == LCAP_ERR_DAMAGED || rc == LCAP_ERR_FORMAT);
        assert_true((rc == 0) == (error.text[0] == '\0'));
        noticed += rc != 0;
        if (rc == 0) {
            assert_int_equal(all.len, sample->len);
            assert_memory_equal(all.data, sample->data, sample->len);
        }
        free(all.data);
    }
    assert_true(noticed > packed.len - magic - 20);
    free(packed.data);
}

static void every_changed_byte_is_noticed(void **state)
{
    (void)state;
    struct bytes sample = make_sample(3000);
    spill("sample", sample.data, sample.len);
    run("gzip -c sample > f.gz; zstd -q -c sample > f.zst");
    check_flips("f.gz", &sample, 2);
    check_flips("f.zst", &sample, 4);
    sample.len = 600;
    spill("sample", sample.data, sample.len);
    run("xz -0 -c sample > f.xz; lz4 -q -c sample > f.lz4; bzip2 -1 -c sample > f.bz2");
    check_flips("f.xz", &sample, 4);
    check_flips("f.lz4", &sample, 4);
    check_flips("f.bz2", &sample, 3);
    free(sample.data);
}

/* The last byte of the file is one of the checksum: all of the data comes first. */
static void a_wrong_checksum_comes_after_the_data(void **state)
{
    (void)state;
    struct bytes sample = make_sample(1000000);
    spill("sample", sample.data, sample.len);
    run("gzip -c sample > f.gz; zstd -q -c sample > f.zst");
    static const struct {
        const char *path, *reason;
        size_t from_end;
    } cases[] = {{"f.gz", "damaged gzip data: incorrect data check", 5},
                 {"f.gz", "damaged gzip data: incorrect ", 1},
                 {"f.zst", "damaged zstd data: Restored data doesn't match checksum", 1}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct bytes packed = slurp(cases[i].path);
        packed.data[packed.len - cases[i].from_end] ^= 1;
        spill("bad", packed.data, packed.len);
        struct lcap_error error = {0};
        struct input *in = open_well("bad");
        struct bytes all;
        assert_int_equal(read_all(in, 1, &all, &error), LCAP_ERR_DAMAGED);
        assert_non_null(strstr(error.text, cases[i].reason));
        assert_int_equal(strncmp(error.text, "bad: compressed byte ", 21), 0);
        assert_int_equal(all.len, sample.len);
        assert_memory_equal(all.data, sample.data, sample.len);
        input_free(in);
        free(all.data);
        free(packed.data);
    }
    free(sample.data);
}

/* Looks far ahead and moves little, so that a block must come out in two parts. */
static size_t bytes_before_failure(const char *path, const struct bytes *sample)
{
    struct input *in = open_well(path);
    const uint8_t *data;
    while (input_peek(in, 200000, &data, NULL) >= 200000)
        input_skip(in, 62145);
    size_t at = input_offset(in);
    int64_t have = input_peek(in, 0, &data, NULL);
    assert_memory_equal(data, sample->data + at, (size_t)have);
    input_free(in);
    return at + (size_t)have;
}

/* Whole zstd blocks that stand before a broken one are delivered: nothing is lost between. */
static void zstd_blocks_before_damage_are_delivered(void **state)
{
    (void)state;
    struct bytes sample = make_sample(600000);
    spill("sample", sample.data, sample.len);
    run("zstd -q -c --no-check sample > f.zst");
    struct bytes packed = slurp("f.zst");
    /* RFC 8878 section 3.1.1.2: type 3 is reserved; find the 4th block by walking the first three.
     */
    size_t at = 4 + 1 + 4; /* magic number, descriptor, content size of 4 bytes: single segment */
    for (int block = 0; block < 3; block++) {
        assert_true((packed.data[at] & 6) == 4); /* compressed */
        at += 3 + ((size_t)packed.data[at] >> 3 | (size_t)packed.data[at + 1] << 5 |
                   (size_t)packed.data[at + 2] << 13);
    }
    packed.data[at] |= 6;
    spill("bad", packed.data, packed.len);
    char text[128];
    snprintf(text, sizeof text,
             "bad: compressed byte %zu: damaged zstd data: Data corruption detected", at);
    assert_int_equal(assert_fails("bad", sample.data, LCAP_ERR_DAMAGED, text), 3 * 128 * 1024);
    assert_int_equal(bytes_before_failure("bad", &sample), 3 * 128 * 1024);
    free(packed.data);
    free(sample.data);
}

static void zstd_windows_are_capped(void **state)
{
    (void)state;
    run("head -c 100000 /dev/zero | zstd -q --long=28 > wide.zst");
    assert_fails("wide.zst", NULL, LCAP_ERR_FORMAT,
                 "wide.zst: compressed byte 2: zstd data that needs a window of more than 128 MiB");
    run("head -c 100000 /dev/zero | xz --lzma2=dict=192MiB > wide.xz");
    assert_fails("wide.xz", NULL, LCAP_ERR_FORMAT,
                 "wide.xz: compressed byte 24: xz data that needs more than 128 MiB of memory");
    run("head -c 100000 /dev/zero | xz -9 > wide.xz && test -s wide.xz");
    run("head -c 100000 /dev/zero | zstd -q --long=27 > wide.zst");
    uint8_t *zeros = calloc(1, 100000);
    assert_reads_as("wide.zst", zeros, 100000);
    free(zeros);
}

static long peak_kib(void)
{
    struct rusage usage;
    assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
    return usage.ru_maxrss;
}

static void memory_does_not_grow_with_the_ratio(void **state)
{
    (void)state;
    run("head -c 30000000 /dev/zero > z; gzip -1 -c z > z.gz; zstd -q -c z > z.zst;"
        " xz -0 -c z > z.xz; lz4 -q -c z > z.lz4; bzip2 -c z > z.bz2; bgzip -c z > b.gz");
    static const char *const names[] = {"z.gz", "z.zst", "z.xz", "z.lz4", "z.bz2", "b.gz"};
    long before = peak_kib();
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct input *in = open_well(names[i]);
        const uint8_t *data;
        int64_t have;
        while ((have = input_peek(in, 1000, &data, NULL)) >= 1000)
            input_skip(in, 1000);
        assert_int_equal(have, 0);
        assert_int_equal(input_offset(in), 30000000);
        input_free(in);
    }
    assert_true(peak_kib() - before < 16 * 1024);
}

/* A child that writes the file into a FIFO byte by byte. */
static pid_t feed_fifo(const char *fifo, const struct bytes *bytes)
{
    assert_int_equal(mkfifo(fifo, 0600), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child > 0)
        return child;
    int fd = open(fifo, O_WRONLY);
    for (size_t i = 0; i < bytes->len; i++)
        if (write(fd, bytes->data + i, 1) != 1)
            _exit(1);
    _exit(0);
}

static void fifos_work_however_few_bytes_come(void **state)
{
    (void)state;
    struct bytes sample = make_sample(2000);
    spill("sample", sample.data, sample.len);
    run("gzip -c sample > f.gz; zstd -q -c sample > f.zst");
    static const char *const names[] = {"sample", "f.gz", "f.zst"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct bytes packed = slurp(names[i]);
        pid_t child = feed_fifo("fifo", &packed);
        assert_reads_as("fifo", sample.data, sample.len);
        assert_exited_well(child);
        unlink("fifo");
        free(packed.data);
    }
    free(sample.data);
}

static volatile sig_atomic_t alarms;

static void count_alarm(int number)
{
    (void)number;
    alarms++;
}

/* A pipe whose writer pauses, with signals that interrupt read(), or set not to block. */
static void check_slow_pipe(bool nonblocking)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        for (int i = 0; i < 3; i++) {
            usleep(30000);
            if (write(ends[1], "abcd", 4) != 4)
                _exit(1);
        }
        _exit(0);
    }
    close(ends[1]);
    if (nonblocking)
        assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
    struct input *in = NULL;
    const uint8_t *data;
    assert_int_equal(input_open_fd(&in, ends[0], "pipe", NULL), 0);
    assert_false(input_can_rewind(in));
    assert_int_equal(input_peek(in, 100, &data, NULL), 12);
    assert_memory_equal(data, "abcdabcdabcd", 12);
    input_free(in);
    assert_int_equal(fcntl(ends[0], F_GETFD), -1);
    assert_exited_well(child);
}

static void interrupted_and_unready_reads_go_on(void **state)
{
    (void)state;
    struct sigaction act = {.sa_handler = count_alarm};
    assert_int_equal(sigaction(SIGALRM, &act, NULL), 0);
    struct itimerval often = {{0, 5000}, {0, 5000}};
    setitimer(ITIMER_REAL, &often, NULL);
    check_slow_pipe(false);
    check_slow_pipe(true);
    setitimer(ITIMER_REAL, &(struct itimerval){0}, NULL);
    assert_true(alarms > 3);
}

static void standard_input_stays_open_and_keeps_its_place(void **state)
{
    (void)state;
    spill("file", "0123456789", 10);
    int saved = dup(STDIN_FILENO);
    int fd = open("file", O_RDONLY);
    assert_int_equal(dup2(fd, STDIN_FILENO), STDIN_FILENO);
    close(fd);
    assert_int_equal(lseek(STDIN_FILENO, 4, SEEK_SET), 4);

    struct input *in = open_well("-");
    const uint8_t *data;
    assert_string_equal(input_name(in), "standard input");
    assert_int_equal(input_file_size(in), 6);
    assert_true(input_can_rewind(in));
    for (int i = 0; i < 2; i++) {
        assert_int_equal(input_peek(in, 99, &data, NULL), 6);
        assert_memory_equal(data, "456789", 6);
        assert_int_equal(input_rewind(in, NULL), 0);
    }
    input_free(in);
    assert_true(fcntl(STDIN_FILENO, F_GETFD) >= 0);
    assert_int_equal(dup2(saved, STDIN_FILENO), STDIN_FILENO);
    close(saved);
}

static void rewinding_starts_over(void **state)
{
    (void)state;
    struct bytes sample = make_sample(500000);
    spill("sample", sample.data, sample.len);
    run("gzip -c sample > f.gz; zstd -q -c sample > f.zst; head -c 900 f.gz > cut.gz");
    static const char *const names[] = {"sample", "f.gz", "f.zst"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct input *in = open_well(names[i]);
        for (int turn = 0; turn < 3; turn++) {
            struct bytes all;
            assert_int_equal(read_all(in, turn == 1 ? 400000 : 1, &all, NULL), 0);
            assert_int_equal(all.len, sample.len);
            assert_memory_equal(all.data, sample.data, sample.len);
            free(all.data);
            assert_int_equal(input_rewind(in, NULL), 0);
            assert_int_equal(input_offset(in), 0);
            assert_int_equal(input_bytes_read(in), 0);
        }
        input_free(in);
    }
    struct input *in = open_well("cut.gz");
    const uint8_t *data;
    assert_int_equal(input_peek(in, 400000, &data, NULL), LCAP_ERR_DAMAGED);
    assert_int_equal(input_rewind(in, NULL), 0);
    assert_true(input_peek(in, 500, &data, NULL) >= 500);
    assert_memory_equal(data, sample.data, 500);
    input_free(in);
    free(sample.data);
}

static void pipes_cannot_be_rewound(void **state)
{
    (void)state;
    int ends[2];
    struct lcap_error error = {0};
    struct input *in = NULL;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(input_open_fd(&in, ends[0], "pipe", NULL), 0);
    assert_int_equal(input_rewind(in, &error), LCAP_ERR_ARGUMENT);
    assert_string_equal(error.text, "pipe: cannot be read twice: not a regular file");
    input_free(in);
    close(ends[1]);
}

static size_t descriptors_before;

static int count_descriptors(void **state)
{
    (void)state;
    descriptors_before = entries_of("/proc/self/fd");
    return 0;
}

static int check_descriptors(void **state)
{
    (void)state;
    return entries_of("/proc/self/fd") == descriptors_before ? 0 : -1;
}

#define INPUT_TEST(name) cmocka_unit_test_setup_teardown(name, count_descriptors, check_descriptors)

int main(void)
{
    const struct CMUnitTest tests[] = {
        INPUT_TEST(refuses_what_cannot_be_read),
        INPUT_TEST(empty_and_tiny_files_end_at_once),
        INPUT_TEST(peek_shows_and_skip_moves),
        INPUT_TEST(memory_changes_hands),
        INPUT_TEST(every_way_of_compression_reads_the_same),
        INPUT_TEST(other_bytes_behind_compressed_data_are_damage),
        INPUT_TEST(a_member_takes_no_bytes_from_the_one_before),
        INPUT_TEST(every_truncation_delivers_what_came_before),
        INPUT_TEST(every_changed_byte_is_noticed),
        INPUT_TEST(a_wrong_checksum_comes_after_the_data),
        INPUT_TEST(zstd_blocks_before_damage_are_delivered),
        INPUT_TEST(zstd_windows_are_capped),
        INPUT_TEST(memory_does_not_grow_with_the_ratio),
        INPUT_TEST(fifos_work_however_few_bytes_come),
        INPUT_TEST(interrupted_and_unready_reads_go_on),
        INPUT_TEST(standard_input_stays_open_and_keeps_its_place),
        INPUT_TEST(rewinding_starts_over),
        INPUT_TEST(pipes_cannot_be_rewound),
    };
    return cmocka_run_group_tests(tests, scratch_enter, scratch_leave);
}
