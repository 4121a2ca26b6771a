/* Finds and orders labels. */
#include "dataset/partition/partition_labels.h"

#include "base/memory.h"
#include "dataset/partition/metadata_part.h"
#include <stdlib.h>
#include <string.h>

struct label_text {
    const char *text;
    size_t len;
    uint32_t number; /* in the order of appearance */
};

static int compare_texts(const void *one, const void *other)
{
    const struct label_text *a = one, *b = other;
    const int order = memcmp(a->text, b->text, a->len < b->len ? a->len : b->len);
    return order != 0 ? order : (a->len > b->len) - (a->len < b->len);
}

/* In the order of appearance. A sample in which nothing matches has all of its metadata. */
static int take_labels(struct partition *p, const struct metadata_part *part,
                       struct lcap_error *error)
{
    const char *text;
    size_t len;
    int rc = LCAP_OK;
    for (uint32_t i = 0; i < partition_sample_count(p) && rc == LCAP_OK; i++) {
        const struct sample sample = sample_registry_get(&p->registry, i);
        p->counts.label_unmatched += !metadata_part_find(part, &sample, &text, &len);
        rc = intern_add(p->label_texts, text, len, &p->samples[i].label, error);
    }
    return rc;
}

static void order_labels(struct partition *p, struct label_text *texts, uint32_t *places)
{
    for (uint32_t i = 0; i < p->label_count; i++) {
        texts[i].text = intern_get(p->label_texts, i, &texts[i].len);
        texts[i].number = i;
    }
    qsort(texts, p->label_count, sizeof *texts, compare_texts);
    for (uint32_t i = 0; i < p->label_count; i++) {
        places[texts[i].number] = i;
        p->labels[i] = texts[i].text;
    }
    for (uint32_t i = 0; i < partition_sample_count(p); i++)
        p->samples[i].label = places[p->samples[i].label];
}

static int number_labels(struct partition *p, struct lcap_error *error)
{
    p->label_count = (uint32_t)intern_count(p->label_texts);
    p->labels = memory_new(p->label_count, sizeof *p->labels, error);
    struct label_text *texts = memory_new(p->label_count, sizeof *texts, error);
    uint32_t *places = memory_new(p->label_count, sizeof *places, error);
    const bool good = p->labels && texts && places;
    if (good)
        order_labels(p, texts, places);
    free(texts);
    free(places);
    return good ? LCAP_OK : LCAP_ERR_MEMORY;
}

int partition_labels_find(struct partition *partition, struct lcap_error *error)
{
    struct metadata_part part;
    int rc = metadata_part_init(&part, partition->options->stratify, error);
    if (rc < 0)
        return rc;
    rc = take_labels(partition, &part, error);
    metadata_part_release(&part);
    return rc == LCAP_OK ? number_labels(partition, error) : rc;
}
