/* Reads single packets of an input again, of which a part does not tell enough. */
#ifndef DATASET_CHECK_CHECK_REREAD_H
#define DATASET_CHECK_CHECK_REREAD_H

#include <labelcap/capture.h>

/* All zero: nothing was read yet. */
struct check_reread {
    struct lcap_reader *reader;
};

/*
 * Gives the packet its bytes: those of the block of `path` that begins there, whose hash is
 * `content`. Valid until the next one. LCAP_ERR_IO: the file has changed.
 */
int check_reread_packet(struct check_reread *again, const char *path,
                        const struct lcap_position *at, const uint8_t *content,
                        struct lcap_packet *packet, struct lcap_error *error);

/* Another input follows. */
void check_reread_close(struct check_reread *again);

#endif
