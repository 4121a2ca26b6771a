/* Reads ZIP archives back. All numbers in them are little-endian. */
#include "base/codec/zip_reader.h"

#include "base/bytes.h"
#include "base/io/file.h"
#include "base/memory.h"
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>
#include <zlib.h>

#define LOCAL_SIGNATURE   0x04034b50u
#define ENTRY_SIGNATURE   0x02014b50u
#define END_SIGNATURE     0x06054b50u
#define LOCATOR_SIGNATURE 0x07064b50u

#define LOCAL_SIZE   30 /* of a local header without its variable fields */
#define ENTRY_SIZE   46 /* of an entry of the directory without them */
#define END_SIZE     22 /* of the end record without a comment */
#define LOCATOR_SIZE 20 /* ZIP64: the place of its own end record */
#define END64_SIZE   56
#define ZIP64_FIELD  1 /* id of the extra field with numbers of 64 bits */

#define DEFLATED    8
#define RAW_DEFLATE (-MAX_WBITS)

#define TAIL ((off_t)64 << 10)

struct member {
    const char *name;
    size_t name_len;
    uint16_t method;
    uint32_t crc;
    uint64_t packed, size, offset;
};

struct zip_reader {
    int fd;
    const char *name;
    zip_taker *take;
    void *context;
    uint8_t tail[TAIL];
    uint8_t packed[ZIP_PIECE];
    uint8_t piece[ZIP_PIECE];
};

/* ---- the central directory ---- */

/* Numbers that are all ones in 32 bits follow in the extra field, in this order (4.5.3). */
static bool take_wide_numbers(struct member *member, const uint8_t *field, size_t len)
{
    uint64_t *const numbers[] = {&member->size, &member->packed, &member->offset};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        if (*numbers[i] != UINT32_MAX)
            continue;
        if (len < 8)
            return false;
        *numbers[i] = load64(field, false);
        field += 8;
        len -= 8;
    }
    return true;
}

static bool take_extra(struct member *member, const uint8_t *extra, size_t len)
{
    while (len >= 4) {
        const size_t field = load16(extra + 2, false);
        if (field > len - 4)
            return false;
        if (load16(extra, false) == ZIP64_FIELD)
            return take_wide_numbers(member, extra + 4, field);
        extra += 4 + field;
        len -= 4 + field;
    }
    return true;
}

/* The size of the entry at `at`, or 0. */
static size_t take_entry(struct member *member, const uint8_t *at, size_t len)
{
    if (len < ENTRY_SIZE || load32(at, false) != ENTRY_SIGNATURE)
        return 0;
    *member = (struct member){
        .name = (const char *)at + ENTRY_SIZE,
        .name_len = load16(at + 28, false),
        .method = load16(at + 10, false),
        .crc = load32(at + 16, false),
        .packed = load32(at + 20, false),
        .size = load32(at + 24, false),
        .offset = load32(at + 42, false),
    };
    const size_t extra = load16(at + 30, false);
    const size_t size = ENTRY_SIZE + member->name_len + extra + load16(at + 32, false);
    const bool whole = size <= len && take_extra(member, at + ENTRY_SIZE + member->name_len, extra);
    return whole ? size : 0;
}

/* The directory directly precedes the end record; with ZIP64 there are two more records between. */
static bool find_directory(const uint8_t *tail, size_t len, const uint8_t **at, size_t *directory)
{
    if (len < END_SIZE || load32(tail + len - END_SIZE, false) != END_SIGNATURE)
        return false;
    *directory = load32(tail + len - END_SIZE + 12, false);
    len -= END_SIZE;
    if (len >= LOCATOR_SIZE + END64_SIZE &&
        load32(tail + len - LOCATOR_SIZE, false) == LOCATOR_SIGNATURE)
        len -= LOCATOR_SIZE + END64_SIZE;
    *at = tail + len - *directory;
    return *directory <= len;
}

static int damaged(const struct zip_reader *z, const char *what, struct lcap_error *error)
{
    return lcap_error_set(error, LCAP_ERR_DAMAGED, "%s: read back, it is not whole: %s", z->name,
                          what);
}

/* Reads exactly `len` bytes. */
static int read_at(const struct zip_reader *z, void *bytes, size_t len, uint64_t offset,
                   struct lcap_error *error)
{
    if (offset > (uint64_t)INT64_MAX - len)
        return damaged(z, "it ends too early", error);
    const ssize_t got = file_read_at(z->fd, bytes, len, offset);
    if (got < 0)
        return lcap_error_set_errno(error, errno, "%s: cannot read it back", z->name);
    return (size_t)got == len ? LCAP_OK : damaged(z, "it ends too early", error);
}

static int read_directory(struct zip_reader *z, const uint8_t **at, size_t *len,
                          struct lcap_error *error)
{
    const off_t end = lseek(z->fd, 0, SEEK_END);
    if (end < 0)
        return lcap_error_set_errno(error, errno, "%s: cannot read it back", z->name);
    const size_t tail = (size_t)(end > TAIL ? TAIL : end);
    int rc = read_at(z, z->tail, tail, (uint64_t)end - tail, error);
    if (rc == LCAP_OK && !find_directory(z->tail, tail, at, len))
        rc = damaged(z, "no central directory at its end", error);
    return rc;
}

