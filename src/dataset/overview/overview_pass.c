/* Checks the data set, and measures the packets of each label. */
#include "dataset/overview/overview_pass.h"

#include "base/io/file.h"
#include "base/memory.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NO_SLOT = UINT8_MAX };

struct measuring {
    struct overview *overview;
    struct label_figures *slots[OVERVIEW_HELD];
    size_t slot_count;
    uint8_t *slot_of; /* by number of the metadata; NO_SLOT before its first packet */
    size_t slot_capacity;
    int64_t *last_ns; /* by number of the sample; INT64_MIN before its first packet */
    size_t last_capacity;
    bool too_many; /* labels for the slots */
    struct header_parser parser;
    struct packet_headers headers;
};

static const struct survey *survey_of(const struct overview *overview)
{
    return &overview->check.packets.survey;
}

static struct sample_registry *registry_of(const struct measuring *measuring)
{
    return &measuring->overview->check.packets.survey.registry;
}

/* ---- the packets ---- */

static int add_slot(struct measuring *measuring, uint32_t metadata, struct lcap_error *error)
{
    struct label_figures *figures = memory_new(1, sizeof *figures, error);
    if (!figures)
        return LCAP_ERR_MEMORY;
    measuring->slot_of[metadata] = (uint8_t)measuring->slot_count;
    measuring->slots[measuring->slot_count++] = figures;
    return LCAP_OK;
}

static int grow_slots(struct measuring *measuring, uint32_t metadata, struct lcap_error *error)
{
    const size_t old = measuring->slot_capacity;
    void *items = measuring->slot_of;
    const int rc = memory_grow(&items, &measuring->slot_capacity, (size_t)metadata + 1,
                               sizeof *measuring->slot_of, error);
    measuring->slot_of = items;
    if (rc == 0)
        memset(measuring->slot_of + old, NO_SLOT, measuring->slot_capacity - old);
    return rc;
}

/* Sets *figures to NULL if there is no slot left. */
static int find_figures(struct measuring *measuring, uint32_t metadata,
                        struct label_figures **figures, struct lcap_error *error)
{
    int rc = metadata < measuring->slot_capacity ? LCAP_OK : grow_slots(measuring, metadata, error);
    *figures = NULL;
    if (rc == 0 && measuring->slot_of[metadata] == NO_SLOT) {
        measuring->too_many = measuring->slot_count == OVERVIEW_HELD;
        rc = measuring->too_many ? LCAP_OK : add_slot(measuring, metadata, error);
    }
    if (rc == 0 && !measuring->too_many)
        *figures = measuring->slots[measuring->slot_of[metadata]];
    return rc;
}

static int grow_last(struct measuring *measuring, uint32_t sample, struct lcap_error *error)
{
    const size_t old = measuring->last_capacity;
    void *items = measuring->last_ns;
    const int rc = memory_grow(&items, &measuring->last_capacity, (size_t)sample + 1,
                               sizeof *measuring->last_ns, error);
    measuring->last_ns = items;
    for (size_t i = old; rc == 0 && i < measuring->last_capacity; i++)
        measuring->last_ns[i] = INT64_MIN;
    return rc;
}

static int add_time(struct measuring *measuring, struct label_figures *figures, uint32_t sample,
                    int64_t time_ns, struct lcap_error *error)
{
    const int rc =
        sample < measuring->last_capacity ? LCAP_OK : grow_last(measuring, sample, error);
    if (rc < 0)
        return rc;
    int64_t *last = &measuring->last_ns[sample];
    if (*last != INT64_MIN && time_ns >= *last)
        log_histogram_add(&figures->pauses, (uint64_t)time_ns - (uint64_t)*last);
    *last = time_ns;
    time_histogram_add(&figures->times, time_ns);
    return LCAP_OK;
}

/* A labelled_packet_taker. */
static int measure_packet(void *context, const struct lcap_packet *packet, uint32_t sample,
                          struct lcap_error *error)
{
    struct measuring *measuring = context;
    struct label_figures *figures;
    if (measuring->too_many)
        return LCAP_OK;
    const int rc =
        find_figures(measuring, registry_of(measuring)->metadata_of[sample], &figures, error);
    if (rc < 0 || !figures)
        return rc;
    const bool in_flow =
        packet_headers_parse(&measuring->parser, packet, &measuring->headers) == LCAP_SKIP_NONE;
    label_figures_add(figures, packet->len, in_flow ? &measuring->headers : NULL);
    return packet->has_time ? add_time(measuring, figures, sample, packet->time_ns, error)
                            : LCAP_OK;
}

