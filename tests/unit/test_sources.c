/* The list of inputs: operands, directories in a stable order, what is left out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dataset/sources.h"
#include <fcntl.h>
#include <limits.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* Each test works in a directory of its own, left for good afterwards. */
static char start_directory[PATH_MAX];
static char work_directory[64];

static int enter_directory(void **state)
{
    (void)state;
    snprintf(work_directory, sizeof work_directory, "/tmp/labelcap-sources-XXXXXX");
    return getcwd(start_directory, sizeof start_directory) && mkdtemp(work_directory) &&
                   chmod(work_directory, 0755) == 0 && chdir(work_directory) == 0
               ? 0
               : -1;
}

static int leave_directory(void **state)
{
    (void)state;
    char command[192];
    snprintf(command, sizeof command, "chmod -R u+rwx %s && rm -rf %s", work_directory,
             work_directory);
    return chdir(start_directory) == 0 && system(command) == 0 ? 0 : -1;
}

static void make_file(const char *path)
{
    int fd = open(path, O_CREAT | O_WRONLY | O_EXCL, 0644);
    assert_true(fd >= 0);
    close(fd);
}

static void make_directory(const char *path)
{
    assert_int_equal(mkdir(path, 0755), 0);
}

static void add(struct sources *sources, const char *operand)
{
    struct lcap_error error = {0};
    if (sources_add(sources, operand, &error) < 0)
        fail_msg("%s", error.text);
}

/* `expected` ends with NULL. */
static void assert_paths(const struct sources *sources, const char *const *expected)
{
    size_t count = 0;
    for (; expected[count]; count++) {
        assert_true(count < sources->count);
        assert_string_equal(sources->items[count].path, expected[count]);
    }
    assert_int_equal(sources->count, count);
}
#define ASSERT_PATHS(sources, ...) assert_paths(sources, (const char *[]){__VA_ARGS__, NULL})

static void assert_refused(struct sources *sources, const char *operand, int code, const char *text)
{
    struct lcap_error error = {0};
    assert_int_equal(sources_add(sources, operand, &error), code);
    assert_string_equal(error.text, text);
}

static void files_stay_in_the_order_given(void **state)
{
    (void)state;
    struct sources sources = {0};
    make_file("b");
    make_file("a");
    add(&sources, "b");
    add(&sources, "-");
    add(&sources, "./a");
    ASSERT_PATHS(&sources, "b", "-", "./a");
    for (size_t i = 0; i < sources.count; i++) {
        assert_string_equal(sources.items[i].below, sources.items[i].path);
        assert_false(sources.items[i].walked);
    }
    sources_release(&sources);
    assert_int_equal(sources.count, 0);
}

static void directories_are_walked_in_natural_order(void **state)
{
    (void)state;
    struct sources sources = {0};
    make_directory("d");
    make_directory("d/a");
    make_directory("d/a/deep");
    make_directory("d/empty");
    const char *files[] = {"d/a/deep/1", "d/a/z",  "d/a.b",       "d/a-",   "d/B",
                           "d/\xc3\xa9", "d/.dot", "d/new\nline", "d/a/10", "d/a/2"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        make_file(files[i]);
    add(&sources, "d");
    /* '/' < '-' < '.', 2 < 10, upper case before lower, UTF-8 last. */
    ASSERT_PATHS(&sources, "d/.dot", "d/B", "d/a/2", "d/a/10", "d/a/deep/1", "d/a/z", "d/a-",
                 "d/a.b", "d/new\nline", "d/\xc3\xa9");
    assert_string_equal(sources.items[4].below, "a/deep/1");
    for (size_t i = 0; i < sources.count; i++) {
        assert_true(sources.items[i].walked);
        assert_ptr_equal(sources.items[i].below, sources.items[i].path + 2);
    }
    sources_release(&sources);
}

static void slashes_behind_a_directory_do_not_show(void **state)
{
    (void)state;
    struct sources sources = {0};
    make_directory("d");
    make_file("d/x");
    add(&sources, "d///");
    add(&sources, ".");
    ASSERT_PATHS(&sources, "d/x", "./d/x");
    assert_string_equal(sources.items[0].below, "x");
    assert_string_equal(sources.items[1].below, "d/x");
    sources_release(&sources);
}

static void empty_directory_adds_nothing(void **state)
{
    (void)state;
    struct sources sources = {0};
    make_directory("d");
    add(&sources, "d");
    assert_int_equal(sources.count, 0);
    assert_int_equal(sources_find_repeats(&sources, NULL), 0);
    sources_release(&sources);
}

static void only_regular_files_and_links_to_them_count(void **state)
{
    (void)state;
    struct sources sources = {0};
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "d/socket"};
    make_directory("d");
    make_directory("elsewhere");
    make_file("elsewhere/f");
    make_file("d/f");
    assert_int_equal(mkfifo("d/fifo", 0644), 0);
    assert_int_equal(symlink("../elsewhere/f", "d/link-to-file"), 0);
    assert_int_equal(symlink("../elsewhere", "d/link-to-directory"), 0);
    assert_int_equal(symlink("..", "d/loop"), 0);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    close(fd);
    assert_int_equal(symlink("nowhere", "d/dangling"), 0);
    add(&sources, "d");
    ASSERT_PATHS(&sources, "d/f", "d/link-to-file");
    assert_true(sources.items[1].is_link && sources.items[1].walked);
    assert_int_equal(sources.skipped_links, 3);
    sources_release(&sources);
}

