/* Reads the samples of a data set. */
#include "dataset/partition/partition_samples.h"

#include "base/memory.h"
#include "base/text/text.h"
#include "base/text/text_part.h"
#include "dataset/catalogue/catalogue.h"
#include "dataset/labelling/source_comment.h"
#include "dataset/partition/partition_labels.h"
#include "dataset/partition/sample_hosts.h"
#include "dataset/partition/shared_flows.h"
#include <labelcap/label.h>
#include <string.h>

/* Groups by what the metadata and times of samples say need no packets. */
struct reading {
    struct partition *partition;
    struct shared_flows flows; /* of GROUP_BY_FLOW */
    struct sample_hosts hosts; /* of GROUP_BY_HOST */
    uint64_t sources;          /* packets that name one: GROUP_BY_FILE */
};

static const struct partition_sample no_packets = {
    .first_ns = INT64_MAX, .last_ns = INT64_MIN, .list = SPLIT_NO_LIST};

/* The sample of this ID, which is added if it is new. */
static int take_sample(struct partition *p, uint64_t id, const char *metadata, size_t len,
                       uint32_t *number, struct lcap_error *error)
{
    const size_t known = partition_sample_count(p);
    int rc = sample_registry_add(&p->registry, id, metadata, len, number, error);
    if (rc < 0 || *number != known)
        return rc;
    rc = memory_grow((void **)&p->samples, &p->capacity, known + 1, sizeof *p->samples, error);
    if (rc == LCAP_OK)
        p->samples[known] = no_packets;
    return rc == LCAP_OK ? sample_joins_grow(&p->joins, error) : rc;
}

static void note_times(struct partition_sample *sample, int64_t first_ns, int64_t last_ns)
{
    if (first_ns < sample->first_ns)
        sample->first_ns = first_ns;
    if (last_ns > sample->last_ns)
        sample->last_ns = last_ns;
}

/* ---- by catalogue ---- */

static int read_catalogue(struct partition *p, struct catalogue *catalogue,
                          struct lcap_error *error)
{
    struct catalogue_sample found;
    uint32_t number = 0;
    int rc = LCAP_OK;
    for (uint32_t i = 0; i < catalogue_samples(catalogue) && rc >= 0; i++) {
        rc = catalogue_sample_by_number(catalogue, i, &found, error);
        if (rc == 0)
            return catalogue_damaged(catalogue, error);
        if (rc == 1)
            rc = take_sample(p, found.id, found.metadata, found.metadata_len, &number, error);
        if (rc < 0)
            return rc;
        p->counts.labelled += found.packets;
        p->samples[number].packets = found.packets;
        if (found.has_time)
            note_times(&p->samples[number], found.first_ns, found.last_ns);
    }
    return rc < 0 ? rc : LCAP_OK;
}

static bool needs_packets(const struct partition *p)
{
    return p->grouping.kind == GROUP_BY_FLOW || p->grouping.kind == GROUP_BY_HOST ||
           p->grouping.kind == GROUP_BY_FILE;
}

/* Returns 1 if it was used. One that cannot be used is told, but nothing is lost without it. */
static int try_catalogue(struct partition *p, struct lcap_error *error)
{
    const struct input_options *input = &p->options->input;
    struct catalogue *catalogue = NULL;
    if (needs_packets(p) || input->nanoseconds)
        return 0;
    int rc = catalogue_open(&catalogue, p->dataset, NULL, input->pcapml_times, &p->unused);
    p->by_catalogue = rc == 1;
    if (rc == LCAP_ERR_MEMORY)
        return lcap_error_set(error, rc, "%s", p->unused.text);
    if (rc == 1)
        rc = read_catalogue(p, catalogue, error);
    catalogue_free(catalogue);
    return rc < 0 && p->by_catalogue ? rc : p->by_catalogue;
}

/* ---- by packets ---- */

static int take_source(struct reading *reading, const struct lcap_packet *packet, uint32_t number,
                       struct lcap_error *error)
{
    const char *path;
    size_t len;
    if (!source_comment_find(packet, &path, &len))
        return LCAP_OK;
    reading->sources++;
    reading->partition->samples[number].tied = true;
    return sample_joins_by_key(&reading->partition->joins, number, path, len, error);
}

static int take_ties(struct reading *reading, const struct lcap_packet *packet, uint32_t number,
                     struct lcap_error *error)
{
    switch (reading->partition->grouping.kind) {
    case GROUP_BY_FLOW:
        return shared_flows_packet(&reading->flows, packet, number, error);
    case GROUP_BY_HOST:
        return sample_hosts_packet(&reading->hosts, packet, number, error);
    case GROUP_BY_FILE:
        return take_source(reading, packet, number, error);
    default:
        return LCAP_OK;
    }
}

static int take_packet(struct reading *reading, const struct lcap_packet *packet,
                       struct lcap_error *error)
{
    struct partition *p = reading->partition;
    struct lcap_label label;
    uint32_t number;
    if (!lcap_packet_label(packet, &label))
        return LCAP_OK;
    const int rc =
        take_sample(p, label.sample_id, label.metadata, label.metadata_len, &number, error);
    if (rc < 0)
        return rc;
    p->counts.labelled++;
    p->samples[number].packets++;
    if (packet->has_time)
        note_times(&p->samples[number], packet->time_ns, packet->time_ns);
    return take_ties(reading, packet, number, error);
}

static int take_block(void *context, const struct lcap_block *block, struct lcap_error *error)
{
    return block->kind == LCAP_BLOCK_PACKET ? take_packet(context, &block->packet, error) : LCAP_OK;
}

