/* Checksums by ISA-L. */
#include "base/codec/checksum.h"

#include <isa-l/crc.h>

uint32_t checksum_add(uint32_t before, const void *bytes, size_t len)
{
    return crc32_gzip_refl(before, bytes, len);
}
