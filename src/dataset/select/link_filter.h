/* A packet filter for captures of several link types: compiled once for each. */
#ifndef DATASET_SELECT_LINK_FILTER_H
#define DATASET_SELECT_LINK_FILTER_H

#include "base/result.h"
#include "capture/libpcap/filter.h"

struct link_program {
    uint16_t linktype;
    struct filter_program program; /* empty: the filter does not compile for it */
};

struct link_filter {
    const char *text;
    struct link_program *programs;
    size_t count, capacity;
    size_t last; /* the one that was used last */
};

/* LCAP_ERR_RULES if `text`, which must outlive the filter, is no filter. */
int link_filter_init(struct link_filter *filter, const char *text, struct lcap_error *error);
void link_filter_release(struct link_filter *filter);

/* Returns 1 if the packet matches, 0 if not, or a code. */
int link_filter_matches(struct link_filter *filter, const struct lcap_packet *packet,
                        struct lcap_error *error);

/* Adds a warning for each link type for which the filter did not compile. */
void link_filter_find(const struct link_filter *filter, struct result *result);

#endif
