/*
 * Writes a ZIP archive of stored files (PKWARE's APPNOTE 6.3, with the fields of ZIP64,
 * 4.5.3, so that files may be of any size). The beginning of a file may be written last,
 * when it is known.
 */
#ifndef BASE_CODEC_ZIP_WRITER_H
#define BASE_CODEC_ZIP_WRITER_H

#include "base/io/output.h"

struct zip_writer;

/* LCAP_ERR_ARGUMENT: a stream, in which nothing can be changed later. */
int zip_writer_open(struct zip_writer **writer, const char *path,
                    const struct output_options *options, struct lcap_error *error);

/* Begins a file, whose first `head_len` bytes zip_writer_end() gets. At most ZIP_MOST_FILES. */
#define ZIP_MOST_FILES 16
int zip_writer_begin(struct zip_writer *writer, const char *name, size_t head_len,
                     struct lcap_error *error);
int zip_writer_add(struct zip_writer *writer, const void *bytes, size_t len,
                   struct lcap_error *error);
int zip_writer_end(struct zip_writer *writer, const void *head, struct lcap_error *error);

/* Finishes the archive and frees, even on errors. */
int zip_writer_close(struct zip_writer *writer, struct lcap_error *error);
/* Removes it. NULL is allowed. */
void zip_writer_discard(struct zip_writer *writer);

#endif
