/* Finds the sample of a packet by its flow and the rules that it matches. */
#include "base/memory.h"
#include "label/labeller/labeller_internal.h"
#include "label/labeller/labeller_plain.h"
#include "label/labeller/labeller_shares.h"
#include <inttypes.h>
#include <stdlib.h>

/* A fragment waits for no more than this many bytes of packets and other blocks behind it. */
#define MOST_BYTES_BEHIND ((uint64_t)4 << 20)

static int take_turn(void *context, const struct joining *joining, struct lcap_error *error);

static bool needs_headers(const struct lcap_rules *rules)
{
    for (size_t i = 0; i < rules->kind_count; i++) {
        const struct rule_kind *kind = &rules->kinds[i].kind;
        if (kind_needs_flow(kind) || kind_has(kind, EACH_HOST))
            return true;
    }
    return false;
}

/* Rules may be loaded without inputs, but not label then. */
static int check_files(const struct lcap_rules *rules, struct lcap_error *error)
{
    for (size_t i = 0; rules->file_count == 0 && i < rules->count; i++) {
        const struct lcap_rule *rule = &rules->items[i];
        if (kind_needs_file(&rules->kinds[rule->kind].kind))
            return lcap_error_set(error, LCAP_ERR_RULES,
                                  "%s:%" PRIu64 ": EACH:file and EACH:packet need input files; "
                                  "there are none in a live capture or an empty folder",
                                  lcap_rules_path(rules), rule->line);
    }
    return LCAP_OK;
}

static int make_parts(struct lcap_labeller *l, struct lcap_error *error)
{
    const struct lcap_rules *rules = l->rules;
    l->uses = memory_new(rules->count, sizeof *l->uses, error);
    l->packets_of_file = memory_new(rules->file_count, sizeof *l->packets_of_file, error);
    int rc = l->uses && l->packets_of_file ? LCAP_OK : LCAP_ERR_MEMORY;
    if (rc == 0)
        rc = sample_counts_init(&l->counts, rules->count, error);
    if (rc == 0)
        rc = rule_programs_new(&l->programs, rules, error);
    if (rc == 0)
        rc = rule_classes_init(&l->classes, rules, l->programs, error);
    return rc == 0 ? label_flows_init(&l->flows, rules, error) : rc;
}

int lcap_labeller_new(struct lcap_labeller **labeller, const struct lcap_rules *rules,
                      struct lcap_error *error)
{
    struct lcap_labeller *new = memory_new(1, sizeof *new, error);
    if (!new)
        return LCAP_ERR_MEMORY;
    new->rules = rules;
    new->reads_headers = needs_headers(rules);
    new->wait.function = take_turn;
    new->wait.context = new;
    int rc = check_files(rules, error);
    if (rc == 0)
        rc = make_parts(new, error);
    if (rc == 0)
        *labeller = new;
    else
        lcap_labeller_free(new);
    return rc;
}

/* ---- rules ---- */

static void lower(uint32_t *rule, uint32_t other)
{
    if (other < *rule)
        *rule = other;
}

/* The rule of a packet that matches `found`, in its flow or in none. */
static uint32_t choose_rule(const struct lcap_labeller *l, const struct packet_rules *found,
                            const struct subject *subject, bool in_flow)
{
    uint32_t rule = found->anywhere;
    if (!in_flow)
        return rule;
    lower(&rule, found->in_flow);
    for (size_t i = 0; i < l->flows.count; i++) {
        const uint32_t scoped = l->flows.tables[i].note->rule;
        if (scoped < rule && rule_classes_suit(&l->classes, labeller_kind_of(l, scoped), subject))
            rule = scoped;
    }
    return rule;
}

static int settle(struct lcap_labeller *l, const struct packet_rules *found,
                  const struct subject *subject, bool in_flow, struct settled *settled,
                  struct lcap_error *error)
{
    settled->rule = choose_rule(l, found, subject, in_flow);
    return settled->rule == NO_RULE ? LCAP_OK : labeller_use_rule(l, settled, subject, error);
}

/* Tests a flow that begins. Fragments that waited are judged by the one they waited for. */
static int test_flow(struct lcap_labeller *l, struct label_table *table,
                     const struct joining *joining, uint32_t file, struct lcap_error *error)
{
    if (l->is_matched && !joining->waited) {
        table->note->rule = l->match.scoped[table - l->flows.tables];
        return LCAP_OK;
    }
    const struct subject first = {
        .packet = joining->ended_by, .headers = joining->headers, .file = file};
    return rule_classes_match_flow(&l->classes, &first, table->idle_ns, &table->note->rule, error);
}

/* ---- packets ---- */

static int join_flows(struct lcap_labeller *l, const struct joining *joining, uint32_t file,
                      struct lcap_error *error)
{
    int rc = label_flows_add(&l->flows, joining->packet, joining->headers, error);
    for (size_t i = 0; rc == 0 && i < l->flows.count; i++)
        if (l->flows.tables[i].began)
            rc = test_flow(l, &l->flows.tables[i], joining, file, error);
    l->told.lost_fragments += l->flows.count > 0 && joining->headers->unknown_ports;
    return rc;
}

