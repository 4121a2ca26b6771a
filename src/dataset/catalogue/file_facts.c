/* Looks at a data set as a file: its size, its compression, its sum. */
#include "dataset/catalogue/file_facts.h"

#include "base/codec/codec.h"
#include "base/io/file.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static int look(int fd, const char *path, struct file_facts *facts, struct lcap_error *error)
{
    struct stat st;
    uint8_t magic[CODEC_LOOK];
    const ssize_t have = file_read_at(fd, magic, sizeof magic, 0);
    if (have < 0 || fstat(fd, &st) < 0)
        return lcap_error_set_errno(error, errno, "%s: cannot read", path);
    facts->stamp = file_stamp_of(fd);
    facts->size = (uint64_t)st.st_size;
    facts->compression = codec_form(magic, (size_t)have);
    return LCAP_OK;
}

int file_facts_find(const char *path, bool hash, struct file_facts *facts, struct lcap_error *error)
{
    *facts = (struct file_facts){.size = 0};
    if (!file_is_regular(path) && (strcmp(path, "-") == 0 || access(path, F_OK) == 0))
        return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                              "%s: is not a regular file; expected one labelled capture", path);
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return lcap_error_set_errno(error, errno, "%s: cannot open", path);
    int rc = look(fd, path, facts, error);
    if (rc == LCAP_OK)
        rc = hash_sha256_ends(fd, path, facts->size, facts->ends_sha256, error);
    if (rc == LCAP_OK && hash)
        rc = hash_sha256_file(fd, path, facts->sha256, error);
    close(fd);
    return rc;
}
