/* The rules themselves, as the files that load them see them. */
#ifndef LABEL_RULES_INTERNAL_H
#define LABEL_RULES_INTERNAL_H

#include "base/intern.h"
#include "capture/filter.h"
#include <labelcap/label.h>

struct lcap_rules {
    char *path;
    struct intern *texts; /* all that the rules point to */
    struct lcap_rule *items;
    size_t count, capacity;
    /* Of the distinct filters, in the order in which rules first have them; see filter_check(). */
    struct filter_program *ethernet_programs;
    size_t program_count, programs_capacity;
    char **warnings;
    size_t warning_count, warning_capacity;
};

/* Adds the warning "LINE: ...". */
int rules_warn(struct lcap_rules *rules, struct lcap_error *error, uint64_t line,
               const char *format, ...) LCAP_PRINTF(4, 5);

#endif
