/* Finds the sample of a packet by its flow and the rules that it matches. */
#include "base/memory.h"
#include "flow/fragment_wait.h"
#include "label/comment.h"
#include "label/labeller/labeller_plain.h"
#include "label/labeller/labeller_sums.h"
#include "label/labeller/sample_counts.h"
#include "label/labeller/sample_text.h"
#include "label/rule_classes.h"
#include <inttypes.h>
#include <stdlib.h>

/* A fragment waits for no more than this many bytes of packets behind it. */
#define MOST_BYTES_BEHIND ((uint64_t)4 << 20)

/* The use of a rule so far. */
struct rule_use {
    uint64_t packets;
    struct lcap_sample
        *sample; /* of its last packet; NULL without one. Its comment lies behind it */
};

/* A packet that waits for its flow. */
struct waiting {
    bool used;
    uint64_t number; /* of packets given before it */
    uint64_t bytes;  /* of them */
    uint64_t number_in_file;
    uint32_t file;
    struct packet_rules rules;
};

/* The samples of a packet: known, and to be fetched. */
struct settled {
    uint64_t number;
    uint32_t rule; /* or NO_RULE */
    uint64_t id;
};

struct lcap_labeller {
    const struct lcap_rules *rules;
    struct rule_programs *programs;
    struct rule_classes classes;
    bool reads_headers; /* of packets, for flows or hosts */
    struct label_flows flows;
    struct fragment_wait wait; /* for flows, and for headers in any case */
    struct rule_use *uses;     /* by rule */
    struct sample_counts counts;
    struct lcap_labeller_counts told;
    struct buffer text;        /* what is hashed */
    uint64_t *packets_of_file; /* by file, for EACH:packet */

    uint64_t packets, bytes; /* given so far */
    struct subject subject;  /* the packet given last */
    struct settled now;      /* its sample */

    struct waiting slots[HELD_PACKETS + 2]; /* by tag; one is always free */
    uint32_t free_slot;
    struct settled settled[HELD_PACKETS + 2];
    size_t settled_count, settled_taken;
};

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

/* ---- samples ---- */

static const struct rule_kind *kind_of(const struct lcap_labeller *l, uint32_t rule)
{
    return &l->rules->kinds[l->rules->items[rule].kind].kind;
}

/* The ID of an EACH sample. `table`: of the kind, if it has EACH:flow. */
static int hash_sample(struct lcap_labeller *l, uint32_t number, const struct rule_kind *kind,
                       const struct subject *subject, const struct label_table *table, uint64_t *id,
                       struct lcap_error *error)
{
    const struct lcap_rule *rule = &l->rules->items[number];
    const char *path = kind_needs_file(kind) ? l->rules->file_names[subject->file] : NULL;
    buffer_clear(&l->text);
    int rc = buffer_append(&l->text, rule->source, rule->source_len, error);
    if (rc == 0)
        rc = sample_text_append(&l->text, kind, subject, table ? table->flow : NULL,
                                table ? table->note->time_ns : 0, path, error);
    if (rc == 0)
        *id = lcap_sample_id(l->text.data, l->text.len);
    return rc;
}

static int find_id(struct lcap_labeller *l, uint32_t rule, const struct rule_kind *kind,
                   const struct subject *subject, const struct label_table *table, uint64_t *id,
                   struct lcap_error *error)
{
    const struct flow_sample *known = NULL;
    if (kind->each == EACH_FLOW)
        known = flow_note_find(table->note, rule);
    if (!known)
        return hash_sample(l, rule, kind, subject, table, id, error);
    *id = known->id;
    return LCAP_OK;
}

/* The packet is one of this sample, whose rule has labelled others before. */
static bool is_same_sample(const struct rule_use *use, uint64_t id)
{
    return use->sample && use->sample->id == id;
}

/* The one sample of a rule without EACH. */
static int use_only_sample(struct lcap_labeller *l, struct settled *settled,
                           const struct rule_kind *kind, struct lcap_error *error)
{
    struct rule_use *use = &l->uses[settled->rule];
    settled->id = l->rules->items[settled->rule].sample_id;
    if (use->packets++ > 0)
        return LCAP_OK;
    return sample_counts_add(&l->counts, kind, (struct flow_sample){settled->id, settled->rule}, 1,
                             NULL, error);
}

/* Notes the sample of a packet as the last one of its rule. */
static int use_rule(struct lcap_labeller *l, struct settled *settled, const struct subject *subject,
                    struct lcap_error *error)
{
    const struct rule_kind *kind = kind_of(l, settled->rule);
    struct rule_use *use = &l->uses[settled->rule];
    if (!kind->each)
        return use_only_sample(l, settled, kind, error);
    struct label_table *table =
        kind_has(kind, EACH_FLOW) ? label_flows_table(&l->flows, kind->flow_ns) : NULL;
    int rc = find_id(l, settled->rule, kind, subject, table, &settled->id, error);
    /* Once there are samples that are not remembered, each of their packets is counted. */
    if (rc == 0 && (!is_same_sample(use, settled->id) || l->counts.uncounted > 0))
        rc = sample_counts_add(&l->counts, kind, (struct flow_sample){settled->id, settled->rule},
                               1, table ? table->note : NULL, error);
    l->told.uncounted = l->counts.uncounted;
    use->packets += rc == 0;
    return rc;
}

