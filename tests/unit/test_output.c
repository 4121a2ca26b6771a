/* Bytes out: what arrives, where, under which name, and what is left after each kind of failure. */
#include "scratch.h"

#include "base/io/input.h"
#include "base/io/output.h"
#include "base/io/tempfile.h"
#include "refuse_syscall.h"
#include <errno.h>
#include <linux/fs.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>

static const struct output_options overwrite = {.overwrite = true};

static struct output *open_well(const char *path, const struct output_options *options)
{
    struct lcap_error error = {0};
    struct output *out = NULL;
    int rc = output_open(&out, path, options, &error);
    assert_string_equal(error.text, "");
    assert_int_equal(rc, 0);
    return out;
}

static void close_well(struct output *out)
{
    struct lcap_error error = {0};
    int rc = output_close(out, &error);
    assert_string_equal(error.text, "");
    assert_int_equal(rc, 0);
}

static void write_file(const char *path, const struct output_options *options, const char *text)
{
    struct output *out = open_well(path, options);
    output_write(out, text, strlen(text));
    close_well(out);
}

static void assert_refused(const char *path, const struct output_options *options, const char *text)
{
    struct lcap_error error = {0};
    struct output *out = (struct output *)&error;
    assert_true(output_open(&out, path, options, &error) < 0);
    assert_string_equal(error.text, text);
    assert_null(out);
}

static bool is_there(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0;
}

static mode_t mode_of(const char *path)
{
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    return st.st_mode & 07777;
}

/* The name of the only unfinished file in `directory`; false when there is none. */
static bool find_part(const char *directory, char *path, size_t size)
{
    bool found = false;
    DIR *dir = opendir(directory);
    assert_non_null(dir);
    for (const struct dirent *entry; (entry = readdir(dir));) {
        size_t len = strlen(entry->d_name);
        if (len == strlen(".labelcap-XXXXXX.part") && !strncmp(entry->d_name, ".labelcap-", 10) &&
            !strcmp(entry->d_name + len - 5, ".part")) {
            assert_false(found);
            snprintf(path, size, "%s/%s", directory, entry->d_name);
            found = true;
        }
    }
    closedir(dir);
    return found;
}

static void assert_no_part(void)
{
    char part[300];
    assert_false(find_part(".", part, sizeof part));
}

static void the_name_appears_when_all_is_there(void **state)
{
    (void)state;
    char part[300];
    struct output *out = open_well("new", NULL);
    assert_string_equal(output_name(out), "new");
    output_write(out, "hello ", 6);
    memcpy(output_reserve(out, 5), "world", 5);
    output_commit(out, 5);
    assert_int_equal(output_bytes(out), 11);
    assert_false(is_there("new"));
    assert_true(find_part(".", part, sizeof part));
    close_well(out);
    assert_file_holds("new", "hello world", 11);
    assert_no_part();
}

/* Writes `sample` in pieces of lengths that chance chooses, up to more than the buffer holds. */
static void write_in_pieces(const char *path, const struct bytes *sample)
{
    struct output *out = open_well(path, &overwrite);
    uint32_t chance = 3;
    size_t at = 0;
    while (at < sample->len) {
        chance = chance * 1664525u + 1013904223u;
        size_t len = (chance >> 4) % (chance >> 29 == 0 ? 900000 : 2000);
        size_t left = sample->len - at;
        if (len > left)
            len = left;
        if (chance & 1u << 20) {
            output_write(out, sample->data + at, len);
        } else {
            uint8_t *room = output_reserve(out, len + 100);
            assert_non_null(room);
            memcpy(room, sample->data + at, len);
            output_commit(out, len);
        }
        at += len;
        assert_int_equal(output_bytes(out), at);
    }
    close_well(out);
}

static void pieces_of_any_length_arrive_in_order(void **state)
{
    (void)state;
    struct bytes sample = make_sample(9000001);
    write_in_pieces("big", &sample);
    assert_file_holds("big", sample.data, sample.len);
    write_in_pieces("big.gz", &sample);
    run("gzip -t big.gz && gzip -dc big.gz | cmp - big");
    write_in_pieces("big.zst", &sample);
    run("zstd -q -t big.zst && zstd -q -dc big.zst | cmp - big");
    run("cp big.gz first.gz; cp big.zst first.zst");
    write_in_pieces("big.gz", &sample);
    write_in_pieces("big.zst", &sample);
    run("cmp big.gz first.gz && cmp big.zst first.zst");
    free(sample.data);
}

