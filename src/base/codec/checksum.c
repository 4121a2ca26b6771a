/* Checksums by zlib. */
#include "base/codec/checksum.h"

#include <zlib.h>

uint32_t checksum_add(uint32_t before, const void *bytes, size_t len)
{
    return (uint32_t)crc32_z(before, bytes, len);
}

uint32_t checksum_join(uint32_t first, uint32_t second, uint64_t second_len)
{
    return (uint32_t)crc32_combine(first, second, (z_off_t)second_len);
}
