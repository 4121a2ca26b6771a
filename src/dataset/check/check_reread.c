/* Seeks packets, and proves that they are what they were. */
#include "dataset/check/check_reread.h"

#include "base/hash.h"
#include "base/io/file.h"
#include <string.h>

static int open_input(struct check_reread *again, const char *path, struct lcap_error *error)
{
    struct lcap_reader_options options = {.size = sizeof options, .allow_empty = true};
    if (again->reader)
        return LCAP_OK;
    return file_is_regular(path) ? lcap_reader_open(&again->reader, path, &options, error)
                                 : file_has_changed(path, error);
}

static bool has_content(const struct lcap_packet *packet, const uint8_t *content)
{
    uint8_t found[HASH_WIDE_LEN];
    hash_sha256_wide(packet->data, packet->caplen, found);
    return memcmp(found, content, sizeof found) == 0;
}

int check_reread_packet(struct check_reread *again, const char *path,
                        const struct lcap_position *at, const uint8_t *content,
                        struct lcap_packet *packet, struct lcap_error *error)
{
    const struct lcap_block *block;
    int rc = open_input(again, path, error);
    if (rc == LCAP_OK)
        rc = lcap_reader_seek(again->reader, at, error);
    if (rc < 0)
        return rc;
    if (lcap_reader_next(again->reader, &block, NULL) != 1 || block->kind != LCAP_BLOCK_PACKET ||
        block->packet.caplen != packet->caplen || !has_content(&block->packet, content))
        return file_has_changed(path, error);
    packet->data = block->packet.data;
    return LCAP_OK;
}

void check_reread_close(struct check_reread *again)
{
    lcap_reader_free(again->reader);
    again->reader = NULL;
}
