/* Writes a part of a data set. */
#include "dataset/select/select_pass.h"

#include "base/io/file.h"
#include "base/memory.h"
#include "dataset/catalogue/range_walk.h"
#include "dataset/split_folder.h"
#include "dataset/survey.h"
#include <stdlib.h>

/* One run of the pass: what it reads, and where it writes. */
struct selecting {
    struct select_pass *pass;
    struct input_pass input;
    struct catalogue *catalogue; /* NULL: the whole data set is read */
    uint32_t *places; /* by number of the sample: that in the catalogue; NO_SAMPLE: not in time */
    size_t place_capacity;
    struct lcap_writer *writer;
    const char *dataset, *output;
};

/* ---- blocks ---- */

/* The number of a sample, which is considered now unless it was before. */
static int number_of(struct sample_choice *samples, const struct lcap_label *label,
                     uint32_t *number, struct lcap_error *error)
{
    *number = sample_registry_find(&samples->registry, label->sample_id);
    if (*number != NO_SAMPLE)
        return LCAP_OK;
    const struct sample sample = {label->sample_id, label->metadata, label->metadata_len};
    return sample_choice_add(samples, &sample, 0, number, error);
}

static int take_packet(struct selecting *s, const struct lcap_packet *packet,
                       const struct lcap_label *label, struct sample_state *sample,
                       struct lcap_error *error)
{
    struct select_pass *pass = s->pass;
    const int takes =
        packet_choice_takes(&pass->packets, label->sample_id, sample->taken, packet, error);
    if (takes <= 0)
        return takes;
    pass->selected_samples += sample->taken++ == 0;
    pass->selected_packets++;
    linktype_set_add(&pass->linktypes, packet->interface->linktype);
    return lcap_writer_packet(s->writer, packet, NULL, error);
}

static int select_packet(struct selecting *s, const struct lcap_packet *packet,
                         struct lcap_error *error)
{
    struct sample_choice *samples = &s->pass->samples;
    struct lcap_label label;
    uint32_t number;
    s->pass->read++;
    if (!lcap_packet_label(packet, &label)) {
        s->pass->unlabelled++;
        return LCAP_OK;
    }
    int rc = number_of(samples, &label, &number, error);
    if (rc < 0 || !samples->states[number].chosen)
        return rc;
    return take_packet(s, packet, &label, &samples->states[number], error);
}

static int select_block(void *context, const struct lcap_block *block, struct lcap_error *error)
{
    struct selecting *s = context;
    return block->kind == LCAP_BLOCK_PACKET ? select_packet(s, &block->packet, error)
                                            : lcap_writer_block(s->writer, block, error);
}

static int open_writer(struct selecting *s, bool sound_snaplens, struct lcap_error *error)
{
    const struct lcap_writer_options writing = {
        .size = sizeof writing,
        .overwrite = s->pass->options->placing.overwrite,
        .no_sync = s->pass->options->placing.no_sync,
        .snaplen = s->pass->options->snaplen,
        .level = s->pass->options->placing.level,
        .threads = s->pass->options->input.threads,
        .sound_snaplens = sound_snaplens,
        .used_interfaces = true,
    };
    int rc = lcap_writer_open(&s->writer, s->output, &writing, error);
    if (rc == LCAP_OK && s->input.reader)
        lcap_writer_source(s->writer, s->input.reader);
    return rc;
}

/* ---- the whole data set ---- */

static int survey_block(void *survey, const struct lcap_block *block, struct lcap_error *error)
{
    return survey_add(survey, block, NULL, error);
}

static int consider_surveyed(struct sample_choice *samples, const struct survey *survey,
                             struct lcap_error *error)
{
    int rc = LCAP_OK;
    uint32_t same;
    for (uint32_t i = 0; i < sample_registry_count(&survey->registry) && rc == LCAP_OK; i++) {
        const struct sample sample = sample_registry_get(&survey->registry, i);
        rc = sample_choice_add(samples, &sample, survey->samples[i].tally.packets, &same, error);
    }
    return rc == LCAP_OK ? sample_choice_limit(samples, error) : rc;
}