static void empty_outputs_are_complete_files(void **state)
{
    (void)state;
    write_file("e", NULL, "");
    write_file("e.gz", NULL, "");
    write_file("e.zst", NULL, "");
    assert_file_holds("e", "", 0);
    run("test -s e.gz && gzip -dc e.gz | cmp - e && test -s e.zst && zstd -q -dc e.zst | cmp - e");
}

/* What a reader of the unfinished file gets after a flush. */
static void check_flush(const char *name)
{
    char part[300];
    struct output *out = open_well(name, &overwrite);
    for (int turn = 1; turn <= 3; turn++) {
        const uint8_t *data;
        struct input *in = NULL;
        output_write(out, "twelve bytes", 12);
        assert_int_equal(output_flush(out, NULL), 0);
        assert_true(find_part(".", part, sizeof part));
        assert_int_equal(input_open(&in, part, NULL), 0);
        assert_int_equal(input_peek(in, (size_t)turn * 12, &data, NULL), turn * 12);
        assert_memory_equal(data + (turn - 1) * 12, "twelve bytes", 12);
        input_free(in);
    }
    assert_int_equal(output_flush(out, NULL), 0);
    close_well(out);
}

/* Noise becomes longer by compression: what a full buffer gives does not fit into one write. */
static void noise_is_flushed_to_its_last_byte(void **state)
{
    (void)state;
    static const char *const names[] = {"noise.gz", "noise.zst"};
    struct bytes noise = {malloc(262144), 262144};
    uint64_t chance = 1;
    for (size_t i = 0; i < noise.len; i++) {
        chance = chance * 6364136223846793005u + 1442695040888963407u;
        noise.data[i] = (uint8_t)(chance >> 56);
    }
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        char part[300];
        const uint8_t *data;
        struct input *in = NULL;
        struct output *out = open_well(names[i], NULL);
        output_write(out, noise.data, noise.len);
        assert_int_equal(output_flush(out, NULL), 0);
        assert_true(find_part(".", part, sizeof part));
        assert_int_equal(input_open(&in, part, NULL), 0);
        assert_int_equal(input_peek(in, noise.len, &data, NULL), noise.len);
        assert_memory_equal(data, noise.data, noise.len);
        input_free(in);
        output_write(out, noise.data, noise.len);
        close_well(out);
    }
    run("gzip -t noise.gz && zstd -q -t noise.zst && gzip -dc noise.gz > noise &&"
        " zstd -q -dc noise.zst | cmp - noise && test $(wc -c < noise) = 524288");
    free(noise.data);
}

static void a_flush_shows_all_to_a_reader(void **state)
{
    (void)state;
    check_flush("flushed");
    check_flush("flushed.gz");
    check_flush("flushed.zst");
    run("gzip -t flushed.gz && zstd -q -t flushed.zst");
}

static void an_existing_file_is_spared(void **state)
{
    (void)state;
    const char *text = "old: already exists (use -f to replace it)";
    spill("old", "old", 3);
    assert_refused("old", NULL, text);
    assert_file_holds("old", "old", 3);
    assert_no_part();

    /* One that comes while we write is spared as well. */
    struct lcap_error error = {0};
    assert_int_equal(unlink("old"), 0);
    struct output *out = open_well("old", NULL);
    output_write(out, "new", 3);
    spill("old", "late", 4);
    assert_int_equal(output_close(out, &error), LCAP_ERR_IO);
    assert_string_equal(error.text, text);
    assert_file_holds("old", "late", 4);
    assert_no_part();
}

static void replacing_keeps_the_permissions(void **state)
{
    (void)state;
    static const mode_t modes[] = {0600, 0640, 0444, 0666, 0755};
    mode_t before = umask(027);
    for (size_t i = 0; i < COUNT_OF(modes); i++) {
        spill("perm", "old", 3);
        assert_int_equal(chmod("perm", modes[i]), 0);
        write_file("perm", &overwrite, "new text");
        assert_file_holds("perm", "new text", 8);
        assert_int_equal(mode_of("perm"), modes[i]);
        assert_int_equal(unlink("perm"), 0);
    }
    write_file("perm", NULL, "");
    assert_int_equal(mode_of("perm"), 0640);
    umask(before);
}

static void discarding_leaves_all_as_it_was(void **state)
{
    (void)state;
    spill("was", "old", 3);
    struct output *out = open_well("was", &overwrite);
    output_write(out, "new", 3);
    assert_int_equal(output_flush(out, NULL), 0);
    output_discard(out);
    output_discard(NULL);
    assert_file_holds("was", "old", 3);
    assert_no_part();
}

