/* The steps that make a rule of a record: state and helpers, and those about its label. */
#ifndef LABEL_RULE_LABEL_H
#define LABEL_RULE_LABEL_H

#include "label/rule_filter.h"
#include "label/rule_record.h"

enum { TRAFFIC_FILTER, METADATA, HASH_KEY, COLUMNS_MAX };

/* The current record, and the rule that it becomes. */
struct making {
    struct rule_loader *loader;
    const struct csv_record *record;
    struct rule_filter filter;
    struct lcap_rule rule;
};

/* Puts the position of a byte of a column in front of an error. Returns its code. */
int making_at_place(const struct making *m, size_t column, size_t offset, int rc,
                    struct lcap_error *error);

int making_keep_text(struct lcap_rules *rules, const char *text, size_t len, const char **kept,
                     struct lcap_error *error);

/* Takes metadata and hash_key, and hashes. */
int rule_label_take_sample(struct making *m, struct lcap_error *error);

int rule_label_check_length(struct making *m, struct lcap_error *error);
int rule_label_check_end(struct making *m, struct lcap_error *error);
int rule_label_check_spelling(struct making *m, struct lcap_error *error);
int rule_label_check_key(struct making *m, struct lcap_error *error);

/* After the last record: warns of what such checks have counted. */
int rule_label_warn(struct rule_loader *loader, struct lcap_error *error);

#endif
