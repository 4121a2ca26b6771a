/* How outputs are compressed: decided by the end of their names. */
#ifndef BASE_IO_COMPRESSION_H
#define BASE_IO_COMPRESSION_H

#include <labelcap/error.h>
#include <stddef.h>

enum compression {
    COMPRESSION_NONE,
    COMPRESSION_BGZF, /* .gz */
    COMPRESSION_ZSTD, /* .zst: one frame, because tshark 4.0 stops at the end of the first */
};

enum compression compression_of_name(const char *name);

/* The length of a file name without the ending that asks for compression. */
size_t compression_stem(const char *name);

/* LCAP_ERR_ARGUMENT if it ends like a compressed file that can only be read. */
int compression_check_name(const char *name, struct lcap_error *error);

/* The level to use for an output of that name: `level`, or the default for 0. LCAP_ERR_ARGUMENT if
 * it has no such level. */
int compression_level(const char *name, int level, struct lcap_error *error);

#endif