static struct lcap_sample *new_sample(const struct lcap_rule *rule, uint32_t number,
                                      struct lcap_error *error)
{
    struct lcap_sample *sample =
        memory_new(1, sizeof *sample + comment_length(UINT64_MAX, rule->metadata_len) + 1, error);
    if (!sample)
        return NULL;
    *sample = (struct lcap_sample){
        .metadata = rule->metadata,
        .metadata_len = rule->metadata_len,
        .comment = (char *)(sample + 1),
        .rule = number,
    };
    return sample;
}

static int write_sample(const struct lcap_labeller *l, const struct settled *settled,
                        struct rule_use *use, struct lcap_error *error)
{
    const struct lcap_rule *rule = &l->rules->items[settled->rule];
    if (!use->sample)
        use->sample = new_sample(rule, settled->rule, error);
    if (!use->sample)
        return LCAP_ERR_MEMORY;
    use->sample->id = settled->id;
    use->sample->comment_len = comment_length(settled->id, rule->metadata_len);
    comment_write(settled->id, rule->metadata, rule->metadata_len, (char *)(use->sample + 1));
    return LCAP_OK;
}

/* Sets *sample to what the packet gets. Returns 1, or 0 if that is nothing. */
static int tell(struct lcap_labeller *l, const struct settled *settled,
                const struct lcap_sample **sample, struct lcap_error *error)
{
    *sample = NULL;
    if (settled->rule == NO_RULE)
        return 0;
    struct rule_use *use = &l->uses[settled->rule];
    if (!is_same_sample(use, settled->id) && write_sample(l, settled, use, error) < 0)
        return LCAP_ERR_MEMORY;
    *sample = use->sample;
    return 1;
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
        if (scoped < rule && rule_classes_suit(&l->classes, kind_of(l, scoped), subject))
            rule = scoped;
    }
    return rule;
}

static int settle(struct lcap_labeller *l, const struct packet_rules *found,
                  const struct subject *subject, bool in_flow, struct settled *settled,
                  struct lcap_error *error)
{
    settled->rule = choose_rule(l, found, subject, in_flow);
    return settled->rule == NO_RULE ? LCAP_OK : use_rule(l, settled, subject, error);
}

