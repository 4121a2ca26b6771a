/* Stands before dlopen(3), so that a library can be missing. */
#ifndef MISSING_LIBRARY_H
#define MISSING_LIBRARY_H

#include <dlfcn.h>
#include <stddef.h>

static const char *instead; /* of any library; NULL: none is missing */

void *dlopen(const char *name, int flags)
{
    void *(*real)(const char *, int) = NULL;
    *(void **)&real = dlsym(RTLD_NEXT, "dlopen");
    return real(instead ? instead : name, flags);
}

#endif
