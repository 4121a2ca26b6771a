/* Counts samples. */
#include "label/labeller/sample_counts.h"

#include "base/memory.h"
#include <labelcap/label.h>
#include <stdlib.h>
#include <string.h>

int sample_counts_init(struct sample_counts *counts, size_t rules, struct lcap_error *error)
{
    counts->by_rule = memory_new(rules, sizeof *counts->by_rule, error);
    return counts->by_rule ? LCAP_OK : LCAP_ERR_MEMORY;
}

static int remember(struct idmap *map, uint64_t id, bool *is_new, struct lcap_error *error)
{
    const size_t known = map->count;
    uint32_t number;
    int rc = idmap_add(map, id, &number, error);
    *is_new = number == known;
    return rc;
}

uint64_t sample_counts_key(struct flow_sample sample)
{
    uint8_t both[sizeof sample.id + sizeof sample.rule];
    memcpy(both, &sample.id, sizeof sample.id);
    memcpy(both + sizeof sample.id, &sample.rule, sizeof sample.rule);
    return lcap_sample_id(both, sizeof both);
}

/* Samples of plain rules are as many as these rules at most. */
static bool is_full(const struct sample_counts *counts, const struct rule_kind *kind)
{
    return kind->each && counts->by_who.count >= MOST_REMEMBERED;
}

static int count_remembered(struct sample_counts *counts, const struct rule_kind *kind,
                            struct flow_sample sample, uint64_t packets, bool *new_of_rule,
                            bool *is_new, struct lcap_error *error)
{
    const uint64_t who = sample_counts_key(sample);
    *new_of_rule = *is_new = false;
    if (is_full(counts, kind)) {
        counts->uncounted += idmap_find(&counts->by_who, who) == IDMAP_NONE ? packets : 0;
        return LCAP_OK;
    }
    int rc = remember(&counts->by_who, who, new_of_rule, error);
    return rc == 0 && *new_of_rule ? remember(&counts->known, sample.id, is_new, error) : rc;
}

int sample_counts_add(struct sample_counts *counts, const struct rule_kind *kind,
                      struct flow_sample sample, uint64_t packets, struct flow_note *note,
                      struct lcap_error *error)
{
    bool new_of_rule = true, is_new = true;
    uint64_t samples = 1;
    int rc = LCAP_OK;
    if (kind_has(kind, EACH_PACKET))
        samples = packets; /* each packet is given once */
    else if (note)
        rc = flow_note_add(note, sample, &new_of_rule, &is_new, error);
    else
        rc = count_remembered(counts, kind, sample, packets, &new_of_rule, &is_new, error);
    if (rc < 0)
        return rc;
    counts->by_rule[sample.rule] += new_of_rule ? samples : 0;
    counts->all += is_new ? samples : 0;
    counts->of_flows += kind_counts_in_flows(kind) && is_new;
    return LCAP_OK;
}

void sample_counts_release(struct sample_counts *counts)
{
    idmap_release(&counts->known);
    idmap_release(&counts->by_who);
    free(counts->by_rule);
}
