/* Temporary files: their permissions, their removal on every exit, their names and the lack of one.
 */
#include "scratch.h"

#include "base/io/tempfile.h"
#include "refuse_syscall.h"
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>

static mode_t mode_of(const char *path)
{
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    return st.st_mode & 07777;
}

static bool is_there(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0;
}

static void names_are_filled_in(void **state)
{
    (void)state;
    char one[] = "./x-XXXXXX.part", two[] = "./x-XXXXXX.part";
    int fd_one = tempfile_create(one, 5, NULL), fd_two = tempfile_create(two, 5, NULL);
    assert_true(fd_one >= 0 && fd_two >= 0);
    assert_string_not_equal(one, two);
    assert_null(strstr(one, "XXXXXX"));
    assert_memory_equal(one, "./x-", 4);
    assert_string_equal(one + 10, ".part");
    assert_true(is_there(one));
    assert_int_equal(write(fd_one, "abc", 3), 3);
    assert_int_equal(fcntl(fd_one, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    close(fd_one);
    close(fd_two);
    assert_file_holds(one, "abc", 3);
    tempfile_remove(one);
    assert_false(is_there(one));
    tempfile_forget(two);
    assert_int_equal(unlink(two), 0);
}

static void permissions_are_what_the_umask_leaves(void **state)
{
    (void)state;
    static const mode_t masks[] = {022, 077, 002, 0};
    mode_t before = umask(0);
    for (size_t i = 0; i < COUNT_OF(masks); i++) {
        char file[] = "f-XXXXXX", *directory;
        umask(masks[i]);
        int fd = tempfile_create(file, 0, NULL);
        assert_true(fd >= 0);
        close(fd);
        assert_int_equal(tempfile_create_directory(".", &directory, NULL), 0);
        assert_int_equal(mode_of(file), 0666 & ~masks[i]);
        assert_int_equal(mode_of(directory), 0777 & ~masks[i]);
        assert_int_equal(umask(masks[i]), masks[i]);
        tempfile_remove(file);
        tempfile_remove(directory);
        assert_false(is_there(file));
        assert_false(is_there(directory));
        free(directory);
    }
    umask(before);
}

static void errors_name_the_directory(void **state)
{
    (void)state;
    struct lcap_error error = {0};
    char path[] = "no/where/x-XXXXXX", *none;
    assert_int_equal(tempfile_create(path, 0, &error), LCAP_ERR_IO);
    assert_string_equal(error.text,
                        "no/where: cannot create a file in it: No such file or directory");
    lcap_error_clear(&error);
    assert_int_equal(tempfile_create_directory("/proc", &none, &error), LCAP_ERR_IO);
    assert_null(none);
    assert_string_equal(error.text,
                        "/proc: cannot create a directory in it: No such file or directory");
    lcap_error_clear(&error);
    assert_int_equal(tempfile_open_unnamed("no/where", &error), LCAP_ERR_IO);
    assert_string_equal(
        error.text, "no/where: cannot create a temporary file in it: No such file or directory");
    lcap_error_clear(&error);
    char *endless = malloc(5001);
    memset(endless, 'X', 5000);
    endless[5000] = '\0';
    assert_int_equal(tempfile_create(endless, 0, &error), LCAP_ERR_IO);
    assert_string_equal(error.text, ".: cannot create a file in it: File name too long");
    free(endless);
}

/* A directory with files, directories in it, and a link to something outside. */
static void fill(const char *directory)
{
    char command[512];
    spill("outside", "stay", 4);
    snprintf(command, sizeof command,
             "cd %s && touch a b .c && mkdir -p sub/deep empty && touch sub/d sub/deep/e && "
             "ln -s ../../outside sub/link && ln -s .. sub/up",
             directory);
    run(command);
}

static void directories_go_with_all_in_them(void **state)
{
    (void)state;
    char *path;
    assert_int_equal(tempfile_create_directory(".", &path, NULL), 0);
    fill(path);
    tempfile_remove(path);
    assert_false(is_there(path));
    free(path);
    assert_file_holds("outside", "stay", 4);
}

static void large_directories_go_too(void **state)
{
    (void)state;
    char *path, command[128];
    assert_int_equal(tempfile_create_directory(".", &path, NULL), 0);
    snprintf(command, sizeof command,
             "cd %s && seq -f file-with-a-long-name-%%g 5000 | xargs touch", path);
    run(command);
    assert_int_equal(entries_of(path), 5000);
    tempfile_remove(path);
    assert_false(is_there(path));
    free(path);
}

static void the_registry_says_when_it_is_full(void **state)
{
    (void)state;
    static char paths[256][16];
    struct lcap_error error = {0};
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        strcpy(paths[i], "many-XXXXXX");
        int fd = tempfile_create(paths[i], 0, NULL);
        assert_true(fd >= 0);
        close(fd);
    }
    char more[] = "more-XXXXXX";
    assert_int_equal(tempfile_create(more, 0, &error), LCAP_ERR_IO);
    assert_string_equal(error.text, "more than 256 temporary files at once");
    assert_false(is_there(more));
    tempfile_remove(paths[100]);
    int fd = tempfile_create(more, 0, NULL);
    assert_true(fd >= 0);
    close(fd);
    tempfile_remove(more);
    for (size_t i = 0; i < COUNT_OF(paths); i++)
        tempfile_remove(paths[i]);
}

/* Starts a child that runs `work` in a directory of its own and tells us when it is ready. */
static pid_t start_child(void (*work)(void), int *ready)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        close(ends[0]);
        dup2(ends[1], STDERR_FILENO);
        work();
        _exit(99);
    }
    close(ends[1]);
    *ready = ends[0];
    return child;
}

