/* Which names are one file, and reads and writes that go on. */
#include "scratch.h"

#include "base/io/file.h"
#include <errno.h>
#include <signal.h>
#include <sys/time.h>

static void one_file_has_many_names(void **state)
{
    (void)state;
    spill("a", "a", 1);
    spill("b", "a", 1);
    assert_int_equal(symlink("a", "soft"), 0);
    assert_int_equal(link("a", "hard"), 0);
    assert_true(file_same_place("a", "a"));
    assert_true(file_same_place("a", "./a"));
    assert_true(file_same_place("a", "soft"));
    assert_true(file_same_place("hard", "soft"));
    assert_false(file_same_place("a", "b"));
    assert_false(file_same_place("a", "none"));
    assert_true(file_same_place("none", "./none"));
    assert_false(file_same_place("none", "other"));
    assert_false(file_same_place("none", "nowhere/none"));
    assert_true(file_same_place("-", "-"));
    assert_false(file_same_place("/dev/null", "/dev/null"));
}

static void assert_clash(const char *output, const char *input, const char *text)
{
    struct lcap_error error = {0};
    const char *const inputs[] = {"/dev/null", "none", input};
    assert_int_equal(file_check_not_input(output, inputs, 3, &error), LCAP_ERR_ARGUMENT);
    assert_string_equal(error.text, text);
    assert_int_equal(file_check_not_input(output, inputs, 2, &error), LCAP_OK);
}

static void output_may_not_be_an_input(void **state)
{
    (void)state;
    spill("in", "x", 1);
    assert_int_equal(symlink("in", "link"), 0);
    assert_int_equal(mkfifo("fifo", 0600), 0);
    assert_clash("in", "in", "in: is the same file as the input in");
    assert_clash("link", "./in", "link: is the same file as the input ./in");
    assert_clash("fifo", "fifo", "fifo: is the same file as the input fifo");
    static const char *const inputs[] = {"/dev/null", "in", "fifo"};
    assert_int_equal(file_check_not_input("out", inputs, 3, NULL), LCAP_OK);
    assert_int_equal(file_check_not_input("/dev/null", inputs, 3, NULL), LCAP_OK);
}

static void standard_streams_count_too(void **state)
{
    (void)state;
    spill("stream", "x", 1);
    int saved_in = dup(STDIN_FILENO), saved_out = dup(STDOUT_FILENO);
    int fd = open("stream", O_RDWR);
    const char *const path[] = {"stream"}, *const dash[] = {"-"};
    struct lcap_error in = {0}, out = {0}, both = {0};
    fflush(stdout);
    dup2(fd, STDIN_FILENO);
    int in_code = file_check_not_input("stream", dash, 1, &in);
    dup2(fd, STDOUT_FILENO);
    int out_code = file_check_not_input("-", path, 1, &out);
    int both_code = file_check_not_input("-", dash, 1, &both);
    dup2(saved_in, STDIN_FILENO);
    dup2(saved_out, STDOUT_FILENO);
    assert_int_equal(in_code, LCAP_ERR_ARGUMENT);
    assert_string_equal(in.text, "stream: is the same file as the input standard input");
    assert_int_equal(out_code, LCAP_ERR_ARGUMENT);
    assert_string_equal(out.text, "standard output: is the same file as the input stream");
    assert_int_equal(both_code, LCAP_ERR_ARGUMENT);
    close(saved_in);
    close(saved_out);
    close(fd);
}

static void places_are_read_and_written(void **state)
{
    (void)state;
    char back[8] = "";
    const uint64_t far = UINT64_C(5) << 30; /* past 32 bits */
    int fd = open("sparse", O_RDWR | O_CREAT, 0600);
    assert_int_equal(file_write_at(fd, "packets", 7, far), 0);
    assert_int_equal(file_read_at(fd, back, 4, far + 1), 4);
    assert_memory_equal(back, "acke", 4);
    assert_int_equal(file_read_at(fd, back, sizeof back, far + 4), 3); /* the end */
    assert_memory_equal(back, "ets", 3);
    assert_int_equal(file_read_at(fd, back, sizeof back, far + 7), 0);
    assert_int_equal(lseek(fd, 0, SEEK_CUR), 0);
    close(fd);
    assert_int_equal(file_read_at(fd, back, 1, 0), -1);
    assert_int_equal(errno, EBADF);
    assert_int_equal(file_write_at(fd, "x", 1, 0), -1);
    assert_int_equal(errno, EBADF);
}

static volatile sig_atomic_t alarms;

static void count_alarm(int number)
{
    (void)number;
    alarms++;
}

/* More than a pipe holds, to a reader that is slow, while signals interrupt. */
static void check_slow_reader(bool nonblocking)
{
    enum { TOTAL = 1 << 20 };
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        static char got[TOTAL / 16];
        close(ends[1]);
        size_t total = 0;
        ssize_t len;
        while ((len = file_read(ends[0], got, sizeof got)) > 0) {
            total += (size_t)len;
            usleep(5000);
        }
        _exit(total == TOTAL ? 0 : 1);
    }
    close(ends[0]);
    if (nonblocking)
        assert_int_equal(fcntl(ends[1], F_SETFL, O_NONBLOCK), 0);
    char *data = calloc(1, TOTAL);
    assert_int_equal(file_write(ends[1], data, TOTAL), 0);
    free(data);
    close(ends[1]);
    assert_exited_well(child);
}

static void writes_go_on_to_the_end(void **state)
{
    (void)state;
    struct sigaction act = {.sa_handler = count_alarm};
    assert_int_equal(sigaction(SIGALRM, &act, NULL), 0);
    struct itimerval often = {{0, 3000}, {0, 3000}};
    setitimer(ITIMER_REAL, &often, NULL);
    check_slow_reader(false);
    check_slow_reader(true);
    setitimer(ITIMER_REAL, &(struct itimerval){0}, NULL);
    assert_true(alarms > 3);
}

static void failures_are_told(void **state)
{
    (void)state;
    char byte = 0;
    errno = 0;
    assert_int_equal(file_write(-1, &byte, 1), -1);
    assert_int_equal(errno, EBADF);
    assert_int_equal(file_read(-1, &byte, 1), -1);
    assert_int_equal(file_write(-1, &byte, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_file_has_many_names),     cmocka_unit_test(output_may_not_be_an_input),
        cmocka_unit_test(standard_streams_count_too),  cmocka_unit_test(writes_go_on_to_the_end),
        cmocka_unit_test(places_are_read_and_written), cmocka_unit_test(failures_are_told),
    };
    return cmocka_run_group_tests(tests, scratch_enter, scratch_leave);
}
