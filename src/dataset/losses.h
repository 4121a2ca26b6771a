/* Adds up what several writers could not write. */
#ifndef DATASET_LOSSES_H
#define DATASET_LOSSES_H

#include "base/result.h"
#include <labelcap/capture.h>

void losses_add(struct lcap_losses *sum, const struct lcap_losses *more);

/* Adds a note for each kind. */
void losses_find(const struct lcap_losses *losses, struct result *result);

#endif
