#include "base/library.h"

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

static int cannot_load(const struct library *library, struct lcap_error *error)
{
    const char *reason = dlerror();
    return lcap_error_set(error, LCAP_ERR_IO, "cannot load %s: %s (%s)", library->what,
                          reason ? reason : library->sonames[0], library->remedy);
}

static int load(struct library *library, struct lcap_error *error)
{
    void *loaded = NULL;
    for (size_t i = 0; !loaded && i < 2 && library->sonames[i]; i++)
        loaded = dlopen(library->sonames[i], RTLD_LAZY);
    if (!loaded)
        return cannot_load(library, error);
    for (size_t i = 0; i < library->count; i++) {
        void *function = dlsym(loaded, library->names[i]);
        if (!function)
            return cannot_load(library, error);
        memcpy((char *)library->pointers + i * sizeof function, &function, sizeof function);
    }
    library->is_loaded = true;
    return LCAP_OK;
}

int library_load(struct library *library, struct lcap_error *error)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&lock);
    int rc = library->is_loaded ? LCAP_OK : load(library, error);
    pthread_mutex_unlock(&lock);
    return rc;
}
