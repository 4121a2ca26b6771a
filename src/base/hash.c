/*
 * SipHash-2-4: crypto_shorthash of libsodium. SHA-256: by nettle, which uses the instructions of
 * the processor for it, where libsodium does not.
 */
#include "base/hash.h"

#include "base/bytes.h"
#include "base/io/file.h"
#include <errno.h>
#include <fcntl.h>
#include <nettle/sha2.h>
#include <sodium/crypto_shorthash.h>
#include <sodium/crypto_shorthash_siphash24.h>
#include <sodium/utils.h>
#include <sys/random.h>
#include <unistd.h>

_Static_assert(crypto_shorthash_KEYBYTES == HASH_KEY_LEN, "the key length of SipHash");
_Static_assert(crypto_shorthash_BYTES == 8, "SipHash with eight bytes of output");
_Static_assert(crypto_shorthash_siphashx24_BYTES == HASH_WIDE_LEN, "and with sixteen");
_Static_assert(crypto_shorthash_siphashx24_KEYBYTES == HASH_KEY_LEN, "under a key as long");

uint64_t hash_siphash(const uint8_t key[HASH_KEY_LEN], const void *bytes, size_t len)
{
    uint8_t out[crypto_shorthash_BYTES];
    crypto_shorthash(out, bytes, len, key);
    return load64(out, false);
}

void hash_siphash_wide(const uint8_t key[HASH_KEY_LEN], const void *bytes, size_t len,
                       uint8_t out[HASH_WIDE_LEN])
{
    crypto_shorthash_siphashx24(out, bytes, len, key);
}

int hash_random_key(uint8_t *key, size_t len, struct lcap_error *error)
{
    /* Up to 256 bytes are returned whole; see getrandom(2). */
    if (getrandom(key, len, 0) != (ssize_t)len)
        return lcap_error_set_errno(error, errno, "random bytes for a hash key");
    return LCAP_OK;
}

void hash_sha256_wide(const void *bytes, size_t len, uint8_t out[HASH_WIDE_LEN])
{
    struct sha256_ctx state;
    sha256_init(&state);
    sha256_update(&state, len, bytes);
    sha256_digest(&state, HASH_WIDE_LEN, out);
}

int hash_sha256_file(int fd, const char *name, char text[HASH_SHA256_TEXT],
                     struct lcap_error *error)
{
    struct sha256_ctx state;
    uint8_t block[1 << 16], sum[SHA256_DIGEST_SIZE];
    uint64_t offset = 0;
    ssize_t got;
    sha256_init(&state);
    while ((got = file_read_at(fd, block, sizeof block, offset)) > 0) {
        sha256_update(&state, (size_t)got, block);
        offset += (uint64_t)got;
    }
    if (got < 0)
        return lcap_error_set_errno(error, errno, "%s: cannot read", name);
    sha256_digest(&state, sizeof sum, sum);
    sodium_bin2hex(text, HASH_SHA256_TEXT, sum, sizeof sum);
    return LCAP_OK;
}

int hash_sha256_path(const char *path, char text[HASH_SHA256_TEXT], struct lcap_error *error)
{
    const int fd = TEMP_FAILURE_RETRY(open(path, O_RDONLY | O_CLOEXEC));
    if (fd < 0)
        return lcap_error_set_errno(error, errno, "%s: cannot open", path);
    const int rc = hash_sha256_file(fd, path, text, error);
    close(fd);
    return rc;
}

int hash_sha256_ends(int fd, const char *name, uint64_t size, char text[HASH_SHA256_TEXT],
                     struct lcap_error *error)
{
    struct sha256_ctx state;
    uint8_t block[1 << 16], sum[SHA256_DIGEST_SIZE];
    const uint64_t starts[] = {0, size > sizeof block ? size - sizeof block : 0};
    sha256_init(&state);
    for (size_t i = 0; i < 2; i++) {
        const ssize_t got = file_read_at(fd, block, sizeof block, starts[i]);
        if (got < 0)
            return lcap_error_set_errno(error, errno, "%s: cannot read", name);
        sha256_update(&state, (size_t)got, block);
    }
    sha256_digest(&state, sizeof sum, sum);
    sodium_bin2hex(text, HASH_SHA256_TEXT, sum, sizeof sum);
    return LCAP_OK;
}

void hash_sha256_base64(const void *bytes, size_t len, char text[HASH_SHA256_BASE64])
{
    struct sha256_ctx state;
    uint8_t sum[SHA256_DIGEST_SIZE];
    sha256_init(&state);
    sha256_update(&state, len, bytes);
    sha256_digest(&state, sizeof sum, sum);
    sodium_bin2base64(text, HASH_SHA256_BASE64, sum, sizeof sum, sodium_base64_VARIANT_ORIGINAL);
}
