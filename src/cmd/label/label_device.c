/* `label -d`: signals, the user, and the messages of a live capture. */
#include "cmd/label/label_device.h"

#include "base/text/text.h"
#include "cmd/label/label_report.h"
#include "cmd/talk.h"
#include "commandline/command.h"
#include "dataset/labelling/label_live.h"
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <unistd.h>

static volatile sig_atomic_t stop_asked;

static void ask_to_stop(int signal_number)
{
    (void)signal_number;
    stop_asked = 1;
}

static bool is_stopped(void *context)
{
    (void)context;
    return stop_asked;
}

/*
 * From now on, these end the capture, not the process. SIGHUP stays ignored where it
 * was, as nohup(1) wants it; but a shell that is not interactive starts all programs in
 * the background with SIGINT ignored, and there it is the usual end of a capture.
 */
static void catch_signals(void)
{
    struct sigaction before, action = {.sa_handler = ask_to_stop};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    if (sigaction(SIGHUP, NULL, &before) == 0 && before.sa_handler != SIG_IGN)
        sigaction(SIGHUP, &action, NULL);
}

static int become_user(const char *name, struct lcap_error *error)
{
    errno = 0;
    const struct passwd *user = getpwnam(name);
    if (!user)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT, "--user: unknown user '%s'", name);
    if (initgroups(name, user->pw_gid) != 0 || setgid(user->pw_gid) != 0 ||
        setuid(user->pw_uid) != 0)
        return lcap_error_set_errno(error, errno, "--user: cannot become '%s'", name);
    return LCAP_OK;
}

static void warn(void *context, const char *text)
{
    (void)context;
    talk_warning("%s", text);
}

static void note_counts(const struct label_pass_result *result)
{
    const struct live_counts *counts = &result->counts;
    char received[COUNTED_TEXT], dropped[GROUPED_TEXT], interface[GROUPED_TEXT];
    if (result->has_counts)
        talk_note("kernel: %s received, %s dropped; interface: %s dropped",
                  text_counted(counts->received, "packet", received),
                  text_grouped(counts->dropped, dropped),
                  text_grouped(counts->dropped_interface, interface));
}

/* All output belongs to the user that the process becomes. */
static int capture(struct label_run *run, struct label_live *live, struct lcap_error *error)
{
    const struct label_args *args = run->args;
    int rc = args->user ? become_user(args->user, error) : LCAP_OK;
    if (rc == 0)
        rc = label_report_open(run, error);
    if (rc != LCAP_OK)
        return rc;
    talk_note("capturing on %s; press Ctrl-C to stop", args->device);
    rc = label_live_capture(live, error);
    if (rc < 0)
        return rc;
    note_counts(run->result);
    label_report_warnings(run->result);
    return label_live_finish(live, error);
}

static int tell_failure(const struct lcap_error *failure)
{
    if (failure->code == LCAP_OK)
        return LCAP_OK;
    talk_error(failure);
    return COMMAND_TOLD;
}

int label_device(struct label_run *run, struct lcap_error *error)
{
    const struct label_args *args = run->args;
    const struct label_live_options options = {
        .device = args->device,
        .capture = {.snaplen = args->snaplen ? (uint32_t)args->snaplen : SNAPLEN_MOST,
                    .promiscuous = !args->no_promiscuous,
                    .buffer_size = args->buffer_size},
        .count = args->count,
        .duration = args->duration,
        .rotate_seconds = args->rotate_seconds,
        .rotate_size = args->rotate_size,
        .is_stopped = is_stopped,
        .warn = warn,
    };
    struct label_live *live = NULL;
    catch_signals();
    int rc = label_live_open(&live, run->pass, &options, error);
    if (rc == 0)
        rc = capture(run, live, error);
    if (rc == 0)
        rc = tell_failure(label_live_failure(live));
    label_live_free(live);
    return rc;
}
