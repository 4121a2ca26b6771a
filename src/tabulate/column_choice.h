/* Which columns of a profile are written. */
#ifndef TABULATE_COLUMN_CHOICE_H
#define TABULATE_COLUMN_CHOICE_H

#include <labelcap/flow.h>

/* Which columns are wanted. With `flow` alone, all columns that its options fill. */
struct column_request {
    const struct lcap_flow_options *flow;
    const char *names; /* these, in this order, separated by commas; or NULL */
    const char *drop;  /* all except these; or NULL */
    bool source_file;  /* also the name of the input, in the cell after those of the profile */
};

struct column_choice {
    const struct lcap_column **wanted;
    uint32_t *cells; /* the index of the cell of each in a row */
    size_t count;
    bool source_file; /* as requested: rows have this cell */
};

/* What is wrong with a request, for callers with messages of their own. */
struct column_fault {
    enum {
        COLUMN_UNKNOWN = 1,
        COLUMN_NAMED_TWICE,
        COLUMN_NEEDS_PACKETS, /* flow.sequence_packets */
        COLUMN_NEEDS_PAYLOAD, /* flow.payload_bytes */
        COLUMN_NONE_LEFT,
    } kind;
    const char *name; /* of the column, not terminated */
    size_t name_len;
};

/* LCAP_ERR_ARGUMENT: the request is wrong, and *fault (may be NULL) says why. Release the choice
 * even after errors. */
int column_choice_make(struct column_choice *choice, const struct column_request *request,
                       struct column_fault *fault, struct lcap_error *error);

void column_choice_release(struct column_choice *choice);

#endif