/* Tests a flow that begins. Fragments that waited are judged by the one they waited for. */
static int test_flow(struct lcap_labeller *l, struct label_table *table,
                     const struct joining *joining, uint32_t file, struct lcap_error *error)
{
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

static int take_subject(struct lcap_labeller *l, const struct joining *joining, bool in_flow,
                        struct lcap_error *error)
{
    struct packet_rules found;
    l->subject.headers = joining->skip == LCAP_SKIP_NONE ? joining->headers : NULL;
    int rc = rule_classes_match(&l->classes, &l->subject, &found, error);
    return rc == 0 ? settle(l, &found, &l->subject, in_flow, &l->now, error) : rc;
}

/* A packet's turn to join its flow. */
static int take_turn(void *context, const struct joining *joining, struct lcap_error *error)
{
    struct lcap_labeller *l = context;
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

static int limit_waits(struct lcap_labeller *l, struct lcap_error *error)
{
    const struct held_fragments *held = &l->wait.held;
    int rc = LCAP_OK;
    while (rc == 0 && held->count > 0 &&
           l->bytes - l->slots[held->items[0]->tag].bytes > MOST_BYTES_BEHIND)
        rc = fragment_wait_end_oldest(&l->wait, error);
    return rc;
}

/* Labels a packet of rules that ask for flows. Returns 1 if it waits. */
static int label_in_flow(struct lcap_labeller *l, struct lcap_error *error)
{
    int rc = limit_waits(l, error);
    if (rc == 0)
        rc = fragment_wait_packet(&l->wait, l->subject.packet, l->free_slot, error);
    if (rc != 1)
        return rc;
    rc = keep_waiting(l, error);
    return rc < 0 ? rc : 1;
}

/* Without flows, nothing waits. */
static int label_alone(struct lcap_labeller *l, struct lcap_error *error)
{
    struct packet_headers *headers = &l->wait.headers;
    struct packet_rules found;
    if (l->reads_headers &&
        packet_headers_parse(&l->wait.parser, l->subject.packet, headers) == LCAP_SKIP_NONE)
        l->subject.headers = headers;
    int rc = rule_classes_match(&l->classes, &l->subject, &found, error);
    return rc == 0 ? settle(l, &found, &l->subject, false, &l->now, error) : rc;
}

/* Of a rule that asks for no flow, host, window or file: it has one sample. */
static int give_sample(struct lcap_labeller *l, uint32_t rule, const struct lcap_sample **sample,
                       struct lcap_error *error)
{
    struct rule_use *use = &l->uses[rule];
    if (!use->sample) {
        l->now.rule = rule;
        int rc = use_only_sample(l, &l->now, kind_of(l, rule), error);
        return rc == 0 ? tell(l, &l->now, sample, error) : rc;
    }
    use->packets++;
    *sample = use->sample;
    return 1;
}

bool labeller_is_plain(const struct lcap_labeller *labeller)
{
    return labeller->classes.plain != NULL;
}

/* The samples of all are fetched from memory before the first one is looked at. */
static void fetch_samples(const struct lcap_labeller *l, const uint32_t *rules, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (rules[i] != NO_RULE)
            __builtin_prefetch(&l->uses[rules[i]]);
    for (size_t i = 0; i < count; i++)
        if (rules[i] != NO_RULE)
            __builtin_prefetch(l->uses[rules[i]].sample);
}

int labeller_label_plainly(struct lcap_labeller *l, uint32_t file,
                           const struct lcap_packet *packets, size_t count,
                           const struct lcap_sample **samples, struct lcap_error *error)
{
    uint32_t rules[MATCH_BATCH];
    int rc = matcher_match(l->classes.plain, file, packets, count, rules, error);
    if (rc == 0)
        fetch_samples(l, rules, count);
    for (size_t i = 0; rc >= 0 && i < count; i++) {
        samples[i] = NULL;
        if (rules[i] != NO_RULE)
            rc = give_sample(l, rules[i], &samples[i], error);
    }
    return rc < 0 ? rc : LCAP_OK;
}

static void begin_call(struct lcap_labeller *l)
{
    l->settled_count = l->settled_taken = 0;
}

int lcap_labeller_label(struct lcap_labeller *labeller, uint32_t file,
                        const struct lcap_packet *packet, const struct lcap_sample **sample,
                        struct lcap_error *error)
{
    struct lcap_labeller *l = labeller;
    *sample = NULL;
    if (l->classes.plain) {
        const int rc = labeller_label_plainly(l, file, packet, 1, sample, error);
        return rc < 0 ? rc : *sample != NULL;
    }
    begin_call(l);
    l->subject = (struct subject){.packet = packet, .file = file};
    if (file < l->rules->file_count)
        l->subject.number = ++l->packets_of_file[file];
    int rc = rule_classes_prepare(&l->classes, file, packet->interface->linktype, error);
    if (rc < 0)
        return rc;
    rc = l->flows.count > 0 ? label_in_flow(l, error) : label_alone(l, error);
    l->packets++;
    l->bytes += packet->caplen;
    if (rc != 0)
        return rc < 0 ? rc : LCAP_LABEL_WAITS;
    return tell(l, &l->now, sample, error);
}

int lcap_labeller_settled(struct lcap_labeller *labeller, uint64_t *number,
                          const struct lcap_sample **sample, struct lcap_error *error)
{
    *sample = NULL;
    if (labeller->settled_taken == labeller->settled_count)
        return 0;
    const struct settled *settled = &labeller->settled[labeller->settled_taken++];
    *number = settled->number;
    int rc = tell(labeller, settled, sample, error);
    return rc < 0 ? rc : 1;
}

int lcap_labeller_end_waits(struct lcap_labeller *labeller, struct lcap_error *error)
{
    begin_call(labeller);
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

int labeller_prepare(struct lcap_labeller *labeller, uint32_t file, uint16_t linktype,
                     struct lcap_error *error)
{
    return rule_classes_prepare(&labeller->classes, file, linktype, error);
}

int labeller_add_packets(struct lcap_labeller *labeller, uint32_t rule, uint64_t packets,
                         struct lcap_error *error)
{
    const struct rule_kind *kind = kind_of(labeller, rule);
    const struct flow_sample sample = {labeller->rules->items[rule].sample_id, rule};
    struct rule_use *use = &labeller->uses[rule];
    const bool is_first = use->packets == 0;
    use->packets += packets;
    return kind_lists_samples(kind) || (!kind->each && !is_first)
               ? LCAP_OK
               : sample_counts_add(&labeller->counts, kind, sample, packets, NULL, error);
}

int labeller_add_sample(struct lcap_labeller *labeller, uint32_t rule, uint64_t id,
                        uint64_t packets, struct lcap_error *error)
{
    const int rc = sample_counts_add(&labeller->counts, kind_of(labeller, rule),
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
    free(labeller->packets_of_file);
    free(labeller->uses);
    free(labeller);
}
