/*
 * Errors: a code for programs, a text for people.
 *
 * In the whole library, an int function returns 0 or a negative enum lcap_code;
 * an iterator returns 1 for an item, 0 at the end, and a negative code on an
 * error. The last parameter is the struct lcap_error that receives the text; it
 * may be NULL. The library never prints and never exits.
 *
 * The function that knows the facts writes the text (place, expected, found);
 * its callers add context in front with lcap_error_prefix(). The first error
 * set wins: a later lcap_error_set() on the same struct changes nothing, so
 * clean-up code cannot hide the cause.
 *
 * Handles: a function that creates a handle sets it only on success, so a handle
 * that was NULL stays NULL on errors; functions that free one accept NULL.
 * Pointers to const that are returned are borrowed; each function says how long
 * they are valid.
 *
 * Growth: later versions of the library add fields at the end of structs. So a
 * struct that the caller fills to say how begins with its size:
 *
 *     const struct lcap_reader_options options = {.size = sizeof options, .allow_empty = true};
 *
 * The other fields may stay zero, which is the default. Fields of a later version are
 * ignored if they are zero, and otherwise LCAP_ERR_ARGUMENT. Results are passed by
 * pointer only; they too may have more fields than the caller knows.
 *
 * Threads: a struct lcap_error belongs to one thread at a time.
 */
#ifndef LABELCAP_ERROR_H
#define LABELCAP_ERROR_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define LCAP_API          __attribute__((visibility("default")))
#define LCAP_PRINTF(f, a) __attribute__((format(printf, f, a)))
#define LCAP_MUST_USE     __attribute__((warn_unused_result))
#else
#define LCAP_API
#define LCAP_PRINTF(f, a)
#define LCAP_MUST_USE
#endif

enum lcap_code {
    LCAP_OK = 0,
    LCAP_ERR_MEMORY = -1,      /* out of memory */
    LCAP_ERR_IO = -2,          /* opening, reading or writing failed */
    LCAP_ERR_FORMAT = -3,      /* not a capture, or an unsupported kind */
    LCAP_ERR_DAMAGED = -4,     /* a capture violates its format; everything before is good */
    LCAP_ERR_RULES = -5,       /* a rules file is invalid */
    LCAP_ERR_LABEL = -6,       /* labels contradict each other or the request */
    LCAP_ERR_ARGUMENT = -7,    /* the caller asked for something impossible */
    LCAP_ERR_INTERRUPTED = -8, /* stopped by a signal */
};

/* Room for a text with two paths of usual length; longer texts are truncated. */
#define LCAP_ERROR_TEXT 1020

struct lcap_error {
    int code; /* an enum lcap_code; 0 = no error */
    char text[LCAP_ERROR_TEXT];
    int errnum; /* errno of the failed system call; 0 = none, or not known */
};

/* Records an error, unless one is already recorded. Returns `code`. */
LCAP_API int lcap_error_set(struct lcap_error *error, int code, const char *format, ...)
    LCAP_PRINTF(3, 4);

/* The same for a failed system call: appends ": " and the text of `errnum`. */
LCAP_API int lcap_error_set_errno(struct lcap_error *error, int errnum, const char *format, ...)
    LCAP_PRINTF(3, 4);

/*
 * Puts context in front of the text of a recorded error. Returns its code, or
 * LCAP_ERR_ARGUMENT if `error` is NULL, so a failure never turns into success.
 */
LCAP_API int lcap_error_prefix(struct lcap_error *error, const char *format, ...) LCAP_PRINTF(2, 3);

/* Records an error that was recorded elsewhere, unless one is already. Returns its code. */
LCAP_API int lcap_error_copy(struct lcap_error *error, const struct lcap_error *other);

/* Forgets the error. NULL is allowed. */
LCAP_API void lcap_error_clear(struct lcap_error *error);

/*
 * Texts name options as the command line has them. For a language with other names: writes
 * what the library says in other words, terminated, into `words`. Paths and other values are
 * not part of `said`, but conversions as printf() has them, which must stay as they are, in
 * number and order. Returns false if nothing has to be changed, or there is no room.
 */
typedef bool lcap_wording(const char *said, char *words, size_t size);

/* For errors and findings that the calling thread makes from now on, or threads that the library
 * starts for it. NULL: the words of the command line. */
LCAP_API void lcap_error_use_wording(lcap_wording *wording);

#ifdef __cplusplus
}
#endif

#endif
