/* Warnings and notes on standard error. */
#include "cmd/talk.h"

#include "base/buffer.h"
#include "base/text/text.h"
#include "cmd/progress.h"
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct {
    const char *command;
    FILE *log; /* NULL = none */
    bool quiet;
} talk = {.command = ""};

void talk_begin(const char *command)
{
    talk.command = command;
}

void talk_be_quiet(void)
{
    talk.quiet = true;
}

bool talk_is_quiet(void)
{
    return talk.quiet;
}

int talk_log_to(const char *path, struct lcap_error *error)
{
    if (!*path)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT, "--log-file '' is not a file name");
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

/* Bytes that text_append_message() makes of one. */
#define ESCAPED_MOST 8

/* To the log in any case; `text` is shorter than LCAP_ERROR_TEXT. */
static void print_line(bool aloud, const char *kind, const char *text)
{
    progress_end();
    uint8_t
        room[LCAP_ERROR_TEXT * ESCAPED_MOST]; /* a lack of memory must not silence its message */
    struct buffer safe = {.data = room, .capacity = sizeof room};
    if (text_append_message(&safe, text, strlen(text), NULL) == LCAP_OK) {
        if (aloud)
            print_line_to(stderr, kind, &safe);
        if (talk.log) {
            print_line_to(talk.log, kind, &safe);
            fflush(talk.log);
        }
    }
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

void talk_result(const struct result *result)
{
    for (size_t i = 0; i < result->item_count; i++) {
        const struct result_item *item = &result->items[i];
        if (item->kind == RESULT_LINE && !item->title)
            talk_note("%s", item->value.as.text);
        else if (item->kind == RESULT_FINDINGS)
            talk_findings(result);
    }
}

/* An error stands without a word before it, as that of talk_error(). */
static void talk_finding(const struct lcap_finding *finding)
{
    const char *place = finding->place ? finding->place : "";
    const char *colon = finding->place ? ": " : "";
    char text[LCAP_ERROR_TEXT];
    snprintf(text, sizeof text, "%s%s%s", place, colon, finding->text);
    print_line(finding->severity != LCAP_SEVERITY_NOTE || !talk.quiet,
               finding->severity == LCAP_SEVERITY_WARNING ? "warning: " : "", text);
}

void talk_findings(const struct result *result)
{
    for (size_t i = 0; i < result->findings.count; i++)
        talk_finding(&result->findings.items[i]);
}
