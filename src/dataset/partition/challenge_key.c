/* Reads and makes the key of a challenge. */
#include "dataset/partition/challenge_key.h"

#include "base/io/file.h"
#include "base/number/number.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DIGITS (2 * HASH_KEY_LEN)

static int value_of(char digit)
{
    static const char digits[] = "0123456789abcdef";
    const char lower = digit >= 'A' && digit <= 'F' ? (char)(digit - 'A' + 'a') : digit;
    const char *found = lower ? strchr(digits, lower) : NULL;
    return found ? (int)(found - digits) : -1;
}

/* One line, and nothing behind it. */
static bool take_digits(const char *text, size_t len, uint8_t key[HASH_KEY_LEN])
{
    if (len > DIGITS && text[DIGITS] == '\n')
        len--;
    if (len != DIGITS)
        return false;
    for (size_t i = 0; i < HASH_KEY_LEN; i++) {
        const int high = value_of(text[2 * i]), low = value_of(text[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        key[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

/* The text of the file is not shown, whatever it is. */
static int read_key(int fd, const char *path, uint8_t key[HASH_KEY_LEN], struct lcap_error *error)
{
    char text[DIGITS + 2]; /* one byte more than there may be */
    const ssize_t len = file_read(fd, text, sizeof text);
    if (len < 0)
        return lcap_error_set_errno(error, errno, "%s: cannot read", path);
    return take_digits(text, (size_t)len, key)
               ? LCAP_OK
               : lcap_error_set(error, LCAP_ERR_FORMAT,
                                "%s: expected a key of %d hexadecimal digits; without the file, a "
                                "new key is made",
                                path, DIGITS);
}

static int write_key(int fd, const char *path, uint8_t key[HASH_KEY_LEN], struct lcap_error *error)
{
    static const char digits[] = "0123456789abcdef";
    char text[DIGITS + 1];
    const int rc = hash_random_key(key, HASH_KEY_LEN, error);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < HASH_KEY_LEN; i++) {
        text[2 * i] = digits[key[i] >> 4];
        text[2 * i + 1] = digits[key[i] & 15];
    }
    text[DIGITS] = '\n';
    return file_write(fd, text, sizeof text) == 0 && file_sync(fd) == 0
               ? LCAP_OK
               : lcap_error_set_errno(error, errno, "%s: cannot write", path);
}

static int make_key(const char *path, uint8_t key[HASH_KEY_LEN], struct lcap_error *error)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (fd < 0)
        return lcap_error_set_errno(error, errno, "%s: cannot create", path);
    const int rc = write_key(fd, path, key, error);
    close(fd);
    if (rc < 0)
        unlink(path);
    return rc;
}

int challenge_key_read(const char *path, uint8_t key[HASH_KEY_LEN], bool *is_new, bool *is_open,
                       struct lcap_error *error)
{
    struct stat st;
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    *is_new = fd < 0 && errno == ENOENT;
    *is_open = false;
    if (*is_new)
        return make_key(path, key, error);
    if (fd < 0)
        return lcap_error_set_errno(error, errno, "%s: cannot open", path);
    *is_open = fstat(fd, &st) == 0 && (st.st_mode & (S_IRGRP | S_IROTH));
    const int rc = read_key(fd, path, key, error);
    close(fd);
    return rc;
}

uint64_t challenge_id(const uint8_t key[HASH_KEY_LEN], uint64_t sample_id)
{
    char text[U64_TEXT];
    return hash_siphash(key, text, number_from_unsigned(sample_id, text));
}

uint64_t challenge_rank(const uint8_t key[HASH_KEY_LEN], uint64_t group)
{
    char text[6 + U64_TEXT] = "group ";
    return hash_siphash(key, text, 6 + number_from_unsigned(group, text + 6));
}
