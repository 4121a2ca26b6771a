/* Checksums by libdeflate. */
#include "base/codec/checksum.h"

#include <libdeflate.h>

uint32_t checksum_add(uint32_t before, const void *bytes, size_t len)
{
    return libdeflate_crc32(before, bytes, len);
}
