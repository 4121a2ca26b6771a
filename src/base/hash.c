/* SipHash-2-4: the crypto_shorthash of libsodium. */
#include "base/hash.h"

#include "base/bytes.h"
#include <errno.h>
#include <sodium/crypto_shorthash.h>
#include <sys/random.h>

_Static_assert(crypto_shorthash_KEYBYTES == HASH_KEY_LEN, "the key length of SipHash");
_Static_assert(crypto_shorthash_BYTES == 8, "SipHash with eight bytes of output");

uint64_t hash_siphash(const uint8_t key[HASH_KEY_LEN], const void *bytes, size_t len)
{
    uint8_t out[crypto_shorthash_BYTES];
    crypto_shorthash(out, bytes, len, key);
    return load64(out, false);
}

int hash_random_key(uint8_t *key, size_t len, struct lcap_error *error)
{
    /* Up to 256 bytes are returned whole; see getrandom(2). */
    if (getrandom(key, len, 0) != (ssize_t)len)
        return lcap_error_set_errno(error, errno, "random bytes for a hash key");
    return LCAP_OK;
}
