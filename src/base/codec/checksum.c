/* Checksums of pieces and files, as text, too. How bytes are added depends on the build. */
#include "base/codec/checksum.h"

#include "base/io/file.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <zlib.h>

uint32_t checksum_join(uint32_t first, uint32_t second, uint64_t second_len)
{
    return (uint32_t)crc32_combine(first, second, (z_off_t)second_len);
}

void checksum_write(uint32_t checksum, char text[CHECKSUM_TEXT])
{
    snprintf(text, CHECKSUM_TEXT, "%08" PRIx32, checksum);
}

int checksum_file(int fd, const char *name, uint32_t *checksum, struct lcap_error *error)
{
    uint8_t block[1 << 16];
    uint64_t offset = 0;
    ssize_t got;
    *checksum = 0;
    while ((got = file_read_at(fd, block, sizeof block, offset)) > 0) {
        *checksum = checksum_add(*checksum, block, (size_t)got);
        offset += (uint64_t)got;
    }
    if (got < 0)
        return lcap_error_set_errno(error, errno, "%s: cannot read", name);
    return LCAP_OK;
}
