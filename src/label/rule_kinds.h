/* The distinct kinds of the rules, while a rules file is read. */
#ifndef LABEL_RULE_KINDS_H
#define LABEL_RULE_KINDS_H

#include "label/rule_kind.h"
#include "label/rule_record.h"

/* Adds PLAIN_KIND. */
int rule_kinds_init(struct rule_loader *loader, struct lcap_error *error);

/*
 * Sets *number to the number of this kind, which is added if it is new, as is the same
 * kind without EACH. LCAP_ERR_RULES: the inputs cannot be told apart by the names that
 * the kind needs, or there are none.
 */
int rule_kinds_add(struct rule_loader *loader, const struct rule_kind *kind, uint32_t *number,
                   struct lcap_error *error);

/*
 * Sets `text` to what stands for the samples of a rule of this kind: rules form the
 * same samples only if it is the same. For a rule without EACH that is what is hashed.
 */
int rule_kinds_hashed(const struct rule_kind *kind, const char *source, size_t len,
                      struct buffer *text, struct lcap_error *error);

#endif
