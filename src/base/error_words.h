/* The words of errors; see lcap_error_use_wording(). */
#ifndef BASE_ERROR_WORDS_H
#define BASE_ERROR_WORDS_H

#include <labelcap/error.h>

/* The wording of this thread, for those that it starts. */
lcap_wording *error_wording(void);

/*
 * What the library says in the words that are wanted: `said`, or `room`, of LCAP_ERROR_TEXT
 * bytes. Formats are reworded by whoever takes them; this is for a text of the library, such
 * as "--mask", that becomes part of an error by "%s".
 */
#ifdef __GNUC__
__attribute__((format_arg(1)))
#endif
const char *
error_words(const char *said, char *room);

#endif