static int take_waiting(struct lcap_labeller *l, const struct joining *joining, bool in_flow,
                        struct lcap_error *error)
{
    struct waiting *waiting = &l->slots[joining->tag];
    const struct subject subject = {
        .packet = joining->packet,
        .headers = joining->skip == LCAP_SKIP_NONE ? joining->headers : NULL,
        .file = waiting->file,
        .number = waiting->number_in_file,
    };
    struct settled *settled = &l->settled[l->settled_count++];
    settled->number = waiting->number;
    waiting->used = false;
    return settle(l, &waiting->rules, &subject, in_flow, settled, error);
}

/* The packet given last. */
static int settle_subject(struct lcap_labeller *l, bool in_flow, struct lcap_error *error)
{
    struct packet_rules found;
    int rc = LCAP_OK;
    if (l->is_matched)
        found = l->match.rules;
    else
        rc = rule_classes_match(&l->classes, &l->subject, &found, error);
    return rc == 0 ? settle(l, &found, &l->subject, in_flow, &l->now, error) : rc;
}

static int take_subject(struct lcap_labeller *l, const struct joining *joining, bool in_flow,
                        struct lcap_error *error)
{
    l->subject.headers = joining->skip == LCAP_SKIP_NONE ? joining->headers : NULL;
    return settle_subject(l, in_flow, error);
}

/* A fragment of another share has its turn. */
static int pass_turn(struct lcap_labeller *l, const struct joining *joining,
                     struct lcap_error *error)
{
    if (joining->waited)
        l->slots[joining->tag].used = false;
    return joining->skip == LCAP_SKIP_NONE ? label_flows_pass(&l->flows, joining->packet, error)
                                           : LCAP_OK;
}

/* A packet's turn to join its flow. */
static int take_turn(void *context, const struct joining *joining, struct lcap_error *error)
{
    struct lcap_labeller *l = context;
    if (joining->headers->fragment && !flow_share_has(&l->share, joining->headers))
        return pass_turn(l, joining, error);
    const uint32_t file = joining->waited ? l->slots[joining->tag].file : l->subject.file;
    bool in_flow = joining->skip == LCAP_SKIP_NONE;
    int rc = in_flow ? join_flows(l, joining, file, error) : LCAP_OK;
    if (rc < 0)
        return rc;
    in_flow = in_flow && !joining->headers->unknown_ports;
    return joining->waited ? take_waiting(l, joining, in_flow, error)
                           : take_subject(l, joining, in_flow, error);
}

/* The packet given last waits. Its own bytes can be matched at once. */
static int keep_waiting(struct lcap_labeller *l, struct lcap_error *error)
{
    struct waiting *waiting = &l->slots[l->free_slot];
    l->subject.headers = &l->wait.headers;
    *waiting = (struct waiting){
        .used = true,
        .number = l->packets,
        .bytes = l->bytes,
        .number_in_file = l->subject.number,
        .file = l->subject.file,
    };
    while (l->slots[l->free_slot].used)
        l->free_slot = (l->free_slot + 1) % (HELD_PACKETS + 2);
    return rule_classes_match(&l->classes, &l->subject, &waiting->rules, error);
}

int labeller_limit_waits(struct lcap_labeller *l, struct lcap_error *error)
{
    const struct held_fragments *held = &l->wait.held;
    int rc = LCAP_OK;
    while (rc == 0 && held->count > 0 &&
           l->bytes - l->slots[held->items[0]->tag].bytes > MOST_BYTES_BEHIND)
        rc = fragment_wait_end_oldest(&l->wait, error);
    return rc;
}

/* It is no fragment. */
static int join_matched(struct lcap_labeller *l, struct lcap_error *error)
{
    const struct joining joining = {
        .packet = l->subject.packet,
        .headers = &l->match.headers,
        .skip = l->match.has_headers ? LCAP_SKIP_NONE : LCAP_SKIP_NO_IP,
        .ended_by = l->subject.packet,
    };
    const int rc = fragment_wait_pass(&l->wait, l->subject.packet, error);
    return rc == 0 ? take_turn(l, &joining, error) : rc;
}

/* Labels a packet of rules that ask for flows. Returns 1 if it waits. */
static int label_in_flow(struct lcap_labeller *l, struct lcap_error *error)
{
    int rc = labeller_limit_waits(l, error);
    if (rc == 0 && l->is_matched)
        return join_matched(l, error);
    if (rc == 0)
        rc = fragment_wait_packet(&l->wait, l->subject.packet, l->free_slot, error);
    if (rc != 1)
        return rc;
    rc = keep_waiting(l, error);
    return rc < 0 ? rc : 1;
}

