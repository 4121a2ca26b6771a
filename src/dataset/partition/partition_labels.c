/* Finds and orders labels. */
#include "dataset/partition/partition_labels.h"

#include "base/text/text_part.h"
#include <stdlib.h>

/* In the order of appearance. A sample in which nothing matches has all of its metadata. */
static int take_labels(struct partition *p, const struct text_part *part, struct lcap_error *error)
{
    const char *text;
    size_t len;
    int rc = LCAP_OK;
    for (uint32_t i = 0; i < partition_sample_count(p) && rc == LCAP_OK; i++) {
        const struct sample sample = sample_registry_get(&p->registry, i);
        p->counts.label_unmatched +=
            !text_part_find(part, sample.metadata, sample.metadata_len, &text, &len);
        rc = intern_add(p->label_texts, text, len, &p->samples[i].label, error);
    }
    return rc;
}

static int number_labels(struct partition *p, struct lcap_error *error)
{
    uint32_t *places;
    const int rc = intern_order(p->label_texts, &p->labels, &places, error);
    p->label_count = (uint32_t)intern_count(p->label_texts);
    for (uint32_t i = 0; rc == LCAP_OK && i < partition_sample_count(p); i++)
        p->samples[i].label = places[p->samples[i].label];
    free(places);
    return rc;
}

const char *partition_label_text(const struct partition *partition, uint32_t label, size_t *len)
{
    return intern_get(partition->label_texts, partition->labels[label], len);
}

int partition_labels_find(struct partition *partition, struct lcap_error *error)
{
    struct text_part part;
    int rc = text_part_init(&part, partition->options->stratify, error);
    if (rc < 0)
        return rc;
    rc = take_labels(partition, &part, error);
    text_part_release(&part);
    return rc == LCAP_OK ? number_labels(partition, error) : rc;
}
