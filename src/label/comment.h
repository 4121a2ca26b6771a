/* Labels into comments; <labelcap/label.h> has the way back. */
#ifndef LABEL_COMMENT_H
#define LABEL_COMMENT_H

#include <labelcap/label.h>

/* The length of "sampleID,metadata" with metadata of `len` bytes. */
size_t comment_length(uint64_t sample_id, size_t len);

/* The length of metadata as readers have it: without what they take for facts of the packet. */
size_t comment_read_length(const char *metadata, size_t len);

/* Writes it, followed by a NUL. */
void comment_write(uint64_t sample_id, const char *metadata, size_t len, char *out);

#endif