/* ---- members ---- */

struct unpacking {
    const struct member *member;
    z_stream stream;
    uint64_t at, packed_left; /* in the file */
    uint64_t done;
    uint32_t crc;
};

static int feed(struct zip_reader *z, struct unpacking *u, struct lcap_error *error)
{
    const size_t len = u->packed_left < ZIP_PIECE ? (size_t)u->packed_left : ZIP_PIECE;
    int rc = read_at(z, z->packed, len, u->at, error);
    u->at += len;
    u->packed_left -= len;
    u->stream.next_in = z->packed;
    u->stream.avail_in = (uInt)len;
    return rc;
}

/* Copies or inflates what has been read; returns what inflate() does. */
static int unpack(struct unpacking *u)
{
    z_stream *s = &u->stream;
    if (u->member->method == DEFLATED)
        return inflate(s, Z_NO_FLUSH);
    const uInt len = s->avail_in < s->avail_out ? s->avail_in : s->avail_out;
    memcpy(s->next_out, s->next_in, len);
    s->next_in += len;
    s->avail_in -= len;
    s->next_out += len;
    s->avail_out -= len;
    return Z_OK;
}

/* Fills a piece as far as the member goes; returns its length or a negative code. */
static int64_t fill_piece(struct zip_reader *z, struct unpacking *u, struct lcap_error *error)
{
    int rc = LCAP_OK, state = Z_OK;
    u->stream.next_out = z->piece;
    u->stream.avail_out = ZIP_PIECE;
    while (rc == LCAP_OK && state == Z_OK && u->stream.avail_out > 0) {
        if (u->stream.avail_in == 0 && u->packed_left > 0)
            rc = feed(z, u, error);
        else if (u->stream.avail_in == 0)
            break;
        if (rc == LCAP_OK)
            state = unpack(u);
    }
    if (rc == LCAP_OK && state != Z_OK && state != Z_STREAM_END && state != Z_BUF_ERROR)
        rc = damaged(z, "packed bytes are wrong", error);
    return rc < 0 ? rc : (int64_t)(ZIP_PIECE - u->stream.avail_out);
}

static int pass_piece(struct zip_reader *z, struct unpacking *u, size_t len,
                      struct lcap_error *error)
{
    const struct zip_piece piece = {
        .member = u->member->name,
        .member_len = u->member->name_len,
        .size = u->member->size,
        .offset = u->done,
        .bytes = z->piece,
        .len = len,
    };
    u->crc = zip_crc(u->crc, z->piece, len);
    u->done += len;
    return z->take(z->context, &piece, error);
}

static int read_pieces(struct zip_reader *z, struct unpacking *u, struct lcap_error *error)
{
    int64_t len;
    int rc = LCAP_OK;
    do {
        len = fill_piece(z, u, error);
        rc = len < 0 ? (int)len : pass_piece(z, u, (size_t)len, error);
    } while (rc == LCAP_OK && (size_t)len == ZIP_PIECE);
    if (rc == LCAP_OK && (u->done != u->member->size || u->crc != u->member->crc))
        rc = damaged(z, "a member is not what its directory says", error);
    return rc;
}

static int read_member(struct zip_reader *z, const struct member *member, struct lcap_error *error)
{
    uint8_t head[LOCAL_SIZE];
    struct unpacking u = {.member = member, .packed_left = member->packed};
    int rc = read_at(z, head, sizeof head, member->offset, error);
    if (rc < 0)
        return rc;
    if (load32(head, false) != LOCAL_SIGNATURE)
        return damaged(z, "a member is not where it should be", error);
    u.at = member->offset + LOCAL_SIZE + load16(head + 26, false) + load16(head + 28, false);
    if (inflateInit2(&u.stream, RAW_DEFLATE) != Z_OK)
        return lcap_error_set(error, LCAP_ERR_MEMORY, "out of memory: a decompressor");
    rc = read_pieces(z, &u, error);
    inflateEnd(&u.stream);
    return rc;
}

static int read_members(struct zip_reader *z, struct lcap_error *error)
{
    const uint8_t *at = NULL;
    size_t left = 0;
    int rc = read_directory(z, &at, &left, error);
    while (rc == LCAP_OK && left > 0) {
        struct member member;
        const size_t entry = take_entry(&member, at, left);
        rc = entry ? read_member(z, &member, error)
                   : damaged(z, "its central directory is cut", error);
        at += entry;
        left -= entry;
    }
    return rc;
}

int zip_read(int fd, const char *name, zip_taker *take, void *context, struct lcap_error *error)
{
    struct zip_reader *z = memory_new(1, sizeof *z, error);
    if (!z)
        return LCAP_ERR_MEMORY;
    z->fd = fd;
    z->name = name;
    z->take = take;
    z->context = context;
    const int rc = read_members(z, error);
    free(z);
    return rc;
}

uint32_t zip_crc(uint32_t crc, const void *bytes, size_t len)
{
    return (uint32_t)crc32_z(crc, bytes, len);
}