/* Part of a data set would give lists of a part of its samples. */
static int check_whole(const struct input_outcome *outcome, struct lcap_error *error)
{
    return outcome->status == LCAP_OK
               ? LCAP_OK
               : lcap_error_set(error, outcome->status, "%s", outcome->error.text);
}

static int read_packets(struct reading *reading, struct lcap_error *error)
{
    struct partition *p = reading->partition;
    struct input_pass input = {.reader = NULL};
    int rc = input_pass_open(&input, p->dataset, false, &p->options->input, error);
    input.phase = "read the samples";
    if (input.reader) /* otherwise it is damaged from the beginning */
        input_pass_expect(&input, &p->seen);
    if (rc == LCAP_OK)
        rc = input_pass_walk(&input, take_block, reading, error);
    if (rc == LCAP_OK)
        rc = check_whole(&input.outcome, error);
    if (rc == LCAP_OK)
        input_pass_settle(&input, &p->inputs);
    p->counts.packets = input.outcome.packets;
    p->seen = input.seen;
    input_pass_close(&input);
    return rc;
}

static int init_ties(struct reading *reading, struct lcap_error *error)
{
    const struct partition_options *options = reading->partition->options;
    if (reading->partition->grouping.kind == GROUP_BY_FLOW)
        return shared_flows_init(&reading->flows, &options->sorter,
                                 reading->partition->grouping.within_ns, error);
    if (reading->partition->grouping.kind == GROUP_BY_HOST)
        return sample_hosts_init(&reading->hosts, options->local, error);
    return LCAP_OK;
}

/* ---- what is known when all packets were read ---- */

static int join_files(const struct reading *reading, struct lcap_error *error)
{
    struct partition *p = reading->partition;
    if (reading->sources == 0)
        return lcap_error_set(error, LCAP_ERR_LABEL,
                              "%s: no packet says which file it comes from: label the captures "
                              "with --keep-source",
                              p->dataset);
    for (uint32_t i = 0; i < partition_sample_count(p); i++)
        p->counts.apart += !p->samples[i].tied;
    return LCAP_OK;
}

static int join_hosts(struct reading *reading, struct lcap_error *error)
{
    struct partition *p = reading->partition;
    const int rc = sample_hosts_join(&reading->hosts, &p->joins, &p->counts.apart,
                                     &p->counts.several_hosts, error);
    if (rc == LCAP_OK && p->counts.apart == partition_sample_count(p))
        return lcap_error_set(error, LCAP_ERR_LABEL, "%s: no packet has an address in --local %s",
                              p->dataset, p->options->local);
    return rc;
}

/* The calendar of UTC has 86,400 seconds a day; rounded down also before 1970. */
static int64_t day_of(int64_t ns)
{
    const int64_t day = (int64_t)86400 * NS_PER_SECOND;
    return ns / day - (ns % day < 0);
}

static int join_days(struct partition *p, struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (uint32_t i = 0; i < partition_sample_count(p) && rc == LCAP_OK; i++) {
        const struct partition_sample *sample = &p->samples[i];
        const int64_t day = day_of(sample->first_ns);
        if (partition_has_time(sample->first_ns, sample->last_ns))
            rc = sample_joins_by_key(&p->joins, i, &day, sizeof day, error);
        else
            p->counts.apart++;
    }
    return rc;
}

static int join_metadata(struct partition *p, struct lcap_error *error)
{
    struct text_part part;
    const char *text;
    size_t len;
    int rc = text_part_init(&part, strchr(p->options->group, ':') + 1, error);
    for (uint32_t i = 0; rc == LCAP_OK && i < partition_sample_count(p); i++) {
        const struct sample sample = sample_registry_get(&p->registry, i);
        if (text_part_find(&part, sample.metadata, sample.metadata_len, &text, &len))
            rc = sample_joins_by_key(&p->joins, i, text, len, error);
        else
            p->counts.apart++;
    }
    text_part_release(&part);
    return rc;
}

static int join_all(struct reading *reading, struct lcap_error *error)
{
    struct partition *p = reading->partition;
    switch (p->grouping.kind) {
    case GROUP_BY_FLOW:
        return shared_flows_join(&reading->flows, &p->joins, error);
    case GROUP_BY_HOST:
        return join_hosts(reading, error);
    case GROUP_BY_FILE:
        return join_files(reading, error);
    case GROUP_BY_DAY:
        return join_days(p, error);
    case GROUP_BY_METADATA:
        return join_metadata(p, error);
    case GROUP_BY_SAMPLE:
        break;
    }
    return LCAP_OK;
}

static int check_samples(const struct partition *p, struct lcap_error *error)
{
    return partition_sample_count(p) > 0
               ? LCAP_OK
               : lcap_error_set(error, LCAP_ERR_LABEL, "%s: no packet is labelled", p->dataset);
}

int partition_samples_read(struct partition *partition, struct lcap_error *error)
{
    struct reading reading = {.partition = partition};
    int rc = try_catalogue(partition, error);
    if (rc == 0)
        rc = init_ties(&reading, error);
    if (rc == LCAP_OK && !partition->by_catalogue)
        rc = read_packets(&reading, error);
    if (rc >= 0)
        rc = check_samples(partition, error);
    if (rc == LCAP_OK)
        rc = join_all(&reading, error);
    shared_flows_release(&reading.flows);
    sample_hosts_release(&reading.hosts);
    return rc == LCAP_OK ? partition_labels_find(partition, error) : rc;
}
