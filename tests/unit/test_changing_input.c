/* Passes that read a file twice, and find it changed the second time. */
#include "base/io/remove_tree.h"
#include "dataset/catalogue/index_pass.h"
#include "dataset/labelling/label_pass.h"
#include "dataset/select/select_pass.h"
#include "dataset/sort_pass.h"
#include "dataset/split/split_pass.h"
#include "dataset/strip_pass.h"
#include "pass_fixture.h"

#include <labelcap/partition.h>

/* So many that there are looks in every pass, and that the end is not in memory at the first. */
#define PACKETS (3 * PASS_BLOCKS_BETWEEN_LOOKS)

/* What the watcher does once, in a phase that begins so. */
static struct {
    const char *phase;
    void (*change)(void);
} plan;

static bool change_now(void *context, const struct lcap_progress *progress)
{
    (void)context;
    const bool is_now = plan.change && strncmp(progress->phase ? progress->phase : "", plan.phase,
                                               strlen(plan.phase)) == 0;
    if (is_now) {
        plan.change();
        plan.change = NULL;
    }
    return true;
}

static void when(const char *phase, void (*change)(void))
{
    plan.phase = phase;
    plan.change = change;
}

/* Packets of the samples 7 and 8 in order. */
static void write_input(const char *path)
{
    struct lcap_writer *writer = begin_capture(path, &ethernet);
    for (uint32_t i = 0; i < PACKETS; i++) {
        const struct sent sent = {1, i < PACKETS / 2 ? "7,web" : "8,web"};
        write_packet(writer, &ethernet, &sent, &sent.second, 1, 60);
    }
    assert_int_equal(lcap_writer_close(writer, NULL), 0);
}

/* The same with the samples in turns, and so many bytes that they are not all read at once. */
static void write_unsorted(const char *path)
{
    static const uint8_t data[96 * 4];
    struct lcap_writer *writer = begin_capture(path, &ethernet);
    for (uint32_t i = 0; i < PACKETS; i++) {
        const struct sent sent = {1, i % 2 == 0 ? "7,web" : "8,web"};
        write_packet(writer, &ethernet, &sent, data, sizeof data, sizeof data);
    }
    assert_int_equal(lcap_writer_close(writer, NULL), 0);
}

/* So long that several threads read it, each its own samples. */
static void write_long(const char *path)
{
    static const uint8_t data[60000];
    struct lcap_writer *writer = begin_capture(path, &ethernet);
    for (uint32_t i = 0; i < 240; i++) {
        const struct sent sent = {1, i < 120 ? "7,web" : "8,web"};
        write_packet(writer, &ethernet, &sent, data, sizeof data, sizeof data);
    }
    assert_int_equal(lcap_writer_close(writer, NULL), 0);
}

static void append_rubbish(void)
{
    FILE *file = fopen("in", "ab");
    assert_non_null(file);
    assert_int_equal(fwrite("\0\0\0\0", 1, 4, file), 4);
    assert_int_equal(fclose(file), 0);
}

static void cut(void)
{
    struct stat st;
    assert_int_equal(stat("in", &st), 0);
    assert_int_equal(truncate("in", st.st_size - 1), 0);
}

static void replace(void)
{
    write_input("other");
    assert_int_equal(rename("other", "in"), 0);
}

/* Overwrites the second half, and hides it from the times of the file. */
static void garble(void)
{
    struct stat st;
    int fd = open("in", O_WRONLY);
    assert_true(fd >= 0);
    assert_int_equal(fstat(fd, &st), 0);
    uint8_t *rubbish = calloc(1, (size_t)st.st_size / 2);
    assert_non_null(rubbish);
    assert_int_equal(pwrite(fd, rubbish, (size_t)st.st_size / 2, st.st_size / 2), st.st_size / 2);
    assert_int_equal(futimens(fd, (const struct timespec[]){st.st_atim, st.st_mtim}), 0);
    assert_int_equal(close(fd), 0);
    free(rubbish);
}

/* Changes the last label in place, and hides it from the times of the file. */
static void relabel_last(const char *digit)
{
    struct stat st;
    struct bytes all = slurp("in");
    for (size_t at = all.len - 1;; at--)
        if (memcmp(all.data + at, "8,web", 5) == 0) {
            all.data[at] = (uint8_t)*digit;
            break;
        }
    assert_int_equal(stat("in", &st), 0);
    int fd = open("in", O_WRONLY);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, all.data, all.len), all.len);
    assert_int_equal(futimens(fd, (const struct timespec[]){st.st_atim, st.st_mtim}), 0);
    assert_int_equal(close(fd), 0);
    free(all.data);
}

static void bring_new_label(void)
{
    relabel_last("9");
}

