/* Warnings, notes and progress on standard error. */
#include "cmd/talk.h"

#include "base/buffer.h"
#include "base/io/terminal.h"
#include "base/text/text.h"
#include "dataset/losses.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_MS 1000000

static struct {
    const char *command;
    FILE *log; /* NULL = none */
    bool quiet;
    bool line_shown;    /* there is a progress line on the terminal */
    int64_t started_ms; /* 0 = no progress so far */
    int64_t shown_ms;
} talk = {.command = ""};

void talk_begin(const char *command)
{
    talk.command = command;
}

void talk_be_quiet(void)
{
    talk.quiet = true;
}

int talk_log_to(const char *path, struct lcap_error *error)
{
    if (!*path)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT, "--log-file '' is not the name of a file");
    if (strcmp(path, "-") == 0)
        talk.log = fdopen(fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0), "a");
    else
        talk.log = fopen(path, "ae");
    return talk.log ? LCAP_OK
                    : lcap_error_set_errno(error, errno, "%s: cannot write messages", path);
}

static void print_line_to(FILE *out, const char *kind, const struct buffer *text)
{
    fprintf(out, "labelcap%s%s: %s%.*s\n", *talk.command ? " " : "", talk.command, kind,
            (int)text->len, (const char *)text->data);
}

/* To the log in any case. */
static void print_line(bool aloud, const char *kind, const char *text)
{
    progress_end();
    struct buffer safe = {0};
    if (text_append_escaped(&safe, text, strlen(text), NULL) == LCAP_OK) {
        if (aloud)
            print_line_to(stderr, kind, &safe);
        if (talk.log) {
            print_line_to(talk.log, kind, &safe);
            fflush(talk.log);
        }
    }
    buffer_release(&safe);
}

void talk_error(const struct lcap_error *error)
{
    print_line(true, "", error->text);
}

void talk_warning(const char *format, ...)
{
    char text[LCAP_ERROR_TEXT];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    print_line(true, "warning: ", text);
}

void talk_note(const char *format, ...)
{
    char text[LCAP_ERROR_TEXT];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    print_line(!talk.quiet, "", text);
}

void talk_findings(const struct result *result)
{
    for (size_t i = 0; i < result->finding_count; i++) {
        const struct lcap_finding *finding = &result->findings[i];
        if (finding->severity == LCAP_SEVERITY_NOTE)
            talk_note("%s", finding->text);
        else
            talk_warning("%s", finding->text);
    }
}

void talk_losses(const struct lcap_losses *losses)
{
    struct result result;
    result_begin(&result, NULL);
    losses_describe(losses, &result);
    talk_findings(&result);
    result_release(&result);
}

void talk_linktypes(const char *output, size_t linktypes)
{
    if (linktypes > 1)
        talk_warning("%s: holds %zu link types; tcpdump and others refuse such files "
                     "(label --split-linktypes writes one for each)",
                     output, linktypes);
}

void talk_pcapml_times(const struct lcap_reader *reader)
{
    char text[COUNTED_TEXT];
    uint64_t packets = lcap_reader_pcapml_times(reader);
    if (packets)
        talk_note("%s: %s with pcapml's timestamps read as seconds and microseconds",
                  lcap_reader_name(reader), text_counted(packets, "packet", text));
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / NS_PER_MS;
}

/* Draws the line, cut between characters so that it does not wrap: only one line can be redrawn. */
static void draw(const char *line)
{
    size_t len = strlen(line), columns = terminal_columns(STDERR_FILENO);
    if (len >= columns)
        for (len = columns - 1; len > 0 && ((unsigned char)line[len] & 0xC0) == 0x80;)
            len--;
    fprintf(stderr, "\r%.*s\033[K", (int)len, line);
    talk.line_shown = true;
}

void progress_show(const char *what, uint64_t done, uint64_t total)
{
    enum { FIRST_AFTER_MS = 1000, REDRAW_MS = 200 };
    char name[EXCERPT_TEXT], line[EXCERPT_TEXT + 128];
    if (talk.quiet || !isatty(STDERR_FILENO))
        return;
    int64_t now = now_ms();
    if (talk.started_ms == 0)
        talk.started_ms = now;
    if (now - talk.started_ms < FIRST_AFTER_MS || now - talk.shown_ms < REDRAW_MS)
        return;
    talk.shown_ms = now;
    text_excerpt(what, strlen(what), name);
    double mib = (double)done / (1 << 20), all = (double)total / (1 << 20);
    if (total)
        snprintf(line, sizeof line, "%.0f of %.0f MiB (%.0f %%)  %s", mib, all, 100 * mib / all,
                 name);
    else
        snprintf(line, sizeof line, "%.0f MiB  %s", mib, name);
    draw(line);
}

void progress_of_reader(const struct lcap_reader *reader)
{
    progress_show(lcap_reader_name(reader), lcap_reader_bytes_read(reader),
                  lcap_reader_file_size(reader));
}

void progress_end(void)
{
    if (talk.line_shown)
        fputs("\r\033[K", stderr);
    talk.line_shown = false;
}