static void operand_may_be_a_link_or_a_fifo(void **state)
{
    (void)state;
    struct sources sources = {0};
    make_directory("d");
    make_file("d/f");
    assert_int_equal(symlink("d", "to-d"), 0);
    assert_int_equal(symlink("d/f", "to-f"), 0);
    assert_int_equal(mkfifo("fifo", 0644), 0);
    add(&sources, "to-d");
    add(&sources, "to-f");
    add(&sources, "fifo");
    ASSERT_PATHS(&sources, "to-d/f", "to-f", "fifo");
    assert_int_equal(sources.skipped_links, 0);
    sources_release(&sources);
}

static void outputs_are_left_out(void **state)
{
    (void)state;
    struct sources sources = {0};
    make_directory("d");
    make_file("d/in");
    make_file("d/out");
    assert_int_equal(link("d/out", "d/out-by-another-name"), 0);
    make_file("d/.labelcap-Ab12Cd.part");
    make_directory("d/.labelcap-Ef34Gh");
    make_file("d/.labelcap-Ef34Gh/1_sample.pcap");
    make_file("d/labelcap-Ab12Cd.part");
    make_file("d/.labelcap.part");
    assert_int_equal(sources_exclude(&sources, "d/out", NULL), 0);
    assert_int_equal(sources_exclude(&sources, "d/not-there-yet", NULL), 0);
    assert_int_equal(sources_exclude(&sources, "/dev/null", NULL), 0);
    add(&sources, "d");
    ASSERT_PATHS(&sources, "d/.labelcap.part", "d/in", "d/labelcap-Ab12Cd.part");
    sources_release(&sources);
}

static void output_as_an_operand_is_refused(void **state)
{
    (void)state;
    struct sources sources = {0};
    make_file("out");
    assert_int_equal(symlink("out", "link"), 0);
    assert_int_equal(sources_exclude(&sources, "link", NULL), 0);
    assert_refused(&sources, "out", LCAP_ERR_ARGUMENT, "out: is the same file as the output");
    assert_refused(&sources, "link", LCAP_ERR_ARGUMENT, "link: is the same file as the output");
    int saved = dup(STDIN_FILENO);
    int fd = open("out", O_RDONLY);
    dup2(fd, STDIN_FILENO);
    struct lcap_error error = {0};
    int rc = sources_add(&sources, "-", &error);
    dup2(saved, STDIN_FILENO);
    close(saved);
    close(fd);
    assert_int_equal(rc, LCAP_ERR_ARGUMENT);
    assert_int_equal(sources.count, 0);
    sources_release(&sources);
}

static void missing_operand_is_named(void **state)
{
    (void)state;
    struct sources sources = {0};
    assert_refused(&sources, "x.pcap", LCAP_ERR_IO,
                   "x.pcap: cannot open: No such file or directory");
    assert_int_equal(symlink("nowhere", "dangling"), 0);
    assert_refused(&sources, "dangling", LCAP_ERR_IO,
                   "dangling: cannot open: No such file or directory");
    make_file("f");
    assert_refused(&sources, "f/x", LCAP_ERR_IO, "f/x: cannot open: Not a directory");
    sources_release(&sources);
}

static void standard_input_is_taken_once(void **state)
{
    (void)state;
    struct sources sources = {0};
    add(&sources, "-");
    assert_refused(&sources, "-", LCAP_ERR_ARGUMENT,
                   "-: standard input is given twice, but can be read only once");
    ASSERT_PATHS(&sources, "-");
    sources_release(&sources);
}