static void bring_old_label(void)
{
    relabel_last("7");
}

static int split_with(unsigned threads, lcap_look *look, struct lcap_error *error)
{
    const struct split_pass_options options = {
        .format = LCAP_FORMAT_PCAP,
        .sorter = {.memory = 1 << 20},
        .input = {.watcher = {look, NULL}, .threads = threads}};
    struct split_pass_result result;
    return split_pass_run("in", "out", &options, &result, error);
}

static int split(struct lcap_error *error)
{
    return split_with(1, change_now, error);
}

static int split_in_two_threads(struct lcap_error *error)
{
    return split_with(2, change_now, error);
}

static int sort(struct lcap_error *error)
{
    const struct sort_pass_options options = {.order = ORDER_SAMPLE,
                                              .sorter = {.memory = 16 << 20},
                                              .input = {.watcher = {change_now, NULL}}};
    struct sort_pass_result result;
    struct sources sources = {0};
    assert_int_equal(sources_add(&sources, "in", NULL), 0);
    int rc = sort_pass_run(&sources, "out", &options, &result, error);
    sort_pass_release(&result);
    sources_release(&sources);
    return rc;
}

static int strip_to(const char *output, enum lcap_format format, struct lcap_error *error)
{
    const struct strip_pass_options options = {.format = format,
                                               .input = {.watcher = {change_now, NULL}}};
    struct strip_pass_result result;
    return strip_pass_run("in", output, &options, &result, error);
}

static int strip_to_pcap(struct lcap_error *error)
{
    return strip_to("out", LCAP_FORMAT_PCAP, error);
}

static int strip_to_stream(struct lcap_error *error)
{
    return strip_to("/dev/null", LCAP_FORMAT_PCAPNG, error);
}

static int label_to_stream(struct lcap_error *error)
{
    const struct label_pass_options options = {.rules = "rules",
                                               .output = "/dev/null",
                                               .relabel = true,
                                               .input = {.watcher = {change_now, NULL}}};
    struct sources sources = {0};
    struct label_pass *pass = NULL;
    spill("rules", "BPF:greater 0,x\n", 16);
    assert_int_equal(sources_add(&sources, "in", NULL), 0);
    assert_int_equal(label_pass_new(&pass, &sources, &options, NULL), 0);
    int rc = label_pass_run(pass, error);
    label_pass_free(pass);
    sources_release(&sources);
    return rc;
}

static int make_index(struct lcap_error *error)
{
    const struct index_pass_options options = {.hash = true,
                                               .input = {.watcher = {change_now, NULL}}};
    struct index_pass_result result;
    return index_pass_run("in", &options, &result, error);
}

static int select_to_stream(struct lcap_error *error)
{
    const struct select_pass_options options = {.samples = {.label = "web"},
                                                .input = {.watcher = {change_now, NULL}}};
    struct select_pass pass;
    int rc = select_pass_run(&pass, "in", "/dev/null", &options, error);
    select_pass_release(&pass);
    return rc;
}

/* What was written before the input changed stays. */
static int partition(struct lcap_error *error)
{
    const struct lcap_partition_options options = {.size = sizeof options,
                                                   .train = 50,
                                                   .test = 50,
                                                   .group = "sample",
                                                   .challenge = 1,
                                                   .challenge_key = "key",
                                                   .answers = "answers",
                                                   .overwrite = true,
                                                   .watcher = {change_now, NULL}};
    struct lcap_partition *done = NULL;
    int rc = lcap_partition_new(&done, "in", "lists", &options, error);
    lcap_partition_free(done);
    remove_tree("lists");
    return rc;
}

/* Runs the pass over an input, which is changed in that phase; it must see that. */
static void assert_sees_of(int (*pass)(struct lcap_error *), const char *phase,
                           void (*change)(void))
{
    struct lcap_error error = {0};
    when(phase, change);
    assert_int_equal(pass(&error), LCAP_ERR_IO);
    assert_null(plan.change);
    assert_string_equal(error.text,
                        "in: changed between two passes over it: try again when nothing "
                        "writes to it any more");
    assert_int_equal(access("out", F_OK), -1);
    assert_int_equal(access("in.sqlite", F_OK), -1);
}

/* Over a new input. */
static void assert_sees(int (*pass)(struct lcap_error *), const char *phase, void (*change)(void))
{
    write_input("in");
    assert_sees_of(pass, phase, change);
}

static void test_split_sees_it(void **state)
{
    (void)state;
    assert_sees(split, "pass 1", append_rubbish);
    assert_sees(split, "pass 2", append_rubbish);
    assert_sees(split, "pass 2", cut);
    assert_sees(split, "pass 2", bring_new_label);
    assert_sees(split, "pass 2", bring_old_label);
}