/* Counts the packets of all samples before any is chosen. */
static int survey_first(struct selecting *s, struct lcap_error *error)
{
    struct survey survey;
    if (!s->input.reader)
        return LCAP_OK;
    if (!lcap_reader_can_rewind(s->input.reader))
        return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                              "%s: cannot be read twice, as --min-packets and --max-per-label "
                              "need: save it to a file first",
                              s->input.outcome.name);
    int rc = survey_init(&survey, error);
    s->input.phase = "pass 1 of 2: survey";
    if (rc == LCAP_OK)
        rc = input_pass_walk(&s->input, survey_block, &survey, error);
    if (rc == LCAP_OK)
        rc = consider_surveyed(&s->pass->samples, &survey, error);
    survey_release(&survey);
    s->input.phase = "pass 2 of 2: write";
    return rc == LCAP_OK ? input_pass_rewind(&s->input, error) : rc;
}

static int select_by_scan(struct selecting *s, struct lcap_error *error)
{
    const struct select_pass_options *options = s->pass->options;
    struct input_seen looked_at = {.whole = false};
    bool sound = false;
    int rc = output_can_patch(s->output)
                 ? LCAP_OK
                 : input_check_snaplens(s->dataset, &options->input, &sound, &looked_at, error);
    input_pass_expect(&s->input, &looked_at);
    if (rc == LCAP_OK && sample_choice_needs_all(&options->samples))
        rc = survey_first(s, error);
    if (rc == LCAP_OK)
        rc = open_writer(s, sound, error);
    return rc == LCAP_OK ? input_pass_walk(&s->input, select_block, s, error) : rc;
}

/* ---- by the catalogue ---- */

/* Whether any packet of the sample can be in the span of time that is asked for. */
static bool may_be_in_time(const struct selecting *s, const struct catalogue_sample *sample)
{
    const struct time_span *times = s->pass->options->packets.times;
    return !times || (sample->has_time && sample->first_ns <= times->last_ns &&
                      sample->last_ns >= times->first_ns);
}

/* Considers a sample of the catalogue, and notes where it stands there. */
static int consider(struct selecting *s, const struct catalogue_sample *found, uint32_t place,
                    struct lcap_error *error)
{
    const struct sample sample = {found->id, found->metadata, found->metadata_len};
    uint32_t number;
    int rc = sample_choice_add(&s->pass->samples, &sample, found->packets, &number, error);
    if (rc == LCAP_OK)
        rc = memory_grow((void **)&s->places, &s->place_capacity, (size_t)number + 1,
                         sizeof *s->places, error);
    if (rc == LCAP_OK)
        s->places[number] = may_be_in_time(s, found) ? place : NO_SAMPLE;
    return rc;
}

static int consider_listed(struct selecting *s, const struct id_list *list,
                           struct lcap_error *error)
{
    struct catalogue_sample found;
    uint32_t place;
    int rc = LCAP_OK;
    for (size_t i = 0; i < list->ids.count && rc >= 0; i++) {
        rc = catalogue_sample_by_id(s->catalogue, list->ids.ids[i], &place, &found, error);
        if (rc == 1)
            rc = consider(s, &found, place, error);
    }
    return rc < 0 ? rc : LCAP_OK;
}

static int consider_all(struct selecting *s, struct lcap_error *error)
{
    struct catalogue_sample found;
    int rc = LCAP_OK;
    for (uint32_t place = 0; place < catalogue_samples(s->catalogue) && rc >= 0; place++) {
        rc = catalogue_sample_by_number(s->catalogue, place, &found, error);
        rc = rc == 0 ? catalogue_damaged(s->catalogue, error) : rc;
        if (rc == 1)
            rc = consider(s, &found, place, error);
    }
    return rc < 0 ? rc : LCAP_OK;
}

/* Tells the catalogue whose ranges are wanted. */
static int choose_ranges(struct selecting *s, struct lcap_error *error)
{
    const struct sample_choice *samples = &s->pass->samples;
    int rc = LCAP_OK;
    for (uint32_t i = 0; i < sample_registry_count(&samples->registry) && rc == LCAP_OK; i++)
        if (samples->states[i].chosen && s->places[i] != NO_SAMPLE)
            rc = catalogue_choose(s->catalogue, s->places[i], error);
    return rc;
}

