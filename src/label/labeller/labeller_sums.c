/* Puts into a labeller what others have counted. */
#include "label/labeller/labeller_sums.h"

#include "label/labeller/labeller_internal.h"

int labeller_prepare(struct lcap_labeller *labeller, uint32_t file, uint16_t linktype,
                     struct lcap_error *error)
{
    return rule_classes_prepare(&labeller->classes, file, linktype, error);
}

int labeller_add_packets(struct lcap_labeller *labeller, uint32_t rule, uint64_t packets,
                         struct lcap_error *error)
{
    const struct rule_kind *kind = labeller_kind_of(labeller, rule);
    const struct flow_sample sample = {labeller->rules->items[rule].sample_id, rule};
    struct rule_use *use = &labeller->uses[rule];
    const bool is_first = use->packets == 0;
    use->packets += packets;
    return kind_lists_samples(kind) || kind_counts_in_flows(kind) || (!kind->each && !is_first)
               ? LCAP_OK
               : sample_counts_add(&labeller->counts, kind, sample, packets, NULL, error);
}

int labeller_add_sample(struct lcap_labeller *labeller, uint32_t rule, uint64_t id,
                        uint64_t packets, struct lcap_error *error)
{
    const int rc = sample_counts_add(&labeller->counts, labeller_kind_of(labeller, rule),
                                     (struct flow_sample){id, rule}, packets, NULL, error);
    labeller->told.uncounted = labeller->counts.uncounted;
    return rc;
}

void labeller_add_uncounted(struct lcap_labeller *labeller, uint64_t packets)
{
    labeller->counts.uncounted += packets;
    labeller->told.uncounted = labeller->counts.uncounted;
}

void labeller_skip_packets(struct lcap_labeller *labeller, uint32_t file, uint64_t packets)
{
    if (file < labeller->rules->file_count)
        labeller->packets_of_file[file] += packets;
}