int labeller_label_alone(struct lcap_labeller *l, struct lcap_error *error)
{
    struct packet_headers *headers = &l->wait.headers;
    if (l->is_matched)
        l->subject.headers = l->match.has_headers ? &l->match.headers : NULL;
    else if (l->reads_headers &&
             packet_headers_parse(&l->wait.parser, l->subject.packet, headers) == LCAP_SKIP_NONE)
        l->subject.headers = headers;
    return settle_subject(l, false, error);
}

void labeller_begin_call(struct lcap_labeller *l)
{
    l->settled_count = l->settled_taken = 0;
}

void labeller_count_in_file(struct lcap_labeller *l, uint32_t file)
{
    if (file < l->rules->file_count)
        l->subject.number = ++l->packets_of_file[file];
}

int labeller_begin_packet(struct lcap_labeller *l, uint32_t file, const struct lcap_packet *packet,
                          bool is_matched, struct lcap_error *error)
{
    labeller_begin_call(l);
    l->is_matched = is_matched;
    l->subject = (struct subject){.packet = packet, .file = file};
    labeller_count_in_file(l, file);
    return is_matched ? LCAP_OK
                      : rule_classes_prepare(&l->classes, file, packet->interface->linktype, error);
}

int lcap_labeller_label(struct lcap_labeller *labeller, uint32_t file,
                        const struct lcap_packet *packet, const struct lcap_sample **sample,
                        struct lcap_error *error)
{
    *sample = NULL;
    if (labeller->classes.plain) {
        const int rc = labeller_label_plainly(labeller, file, packet, 1, sample, error);
        return rc < 0 ? rc : *sample != NULL;
    }
    return labeller_label_packet(labeller, file, packet, false, sample, error);
}

int labeller_label_packet(struct lcap_labeller *l, uint32_t file, const struct lcap_packet *packet,
                          bool is_matched, const struct lcap_sample **sample,
                          struct lcap_error *error)
{
    *sample = NULL;
    int rc = labeller_begin_packet(l, file, packet, is_matched, error);
    if (rc < 0)
        return rc;
    rc = l->flows.count > 0 ? label_in_flow(l, error) : labeller_label_alone(l, error);
    l->packets += labeller_shares_packet(l);
    l->bytes += packet->caplen;
    if (rc != 0)
        return rc < 0 ? rc : LCAP_LABEL_WAITS;
    return labeller_tell(l, &l->now, sample, error);
}

int lcap_labeller_settled(struct lcap_labeller *labeller, uint64_t *number,
                          const struct lcap_sample **sample, struct lcap_error *error)
{
    *sample = NULL;
    if (labeller->settled_taken == labeller->settled_count)
        return 0;
    const struct settled *settled = &labeller->settled[labeller->settled_taken++];
    *number = settled->number;
    int rc = labeller_tell(labeller, settled, sample, error);
    return rc < 0 ? rc : 1;
}

int lcap_labeller_end_waits(struct lcap_labeller *labeller, struct lcap_error *error)
{
    labeller_begin_call(labeller);
    return fragment_wait_end(&labeller->wait, error);
}

int lcap_labeller_finish(struct lcap_labeller *labeller, struct lcap_error *error)
{
    int rc = lcap_labeller_end_waits(labeller, error);
    if (rc == 0)
        rc = label_flows_finish(&labeller->flows, error);
    labeller->told.cut_flows = label_flows_cut(&labeller->flows);
    return rc;
}

/* ---- counts ---- */

const struct lcap_finding *lcap_labeller_finding(const struct lcap_labeller *labeller, size_t index)
{
    return rule_programs_finding(labeller->programs, index);
}

bool lcap_labeller_refused(const struct lcap_labeller *labeller, size_t rule)
{
    return rule_programs_refused(labeller->programs, (uint32_t)rule);
}

uint64_t lcap_labeller_packets(const struct lcap_labeller *labeller, size_t rule)
{
    return labeller->uses[rule].packets;
}

uint64_t lcap_labeller_rule_samples(const struct lcap_labeller *labeller, size_t rule)
{
    return labeller->counts.by_rule[rule];
}

uint64_t lcap_labeller_samples(const struct lcap_labeller *labeller)
{
    return labeller->counts.all;
}

const struct lcap_labeller_counts *lcap_labeller_counts(const struct lcap_labeller *labeller)
{
    return &labeller->told;
}

void lcap_labeller_free(struct lcap_labeller *labeller)
{
    if (!labeller)
        return;
    for (size_t i = 0; labeller->uses && i < labeller->rules->count; i++)
        free(labeller->uses[i].sample);
    fragment_wait_release(&labeller->wait);
    label_flows_release(&labeller->flows);
    rule_classes_release(&labeller->classes);
    rule_programs_free(labeller->programs);
    sample_counts_release(&labeller->counts);
    buffer_release(&labeller->text);
    free(labeller->match.scoped);
    free(labeller->packets_of_file);
    free(labeller->uses);
    free(labeller);
}
