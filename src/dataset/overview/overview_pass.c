/* Checks the data set, then measures the packets of each label. */
#include "dataset/overview/overview_pass.h"

#include "base/io/file.h"
#include "base/memory.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct measuring {
    struct overview *overview;
    struct sample_registry *registry;
    uint8_t *label_of; /* by number of the sample's text: its place among the figures */
    int64_t *last_ns;  /* by number of the sample; INT64_MIN before its first packet */
    struct header_parser parser;
    struct packet_headers headers;
};

static const struct survey *survey_of(const struct overview *overview)
{
    return &overview->check.packets.survey;
}

/* ---- the samples, which the check has counted ---- */

static void add_sample(struct label_figures *figures, const struct tally *tally)
{
    figures->samples++;
    log_histogram_add(&figures->sample_packets, tally->packets);
    if (tally_has_time(tally))
        log_histogram_add(&figures->durations, tally_duration_ns(tally));
}

static void add_to_list(struct measuring *measuring, uint8_t label, uint64_t sample_id)
{
    const struct check_pass_result *check = &measuring->overview->check;
    const uint16_t list = check->leaks ? split_lists_of(&check->lists, sample_id) : SPLIT_NO_LIST;
    if (list < MOST_LISTS)
        measuring->overview->figures[label].lists[list]++;
}

static void add_samples(struct measuring *measuring)
{
    const struct survey *survey = survey_of(measuring->overview);
    for (uint32_t i = 0; i < sample_registry_count(&survey->registry); i++) {
        const uint8_t label = measuring->label_of[survey->registry.metadata_of[i]];
        add_sample(&measuring->overview->figures[label], &survey->samples[i].tally);
        add_to_list(measuring, label, sample_registry_id(&survey->registry, i));
        measuring->last_ns[i] = INT64_MIN;
    }
}

/* ---- the packets ---- */

/* Differences of times may be larger than an int64_t holds. */
static uint64_t nanoseconds_between(int64_t from, int64_t to)
{
    return (uint64_t)to - (uint64_t)from;
}

static void add_time(struct measuring *measuring, struct label_figures *figures, uint32_t sample,
                     int64_t time_ns)
{
    const struct overview *overview = measuring->overview;
    int64_t *last = &measuring->last_ns[sample];
    if (*last != INT64_MIN && time_ns >= *last)
        log_histogram_add(&figures->pauses, nanoseconds_between(*last, time_ns));
    *last = time_ns;
    const uint64_t bin = nanoseconds_between(overview->first_ns, time_ns) / overview->bin_ns;
    figures->timeline[bin < TIMELINE_BINS ? bin : TIMELINE_BINS - 1]++;
}

static int measure_block(void *context, const struct lcap_block *block, struct lcap_error *error)
{
    struct measuring *measuring = context;
    const struct lcap_packet *packet = &block->packet;
    struct lcap_label label;
    (void)error;
    if (block->kind != LCAP_BLOCK_PACKET || !lcap_packet_label(packet, &label))
        return 0;
    const uint32_t sample = sample_registry_find(measuring->registry, label.sample_id);
    if (sample == NO_SAMPLE) /* the file has grown since it was checked */
        return 0;
    struct label_figures *figures =
        &measuring->overview
             ->figures[measuring->label_of[measuring->registry->metadata_of[sample]]];
    const bool in_flow =
        packet_headers_parse(&measuring->parser, packet, &measuring->headers) == LCAP_SKIP_NONE;
    label_figures_add(figures, packet->len, in_flow ? &measuring->headers : NULL);
    if (packet->has_time)
        add_time(measuring, figures, sample, packet->time_ns);
    return 0;
}

static int measure_source(struct measuring *measuring, const struct source *source,
                          const struct input_options *options, struct lcap_error *error)
{
    struct input_pass input;
    int rc = input_pass_open(&input, source->path, source->walked, options, error);
    if (rc == 0)
        rc = input_pass_walk(&input, measure_block, measuring, error);
    measuring->overview->interfaces += input.outcome.interfaces;
    input_pass_close(&input);
    return rc;
}

/* ---- the labels ---- */

/* The largest labels come first; all that have no place share the last one. */
static int place_labels(struct measuring *measuring, struct lcap_error *error)
{
    const struct overview *overview = measuring->overview;
    const struct check_pass_result *check = &overview->check;
    const size_t texts = intern_count(survey_of(overview)->registry.texts);
    const size_t samples = sample_registry_count(&survey_of(overview)->registry);
    measuring->label_of = memory_new(texts + 1, sizeof *measuring->label_of, error);
    if (!measuring->label_of)
        return LCAP_ERR_MEMORY;
    measuring->last_ns = memory_new(samples + 1, sizeof *measuring->last_ns, error);
    if (!measuring->last_ns)
        return LCAP_ERR_MEMORY;
    for (size_t i = 0; i < check->class_count; i++)
        measuring->label_of[check->classes[i].metadata] =
            (uint8_t)(i < OVERVIEW_LABELS ? i : OVERVIEW_LABELS);
    return LCAP_OK;
}

