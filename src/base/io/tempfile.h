/*
 * Temporary files that are gone after success, failure and any signal that a
 * process can catch. Spill files have no name from the moment they are open.
 */
#ifndef BASE_IO_TEMPFILE_H
#define BASE_IO_TEMPFILE_H

#include <labelcap/error.h>
#include <signal.h>
#include <stddef.h>

/*
 * Creates a file from `path`, whose last six characters before `suffix_len`
 * more are XXXXXX, with the permissions that the umask leaves of 0666, and
 * remembers it for removal. Returns a descriptor or a negative code.
 */
int tempfile_create(char *path, int suffix_len, struct lcap_error *error);

/* Creates a directory likewise (permissions: what the umask leaves of 0777). */
int tempfile_create_directory(char *path, struct lcap_error *error);

/* The file is in its final place: no longer remove it. */
void tempfile_forget(const char *path);

/* Removes it now (a directory with all that is in it). */
void tempfile_remove(const char *path);

/*
 * An unnamed file in `directory`, readable and writable; returns a descriptor
 * or a negative code. Nothing stays of it, even after SIGKILL.
 */
int tempfile_open_unnamed(const char *directory, struct lcap_error *error);

/* The directory that holds `path`, "." when it has none. Freed with free(). */
char *tempfile_directory_of(const char *path, struct lcap_error *error);

/*
 * For programs: SIGINT, SIGTERM and SIGHUP remove what is remembered and then
 * end the process as that signal does.
 */
void tempfile_clean_on_signals(void);

#endif
