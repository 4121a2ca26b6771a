/* Labels packets of flows in shares. */
#include "label/labeller/labeller_shares.h"

#include "label/labeller/labeller_internal.h"
#include "label/labeller/labeller_sums.h"

/* ---- deciding ---- */

void labeller_take_share(struct lcap_labeller *labeller, struct flow_share share)
{
    labeller->share = share;
}

bool labeller_shares_packet(const struct lcap_labeller *labeller)
{
    return labeller->is_matched || flow_share_has(&labeller->share, &labeller->wait.headers);
}

int labeller_pass(struct lcap_labeller *labeller, uint32_t file, const struct lcap_packet *packet,
                  enum lcap_skip skip, struct lcap_error *error)
{
    labeller_begin_call(labeller);
    labeller_count_in_file(labeller, file);
    int rc = labeller_limit_waits(labeller, error);
    if (rc == LCAP_OK)
        rc = fragment_wait_pass(&labeller->wait, packet, error);
    labeller->bytes += packet->caplen;
    return rc == LCAP_OK && skip == LCAP_SKIP_NONE
               ? label_flows_pass(&labeller->flows, packet, error)
               : rc;
}

int labeller_pass_block(struct lcap_labeller *labeller, const struct lcap_block *block,
                        struct lcap_error *error)
{
    if (block->kind == LCAP_BLOCK_SECTION)
        return lcap_labeller_end_waits(labeller, error);
    labeller_begin_call(labeller);
    labeller->bytes += block->body_len;
    return labeller_limit_waits(labeller, error);
}

struct labeller_flow_counts labeller_flow_counts(const struct lcap_labeller *labeller)
{
    return (struct labeller_flow_counts){
        .samples = labeller->counts.of_flows,
        .lost_fragments = labeller->told.lost_fragments,
        .cut_flows = labeller->told.cut_flows,
    };
}

void labeller_add_flow_counts(struct lcap_labeller *labeller,
                              const struct labeller_flow_counts *counts)
{
    labeller->counts.all += counts->samples;
    labeller->told.lost_fragments += counts->lost_fragments;
    labeller->told.cut_flows += counts->cut_flows;
}

bool labeller_counts_in_flows(const struct lcap_labeller *labeller, uint32_t rule)
{
    return kind_counts_in_flows(labeller_kind_of(labeller, rule));
}

void labeller_add_flow_samples(struct lcap_labeller *labeller, uint32_t rule, uint64_t samples)
{
    labeller->counts.by_rule[rule] += samples;
}

/* ---- taking decisions ---- */

/* Finds the share as packet_buckets_add() does: a fragment may have one without a known flow. */
bool labeller_find_share(struct lcap_labeller *labeller, const struct lcap_packet *packet,
                         uint32_t shares, uint32_t *share)
{
    struct fragment_wait *wait = &labeller->wait;
    const uint64_t fragments = wait->parser.fragments.named;
    const enum lcap_skip skip = packet_headers_parse(&wait->parser, packet, &wait->headers);
    if (skip != LCAP_SKIP_NONE && wait->parser.fragments.named == fragments)
        return false;
    *share = flow_share_of(&wait->headers, shares);
    return true;
}

int labeller_label_unshared(struct lcap_labeller *labeller, uint32_t file,
                            const struct lcap_packet *packet, const struct lcap_sample **sample,
                            struct lcap_error *error)
{
    int rc = labeller_begin_packet(labeller, file, packet, false, error);
    if (rc == LCAP_OK)
        rc = labeller_label_alone(labeller, error);
    return rc == LCAP_OK ? labeller_tell(labeller, &labeller->now, sample, error) : rc;
}

/* A sample counts once, whoever else may have packets of it. */
static int count_decided(struct lcap_labeller *l, const struct settled *settled,
                         struct lcap_error *error)
{
    const struct rule_kind *kind = labeller_kind_of(l, settled->rule);
    const struct rule_use *use = &l->uses[settled->rule];
    const bool is_same = use->sample && use->sample->id == settled->id;
    const int rc = labeller_add_packets(l, settled->rule, 1, error);
    return rc == LCAP_OK && !is_same && (kind_lists_samples(kind) || kind_counts_in_flows(kind))
               ? labeller_add_sample(l, settled->rule, settled->id, 1, error)
               : rc;
}

int labeller_label_decided(struct lcap_labeller *labeller, uint32_t file, uint32_t rule,
                           uint64_t id, const struct lcap_sample **sample, struct lcap_error *error)
{
    const struct settled settled = {.rule = rule, .id = id};
    labeller_count_in_file(labeller, file);
    const int rc = rule == NO_RULE ? LCAP_OK : count_decided(labeller, &settled, error);
    return rc == LCAP_OK ? labeller_tell(labeller, &settled, sample, error) : rc;
}