/* ---- the packets again, if the labels were too many ---- */

static int measure_block(void *context, const struct lcap_block *block, struct lcap_error *error)
{
    struct measuring *measuring = context;
    struct lcap_label label;
    if (block->kind != LCAP_BLOCK_PACKET || !lcap_packet_label(&block->packet, &label))
        return LCAP_OK;
    const uint32_t sample = sample_registry_find(registry_of(measuring), label.sample_id);
    /* Without a sample, the file has grown since it was checked. */
    return sample == NO_SAMPLE ? LCAP_OK : measure_packet(measuring, &block->packet, sample, error);
}

static int measure_source(struct measuring *measuring, const struct source *source,
                          const struct input_options *options, struct lcap_error *error)
{
    struct input_pass input;
    int rc = input_pass_open(&input, source->path, source->walked, options, error);
    if (rc == 0)
        rc = input_pass_walk(&input, measure_block, measuring, error);
    input_pass_close(&input);
    return rc;
}

static void empty_slots(struct measuring *measuring)
{
    for (size_t i = 0; i < measuring->slot_count; i++)
        free(measuring->slots[i]);
    measuring->slot_count = 0;
    measuring->too_many = false;
    header_parser_release(&measuring->parser);
    measuring->parser = (struct header_parser){0};
    for (size_t i = 0; i < measuring->last_capacity; i++)
        measuring->last_ns[i] = INT64_MIN;
}

/* The largest labels have slots of their own; all others share the one behind these. */
static int place_labels(struct measuring *measuring, struct lcap_error *error)
{
    const struct check_pass_result *check = &measuring->overview->check;
    const size_t texts = intern_count(registry_of(measuring)->texts);
    int rc = grow_slots(measuring, (uint32_t)texts, error);
    for (size_t i = 0; i < check->class_count && rc == 0; i++) {
        const uint32_t metadata = check->classes[i].metadata;
        if (i <= OVERVIEW_LABELS)
            rc = add_slot(measuring, metadata, error);
        else
            measuring->slot_of[metadata] = OVERVIEW_LABELS;
    }
    return rc;
}

static int measure_again(struct measuring *measuring, const struct sources *sources,
                         const struct input_options *options, struct lcap_error *error)
{
    empty_slots(measuring);
    int rc = place_labels(measuring, error);
    for (size_t i = 0; i < sources->count && rc == 0; i++)
        rc = measure_source(measuring, &sources->items[i], options, error);
    return rc;
}

/* ---- the figures, once the largest labels are known ---- */

/* Where the figures of a class are; those of a class without a packet are zero. */
static size_t place_of(size_t class)
{
    return class < OVERVIEW_LABELS ? class : OVERVIEW_LABELS;
}

/* Moves the figures from their slots to the places of their labels. */
static void take_figures(struct measuring *measuring)
{
    struct overview *overview = measuring->overview;
    const struct check_pass_result *check = &overview->check;
    for (size_t i = 0; i < check->class_count; i++) {
        struct label_figures **slot =
            &measuring->slots[measuring->slot_of[check->classes[i].metadata]];
        struct label_figures **place = &overview->figures[place_of(i)];
        if (!*slot) /* classes that share a slot */
            continue;
        if (*place) {
            label_figures_merge(*place, *slot);
            free(*slot);
        } else
            *place = *slot;
        *slot = NULL;
    }
    overview->label_count = place_of(check->class_count) + (check->class_count > OVERVIEW_LABELS);
}

static void add_sample(struct label_figures *figures, const struct tally *tally)
{
    figures->samples++;
    log_histogram_add(&figures->sample_packets, tally->packets);
    if (tally_has_time(tally))
        log_histogram_add(&figures->durations, tally_duration_ns(tally));
}

