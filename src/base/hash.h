/* SipHash-2-4 (Aumasson, Bernstein, 2012) and random keys for it; SHA-256. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <labelcap/error.h>
#include <stddef.h>
#include <stdint.h>

#define HASH_KEY_LEN 16

/* The eight output bytes, read as a little-endian integer. */
uint64_t hash_siphash(const uint8_t key[HASH_KEY_LEN], const void *bytes, size_t len);

/* The same with 128 bits of output: SipHashx-2-4. */
#define HASH_WIDE_LEN 16
void hash_siphash_wide(const uint8_t key[HASH_KEY_LEN], const void *bytes, size_t len,
                       uint8_t out[HASH_WIDE_LEN]);

/* Fills `key` with random bytes, so that crafted input cannot make a table with this key slow. */
int hash_random_key(uint8_t *key, size_t len, struct lcap_error *error);

/* The first 128 bits of the SHA-256 of these bytes: nobody can craft two contents that have the
 * same. */
void hash_sha256_wide(const void *bytes, size_t len, uint8_t out[HASH_WIDE_LEN]);

#define HASH_SHA256_TEXT 65

/* The SHA-256 (FIPS 180-4) of a whole file, called `name` in messages, in hexadecimal. */
int hash_sha256_file(int fd, const char *name, char text[HASH_SHA256_TEXT],
                     struct lcap_error *error);

/* The same of the file at this path. */
int hash_sha256_path(const char *path, char text[HASH_SHA256_TEXT], struct lcap_error *error);

#define HASH_SHA256_BASE64 45

/* The SHA-256 of these bytes in base64 (RFC 4648, 4), as policies of web pages write it. */
void hash_sha256_base64(const void *bytes, size_t len, char text[HASH_SHA256_BASE64]);

/*
 * The same of its first 64 KiB and its last 64 KiB, one behind the other: a quick look that
 * tells most changed files. In a file of `size` bytes that is shorter, they overlap.
 */
int hash_sha256_ends(int fd, const char *name, uint64_t size, char text[HASH_SHA256_TEXT],
                     struct lcap_error *error);

#endif