static void links_stay_and_what_they_point_to_is_replaced(void **state)
{
    (void)state;
    char back[64], part[300];
    assert_int_equal(mkdir("far", 0755), 0);
    spill("far/file", "old", 3);
    assert_int_equal(symlink("far/hop", "link"), 0);
    assert_int_equal(symlink("file", "far/hop"), 0);
    assert_refused("link", NULL, "link: already exists (use -f to replace it)");

    struct output *out = open_well("link", &overwrite);
    assert_true(find_part("far", part, sizeof part));
    assert_no_part();
    output_write(out, "new", 3);
    close_well(out);
    assert_int_equal(readlink("link", back, sizeof back), 7);
    assert_file_holds("far/file", "new", 3);
    assert_file_holds("link", "new", 3);

    /* The end of a link need not exist yet; an absolute link leads elsewhere. */
    char absolute[128];
    snprintf(absolute, sizeof absolute, "%s/far/fresh", scratch_path);
    assert_int_equal(symlink(absolute, "dangling"), 0);
    write_file("dangling", NULL, "fresh");
    assert_file_holds("far/fresh", "fresh", 5);

    assert_int_equal(symlink("loop", "loop"), 0);
    assert_refused("loop", NULL, "loop: cannot open: Too many levels of symbolic links");
}

static void names_of_no_file_are_refused(void **state)
{
    (void)state;
    assert_int_equal(mkdir("dir", 0755), 0);
    assert_refused("dir", NULL, "dir: is a directory, not a file");
    assert_refused("dir", &overwrite, "dir: is a directory, not a file");
    assert_refused("dir/", NULL, "'dir/' is not a file name");
    assert_refused("", NULL, "'' is not a file name");
    assert_refused("none/x", NULL, "none: cannot create a file in it: No such file or directory");
    spill("plain", "x", 1);
    assert_refused("plain/x", NULL, "plain/x: cannot open: Not a directory");
    assert_refused("/dev/fd/987", NULL, "/dev/fd/987: cannot open: Bad file descriptor");
    char name[300];
    memset(name, 'n', sizeof name);
    name[299] = '\0';
    struct lcap_error error = {0};
    struct output *out = NULL;
    assert_int_equal(output_open(&out, name, NULL, &error), LCAP_ERR_IO);
    assert_non_null(strstr(error.text, "nnn: cannot open: File name too long"));
    assert_no_part();
}

/* Permissions mean nothing to root, who runs this in containers: a child gives that up. */
static void directories_without_permission_are_named(void **state)
{
    (void)state;
    assert_int_equal(mkdir("locked", 0555), 0);
    assert_int_equal(chmod(".", 0755), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct lcap_error error = {0};
        struct output *out = NULL;
        if (geteuid() == 0 && setuid(65534) < 0)
            _exit(2);
        if (output_open(&out, "locked/out.pcapng", NULL, &error) != LCAP_ERR_IO)
            _exit(3);
        _exit(strcmp(error.text, "locked: cannot create a file in it: Permission denied") != 0);
    }
    assert_exited_well(child);
}

static void devices_are_written_not_replaced(void **state)
{
    (void)state;
    struct stat st;
    write_file("/dev/null", NULL, "gone");
    assert_int_equal(stat("/dev/null", &st), 0);
    assert_true(S_ISCHR(st.st_mode));
    assert_int_equal(symlink("/dev/null", "to-null"), 0);
    write_file("to-null", &overwrite, "gone");
    assert_int_equal(lstat("to-null", &st), 0);
    assert_true(S_ISLNK(st.st_mode));
}

static void fifos_are_written_not_replaced(void **state)
{
    (void)state;
    struct stat st;
    assert_int_equal(mkfifo("fifo", 0600), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(execlp("sh", "sh", "-c", "cat fifo > from-fifo", (char *)NULL));
    write_file("fifo", NULL, "through the pipe");
    assert_exited_well(child);
    assert_file_holds("from-fifo", "through the pipe", 16);
    assert_int_equal(lstat("fifo", &st), 0);
    assert_true(S_ISFIFO(st.st_mode));
}

/* As with `>> file`: what is there stays, although the name leads to a regular file. */
static void descriptors_are_written_where_they_stand(void **state)
{
    (void)state;
    static const char *const names[] = {"-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        spill("appended", "old ", 4);
        fflush(stdout);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            int fd = open("appended", O_WRONLY | O_APPEND);
            struct output *out = NULL;
            if (dup2(fd, STDOUT_FILENO) < 0 || output_open(&out, names[i], NULL, NULL) < 0)
                _exit(2);
            output_write(out, "new", 3);
            if (output_close(out, NULL) < 0 || write(STDOUT_FILENO, "!", 1) != 1)
                _exit(3);
            _exit(0);
        }
        assert_exited_well(child);
        assert_file_holds("appended", "old new!", 8);
    }
    struct output *out = open_well("-", NULL);
    assert_string_equal(output_name(out), "standard output");
    output_discard(out);
    assert_true(fcntl(STDOUT_FILENO, F_GETFD) >= 0);
}