/* A power of ten of which there are 100 to 1,000 in a bin: then its ends are short to write. */
static uint64_t round_unit(uint64_t bin_ns)
{
    uint64_t unit = 1;
    while (bin_ns / unit >= 1000)
        unit *= 10;
    return unit;
}

static int64_t round_down(int64_t ns, int64_t unit)
{
    const int64_t rest = ns % unit < 0 ? ns % unit + unit : ns % unit;
    return ns < INT64_MIN + rest ? ns : ns - rest;
}

static void set_timeline(struct overview *overview)
{
    const struct tally *labelled = &survey_of(overview)->labelled;
    overview->has_time = tally_has_time(labelled);
    if (!overview->has_time)
        return;
    overview->bin_ns = tally_duration_ns(labelled) / (TIMELINE_BINS - 1) + 1;
    const uint64_t unit = round_unit(overview->bin_ns);
    overview->bin_ns += (unit - overview->bin_ns % unit) % unit;
    overview->first_ns = round_down(labelled->first_ns, (int64_t)unit);
}

/* ---- the rows ---- */

static int add_addresses(struct label_rows *rows, size_t label, struct top_values *addresses,
                         struct lcap_error *error)
{
    int rc = LCAP_OK;
    top_values_sort(addresses);
    for (uint32_t i = 0; i < addresses->used && i < OVERVIEW_TOP && rc == 0; i++)
        rc = label_rows_add(rows, &(struct label_row){label, i, addresses->counters[i].count},
                            error);
    return rc;
}

static int add_rows(struct overview *overview, size_t label, struct lcap_error *error)
{
    struct label_figures *figures = &overview->figures[label];
    int rc = label_rows_add_top(&overview->protocols, label, figures->protocols, PROTOCOL_KINDS,
                                PROTOCOL_KINDS, error);
    if (rc == 0)
        rc = label_rows_add_top(&overview->ports, label, figures->ports, PORT_COUNT, OVERVIEW_TOP,
                                error);
    if (rc == 0)
        rc = add_addresses(&overview->addresses, label, &figures->addresses, error);
    if (rc == 0)
        rc = label_rows_add_all(&overview->lists, label, figures->lists, MOST_LISTS, error);
    return rc == 0 ? label_rows_add_all(&overview->timeline, label, figures->timeline,
                                        TIMELINE_BINS, error)
                   : rc;
}

static int measure(struct overview *overview, const struct sources *sources,
                   const struct input_options *options, struct lcap_error *error)
{
    const size_t classes = overview->check.class_count;
    struct measuring measuring = {.overview = overview,
                                  .registry = &overview->check.packets.survey.registry};
    overview->label_count = classes > OVERVIEW_LABELS ? OVERVIEW_LABELS + 1 : classes;
    overview->figures = memory_new(overview->label_count + 1, sizeof *overview->figures, error);
    int rc = overview->figures ? place_labels(&measuring, error) : LCAP_ERR_MEMORY;
    if (rc == 0) {
        set_timeline(overview);
        add_samples(&measuring);
    }
    for (size_t i = 0; i < sources->count && rc == 0; i++)
        rc = measure_source(&measuring, &sources->items[i], options, error);
    for (size_t i = 0; i < overview->label_count && rc == 0; i++)
        rc = add_rows(overview, i, error);
    header_parser_release(&measuring.parser);
    free(measuring.label_of);
    free(measuring.last_ns);
    return rc;
}

static int refuse_streams(const struct sources *sources, struct lcap_error *error)
{
    for (size_t i = 0; i < sources->count; i++)
        if (!file_is_regular(sources->items[i].path))
            return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                                  "%s: cannot be read twice, as a report has to; save it as a file",
                                  input_name_of(sources->items[i].path));
    return LCAP_OK;
}

static int note_rules(struct overview *overview, const char *path, struct lcap_error *error)
{
    if (!path)
        return LCAP_OK;
    overview->rules_name = file_base_name(path);
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return lcap_error_set_errno(error, errno, "%s: cannot open", path);
    const int rc = hash_sha256_file(fd, path, overview->rules_sha256, error);
    close(fd);
    return rc;
}

int overview_run(const struct sources *sources, const struct check_pass_options *options,
                 struct overview *overview, struct lcap_error *error)
{
    *overview = (struct overview){0};
    int rc = refuse_streams(sources, error);
    if (rc == 0)
        rc = check_pass_run(sources, options, &overview->check, error);
    if (rc == 0)
        rc = note_rules(overview, options->rules, error);
    return rc == 0 ? measure(overview, sources, &options->input, error) : rc;
}

void overview_release(struct overview *overview)
{
    check_pass_release(&overview->check);
    free(overview->figures);
    label_rows_release(&overview->protocols);
    label_rows_release(&overview->ports);
    label_rows_release(&overview->addresses);
    label_rows_release(&overview->timeline);
    label_rows_release(&overview->lists);
}
