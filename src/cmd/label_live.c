/* `label -d`: captures, labels, rotates, and finishes properly. */
#include "cmd/label_live.h"

#include "base/buffer.h"
#include "base/io/tempfile.h"
#include "base/text/text.h"
#include "capture/live.h"
#include "cmd/command.h"
#include "cmd/label_report.h"
#include "cmd/talk.h"
#include <dirent.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* What is written so far is handed to the system this often, whole blocks at a time. */
#define FLUSH_SECONDS 1.0

static volatile sig_atomic_t stop_asked;

static void ask_to_stop(int signal_number)
{
    (void)signal_number;
    stop_asked = 1;
}

/* From here on these end the capture, not the process; one that is ignored (nohup) stays so. */
static void catch_signals(void)
{
    static const int ending[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action = {.sa_handler = ask_to_stop};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof ending / sizeof *ending; i++) {
        struct sigaction before;
        if (sigaction(ending[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
            sigaction(ending[i], &action, NULL);
    }
}

static double seconds_now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static int become_user(const char *name, struct lcap_error *error)
{
    errno = 0;
    const struct passwd *user = getpwnam(name);
    if (!user)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT, "--user: there is no user '%s'", name);
    if (initgroups(name, user->pw_gid) != 0 || setgid(user->pw_gid) != 0 ||
        setuid(user->pw_uid) != 0)
        return lcap_error_set_errno(error, errno, "--user: cannot become '%s'", name);
    return LCAP_OK;
}

struct live_run {
    struct label_run *run;
    struct live *live;
    struct buffer path; /* of the file being written */
    unsigned file_number;
    uint64_t bytes_before; /* run->written_bytes when it was begun */
    double started, file_started, flushed;
};

static bool rotates(const struct label_args *args)
{
    return args->rotate_seconds > 0 || args->rotate_size > 0;
}

/* "out.pcapng" → "out-00001.pcapng" when files rotate. */
static int make_path(struct live_run *live, struct lcap_error *error)
{
    const char *output = live->run->args->output ? live->run->args->output : "";
    size_t stem = dataset_writer_stem(output);
    buffer_clear(&live->path);
    int rc = buffer_append(&live->path, output, stem, error);
    if (rc == 0 && rotates(live->run->args))
        rc = buffer_printf(&live->path, error, "-%05u", ++live->file_number);
    return rc == 0 ? buffer_append(&live->path, output + stem, strlen(output + stem) + 1, error)
                   : rc;
}

/* The first file's path was free at the start; what takes a later one's place is passed by. */
static int choose_path(struct live_run *live, struct lcap_error *error)
{
    const struct label_args *args = live->run->args;
    int rc = make_path(live, error);
    while (rc == 0 && live->file_number > 1 && !args->force &&
           access((const char *)live->path.data, F_OK) == 0) {
        talk_warning("%s: exists already, passed by", (const char *)live->path.data);
        rc = make_path(live, error);
    }
    return rc;
}

/* Whether `name` is what make_path() makes of the name `output`, for any number. */
static bool is_rotated_name(const char *name, const char *output)
{
    size_t stem = dataset_writer_stem(output);
    if (strncmp(name, output, stem) != 0 || name[stem] != '-')
        return false;
    size_t digits = strspn(name + stem + 1, "0123456789");
    return digits >= 5 && strcmp(name + stem + 1 + digits, output + stem) == 0;
}

/* Files that an earlier run has rotated would stop this one sooner or later: better at once. */
static int check_rotated_names(const struct label_args *args, struct lcap_error *error)
{
    if (!rotates(args) || args->force || !args->output)
        return LCAP_OK;
    const char *slash = strrchr(args->output, '/');
    char *path = tempfile_directory_of(args->output, error);
    DIR *directory = path ? opendir(path) : NULL;
    int rc = path ? LCAP_OK : LCAP_ERR_MEMORY;
    const struct dirent *entry;
    while (rc == 0 && directory && (entry = readdir(directory)))
        if (is_rotated_name(entry->d_name, slash ? slash + 1 : args->output))
            rc = lcap_error_set(error, LCAP_ERR_IO,
                                "%s: rotated files are there already, such as %s (use -f to "
                                "replace them)",
                                args->output, entry->d_name);
    if (directory)
        closedir(directory);
    free(path);
    return rc;
}

static int begin_file(struct live_run *live, struct lcap_error *error)
{
    live->file_started = live->flushed = seconds_now();
    live->bytes_before = live->run->written_bytes;
    int rc = choose_path(live, error);
    if (rc == 0)
        rc = label_run_open(live->run, (const char *)live->path.data, error);
    return rc == 0 ? label_run_block(live->run, live_interface(live->live), error) : rc;
}

/* A device that gives no statistics any more is no reason to lose the packets. */
static int end_file(struct live_run *live, struct lcap_error *error)
{
    struct lcap_error missing = {0};
    struct live_counts counts;
    const struct lcap_block *block;
    int rc = LCAP_OK;
    if (live_statistics(live->live, &counts, &block, &missing) == 0)
        rc = label_run_block(live->run, block, error);
    else
        talk_warning("%s", missing.text);
    return rc == 0 ? label_run_close(live->run, error) : rc;
}

static bool file_is_full(const struct live_run *live, double now)
{
    const struct label_args *args = live->run->args;
    return (args->rotate_seconds > 0 && now - live->file_started >= args->rotate_seconds) ||
           (args->rotate_size > 0 &&
            live->run->written_bytes - live->bytes_before >= args->rotate_size);
}

static bool is_over(const struct live_run *live, double now)
{
    const struct label_args *args = live->run->args;
    return stop_asked || (args->count && live->run->all.packets >= args->count) ||
           (args->duration > 0 && now - live->started >= args->duration);
}

static int keep_house(struct live_run *live, double now, struct lcap_error *error)
{
    int rc = LCAP_OK;
    if (file_is_full(live, now)) {
        rc = end_file(live, error);
        return rc == 0 ? begin_file(live, error) : rc;
    }
    if (now - live->flushed >= FLUSH_SECONDS) {
        live->flushed = now;
        rc = label_run_flush(live->run, error);
    }
    return rc;
}

/* A failure of the device ends the capture, but what has been captured is good. */
static int capture(struct live_run *live, struct lcap_error *failure, struct lcap_error *error)
{
    int rc = begin_file(live, error);
    for (double now = live->started; rc == 0 && !is_over(live, now); now = seconds_now()) {
        const struct lcap_block *block;
        int got = live_next(live->live, &block, failure);
        if (got < 0)
            return LCAP_OK;
        if (got == 1)
            rc = label_run_packet(live->run, LCAP_NO_FILE, &block->packet, error);
        if (rc == 0)
            rc = keep_house(live, now, error);
    }
    return rc;
}

static void report_counts(struct live_run *live)
{
    struct live_counts *counts = &live->run->counts;
    const struct lcap_block *block;
    live->run->has_counts = live_statistics(live->live, counts, &block, NULL) == 0;
    if (!live->run->has_counts)
        return;
    char received[COUNTED_TEXT], dropped[GROUPED_TEXT], interface[GROUPED_TEXT];
    talk_note("%s received by the kernel, %s dropped there, %s dropped by the interface",
              text_counted(counts->received, "packet", received),
              text_grouped(counts->dropped, dropped),
              text_grouped(counts->dropped_interface, interface));
}

int label_live(struct label_run *run, struct lcap_error *error)
{
    const struct label_args *args = run->args;
    struct live_run live = {.run = run, .started = seconds_now()};
    const struct live_options options = {
        .snaplen = (uint32_t)args->snaplen,
        .promiscuous = !args->no_promiscuous,
        .buffer_size = args->buffer_size,
    };
    struct lcap_error failure = {0};
    int rc = check_rotated_names(args, error);
    if (rc < 0)
        return rc;
    catch_signals();
    rc = live_open(&live.live, args->device, &options, error);
    if (rc == 0 && args->user)
        rc = become_user(args->user, error);
    if (rc == 0) {
        talk_note("capturing on %s; Ctrl-C ends it", args->device);
        rc = capture(&live, &failure, error);
    }
    if (rc == 0) {
        report_counts(&live);
        label_report_warnings(run);
        lcap_matcher_finish(run->matcher, &failure);
        rc = end_file(&live, error);
    }
    if (rc == 0 && failure.code != LCAP_OK) {
        talk_error(&failure);
        rc = COMMAND_TOLD;
    }
    live_free(live.live);
    buffer_release(&live.path);
    return rc;
}
