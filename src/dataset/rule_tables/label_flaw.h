/* Labels of rules that are written. */
#ifndef DATASET_RULE_TABLES_LABEL_FLAW_H
#define DATASET_RULE_TABLES_LABEL_FLAW_H

#include <stddef.h>

/* Why `label` would not take this as metadata, or NULL. */
const char *label_flaw(const char *label, size_t len);

#endif