static void unreadable_directory_is_named_and_nothing_added(void **state)
{
    (void)state;
    struct sources sources = {0};
    make_file("before");
    make_directory("d");
    make_directory("d/closed");
    make_file("d/a");
    assert_int_equal(symlink(".", "d/link"), 0);
    assert_int_equal(chmod("d/closed", 0), 0);
    add(&sources, "before");
    bool is_root = geteuid() == 0; /* for whom no directory is closed */
    if (is_root)
        assert_int_equal(seteuid(65534), 0);
    struct lcap_error error = {0};
    int rc = sources_add(&sources, "d", &error);
    if (is_root)
        assert_int_equal(seteuid(0), 0);
    assert_int_equal(rc, LCAP_ERR_IO);
    assert_string_equal(error.text, "d/closed: cannot open directory: Permission denied");
    ASSERT_PATHS(&sources, "before");
    assert_int_equal(sources.skipped_links, 0);
    sources_release(&sources);
}

/* Deeper than any path that could be opened: an error, neither a crash nor a silent cut. */
static void too_deep_directory_is_an_error(void **state)
{
    (void)state;
    struct sources sources = {0};
    char name[201];
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    make_directory("d");
    int fd = open("d", O_RDONLY | O_DIRECTORY);
    for (int depth = 0; depth < PATH_MAX / 200 + 1; depth++) {
        assert_int_equal(mkdirat(fd, name, 0755), 0);
        int next = openat(fd, name, O_RDONLY | O_DIRECTORY);
        close(fd);
        fd = next;
    }
    close(fd);
    struct lcap_error error = {0};
    assert_int_equal(sources_add(&sources, "d", &error), LCAP_ERR_ARGUMENT);
    assert_non_null(strstr(error.text, "path: expected at most 4095 bytes, found "));
    sources_release(&sources);
}

static void repeated_operands_are_marked(void **state)
{
    (void)state;
    struct sources sources = {0};
    make_directory("d");
    make_file("d/a");
    make_file("d/b");
    assert_int_equal(link("d/a", "d/c"), 0);
    add(&sources, "d/b");
    add(&sources, "d");
    add(&sources, "d/a");
    add(&sources, "d/c");
    ASSERT_PATHS(&sources, "d/b", "d/a", "d/b", "d/c", "d/a", "d/c");
    assert_int_equal(sources_find_repeats(&sources, NULL), 0);
    ASSERT_PATHS(&sources, "d/b", "d/a", "d/c");
    const size_t expected[] = {SOURCE_NONE, SOURCE_NONE, 1};
    for (size_t i = 0; i < sources.count; i++)
        assert_int_equal(sources.items[i].repeats, expected[i]);
    assert_int_equal(sources.repeated, 3);
    sources_release(&sources);
}

/* The name that is read, whatever the order: no link, and not where git-annex keeps the data. */
static void one_name_of_a_file_is_read(void **state)
{
    (void)state;
    struct sources sources = {0};
    make_directory("d");
    make_directory("d/.git");
    make_file("d/.git/object");
    make_file("d/z");
    assert_int_equal(symlink("z", "d/latest"), 0);
    assert_int_equal(symlink(".git/object", "d/web"), 0);
    assert_int_equal(link("d/z", "d/zz"), 0);
    add(&sources, "d");
    assert_int_equal(sources_find_repeats(&sources, NULL), 0);
    ASSERT_PATHS(&sources, "d/web", "d/z");
    assert_int_equal(sources.repeated, 3);
    assert_int_equal(sources.skipped_links, 0);
    sources_release(&sources);
}

#define IN_DIRECTORY(test) cmocka_unit_test_setup_teardown(test, enter_directory, leave_directory)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(files_stay_in_the_order_given),
        IN_DIRECTORY(directories_are_walked_in_natural_order),
        IN_DIRECTORY(slashes_behind_a_directory_do_not_show),
        IN_DIRECTORY(empty_directory_adds_nothing),
        IN_DIRECTORY(only_regular_files_and_links_to_them_count),
        IN_DIRECTORY(operand_may_be_a_link_or_a_fifo),
        IN_DIRECTORY(outputs_are_left_out),
        IN_DIRECTORY(output_as_an_operand_is_refused),
        IN_DIRECTORY(missing_operand_is_named),
        IN_DIRECTORY(standard_input_is_taken_once),
        IN_DIRECTORY(unreadable_directory_is_named_and_nothing_added),
        IN_DIRECTORY(too_deep_directory_is_an_error),
        IN_DIRECTORY(repeated_operands_are_marked),
        IN_DIRECTORY(one_name_of_a_file_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
