/* Passes each packet on to the tables, and then reads these. */
#include "dataset/leaks/leak_report.h"

#include "base/bytes.h"
#include "base/memory.h"
#include "dataset/labelling/source_comment.h"
#include "flow/assembler.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct leak_sample {
    uint8_t list; /* enum leak_list */
    uint32_t label;
    int64_t first_ns, last_ns; /* first_ns > last_ns: no packet had a time */
    uint64_t packets, first_packet;
};

/* ---- the lists ---- */

static const char *const list_names[LEAK_LISTS] = {"train", "validation", "test"};

const char *leak_list_name(const struct leak_report *report, enum leak_list list)
{
    if (!report->held_out)
        return list_names[list];
    return list == LEAK_HELD_OUT ? report->held_out : "others";
}

static enum leak_list role_of(const struct leak_report *report, const char *name)
{
    if (report->held_out && strcmp(name, report->held_out) == 0)
        return LEAK_HELD_OUT;
    if (report->held_out)
        return strcmp(name, SPLIT_CHALLENGE) == 0 ? LEAK_NO_LIST : LEAK_TRAIN;
    for (int i = 0; i < LEAK_LISTS; i++)
        if (strcmp(name, list_names[i]) == 0)
            return (enum leak_list)i;
    return LEAK_NO_LIST;
}

static bool has_list(const struct split_folder *folder, const char *name)
{
    size_t list;
    return split_folder_find(folder, name, &list, NULL) == LCAP_OK;
}

/* A challenge has no labels, and train is there to learn from. */
static const char *choose_held_out(const struct split_folder *folder)
{
    if (has_list(folder, "test"))
        return has_list(folder, "train") ? NULL : "test";
    for (size_t i = 0; i < folder->count; i++)
        if (strcmp(folder->names[i], "train") != 0 &&
            strcmp(folder->names[i], SPLIT_CHALLENGE) != 0)
            return folder->names[i];
    return NULL;
}

static int name_lists(struct leak_report *report, struct lcap_error *error)
{
    const struct split_folder *folder = &report->lists->folder;
    const char *asked = report->options.hold_out;
    size_t list;
    if (asked && split_folder_find(folder, asked, &list, error) < 0)
        return LCAP_ERR_ARGUMENT;
    report->held_out = asked ? folder->names[list] : choose_held_out(folder);
    report->list_roles = memory_new(folder->count, sizeof *report->list_roles, error);
    if (!report->list_roles)
        return LCAP_ERR_MEMORY;
    for (size_t i = 0; i < folder->count; i++)
        report->list_roles[i] = (uint8_t)role_of(report, folder->names[i]);
    return LCAP_OK;
}

static enum leak_list list_of(const struct leak_report *report, uint64_t id)
{
    const uint16_t list = split_lists_of(report->lists, id);
    return list == SPLIT_NO_LIST ? LEAK_NO_LIST : (enum leak_list)report->list_roles[list];
}

/* ---- begin and end ---- */

static int init_tables(struct leak_report *report, struct lcap_error *error)
{
    int rc = LCAP_OK;
    /* A table that grows has its memory twice for a moment. */
    report->memory.limit = report->options.memory / 2;
    for (size_t i = 0; i < leak_report_splits(report) && rc == LCAP_OK; i++)
        rc = leak_trial_init(&report->trials[i], &report->memory, error);
    for (int i = 0; i < LEAK_MARKS && rc == LCAP_OK; i++)
        rc = list_overlap_init(&report->overlaps[i],
                               i == LEAK_SHARED_FLOW ? FLOW_IDLE_NS : OVERLAP_ANY_TIME,
                               &report->memory, error);
    return rc;
}

int leak_report_new(struct leak_report **report, const struct split_lists *lists,
                    const struct leak_options *options, struct lcap_error *error)
{
    struct leak_report *made = memory_new(1, sizeof *made, error);
    *report = made;
    if (!made)
        return LCAP_ERR_MEMORY;
    made->options = *options;
    made->lists = lists;
    int rc = text_part_init(&made->label_part, options->stratify, error);
    if (rc == LCAP_OK)
        rc = intern_new(&made->labels, error);
    if (rc == LCAP_OK)
        rc = name_lists(made, error);
    return rc == LCAP_OK ? init_tables(made, error) : rc;
}