static void await(int ready)
{
    char byte;
    assert_int_equal(read(ready, &byte, 1), 1);
    close(ready);
}

static void say_ready(void)
{
    if (write(STDERR_FILENO, "r", 1) != 1)
        _exit(98);
}

static void hold_temporary_files(void)
{
    char file[] = "work/file-XXXXXX.part", kept[] = "work/k-XXXXXX", *directory;
    tempfile_clean_on_signals();
    if (tempfile_create(file, 5, NULL) < 0 ||
        tempfile_create_directory("work", &directory, NULL) < 0 ||
        tempfile_create(kept, 0, NULL) < 0)
        _exit(97);
    fill(directory);
    tempfile_forget(kept);
    if (rename(kept, "work/kept") < 0)
        _exit(96);
    say_ready();
    for (;;)
        pause();
}

static void signals_clean_up_and_kill(void **state)
{
    (void)state;
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        int ready;
        assert_int_equal(mkdir("work", 0700), 0);
        pid_t child = start_child(hold_temporary_files, &ready);
        await(ready);
        assert_int_equal(entries_of("work"), 3);
        assert_int_equal(kill(child, numbers[i]), 0);
        int status = wait_for(child);
        assert_true(WIFSIGNALED(status));
        assert_int_equal(WTERMSIG(status), numbers[i]);
        assert_int_equal(entries_of("work"), 1);
        assert_true(is_there("work/kept"));
        run("rm -r work");
    }
}

static void ignore_and_hold(void)
{
    signal(SIGHUP, SIG_IGN);
    hold_temporary_files();
}

static void ignored_signals_stay_ignored(void **state)
{
    (void)state;
    int ready;
    assert_int_equal(mkdir("work", 0700), 0);
    pid_t child = start_child(ignore_and_hold, &ready);
    await(ready);
    assert_int_equal(kill(child, SIGHUP), 0);
    usleep(20000);
    assert_int_equal(waitpid(child, NULL, WNOHANG), 0);
    assert_int_equal(entries_of("work"), 3);
    assert_int_equal(kill(child, SIGTERM), 0);
    assert_true(WTERMSIG(wait_for(child)) == SIGTERM);
    assert_int_equal(entries_of("work"), 1);
    run("rm -r work");
}

/* Creates, renames and removes without a pause, so that a signal comes in the middle of something.
 */
static void work_without_pause(void)
{
    tempfile_clean_on_signals();
    say_ready();
    for (;;) {
        char file[] = "work/file-XXXXXX", *directory;
        int fd = tempfile_create(file, 0, NULL);
        if (fd < 0 || tempfile_create_directory("work", &directory, NULL) < 0)
            _exit(97);
        close(fd);
        if (rename(file, "work/kept") < 0)
            _exit(96);
        tempfile_forget(file);
        tempfile_remove(directory);
        free(directory);
    }
}

/* Two signals: a second one, as timeout(1) sends it, must not stop what the first one began. */
static void no_moment_leaves_a_file(void **state)
{
    (void)state;
    for (int turn = 0; turn < 150; turn++) {
        int ready;
        assert_int_equal(mkdir("work", 0700), 0);
        pid_t child = start_child(work_without_pause, &ready);
        await(ready);
        usleep((useconds_t)(turn * 37 % 2000));
        assert_int_equal(kill(child, SIGTERM), 0);
        assert_int_equal(kill(child, SIGTERM), 0);
        int status = wait_for(child);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
        assert_int_equal(entries_of("work"), is_there("work/kept"));
        run("rm -r work");
    }
}

