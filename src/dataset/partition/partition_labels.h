/* The labels of samples: their metadata, or a part of it. */
#ifndef DATASET_PARTITION_PARTITION_LABELS_H
#define DATASET_PARTITION_PARTITION_LABELS_H

#include "dataset/partition/partition.h"

/* Numbers the labels in bytewise order. */
int partition_labels_find(struct partition *partition, struct lcap_error *error);

/* The text with this number. */
const char *partition_label_text(const struct partition *partition, uint32_t label, size_t *len);

#endif
