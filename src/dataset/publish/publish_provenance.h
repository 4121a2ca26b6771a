/* How a published set was made: by what, from what, with which options. */
#ifndef DATASET_PUBLISH_PUBLISH_PROVENANCE_H
#define DATASET_PUBLISH_PUBLISH_PROVENANCE_H

#include "base/arena.h"
#include "base/buffer.h"
#include <labelcap/error.h>
#include <stdbool.h>

enum provenance_list {
    PROVENANCE_LIBRARIES, /* that decide about bytes: of the compressors and the database */
    PROVENANCE_OPTIONS,   /* without paths */
    PROVENANCE_INPUTS,    /* "SHA256  NAME", as sha256sum prints it; for a challenge no name */
    PROVENANCE_RULES,     /* the same, of the rules file */
    PROVENANCE_LISTS
};

/* So many of each at most: a file from outside may have any number. */
#define PROVENANCE_MOST 16

struct publish_provenance {
    const char *labelcap; /* its version */
    const char *texts[PROVENANCE_LISTS][PROVENANCE_MOST];
    size_t counts[PROVENANCE_LISTS];
    struct arena memory;
};

/* By this program and its libraries; the other lists are empty. Release it even after an error. */
int publish_provenance_begin(struct publish_provenance *provenance, struct lcap_error *error);
int publish_provenance_add(struct publish_provenance *provenance, enum provenance_list list,
                           const char *text, struct lcap_error *error);

/* Reads provenance.json. */
int publish_provenance_read(struct publish_provenance *provenance, const char *path,
                            struct lcap_error *error);
int publish_provenance_write(const struct publish_provenance *provenance, struct buffer *out,
                             struct lcap_error *error);

/* Whether the same program and libraries would write the same bytes. */
bool publish_provenance_is_ours(const struct publish_provenance *provenance);

/* What follows an option, "" if it takes nothing; NULL if it was not given. */
const char *publish_provenance_option(const struct publish_provenance *provenance,
                                      const char *option);

void publish_provenance_release(struct publish_provenance *provenance);

#endif
