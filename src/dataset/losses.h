/* Adds up what several writers could not write. */
#ifndef DATASET_LOSSES_H
#define DATASET_LOSSES_H

#include <labelcap/capture.h>

void losses_add(struct lcap_losses *sum, const struct lcap_losses *more);

#endif
