/* The labels of a rules file, to notice two that differ in case or spaces only. */
#ifndef LABEL_LABEL_SPELLINGS_H
#define LABEL_LABEL_SPELLINGS_H

#include "base/buffer.h"
#include "base/intern.h"

/* The label that was written first of all that differ in case and spaces only. */
struct first_spelling {
    uint64_t line;
    uint32_t label; /* number in `exact` */
};

struct label_spellings {
    struct intern *exact, *folded;
    struct first_spelling *first; /* by number in `folded` */
    size_t capacity;
    struct buffer text; /* a label in lower case without spaces */
};

/* To be released even after a failure. */
int label_spellings_init(struct label_spellings *spellings, struct lcap_error *error);

/*
 * Adds the label of the rule in `line`. Returns 1 and the first spelling in *first
 * if the label is new but for case and spaces, else 0.
 */
int label_spellings_add(struct label_spellings *spellings, const char *label, size_t len,
                        uint64_t line, struct first_spelling *first, struct lcap_error *error);

void label_spellings_release(struct label_spellings *spellings);

#endif