static void test_split_in_two_threads_sees_it(void **state)
{
    (void)state;
    static const struct {
        const char *phase;
        void (*change)(void);
    } cases[] = {{"pass 1", append_rubbish},
                 {"pass 2", append_rubbish},
                 {"pass 2", cut},
                 {"pass 2", bring_new_label},
                 {"pass 2", bring_old_label}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        write_long("in");
        assert_sees_of(split_in_two_threads, cases[i].phase, cases[i].change);
    }
}

static unsigned looks_left;

static bool stop_once(void *context, const struct lcap_progress *progress)
{
    (void)context;
    (void)progress;
    return looks_left == 0 || --looks_left > 0;
}

/* At each of the looks in turn, until there are no more. */
static void test_split_in_two_threads_is_told_once_to_end(void **state)
{
    (void)state;
    int rc = LCAP_ERR_INTERRUPTED;
    write_long("in");
    for (unsigned looks = 1; rc != LCAP_OK; looks++) {
        looks_left = looks;
        rc = split_with(2, stop_once, NULL);
        assert_int_equal(rc, looks_left > 0 ? LCAP_OK : LCAP_ERR_INTERRUPTED);
        assert_int_equal(access("out", F_OK), rc == LCAP_OK ? 0 : -1);
    }
    remove_tree("out");
}

static void test_sort_sees_it(void **state)
{
    (void)state;
    assert_sees(sort, "pass 2", append_rubbish);
    assert_sees(sort, "pass 1", replace);
    assert_sees(sort, "pass 2", cut);
    assert_sees(sort, "pass 2", bring_old_label);
}

static void test_sort_sees_it_while_it_gathers(void **state)
{
    (void)state;
    void (*const changes[])(void) = {append_rubbish, cut, replace, garble};
    for (size_t i = 0; i < COUNT_OF(changes); i++) {
        write_unsorted("in");
        assert_sees_of(sort, "pass 2", changes[i]);
    }
    write_unsorted("in");
    assert_sees_of(sort, "pass 1", append_rubbish);
}

static void test_strip_sees_it(void **state)
{
    (void)state;
    assert_sees(strip_to_pcap, "pass 1", append_rubbish);
    assert_sees(strip_to_pcap, "pass 2", append_rubbish);
    assert_sees(strip_to_stream, "look at", cut);
    assert_sees(strip_to_stream, "look at", append_rubbish);
}

static void test_label_sees_it(void **state)
{
    (void)state;
    assert_sees(label_to_stream, "look at", append_rubbish);
    assert_sees(label_to_stream, "look at", replace);
}

static void test_select_sees_it(void **state)
{
    (void)state;
    assert_sees(select_to_stream, "look at", append_rubbish);
    assert_sees(select_to_stream, "look at", cut);
}

/* It reads three times: an input that is replaced between two of them is noticed by the second. */
static void test_partition_sees_it(void **state)
{
    (void)state;
    static const char *const phases[] = {"read the samples", "write the challenge",
                                         "look for leaks"};
    for (size_t i = 0; i < COUNT_OF(phases); i++) {
        assert_sees(partition, phases[i], append_rubbish);
        assert_sees(partition, phases[i], cut);
    }
    assert_sees(partition, "read the samples", replace);
    assert_sees(partition, "write the challenge", replace);
}

/* Its size and hash are taken before it is read. */
static void test_index_sees_it(void **state)
{
    (void)state;
    assert_sees(make_index, "", append_rubbish);
}

static void test_the_file_itself_may_move(void **state)
{
    (void)state;
    write_input("in");
    when("pass 2", replace); /* the old file is still open */
    assert_int_equal(split(NULL), 0);
    assert_int_equal(entries_of("out"), 3);
    remove_tree("out");
    write_long("in");
    when("pass 2", replace); /* and all threads read it */
    assert_int_equal(split_in_two_threads(NULL), 0);
    assert_null(plan.change);
    assert_int_equal(entries_of("out"), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_split_sees_it),
        cmocka_unit_test(test_split_in_two_threads_sees_it),
        cmocka_unit_test(test_split_in_two_threads_is_told_once_to_end),
        cmocka_unit_test(test_sort_sees_it),
        cmocka_unit_test(test_sort_sees_it_while_it_gathers),
        cmocka_unit_test(test_strip_sees_it),
        cmocka_unit_test(test_label_sees_it),
        cmocka_unit_test(test_select_sees_it),
        cmocka_unit_test(test_partition_sees_it),
        cmocka_unit_test(test_index_sees_it),
        cmocka_unit_test(test_the_file_itself_may_move),
    };
    return cmocka_run_group_tests(tests, scratch_enter, scratch_leave);
}