static void add_to_list(const struct check_pass_result *check, struct label_figures *figures,
                        uint64_t sample_id)
{
    const uint16_t list = check->leaks ? split_lists_of(&check->lists, sample_id) : SPLIT_NO_LIST;
    if (list < MOST_LISTS)
        figures->lists[list]++;
}

/* The check has counted the samples. Here slot_of gets places. */
static void add_samples(struct measuring *measuring)
{
    const struct overview *overview = measuring->overview;
    const struct survey *survey = survey_of(overview);
    for (size_t i = 0; i < overview->check.class_count; i++)
        measuring->slot_of[overview->check.classes[i].metadata] = (uint8_t)place_of(i);
    for (uint32_t i = 0; i < sample_registry_count(&survey->registry); i++) {
        struct label_figures *figures =
            overview->figures[measuring->slot_of[survey->registry.metadata_of[i]]];
        add_sample(figures, &survey->samples[i].tally);
        add_to_list(&overview->check, figures, sample_registry_id(&survey->registry, i));
    }
}

/* A power of ten of which there are 10 to 100 in a bin: then its ends are short to write. */
static uint64_t round_unit(uint64_t bin_ns)
{
    uint64_t unit = 1;
    while (bin_ns / unit >= 100)
        unit *= 10;
    return unit;
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
    const int64_t first = time_histogram_floor(labelled->first_ns, unit);
    overview->first_ns = first < INT64_MIN / (int64_t)unit ? INT64_MIN : first * (int64_t)unit;
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

static int add_times(struct overview *overview, size_t label, struct lcap_error *error)
{
    uint64_t bins[TIMELINE_BINS] = {0};
    if (overview->has_time)
        time_histogram_fold(&overview->figures[label]->times, overview->first_ns, overview->bin_ns,
                            bins, TIMELINE_BINS);
    return label_rows_add_all(&overview->timeline, label, bins, TIMELINE_BINS, error);
}

static int add_rows(struct overview *overview, size_t label, struct lcap_error *error)
{
    struct label_figures *figures = overview->figures[label];
    int rc = label_rows_add_top(&overview->protocols, label, figures->protocols, PROTOCOL_KINDS,
                                PROTOCOL_KINDS, error);
    if (rc == 0)
        rc = label_rows_add_top(&overview->ports, label, figures->ports, PORT_COUNT, OVERVIEW_TOP,
                                error);
    if (rc == 0)
        rc = add_addresses(&overview->addresses, label, &figures->addresses, error);
    if (rc == 0)
        rc = label_rows_add_all(&overview->lists, label, figures->lists, MOST_LISTS, error);
    return rc == 0 ? add_times(overview, label, error) : rc;
}

static int finish(struct measuring *measuring, struct lcap_error *error)
{
    struct overview *overview = measuring->overview;
    int rc = LCAP_OK;
    take_figures(measuring);
    add_samples(measuring);
    set_timeline(overview);
    for (size_t i = 0; i < overview->label_count && rc == 0; i++)
        rc = add_rows(overview, i, error);
    return rc;
}

static void release_measuring(struct measuring *measuring)
{
    empty_slots(measuring);
    free(measuring->slot_of);
    free(measuring->last_ns);
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
    struct measuring measuring = {.overview = overview};
    struct check_pass_options checking = *options;
    checking.taker = measure_packet;
    checking.taker_context = &measuring;
    *overview = (struct overview){0};
    int rc = refuse_streams(sources, error);
    if (rc == 0)
        rc = note_rules(overview, options->rules, error);
    if (rc == 0)
        rc = check_pass_run(sources, &checking, &overview->check, error);
    if (rc == 0 && measuring.too_many)
        rc = measure_again(&measuring, sources, &options->input, error);
    if (rc == 0)
        rc = finish(&measuring, error);
    release_measuring(&measuring);
    return rc;
}

void overview_release(struct overview *overview)
{
    check_pass_release(&overview->check);
    for (size_t i = 0; i < overview->label_count; i++)
        free(overview->figures[i]);
    label_rows_release(&overview->protocols);
    label_rows_release(&overview->ports);
    label_rows_release(&overview->addresses);
    label_rows_release(&overview->timeline);
    label_rows_release(&overview->lists);
}
