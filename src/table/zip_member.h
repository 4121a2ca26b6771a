/* What a ZIP file says of a member: to check that its writer could write all of it. */
#ifndef TABLE_ZIP_MEMBER_H
#define TABLE_ZIP_MEMBER_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The uncompressed size of `name` in the central directory (APPNOTE.TXT of PKWARE,
 * 4.3.12 to 4.3.16). False if there is no such member, or no directory within the
 * last 64 KiB of the file.
 */
bool zip_member_size(int fd, const char *name, uint64_t *size);

#endif