void leak_report_free(struct leak_report *report)
{
    if (!report)
        return;
    for (int i = 0; i < LEAK_SPLITS; i++)
        leak_trial_release(&report->trials[i]);
    for (int i = 0; i < LEAK_MARKS; i++)
        list_overlap_release(&report->overlaps[i]);
    header_parser_release(&report->parser);
    text_part_release(&report->label_part);
    intern_free(report->labels);
    free(report->list_roles);
    free(report->samples);
    free(report->inputs);
    free(report);
}

int leak_report_begin_input(struct leak_report *report, const char *name, struct lcap_error *error)
{
    const int rc = memory_grow((void **)&report->inputs, &report->input_capacity,
                               report->input_count + 1, sizeof *report->inputs, error);
    if (rc == LCAP_OK)
        report->inputs[report->input_count++] = (struct leak_input){name, report->packets};
    return rc;
}

/* ---- samples ---- */

/* If nothing matches, the label is all of the metadata, as in a partition. */
static int add_sample(struct leak_report *report, const struct sample *sample,
                      struct lcap_error *error)
{
    struct leak_sample *added = &report->samples[report->sample_count];
    const char *text;
    size_t len;
    *added = (struct leak_sample){
        .list = (uint8_t)list_of(report, sample->id), .first_ns = INT64_MAX, .last_ns = INT64_MIN};
    text_part_find(&report->label_part, sample->metadata, sample->metadata_len, &text, &len);
    const int rc = intern_add(report->labels, text, len, &added->label, error);
    report->sample_count += rc == LCAP_OK;
    return rc;
}

static int add_samples(struct leak_report *report, uint32_t last,
                       const struct sample_registry *registry, struct lcap_error *error)
{
    int rc = memory_grow((void **)&report->samples, &report->sample_capacity, (size_t)last + 1,
                         sizeof *report->samples, error);
    while (rc == LCAP_OK && report->sample_count <= last) {
        const struct sample sample = sample_registry_get(registry, (uint32_t)report->sample_count);
        rc = add_sample(report, &sample, error);
    }
    return rc;
}

static void note_time(struct leak_report *report, struct leak_sample *sample,
                      const struct lcap_packet *packet)
{
    if (sample->packets++ == 0)
        sample->first_packet = report->packets;
    if (!packet->has_time)
        return;
    if (packet->time_ns < sample->first_ns)
        sample->first_ns = packet->time_ns;
    if (packet->time_ns > sample->last_ns)
        sample->last_ns = packet->time_ns;
}

/* ---- splits ---- */

/* Seven of ten values are to learn from. */
static enum leak_side side_of(uint64_t hash)
{
    return hash % 10 < 7 ? LEAK_LEARN : LEAK_TEST;
}

static enum leak_side side_of_number(uint64_t number)
{
    uint8_t bytes[8];
    store64(bytes, number, false);
    return side_of(packet_facts_hash(bytes, sizeof bytes));
}

/* The file from which the packet came as far as the data set tells, or else its input. */
static uint64_t file_of(const struct leak_report *report, const struct lcap_packet *packet)
{
    const char *path;
    size_t len;
    return source_comment_find(packet, &path, &len) ? packet_facts_hash(path, len)
                                                    : report->input_count;
}

static void note_file(struct leak_report *report, uint64_t file)
{
    report->several_files |= report->labelled > 1 && file != report->file;
    report->file = file;
}

static int add_to_splits(struct leak_report *report, const struct lcap_packet *packet,
                         uint64_t sample_id, const struct packet_facts *facts, uint32_t label,
                         struct lcap_error *error)
{
    const uint64_t file = file_of(report, packet);
    const enum leak_side flow = packet_facts_know(facts, LEAK_FLOW)
                                    ? side_of(facts->values[LEAK_FLOW])
                                    : side_of_number(sample_id);
    const enum leak_side sides[LEAK_SPLITS] = {
        [LEAK_BY_PACKET] = side_of_number(report->labelled),
        [LEAK_BY_FLOW] = flow,
        [LEAK_BY_FILE] = side_of_number(file),
    };
    int rc = LCAP_OK;
    note_file(report, file);
    for (int i = LEAK_BY_PACKET; i < LEAK_SPLITS && rc == LCAP_OK; i++)
        rc = leak_trial_add(&report->trials[i], sides[i], facts, label, error);
    return rc;
}

/* ---- what lists share ---- */

