/* Finds rules that can never label anything, because earlier ones take all their packets. */
#ifndef LABEL_RULE_WINDOWS_H
#define LABEL_RULE_WINDOWS_H

#include "label/rules_internal.h"

/*
 * Adds a warning for each rule whose time window is covered by earlier rules with
 * the same filter text or none and the same file or none.
 */
int rule_windows_warn(struct lcap_rules *rules, struct lcap_error *error);

#endif