static void a_link_to_standard_output_is_standard_output(void **state)
{
    (void)state;
    assert_int_equal(symlink("/dev/stdout", "to-stdout"), 0);
    fflush(stdout);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct output *out = NULL;
        int fd = open("redirected", O_WRONLY | O_CREAT, 0600);
        if (dup2(fd, STDOUT_FILENO) < 0 || output_open(&out, "to-stdout", NULL, NULL) < 0)
            _exit(2);
        output_write(out, "text", 4);
        _exit(output_close(out, NULL) < 0);
    }
    assert_exited_well(child);
    assert_file_holds("redirected", "text", 4);
}

static void a_full_device_sticks(void **state)
{
    (void)state;
    const char *text = "/dev/full: cannot write: No space left on device";
    struct lcap_error error = {0}, at_close = {0};
    struct output *out = open_well("/dev/full", NULL);
    output_write(out, "x", 1);
    assert_int_equal(output_error(out, &error), 0);
    assert_int_equal(output_flush(out, &error), LCAP_ERR_IO);
    assert_string_equal(error.text, text);
    assert_null(output_reserve(out, 1));
    output_write(out, "dropped", 7);
    assert_int_equal(output_error(out, NULL), LCAP_ERR_IO);
    assert_int_equal(output_close(out, &at_close), LCAP_ERR_IO);
    assert_string_equal(at_close.text, text);

    lcap_error_clear(&error);
    out = open_well("/dev/full", NULL);
    output_write(out, "x", 1);
    assert_int_equal(output_close(out, &error), LCAP_ERR_IO);
    assert_string_equal(error.text, text);
}

/* A limit on the size of files stands in for a disk that fills up in the middle. */
static void a_file_that_cannot_be_finished_leaves_nothing(void **state)
{
    (void)state;
    static const char *const names[] = {"limited", "limited.gz", "limited.zst"};
    struct rlimit before, small;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = before;
    small.rlim_cur = 100000;
    signal(SIGXFSZ, SIG_IGN);
    struct bytes sample = make_sample(1000000);
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        char text[128];
        struct lcap_error error = {0};
        spill(names[i], "old", 3);
        struct output *out = open_well(names[i], &overwrite);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
        for (size_t at = 0; at < sample.len; at += 1000)
            output_write(out, sample.data + at, 1000);
        int rc = output_close(out, &error);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
        assert_int_equal(rc, LCAP_ERR_IO);
        snprintf(text, sizeof text, "%s: cannot write: File too large", names[i]);
        assert_string_equal(error.text, text);
        assert_file_holds(names[i], "old", 3);
        assert_no_part();
    }
    signal(SIGXFSZ, SIG_DFL);
    free(sample.data);
}

static void a_closed_pipe_is_an_error_like_others(void **state)
{
    (void)state;
    int ends[2];
    char name[32];
    struct lcap_error error = {0};
    signal(SIGPIPE, SIG_IGN);
    assert_int_equal(pipe(ends), 0);
    close(ends[0]);
    snprintf(name, sizeof name, "/dev/fd/%d", ends[1]);
    struct output *out = open_well(name, NULL);
    output_write(out, "x", 1);
    assert_int_equal(output_close(out, &error), LCAP_ERR_IO);
    assert_non_null(strstr(error.text, ": cannot write: Broken pipe"));
    close(ends[1]);
    signal(SIGPIPE, SIG_DFL);
}

static void impossible_reservations_fail(void **state)
{
    (void)state;
    struct lcap_error error = {0};
    struct output *out = open_well("huge", NULL);
    assert_null(output_reserve(out, SIZE_MAX / 2));
    assert_null(output_reserve(out, 1));
    assert_int_equal(output_close(out, &error), LCAP_ERR_MEMORY);
    assert_false(is_there("huge"));
    assert_no_part();
}

