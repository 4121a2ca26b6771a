/* What a ZIP file says about a member. All numbers are little-endian. */
#include "table/zip_member.h"

#include "base/bytes.h"
#include "base/io/file.h"
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

#define ENTRY_SIGNATURE   0x02014b50u
#define END_SIGNATURE     0x06054b50u
#define LOCATOR_SIGNATURE 0x07064b50u

#define ENTRY_SIZE   46 /* of an entry without its variable fields */
#define END_SIZE     22 /* of the end record without a comment */
#define LOCATOR_SIZE 20 /* ZIP64: the place of its own end record */
#define END64_SIZE   56
#define ZIP64_FIELD  1 /* id of the extra field with sizes of 64 bits */

#define TAIL ((off_t)64 << 10)

/* The 64-bit size comes first in its extra field if the 32-bit one is all ones (4.5.3). */
static bool find_size64(const uint8_t *extra, size_t len, uint64_t *size)
{
    while (len >= 4) {
        size_t field = load16(extra + 2, false);
        if (field > len - 4)
            return false;
        if (load16(extra, false) == ZIP64_FIELD && field >= 8) {
            *size = load64(extra + 4, false);
            return true;
        }
        extra += 4 + field;
        len -= 4 + field;
    }
    return false;
}

static bool find_member(const uint8_t *at, size_t len, const char *name, uint64_t *size)
{
    size_t name_len = strlen(name);
    while (len >= ENTRY_SIZE && load32(at, false) == ENTRY_SIGNATURE) {
        size_t this_len = load16(at + 28, false);
        size_t extra_len = load16(at + 30, false);
        size_t entry = ENTRY_SIZE + this_len + extra_len + load16(at + 32, false);
        if (entry > len)
            return false;
        if (this_len == name_len && memcmp(at + ENTRY_SIZE, name, name_len) == 0) {
            *size = load32(at + 24, false);
            return *size != UINT32_MAX || find_size64(at + ENTRY_SIZE + this_len, extra_len, size);
        }
        at += entry;
        len -= entry;
    }
    return false;
}

/* The directory directly precedes the end record; with ZIP64 there are two more records between. */
static bool find_in_tail(const uint8_t *tail, size_t len, const char *name, uint64_t *size)
{
    if (len < END_SIZE || load32(tail + len - END_SIZE, false) != END_SIGNATURE)
        return false;
    size_t directory = load32(tail + len - END_SIZE + 12, false);
    len -= END_SIZE;
    if (len >= LOCATOR_SIZE + END64_SIZE &&
        load32(tail + len - LOCATOR_SIZE, false) == LOCATOR_SIGNATURE)
        len -= LOCATOR_SIZE + END64_SIZE;
    return directory <= len && find_member(tail + len - directory, directory, name, size);
}

bool zip_member_size(int fd, const char *name, uint64_t *size)
{
    off_t end = lseek(fd, 0, SEEK_END);
    if (end < 0)
        return false;
    off_t start = end > TAIL ? end - TAIL : 0;
    size_t len = (size_t)(end - start);
    uint8_t *tail = malloc(len + 1);
    bool found = tail && file_read_at(fd, tail, len, (uint64_t)start) == (ssize_t)len &&
                 find_in_tail(tail, len, name, size);
    free(tail);
    return found;
}
