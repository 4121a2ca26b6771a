/* Temporary files: a registry that a signal handler can walk, and files without a name. */
#include "base/io/tempfile.h"

#include "base/io/file.h"
#include "base/io/remove_tree.h"
#include "base/memory.h"
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Static, because a signal handler must find it consistent at any moment: the path
 * of a slot is written while the slot is not in use. 256 is far more than the
 * outputs that a command has open at once; untouched slots cost no memory.
 */
#define MAX_SLOTS 256

static struct slot {
    volatile sig_atomic_t used;
    char path[PATH_MAX];
} slots[MAX_SLOTS];

/* Held for a few system calls. The signal handler takes it, too, which is not possible with a
 * mutex. */
static atomic_flag slots_lock = ATOMIC_FLAG_INIT;

static void lock_slots(void)
{
    while (atomic_flag_test_and_set(&slots_lock))
        sched_yield();
}

/*
 * Between creating a file and remembering it, no signal may be handled: it is
 * blocked in this thread, and in another one it waits for the lock.
 */
static void enter(sigset_t *before)
{
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, before);
    lock_slots();
}

static void leave(const sigset_t *before)
{
    atomic_flag_clear(&slots_lock);
    pthread_sigmask(SIG_SETMASK, before, NULL);
}

static struct slot *find_slot(const char *path)
{
    for (size_t i = 0; i < MAX_SLOTS; i++)
        if (slots[i].used && strcmp(slots[i].path, path) == 0)
            return &slots[i];
    return NULL;
}

static struct slot *find_free_slot(void)
{
    for (size_t i = 0; i < MAX_SLOTS; i++)
        if (!slots[i].used)
            return &slots[i];
    return NULL;
}

/*
 * With the widest permissions given to open() and mkdir(), the kernel applies the
 * umask. mkstemp() would create 0600 and force us to query the umask, which is only
 * possible by changing it for a moment, for all threads.
 */
static int make_file(const char *path)
{
    return open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
}

static int make_private_file(const char *path)
{
    return open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
}

static int make_directory(const char *path)
{
    return mkdir(path, 0777);
}

#define RANDOM_LETTERS 6

#define NAME_TEMPLATE ".labelcap-XXXXXX"
#define TRIES         100 /* so many collisions by chance are impossible: there are 62^6 names */

