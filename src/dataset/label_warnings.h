/* Every warning about the rules of one labelling, in the order of the rules file. */
#ifndef DATASET_LABEL_WARNINGS_H
#define DATASET_LABEL_WARNINGS_H

#include "base/buffer.h"

struct label_pass;
struct label_warning;

/* An all-zero struct holds none. */
struct label_warnings {
    struct label_warning *items;
    size_t count, capacity;
    struct buffer texts; /* one after the other, each NUL-terminated */
};

/*
 * Those of loading, of the matcher, and of rules that labelled nothing, unless
 * loading has explained it.
 */
int label_warnings_gather(struct label_warnings *warnings, const struct label_pass *pass,
                          struct lcap_error *error);

/* "LINE: text". Valid until the release. */
const char *label_warnings_text(const struct label_warnings *warnings, size_t index);
void label_warnings_release(struct label_warnings *warnings);

#endif
