/*
 * Temporary files that are removed after success, failure and any signal that a
 * process can catch. Spill files have no name as soon as they are open.
 */
#ifndef BASE_IO_TEMPFILE_H
#define BASE_IO_TEMPFILE_H

#include <labelcap/error.h>
#include <signal.h>
#include <stddef.h>

/*
 * Creates a file from the template `path`, in which XXXXXX precedes a suffix of
 * `suffix_len` characters, with the permissions 0666 minus the umask, and remembers
 * it for removal. Returns a descriptor or a negative code.
 */
int tempfile_create(char *path, int suffix_len, struct lcap_error *error);

/* The same, with permissions for its owner only. */
int tempfile_create_private(char *path, int suffix_len, struct lcap_error *error);

/*
 * Creates a directory of a new name in `parent` (permissions: 0777 minus the umask), and
 * remembers it, too. Its path is freed with free(); NULL after an error.
 */
int tempfile_create_directory(const char *parent, char **path, struct lcap_error *error);

/* The file is in its final place: forgets it. */
void tempfile_forget(const char *path);

/* Removes it now (a directory with its contents). */
void tempfile_remove(const char *path);

/* An error about a file in a temporary directory names the final one. */
void tempfile_name_final(const char *path, const char *final, struct lcap_error *error);

/*
 * An unnamed file in `directory`, readable and writable; returns a descriptor or a
 * negative code. Nothing is left of it, even after SIGKILL.
 */
int tempfile_open_unnamed(const char *directory, struct lcap_error *error);

/* The directory of `path`, "." if it names none. Freed with free(). */
char *tempfile_directory_of(const char *path, struct lcap_error *error);

/* For temporary files of a run without an output: TMPDIR, or a directory on a disk. */
const char *tempfile_default_directory(void);

/*
 * A line that a program says if one of these signals ends it, about what it leaves;
 * NULL: nothing. Borrowed, and written by the handler.
 */
void tempfile_last_words(const char *line);

/*
 * For programs: SIGINT, SIGTERM and SIGHUP remove the remembered files and then end
 * the process as that signal does.
 */
void tempfile_clean_on_signals(void);

#endif
