/* Quotes words for bash. */
#include "base/text/shell_word.h"

#include "base/text/text.h"
#include <ctype.h>
#include <string.h>

/* Bash finds nothing special in these, wherever they are in a word that is no command. */
static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                            "%+,-./:=@_";

static int append_quoted(struct buffer *out, const char *word, struct lcap_error *error)
{
    int rc = buffer_append_text(out, "'", error);
    for (; *word && rc == LCAP_OK; word++)
        rc = *word == '\'' ? buffer_append_text(out, "'\\''", error)
                           : buffer_append(out, word, 1, error);
    return rc == LCAP_OK ? buffer_append_text(out, "'", error) : rc;
}

static int append_coded_byte(struct buffer *out, unsigned char byte, struct lcap_error *error)
{
    if (byte == '\n')
        return buffer_append_text(out, "\\n", error);
    if (byte == '\'' || byte == '\\')
        return buffer_printf(out, error, "\\%c", byte);
    return buffer_printf(out, error, byte < 0x80 && isprint(byte) ? "%c" : "\\%03o", byte);
}

static int append_coded(struct buffer *out, const char *word, struct lcap_error *error)
{
    int rc = buffer_append_text(out, "$'", error);
    for (; *word && rc == LCAP_OK; word++)
        rc = append_coded_byte(out, (unsigned char)*word, error);
    return rc == LCAP_OK ? buffer_append_text(out, "'", error) : rc;
}

int shell_append_word(struct buffer *out, const char *word, struct lcap_error *error)
{
    struct buffer shown = {0};
    const size_t len = strlen(word);
    if (len > 0 && strspn(word, plain) == len)
        return buffer_append(out, word, len, error);
    int rc = text_append_message(&shown, word, len, error);
    const bool is_shown_as_it_is =
        rc == LCAP_OK && shown.len == len && (len == 0 || memcmp(shown.data, word, len) == 0);
    buffer_release(&shown);
    if (rc < 0)
        return rc;
    return is_shown_as_it_is ? append_quoted(out, word, error) : append_coded(out, word, error);
}
