/* Words of a command line, quoted for bash. */
#ifndef BASE_TEXT_SHELL_WORD_H
#define BASE_TEXT_SHELL_WORD_H

#include "base/buffer.h"

/*
 * Appends a word as bash reads it. What a terminal must not be sent, such as a newline, is
 * written as $'\n', so that a script keeps its lines.
 */
int shell_append_word(struct buffer *out, const char *word, struct lcap_error *error);

#endif