/* Returns its argument when something fails. */
static void *create_many(void *failed)
{
    for (int i = 0; i < 60; i++) {
        char path[] = "work/thread-XXXXXX", gone[] = "work/gone-XXXXXX";
        int fd = tempfile_create(path, 0, NULL), gone_fd = tempfile_create(gone, 0, NULL);
        if (fd < 0 || gone_fd < 0)
            return failed;
        close(fd);
        close(gone_fd);
        tempfile_remove(gone);
    }
    return NULL;
}

static void create_by_threads(void)
{
    pthread_t threads[4];
    void *failed = NULL;
    tempfile_clean_on_signals();
    for (size_t i = 0; i < COUNT_OF(threads); i++)
        if (pthread_create(&threads[i], NULL, create_many, threads) != 0)
            _exit(97);
    for (size_t i = 0; i < COUNT_OF(threads); i++)
        if (pthread_join(threads[i], &failed) != 0 || failed)
            _exit(96);
    say_ready();
    for (;;)
        pause();
}

static void threads_share_the_registry(void **state)
{
    (void)state;
    int ready;
    assert_int_equal(mkdir("work", 0700), 0);
    pid_t child = start_child(create_by_threads, &ready);
    await(ready);
    assert_int_equal(entries_of("work"), 240);
    assert_int_equal(kill(child, SIGTERM), 0);
    assert_true(WTERMSIG(wait_for(child)) == SIGTERM);
    assert_int_equal(entries_of("work"), 0);
    run("rm -r work");
}

/* 0: an unnamed file in "un" takes bytes, gives them back, and shows no name. For a child. */
static int check_unnamed(void)
{
    char back[4] = "";
    struct stat st;
    int fd = tempfile_open_unnamed("un", NULL);
    if (fd < 0)
        return 1;
    if (write(fd, "abc", 3) != 3 || pread(fd, back, 3, 0) != 3 || strcmp(back, "abc") != 0)
        return 2;
    if (fstat(fd, &st) < 0 || st.st_nlink != 0 || (st.st_mode & 0777) != 0600)
        return 3;
    if (entries_of("un") != 0)
        return 4;
    return fcntl(fd, F_GETFD) & FD_CLOEXEC ? 0 : 5;
}

static void unnamed_files_have_no_name(void **state)
{
    (void)state;
    assert_int_equal(mkdir("un", 0700), 0);
    assert_int_equal(check_unnamed(), 0);
}

/* As on a file system or a kernel without O_TMPFILE. */
static void unnamed_files_work_without_kernel_help(void **state)
{
    (void)state;
    static const uint16_t errnums[] = {EOPNOTSUPP, EISDIR};
    for (size_t i = 0; i < COUNT_OF(errnums); i++) {
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            /* The bit of O_TMPFILE that O_DIRECTORY does not have. */
            if (!refuse_syscall(SYS_openat, 2, O_TMPFILE & ~O_DIRECTORY, errnums[i]))
                _exit(90);
            if (open(".", O_TMPFILE | O_RDWR, 0600) >= 0)
                _exit(91);
            _exit(check_unnamed());
        }
        assert_exited_well(child);
    }
}

static void directory_of_a_path(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"b", "."},     {"a/b", "a"},  {"/b", "/"},  {"a/b/c", "a/b"}, {"./b", "."},
        {"/a/b", "/a"}, {"a//b", "a"}, {"//b", "/"}, {"a/", "."},      {"a/b/", "a"},
        {"a/b//", "a"}, {"/", "/"},    {"", "."},    {"..", "."},      {"../x", ".."},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char *directory = tempfile_directory_of(cases[i][0], NULL);
        assert_string_equal(directory, cases[i][1]);
        free(directory);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_filled_in),
        cmocka_unit_test(permissions_are_what_the_umask_leaves),
        cmocka_unit_test(errors_name_the_directory),
        cmocka_unit_test(directories_go_with_all_in_them),
        cmocka_unit_test(large_directories_go_too),
        cmocka_unit_test(the_registry_says_when_it_is_full),
        cmocka_unit_test(signals_clean_up_and_kill),
        cmocka_unit_test(ignored_signals_stay_ignored),
        cmocka_unit_test(no_moment_leaves_a_file),
        cmocka_unit_test(threads_share_the_registry),
        cmocka_unit_test(unnamed_files_have_no_name),
        cmocka_unit_test(unnamed_files_work_without_kernel_help),
        cmocka_unit_test(directory_of_a_path),
    };
    return cmocka_run_group_tests(tests, scratch_enter, scratch_leave);
}
