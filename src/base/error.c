/* Errors: the first one wins, context goes in front. */
#include "base/error_words.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static _Thread_local lcap_wording *wording;

void lcap_error_use_wording(lcap_wording *wanted)
{
    wording = wanted;
}

lcap_wording *error_wording(void)
{
    return wording;
}

const char *error_words(const char *said, char *room)
{
    return wording && wording(said, room, LCAP_ERROR_TEXT) ? room : said;
}

LCAP_PRINTF(3, 0)
static void record(struct lcap_error *error, int code, const char *format, va_list args)
{
    char room[LCAP_ERROR_TEXT];
    error->code = code;
    error->errnum = 0;
    vsnprintf(error->text, sizeof error->text, error_words(format, room), args);
}

int lcap_error_set(struct lcap_error *error, int code, const char *format, ...)
{
    if (!error || error->code != LCAP_OK)
        return code;
    va_list args;
    va_start(args, format);
    record(error, code, format, args);
    va_end(args);
    return code;
}

int lcap_error_set_errno(struct lcap_error *error, int errnum, const char *format, ...)
{
    int code = errnum == ENOMEM ? LCAP_ERR_MEMORY : LCAP_ERR_IO;
    if (!error || error->code != LCAP_OK)
        return code;
    va_list args;
    va_start(args, format);
    record(error, code, format, args);
    va_end(args);
    error->errnum = errnum;
    size_t used = strlen(error->text);
    snprintf(error->text + used, sizeof error->text - used, ": %s", strerror(errnum));
    return code;
}

int lcap_error_copy(struct lcap_error *error, const struct lcap_error *other)
{
    if (error && error->code == LCAP_OK)
        *error = *other;
    return other->code;
}

int lcap_error_prefix(struct lcap_error *error, const char *format, ...)
{
    if (!error)
        return LCAP_ERR_ARGUMENT;
    if (error->code == LCAP_OK)
        return LCAP_OK;
    char old[LCAP_ERROR_TEXT], room[LCAP_ERROR_TEXT];
    memcpy(old, error->text, sizeof old);
    va_list args;
    va_start(args, format);
    vsnprintf(error->text, sizeof error->text, error_words(format, room), args);
    va_end(args);
    size_t used = strlen(error->text);
    memccpy(error->text + used, old, '\0', sizeof error->text - used);
    error->text[sizeof error->text - 1] = '\0';
    return error->code;
}

void lcap_error_clear(struct lcap_error *error)
{
    if (!error)
        return;
    error->code = LCAP_OK;
    error->errnum = 0;
    error->text[0] = '\0';
}