/* Returns the result of `make` for the first name that is not taken, or -1 with errno. */
static int make_unique(char *letters, const char *path, int (*make)(const char *))
{
    static const char alphabet[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    for (int i = 0; i < TRIES; i++) {
        unsigned char random[RANDOM_LETTERS];
        if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
            return -1;
        for (size_t k = 0; k < RANDOM_LETTERS; k++)
            letters[k] = alphabet[random[k] % (sizeof alphabet - 1)];
        int made = make(path);
        if (made >= 0 || errno != EEXIST)
            return made;
    }
    return -1;
}

static int cannot_create(const char *path, const char *what, int errnum, struct lcap_error *error)
{
    char *directory = tempfile_directory_of(path, error);
    if (!directory)
        return LCAP_ERR_MEMORY;
    int rc = lcap_error_set_errno(error, errnum, "%s: cannot create a %s in it", directory, what);
    free(directory);
    return rc;
}

/* Returns the result of `make`, or a negative code. */
static int make_remembered(char *path, int suffix_len, int (*make)(const char *), const char *what,
                           struct lcap_error *error)
{
    size_t len = strlen(path);
    assert(len >= RANDOM_LETTERS + (size_t)suffix_len);
    if (len >= PATH_MAX)
        return cannot_create(path, what, ENAMETOOLONG, error);

    sigset_t before;
    enter(&before);
    int made = -1;
    struct slot *slot = find_free_slot();
    if (slot)
        made = make_unique(path + len - (size_t)suffix_len - RANDOM_LETTERS, path, make);
    int errnum = errno;
    if (made >= 0) {
        memcpy(slot->path, path, len + 1);
        slot->used = true;
    }
    leave(&before);

    if (!slot)
        return lcap_error_set(error, LCAP_ERR_IO, "more than %d temporary files at once",
                              MAX_SLOTS);
    return made >= 0 ? made : cannot_create(path, what, errnum, error);
}

int tempfile_create(char *path, int suffix_len, struct lcap_error *error)
{
    return make_remembered(path, suffix_len, make_file, "file", error);
}

int tempfile_create_private(char *path, int suffix_len, struct lcap_error *error)
{
    return make_remembered(path, suffix_len, make_private_file, "file", error);
}

int tempfile_create_directory(const char *parent, char **path, struct lcap_error *error)
{
    *path = file_join(parent, NAME_TEMPLATE, error);
    const int rc =
        *path ? make_remembered(*path, 0, make_directory, "directory", error) : LCAP_ERR_MEMORY;
    if (rc < 0) {
        free(*path);
        *path = NULL;
    }
    return rc;
}

void tempfile_forget(const char *path)
{
    sigset_t before;
    enter(&before);
    struct slot *slot = find_slot(path);
    if (slot)
        slot->used = false;
    leave(&before);
}

void tempfile_remove(const char *path)
{
    remove_tree(path);
    tempfile_forget(path);
}

void tempfile_name_final(const char *path, const char *final, struct lcap_error *error)
{
    char text[LCAP_ERROR_TEXT];
    const char *at = error ? strstr(error->text, path) : NULL;
    if (!at)
        return;
    const int before = (int)(at - error->text);
    (void)!snprintf(text, sizeof text, "%.*s%s%s", before, error->text, final, at + strlen(path));
    memcpy(error->text, text, sizeof text);
}

/* For file systems without O_TMPFILE: a file that has its name only while signals are blocked. */
static int open_and_unlink(const char *directory, struct lcap_error *error)
{
    char *path = file_join(directory, NAME_TEMPLATE, error);
    if (!path)
        return LCAP_ERR_MEMORY;
    sigset_t before;
    enter(&before);
    int rc = make_unique(path + strlen(path) - RANDOM_LETTERS, path, make_private_file);
    int errnum = errno;
    if (rc >= 0)
        unlink(path);
    leave(&before);
    if (rc < 0)
        rc = cannot_create(path, "temporary file", errnum, error);
    free(path);
    return rc;
}

int tempfile_open_unnamed(const char *directory, struct lcap_error *error)
{
    int fd = TEMP_FAILURE_RETRY(open(directory, O_TMPFILE | O_EXCL | O_RDWR | O_CLOEXEC, 0600));
    if (fd >= 0)
        return fd;
    if (errno == EOPNOTSUPP || errno == EISDIR) /* EISDIR: the kernel does not know the flag */
        return open_and_unlink(directory, error);
    return lcap_error_set_errno(error, errno, "%s: cannot create a temporary file in it",
                                directory);
}

char *tempfile_directory_of(const char *path, struct lcap_error *error)
{
    size_t len = strlen(path);
    while (len > 1 && path[len - 1] == '/')
        len--;
    while (len > 0 && path[len - 1] != '/')
        len--;
    while (len > 1 && path[len - 1] == '/')
        len--;
    return len > 0 ? memory_copy_text(path, len, error) : memory_copy_text(".", 1, error);
}

const char *tempfile_default_directory(void)
{
    const char *directory = getenv("TMPDIR");
    return directory && *directory ? directory : "/var/tmp"; /* /tmp is often memory */
}

static _Atomic(const char *) last_words;

void tempfile_last_words(const char *line)
{
    atomic_store(&last_words, line);
}

static void say_last_words(void)
{
    const char *line = atomic_load(&last_words);
    if (line && write(STDERR_FILENO, line, strlen(line)) < 0)
        return; /* nobody can be told */
}

/*
 * The lock is kept, so that no other thread creates a file that would stay. The
 * default action is restored only when everything is removed: with SA_RESETHAND, a
 * second signal would find it before the handler of the first has begun. raise()
 * ends the process when the handler returns and the signal is no longer blocked.
 */
static void clean_and_die(int signal_number)
{
    lock_slots();
    for (size_t i = 0; i < MAX_SLOTS; i++)
        if (slots[i].used)
            remove_tree(slots[i].path);
    say_last_words();
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

void tempfile_clean_on_signals(void)
{
    static const int ending[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction clean = {.sa_handler = clean_and_die};
    sigemptyset(&clean.sa_mask);
    for (size_t i = 0; i < sizeof ending / sizeof ending[0]; i++)
        sigaddset(&clean.sa_mask, ending[i]);
    for (size_t i = 0; i < sizeof ending / sizeof ending[0]; i++) {
        struct sigaction before;
        /* Signals that the parent made us ignore, as nohup(1) does, stay ignored. */
        if (sigaction(ending[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
            sigaction(ending[i], &clean, NULL);
    }
}