/* The values of a packet that count as marks; addresses are two. */
static const struct {
    uint8_t mark, value;
} marks[] = {
    {LEAK_SHARED_FLOW, LEAK_FLOW},
    {LEAK_SHARED_ADDRESS, LEAK_SOURCE_ADDRESS},
    {LEAK_SHARED_ADDRESS, LEAK_DESTINATION_ADDRESS},
    {LEAK_SHARED_PAYLOAD, LEAK_PAYLOAD},
    {LEAK_SHARED_SERVER_NAME, LEAK_SERVER_NAME},
    {LEAK_SHARED_DNS_NAME, LEAK_DNS_NAME},
    {LEAK_SHARED_PACKET, LEAK_PACKET},
};

static void fetch(const struct leak_report *report, const struct packet_facts *facts,
                  uint32_t label)
{
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (packet_facts_know(facts, marks[i].value))
            value_table_fetch(&report->overlaps[marks[i].mark].table, facts->values[marks[i].value],
                              0);
    leak_trial_fetch(&report->trials[LEAK_AT_HAND], facts, label);
}

static int add_marks(struct leak_report *report, const struct overlap_packet *packet,
                     const struct packet_facts *facts, struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (size_t i = 0; i < sizeof marks / sizeof *marks && rc == LCAP_OK; i++)
        if (packet_facts_know(facts, marks[i].value))
            rc = list_overlap_add(&report->overlaps[marks[i].mark], facts->values[marks[i].value],
                                  packet, error);
    return rc;
}

/* ---- packets ---- */

static int add_facts(struct leak_report *report, const struct lcap_packet *packet,
                     const struct packet_facts *facts, enum leak_list list, uint64_t sample_id,
                     uint32_t label, struct lcap_error *error)
{
    int rc = LCAP_OK;
    fetch(report, facts, label);
    if (list == LEAK_TRAIN || list == LEAK_HELD_OUT)
        rc = leak_trial_add(&report->trials[LEAK_AT_HAND],
                            list == LEAK_TRAIN ? LEAK_LEARN : LEAK_TEST, facts, label, error);
    if (rc == LCAP_OK && report->options.compare_splits)
        rc = add_to_splits(report, packet, sample_id, facts, label, error);
    const struct overlap_packet marked = {list, label, report->packets, packet->has_time,
                                          packet->time_ns};
    return rc == LCAP_OK ? add_marks(report, &marked, facts, error) : rc;
}

int leak_report_add(struct leak_report *report, const struct lcap_packet *packet,
                    const struct packet_facts *facts, uint32_t sample,
                    const struct sample_registry *registry, struct lcap_error *error)
{
    struct packet_facts own;
    report->packets++;
    if (sample == NO_SAMPLE)
        return LCAP_OK;
    const int rc =
        sample < report->sample_count ? LCAP_OK : add_samples(report, sample, registry, error);
    if (rc < 0)
        return rc;
    struct leak_sample *found = &report->samples[sample];
    report->labelled++;
    if (found->list != LEAK_NO_LIST)
        report->in_list[found->list]++;
    note_time(report, found, packet);
    if (!facts)
        packet_facts_read(&report->parser, packet, &own);
    return add_facts(report, packet, facts ? facts : &own, (enum leak_list)found->list,
                     sample_registry_id(registry, sample), found->label, error);
}

/* ---- the end ---- */

static int64_t first_time(const struct leak_report *report, enum leak_list list, int64_t *last)
{
    int64_t first = INT64_MAX;
    *last = INT64_MIN;
    for (size_t i = 0; i < report->sample_count; i++) {
        const struct leak_sample *sample = &report->samples[i];
        if (sample->list != list)
            continue;
        first = sample->first_ns < first ? sample->first_ns : first;
        *last = sample->last_ns > *last ? sample->last_ns : *last;
    }
    return first;
}

static void note_overlap(const struct leak_sample *sample, struct shared_values *found)
{
    found->shared++;
    found->packets += sample->packets;
    if (found->places.first[1] == 0 || sample->first_packet < found->places.first[1])
        found->places.first[1] = sample->first_packet;
}

/* Samples of the second list that have packets in the time of the first. */
static void find_overlap_in_time(const struct leak_report *report, const enum leak_list lists[2],
                                 struct shared_values *found)
{
    int64_t last;
    const int64_t first = first_time(report, lists[0], &last);
    *found = (struct shared_values){.sampled = 1};
    for (size_t i = 0; i < report->sample_count; i++) {
        const struct leak_sample *sample = &report->samples[i];
        found->values[0] += sample->list == lists[0];
        found->values[1] += sample->list == lists[1];
        if (sample->list == lists[1] && sample->first_ns <= last && sample->last_ns >= first)
            note_overlap(sample, found);
    }
}