static void a_signal_while_writing_leaves_nothing(void **state)
{
    (void)state;
    int ends[2];
    char byte;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(mkdir("killed", 0755), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct output *out = NULL;
        tempfile_clean_on_signals();
        if (output_open(&out, "killed/out.pcapng", NULL, NULL) < 0 || write(ends[1], "r", 1) != 1)
            _exit(2);
        for (;;)
            output_write(out, "some text that goes on and on ", 30);
    }
    assert_int_equal(read(ends[0], &byte, 1), 1);
    usleep(2000);
    assert_int_equal(kill(child, SIGINT), 0);
    int status = wait_for(child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT);
    assert_int_equal(entries_of("killed"), 0);
    close(ends[0]);
    close(ends[1]);
}

/* In a child: writes a new file, then fails to write one that comes to exist meanwhile. */
static int write_new_and_late(void)
{
    struct lcap_error error = {0};
    struct output *out = NULL;
    if (output_open(&out, "fresh", NULL, NULL) < 0)
        return 2;
    output_write(out, "new", 3);
    if (output_close(out, NULL) < 0 || !is_there("fresh"))
        return 3;
    if (unlink("fresh") < 0 || output_open(&out, "fresh", NULL, NULL) < 0)
        return 4;
    spill("fresh", "late", 4);
    if (output_close(out, &error) != LCAP_ERR_IO ||
        strcmp(error.text, "fresh: already exists (use -f to replace it)") != 0)
        return 5;
    assert_file_holds("fresh", "late", 4);
    return entries_of(".") == 1 ? 0 : 6;
}

/* File systems without RENAME_NOREPLACE, and those without hard links either. */
static void plain_file_systems_do_as_well(void **state)
{
    (void)state;
    for (int without_links = 0; without_links <= 1; without_links++) {
        run("rm -rf plain-fs && mkdir plain-fs");
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            if (chdir("plain-fs") < 0 ||
                !refuse_syscall(SYS_renameat2, 4, RENAME_NOREPLACE, EINVAL))
                _exit(90);
#ifdef SYS_rename
            if (!without_links && !refuse_syscall(SYS_rename, 0, 0, EPERM))
                _exit(93);
#endif
#ifdef SYS_link
            if (without_links && !refuse_syscall(SYS_link, 0, 0, EPERM))
                _exit(91);
#endif
            if (without_links && !refuse_syscall(SYS_linkat, 0, 0, EPERM))
                _exit(92);
            _exit(write_new_and_late());
        }
        assert_exited_well(child);
    }
}

static size_t descriptors_before;

static int count_descriptors(void **state)
{
    (void)state;
    descriptors_before = entries_of("/proc/self/fd");
    return system("rm -rf ./* ./.labelcap*") == 0 ? 0 : -1; /* NOLINT(cert-env33-c) */
}

static int check_descriptors(void **state)
{
    (void)state;
    return entries_of("/proc/self/fd") == descriptors_before ? 0 : -1;
}

#define OUTPUT_TEST(name)                                                                          \
    cmocka_unit_test_setup_teardown(name, count_descriptors, check_descriptors)

int main(void)
{
    const struct CMUnitTest tests[] = {
        OUTPUT_TEST(the_name_appears_when_all_is_there),
        OUTPUT_TEST(pieces_of_any_length_arrive_in_order),
        OUTPUT_TEST(empty_outputs_are_complete_files),
        OUTPUT_TEST(noise_is_flushed_to_its_last_byte),
        OUTPUT_TEST(a_flush_shows_all_to_a_reader),
        OUTPUT_TEST(an_existing_file_is_spared),
        OUTPUT_TEST(replacing_keeps_the_permissions),
        OUTPUT_TEST(discarding_leaves_all_as_it_was),
        OUTPUT_TEST(links_stay_and_what_they_point_to_is_replaced),
        OUTPUT_TEST(names_of_no_file_are_refused),
        OUTPUT_TEST(directories_without_permission_are_named),
        OUTPUT_TEST(devices_are_written_not_replaced),
        OUTPUT_TEST(fifos_are_written_not_replaced),
        OUTPUT_TEST(descriptors_are_written_where_they_stand),
        OUTPUT_TEST(a_link_to_standard_output_is_standard_output),
        OUTPUT_TEST(a_full_device_sticks),
        OUTPUT_TEST(a_file_that_cannot_be_finished_leaves_nothing),
        OUTPUT_TEST(a_closed_pipe_is_an_error_like_others),
        OUTPUT_TEST(impossible_reservations_fail),
        OUTPUT_TEST(a_signal_while_writing_leaves_nothing),
        OUTPUT_TEST(plain_file_systems_do_as_well),
    };
    return cmocka_run_group_tests(tests, scratch_enter, scratch_leave);
}
