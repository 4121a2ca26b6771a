/* The CRC-32 of gzip, zip and PNG. */
#ifndef BASE_CODEC_CHECKSUM_H
#define BASE_CODEC_CHECKSUM_H

#include <labelcap/error.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The checksum of more bytes: `before` is that of all bytes so far, 0 at the beginning. The
 * Makefile decides what computes it: ISA-L, which is faster, or libdeflate where that is missing.
 */
uint32_t checksum_add(uint32_t before, const void *bytes, size_t len);

/* Of two pieces, by the checksum of each and the length of the second. */
uint32_t checksum_join(uint32_t first, uint32_t second, uint64_t second_len);

/* As eight hexadecimal digits. */
#define CHECKSUM_TEXT 9
void checksum_write(uint32_t checksum, char text[CHECKSUM_TEXT]);

/* Of a whole file, called `name` in messages. */
int checksum_file(int fd, const char *name, uint32_t *checksum, struct lcap_error *error);

#endif
