/* Tells blocks that can be copied. */
#include "capture/parts/block_copy.h"

#include "base/bytes.h"
#include "capture/pcapng.h"
#include <string.h>

enum { OPTIONS_END = 4 };

static bool has_its_time(const struct lcap_block *block)
{
    const uint64_t high = load32(block->body + 4, block->big_endian);
    return block->packet.has_time &&
           block->packet.timestamp == (high << 32 | load32(block->body + 8, block->big_endian));
}

bool block_is_as_written(const struct lcap_block *block)
{
    static const uint8_t zeros[OPTIONS_END];
    const struct lcap_packet *packet = &block->packet;
    const uint8_t *data = block->body + PCAPNG_ENHANCED_FIXED;
    const size_t padded = pad4(packet->caplen), len = packet->options_len;
    const size_t end = len > 0 ? len + OPTIONS_END : 0;
    return packet->data == data && block->body_len == PCAPNG_ENHANCED_FIXED + padded + end &&
           has_its_time(block) &&
           memcmp(data + packet->caplen, zeros, padded - packet->caplen) == 0 &&
           memcmp(data + padded + len, zeros, end - len) == 0;
}
