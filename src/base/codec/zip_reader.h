/* Reads ZIP archives back: to check that their writer could write all of it. */
#ifndef BASE_CODEC_ZIP_READER_H
#define BASE_CODEC_ZIP_READER_H

#include <labelcap/error.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of a member, unpacked. */
struct zip_piece {
    const char *member; /* its name, without a NUL */
    size_t member_len;
    uint64_t size;   /* of the member */
    uint64_t offset; /* of the bytes in it */
    const uint8_t *bytes;
    size_t len; /* ZIP_PIECE, except at the end of the member */
};

#define ZIP_PIECE ((size_t)64 << 10)

/* Takes pieces in order. */
typedef int zip_taker(void *context, const struct zip_piece *piece, struct lcap_error *error);

/*
 * Passes all members to `take`, in the order of the central directory (APPNOTE.TXT of
 * PKWARE, 4.3.6 to 4.3.16), an empty one as one empty piece. LCAP_ERR_DAMAGED: there is
 * no central directory in the last 64 KiB, or a member has another length or CRC than
 * the directory says. `name` is for messages.
 */
int zip_read(int fd, const char *name, zip_taker *take, void *context, struct lcap_error *error);

/* The CRC of bytes, continued from that of those before them (0 at first). */
uint32_t zip_crc(uint32_t crc, const void *bytes, size_t len);

#endif
