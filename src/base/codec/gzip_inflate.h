/* One gzip member (RFC 1952) as a stream, by ISA-L where that is there, which is faster, otherwise
 * by zlib: the Makefile decides. */
#ifndef BASE_CODEC_GZIP_INFLATE_H
#define BASE_CODEC_GZIP_INFLATE_H

#include "base/codec/codec.h"

struct gzip_inflater;

/* NULL if there is no memory. */
struct gzip_inflater *gzip_inflater_new(void);

/* Before another member. */
void gzip_inflater_reset(struct gzip_inflater *inflater);

/* One step: returns 1 after the last byte of the member, 0 before it, or an error. */
int gzip_inflater_step(struct gzip_inflater *inflater, struct codec_step *step,
                       struct lcap_error *error);
void gzip_inflater_free(struct gzip_inflater *inflater);

#endif