static void find_shared(struct leak_report *report, enum leak_list a, enum leak_list b)
{
    if (report->in_list[a] == 0 || report->in_list[b] == 0)
        return;
    for (int kind = 0; kind < LEAK_SHARED_KINDS; kind++) {
        struct leak_shared *shared = &report->shared[report->shared_count++];
        *shared = (struct leak_shared){.kind = (enum leak_mark)kind, .lists = {a, b}};
        if (kind == LEAK_SHARED_TIME)
            find_overlap_in_time(report, shared->lists, &shared->found);
        else
            list_overlap_find(&report->overlaps[kind], shared->lists, &shared->found);
    }
}

static void forget(struct leak_trial *trial)
{
    trial->all = (struct side_counts){{0}};
    for (int i = 0; i < LEAK_FIELDS; i++)
        trial->scores[i] = (struct field_score){.sampled = 1};
}

int leak_report_finish(struct leak_report *report, struct lcap_error *error)
{
    uint32_t *sorted, *ranks;
    int rc = intern_order(report->labels, &sorted, &ranks, error);
    for (size_t i = 0; i < leak_report_splits(report) && rc == LCAP_OK; i++)
        rc = leak_trial_score(&report->trials[i], ranks, intern_count(report->labels), error);
    if (!report->several_files) /* nothing can be split by file */
        forget(&report->trials[LEAK_BY_FILE]);
    find_shared(report, LEAK_TRAIN, LEAK_VALIDATION);
    find_shared(report, LEAK_TRAIN, LEAK_HELD_OUT);
    find_shared(report, LEAK_VALIDATION, LEAK_HELD_OUT);
    free(sorted);
    free(ranks);
    return rc;
}

double leak_shared_share(const struct leak_report *report, const struct leak_shared *shared)
{
    const uint64_t all = report->in_list[shared->lists[1]];
    const double share = (double)shared->found.packets / (double)all / shared->found.sampled;
    return share < 1 ? share : 1;
}

const char *leak_shared_title(enum leak_mark kind)
{
    static const char *const titles[LEAK_SHARED_KINDS] = {
        [LEAK_SHARED_FLOW] = "flows",         [LEAK_SHARED_ADDRESS] = "addresses",
        [LEAK_SHARED_PAYLOAD] = "payloads",   [LEAK_SHARED_SERVER_NAME] = "TLS server names",
        [LEAK_SHARED_DNS_NAME] = "DNS names", [LEAK_SHARED_PACKET] = "packets",
        [LEAK_SHARED_TIME] = "time",
    };
    return titles[kind];
}

/* Flows and packets that are in two lists are leaks in themselves; the rest may be as it should. */
static bool is_a_leak(const struct leak_shared *shared)
{
    return shared->kind == LEAK_SHARED_FLOW || shared->kind == LEAK_SHARED_PACKET;
}

double leak_report_worst(const struct leak_report *report, const char **what)
{
    double worst = 0;
    *what = NULL;
    for (int i = 0; i < LEAK_FIELDS; i++) {
        const double gain = leak_trial_gain(&report->trials[LEAK_AT_HAND], (enum leak_field)i);
        *what = gain > worst ? leak_field_title((enum leak_field)i) : *what;
        worst = gain > worst ? gain : worst;
    }
    for (size_t i = 0; i < report->shared_count; i++) {
        const struct leak_shared *shared = &report->shared[i];
        const double share = is_a_leak(shared) ? leak_shared_share(report, shared) : 0;
        *what = share > worst ? leak_shared_title(shared->kind) : *what;
        worst = share > worst ? share : worst;
    }
    return worst;
}

int leak_limit_take(const double *percent, double *limit, struct lcap_error *error)
{
    *limit = percent ? *percent / 100 : -1;
    if (!percent || (*limit >= 0 && *limit <= 1))
        return LCAP_OK;
    return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                          "--max-leak: expected percent (0 to 100, such as 5 or 0.5), found %g",
                          *percent);
}

bool leak_report_tell_excess(const struct leak_report *report, double most,
                             char text[LCAP_ERROR_TEXT])
{
    const char *what;
    const double worst = leak_report_worst(report, &what);
    if (!leak_report_has_lists(report) || most < 0 || worst <= most)
        return false;
    snprintf(text, LCAP_ERROR_TEXT, "the lists leak %.1f %% of %s by their %s, more than %g %%",
             100 * worst, report->held_out ? report->held_out : "the test", what, 100 * most);
    return true;
}
