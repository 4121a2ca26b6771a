/* Structs that begin with their size, passed between callers of any version and the library. */
#include "base/sized.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Far more than any of them will have; a higher value is uninitialised memory. */
#define MOST 4096

/* Their size, or an error. */
static int read_size(const void *theirs, size_t *size, const char *name, struct lcap_error *error)
{
    memcpy(size, theirs, sizeof *size);
    if (*size >= sizeof *size && *size <= MOST)
        return LCAP_OK;
    return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                          "struct %s: expected its size in its first field, found %zu", name,
                          *size);
}

static bool all_zero(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (bytes[i] != 0)
            return false;
    return true;
}

int sized_take(void *ours, size_t size, const void *theirs, const char *name,
               struct lcap_error *error)
{
    size_t given = sizeof given;
    memset(ours, 0, size);
    if (theirs) {
        int rc = read_size(theirs, &given, name, error);
        if (rc < 0)
            return rc;
        if (given > size && !all_zero((const uint8_t *)theirs + size, given - size))
            return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                                  "struct %s: fields are set that this version of the library "
                                  "does not have",
                                  name);
        memcpy(ours, theirs, given < size ? given : size);
    }
    memcpy(ours, &size, sizeof size);
    return LCAP_OK;
}

int sized_give(void *theirs, const void *ours, size_t size, const char *name,
               struct lcap_error *error)
{
    size_t room;
    int rc = read_size(theirs, &room, name, error);
    if (rc < 0)
        return rc;
    memset(theirs, 0, room);
    memcpy(theirs, ours, room < size ? room : size);
    memcpy(theirs, &room, sizeof room);
    return LCAP_OK;
}
