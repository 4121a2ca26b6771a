/* Looks at the form of blocks, and at the bytes of packets. */
#include "dataset/check/check_look.h"

#include "capture/pcapng.h"
#include "capture/translate.h"
#include <string.h>

/* Shorter runs of zeros are padding: of Ethernet up to 46 bytes, of BOOTP up to 60. */
#define LEAST_ZEROS 64u

/* ---- the form of blocks ---- */

/* A translation to its own byte order loses nothing but what violates the draft. */
static struct translation translation_of(const struct lcap_block *block)
{
    const bool packet = block->kind == LCAP_BLOCK_PACKET;
    return (struct translation){.type = packet ? PCAPNG_ENHANCED_PACKET : block->type,
                                .from_big = block->big_endian,
                                .to_big = block->big_endian};
}

static int look_at_form(struct check_look *look, const struct lcap_block *block, struct buffer *out,
                        struct lcap_error *error)
{
    const struct translation how = translation_of(block);
    struct lcap_losses losses = {0};
    int rc;
    buffer_clear(out);
    if (block->kind == LCAP_BLOCK_PACKET)
        rc = translate_options(&how, block->packet.options, block->packet.options_len, out, &losses,
                               error);
    else if (block->kind == LCAP_BLOCK_INTERFACE)
        rc = translate_options(&how, block->interface->options, block->interface->options_len, out,
                               &losses, error);
    else
        rc = translate_body(&how, block->body, block->body_len, out, &losses, error);
    look->malformed = losses.options_malformed || losses.names_malformed || losses.blocks_malformed;
    return rc < 0 ? rc : LCAP_OK;
}

/* The usual case, fast. */
static bool has_sound_options(const struct lcap_block *block)
{
    const struct translation how = translation_of(block);
    return block->packet.options_len == 0 ||
           translate_is_copy(&how, block->packet.options, block->packet.options_len);
}

/* ---- the bytes of packets ---- */

/* Whether the last `len` bytes are zeros; most packets are seen by their last byte not to be so. */
static bool ends_in_zeros(const struct lcap_packet *packet, uint32_t len)
{
    const uint8_t *tail = packet->data + packet->caplen - len;
    return tail[len - 1] == 0 && tail[0] == 0 && memcmp(tail, tail + 1, len - 1) == 0;
}

static bool has_zero_tail(const struct lcap_packet *packet)
{
    const uint32_t half = packet->caplen / 2 + packet->caplen % 2;
    const uint32_t zeros = half > LEAST_ZEROS ? half : LEAST_ZEROS;
    return packet->caplen >= zeros && ends_in_zeros(packet, zeros);
}

int check_look_at(struct check_look *look, const struct lcap_block *block, struct buffer *scratch,
                  struct lcap_error *error)
{
    const bool packet = block->kind == LCAP_BLOCK_PACKET;
    *look = (struct check_look){.zero_tail = packet && has_zero_tail(&block->packet)};
    const bool sound = packet ? has_sound_options(block) : !block->body;
    return sound ? LCAP_OK : look_at_form(look, block, scratch, error);
}
