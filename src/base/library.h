/*
 * Shared libraries that are loaded where they are first needed. A library that is linked
 * takes its part of every start: libpcap, with all that comes with it, a fourth.
 */
#ifndef BASE_LIBRARY_H
#define BASE_LIBRARY_H

#include <labelcap/error.h>
#include <stdbool.h>
#include <stddef.h>

/* For each name in a list of functions: its pointer, and its name. */
#define LIBRARY_POINTER(name) __typeof__(name) *(name);
#define LIBRARY_NAME(name)    #name,

struct library {
    const char *what;         /* in the message that it cannot be loaded: "libpcap for filters" */
    const char *remedy;       /* and what to do then */
    const char *sonames[2];   /* the second, if there is one, where the first is not found */
    const char *const *names; /* of the functions */
    size_t count;
    void *pointers; /* filled with pointers to them, in this order */
    bool is_loaded;
};

/* Loads it, unless it is loaded; any thread may. It stays as long as the process does. */
int library_load(struct library *library, struct lcap_error *error);

#endif