static int walk_ranges(struct selecting *s, struct lcap_error *error)
{
    struct range_walk walk = {.catalogue = NULL};
    const struct lcap_block *block;
    sqlite3_stmt *ranges = NULL;
    uint64_t packets;
    int rc = catalogue_chosen_packets(s->catalogue, &packets, error);
    if (rc == LCAP_OK)
        rc = catalogue_chosen_ranges(s->catalogue, &ranges, error);
    if (rc == LCAP_OK)
        range_walk_begin(&walk, s->catalogue, ranges, packets, s->input.reader);
    for (uint64_t blocks = 1; rc >= 0 && (rc = range_walk_next(&walk, &block, error)) == 1;) {
        rc = select_block(s, block, error);
        if (rc == LCAP_OK && blocks++ % PASS_BLOCKS_BETWEEN_LOOKS == 0)
            rc = input_pass_tell(&s->input, error);
    }
    range_walk_release(&walk);
    s->input.outcome.odd_times = *lcap_reader_odd_times(s->input.reader);
    return rc;
}

static int select_by_catalogue(struct selecting *s, struct lcap_error *error)
{
    struct sample_choice *samples = &s->pass->samples;
    const struct id_list *list = sample_choice_list(samples);
    const bool sound = catalogue_has_sound_snaplens(s->catalogue);
    int rc = list ? consider_listed(s, list, error) : consider_all(s, error);
    if (rc == LCAP_OK)
        rc = sample_choice_limit(samples, error);
    if (rc == LCAP_OK)
        rc = choose_ranges(s, error);
    if (rc == LCAP_OK)
        rc = open_writer(s, !output_can_patch(s->output) && sound, error);
    return rc == LCAP_OK ? walk_ranges(s, error) : rc;
}

/* A catalogue that cannot be used is told, but nothing is lost without it. */
static int look_for_catalogue(struct selecting *s, struct lcap_error *error)
{
    struct select_pass *pass = s->pass;
    const struct select_pass_options *options = pass->options;
    const bool helps = sample_choice_is_narrow(&options->samples) || options->packets.times;
    const bool other_times = options->input.nanoseconds; /* than those of the catalogue */
    if (!helps || other_times || !file_is_regular(s->dataset))
        return LCAP_OK;
    const int rc =
        catalogue_open(&s->catalogue, s->dataset, NULL, options->input.pcapml_times, &pass->unused);
    pass->by_catalogue = rc == 1;
    return rc == LCAP_ERR_MEMORY ? lcap_error_set(error, rc, "%s", pass->unused.text) : LCAP_OK;
}

/* ---- the pass ---- */

static int finish(struct selecting *s, struct lcap_error *error)
{
    struct lcap_writer *writer = s->writer;
    s->writer = NULL;
    s->pass->losses = *lcap_writer_losses(writer);
    if (s->pass->selected_packets > 0)
        return lcap_writer_close(writer, error);
    lcap_writer_discard(writer);
    return LCAP_OK;
}

static int select_from(struct selecting *s, struct lcap_error *error)
{
    const struct select_pass_options *options = s->pass->options;
    int rc = file_check_not_input(s->output, &s->dataset, 1, error);
    if (rc == LCAP_OK && options->samples.ids)
        rc = file_check_not_input(s->output, &options->samples.ids, 1, error);
    if (rc == LCAP_OK)
        rc = split_folder_check_output(options->samples.splits, s->output, error);
    if (rc == LCAP_OK)
        rc = output_try(s->output, &options->placing, error);
    if (rc == LCAP_OK)
        rc = look_for_catalogue(s, error);
    if (rc == LCAP_OK)
        rc = input_pass_open(&s->input, s->dataset, false, &options->input, error);
    if (rc < 0)
        return rc;
    const bool by_catalogue = s->catalogue && s->input.reader;
    rc = by_catalogue ? select_by_catalogue(s, error) : select_by_scan(s, error);
    if (rc < 0)
        return rc;
    input_pass_settle(&s->input, &s->pass->inputs);
    return finish(s, error);
}

int select_pass_run(struct select_pass *pass, const char *dataset, const char *output,
                    const struct select_pass_options *options, struct lcap_error *error)
{
    struct selecting s = {.pass = pass, .dataset = dataset, .output = output};
    *pass = (struct select_pass){.options = options};
    int rc = sample_choice_init(&pass->samples, &options->samples, error);
    if (rc == LCAP_OK)
        rc = packet_choice_init(&pass->packets, &options->packets, error);
    if (rc == LCAP_OK)
        rc = select_from(&s, error);
    lcap_writer_discard(s.writer);
    catalogue_free(s.catalogue);
    free(s.places);
    input_pass_close(&s.input);
    return rc;
}

void select_pass_release(struct select_pass *pass)
{
    sample_choice_release(&pass->samples);
    packet_choice_release(&pass->packets);
}
