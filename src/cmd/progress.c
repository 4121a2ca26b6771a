/* One line on the terminal: phase, files, share, rate, time left, name. */
#include "cmd/progress.h"

#include "base/buffer.h"
#include "base/io/terminal.h"
#include "base/text/text.h"
#include "base/text/text_columns.h"
#include "cmd/talk.h"
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static struct {
    const struct sources *sources; /* NULL: there is one input */
    bool line_stands;              /* on the terminal */
    double started, shown;         /* seconds; started 0: nothing has happened yet */
    const char *phase;
    double phase_started;
    uint64_t phase_first; /* bytes done then */
} run;

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / NS_PER_SECOND;
}

void progress_of_sources(const struct sources *sources)
{
    run.sources = sources;
}

static bool is_one_of_several(const struct lcap_progress *progress)
{
    return run.sources && run.sources->count > 1 && progress->input != LCAP_NO_INPUT;
}

/* Of several inputs the figures are those of all, as far as each of them has a size. */
static struct lcap_progress of_all_inputs(const struct lcap_progress *progress)
{
    struct lcap_progress all = *progress;
    bool known = true;
    if (!is_one_of_several(progress))
        return all;
    all.size = 0;
    for (size_t i = 0; i < run.sources->count; i++) {
        const struct source *source = &run.sources->items[i];
        known &= source->has_size;
        all.size += source->size;
        if (i < progress->input)
            all.done += source->size;
    }
    if (!known)
        all.size = 0;
    return all;
}

static void note_phase(const struct lcap_progress *progress, double now)
{
    if (run.started > 0 && run.phase == progress->phase)
        return;
    if (run.started == 0)
        run.started = now;
    run.phase = progress->phase;
    run.phase_started = now;
    run.phase_first = progress->done;
}

static int append_time(struct buffer *line, double seconds)
{
    const uint64_t whole = (uint64_t)seconds;
    const unsigned minutes = (unsigned)(whole / 60 % 60), rest = (unsigned)(whole % 60);
    return whole < 3600 ? buffer_printf(line, NULL, "%u:%02u left", minutes, rest)
                        : buffer_printf(line, NULL, "%" PRIu64 ":%02u:%02u left", whole / 3600,
                                        minutes, rest);
}

/* What a second brings, and when that will be all: once there is something to tell it from. */
static int append_rate(struct buffer *line, const struct lcap_progress *progress, double now)
{
    enum { TOO_SHORT_MS = 500, MOST_SECONDS = 1000000 };
    const double seconds = now - run.phase_started;
    if (seconds * 1000 < TOO_SHORT_MS || progress->done <= run.phase_first)
        return LCAP_OK;
    const double rate = (double)(progress->done - run.phase_first) / seconds;
    const double left = (double)(progress->size - progress->done) / rate;
    int rc = buffer_printf(line, NULL, ", %.*f MiB/s", rate < 10 << 20, rate / (1 << 20));
    if (rc < 0 || progress->size < progress->done || left > MOST_SECONDS)
        return rc;
    rc = buffer_append_text(line, ", ", NULL);
    return rc == LCAP_OK ? append_time(line, left) : rc;
}

static int append_amount(struct buffer *line, const struct lcap_progress *progress)
{
    const double mib = (double)progress->done / (1 << 20);
    if (progress->size == 0)
        return buffer_printf(line, NULL, "%.0f MiB", mib);
    const double share = (double)progress->done / (double)progress->size;
    return buffer_printf(line, NULL, "%.0f %%", 100 * (share < 1 ? share : 1));
}

static int compose(struct buffer *line, const struct lcap_progress *progress, double now)
{
    const struct lcap_progress all = of_all_inputs(progress);
    int rc = LCAP_OK;
    if (progress->phase)
        rc = buffer_printf(line, NULL, "%s, ", progress->phase);
    if (rc == LCAP_OK && is_one_of_several(progress))
        rc =
            buffer_printf(line, NULL, "file %zu of %zu, ", progress->input + 1, run.sources->count);
    if (rc == LCAP_OK)
        rc = append_amount(line, &all);
    if (rc == LCAP_OK)
        rc = append_rate(line, &all, now);
    if (rc == LCAP_OK)
        rc = buffer_append_text(line, "  ", NULL);
    return rc == LCAP_OK ? text_append_escaped(line, progress->name, strlen(progress->name), NULL)
                         : rc;
}

/* Cut so that it does not wrap: only one line can be drawn again. */
static void draw(const struct buffer *line)
{
    const char *text = (const char *)line->data;
    const size_t room = terminal_columns(STDERR_FILENO) - 1;
    const bool cut = text_width(text, line->len) > room;
    const size_t len = cut && room > 0 ? text_fitting_length(text, line->len, room - 1) : line->len;
    fprintf(stderr, "\r%.*s%s\033[K", (int)len, text, cut ? "\u2026" : "");
    run.line_stands = true;
}

/* A reader that waits knows of no phase: what is shown stays true. */
static bool is_of_wait(const struct lcap_progress *progress)
{
    return progress->input == LCAP_NO_INPUT && !progress->phase;
}

bool progress_show(void *unused, const struct lcap_progress *progress)
{
    (void)unused;
    if (is_of_wait(progress))
        return true;
    static const double first_after = 1, redrawn_after = 0.2;
    const double now = seconds_now();
    struct buffer line = {0};
    note_phase(progress, now);
    if (now - run.started < first_after || now - run.shown < redrawn_after || talk_is_quiet() ||
        !isatty(STDERR_FILENO))
        return true;
    run.shown = now;
    if (compose(&line, progress, now) == LCAP_OK)
        draw(&line);
    buffer_release(&line);
    return true;
}

void progress_end(void)
{
    if (run.line_stands)
        fputs("\r\033[K", stderr);
    run.line_stands = false;
}
