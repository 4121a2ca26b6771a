/* From packets of one stream to rows: the public interface of the engines. */
#include "base/memory.h"
#include "base/sized.h"
#include "base/text/text.h"
#include "features/profile.h"
#include "features/unknown_types.h"
#include <labelcap/label.h>
#include <stdlib.h>

struct lcap_extractor {
    struct lcap_flow_options options;
    struct sample_registry samples;
    struct buffer metadata; /* of a new sample */
    struct lcap_flow_counts counts;
    struct unknown_types unknown;
    const struct engine_class *class;
    struct engine *engine;
    int64_t previous_ns; /* of the previous packet; INT64_MIN at the beginning of a stream */
    uint32_t previous_sample;
};

static int check_options(const struct lcap_flow_options *options, struct lcap_error *error)
{
    if (!options->profile)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT, "no profile given");
    if (options->idle_ns < 0 || options->active_ns < 0)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT, "negative time-out");
    return LCAP_OK;
}

static int choose_engine(struct lcap_extractor *extractor, struct lcap_error *error)
{
    const struct lcap_flow_options *options = &extractor->options;
    if (options->compat && !options->profile->compat)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT, "profile %s has no compat mode",
                              options->profile->name);
    extractor->class = options->compat ? options->profile->compat : options->profile->engine;
    return LCAP_OK;
}

int extractor_new_sharing(struct lcap_extractor **extractor,
                          const struct lcap_flow_options *options, const struct row_target *target,
                          struct flow_share share, struct lcap_error *error)
{
    struct lcap_flow_options taken;
    int rc = sized_take(&taken, sizeof taken, options, "lcap_flow_options", error);
    if (rc == LCAP_OK)
        rc = check_options(&taken, error);
    if (rc < 0)
        return rc;
    struct lcap_extractor *new = memory_new(1, sizeof *new, error);
    if (!new)
        return LCAP_ERR_MEMORY;
    new->options = taken;
    new->previous_ns = INT64_MIN;
    const struct engine_setup setup = {
        .options = &new->options,
        .profile = taken.profile,
        .samples = &new->samples,
        .sink = target->sink,
        .sink_context = target->context,
        .press = target->press,
        .share = share,
        .counts = &new->counts,
        .unknown = &new->unknown,
    };
    rc = choose_engine(new, error);
    if (rc == LCAP_OK)
        rc = sample_registry_init(&new->samples, error);
    if (rc == LCAP_OK)
        rc = new->class->create(&new->engine, &setup, error);
    if (rc == LCAP_OK)
        *extractor = new;
    else
        lcap_extractor_free(new);
    return rc;
}

int lcap_extractor_new(struct lcap_extractor **extractor, const struct lcap_flow_options *options,
                       lcap_flow_sink *sink, void *context, struct lcap_error *error)
{
    const struct row_target target = {.sink = sink, .context = context};
    return extractor_new_sharing(extractor, options, &target, (struct flow_share){0}, error);
}

/* Time may go back where another sample begins. */
static void note_time(struct lcap_extractor *extractor, int64_t time_ns, uint32_t sample)
{
    extractor->counts.time_backwards +=
        sample == extractor->previous_sample && time_ns < extractor->previous_ns;
    extractor->previous_ns = time_ns;
    extractor->previous_sample = sample;
}

/* Labels may hold any bytes; cells hold UTF-8. */
static int number_of_sample(struct lcap_extractor *extractor, const struct lcap_label *label,
                            uint32_t *number, struct lcap_error *error)
{
    struct buffer *metadata = &extractor->metadata;
    *number = sample_registry_find(&extractor->samples, label->sample_id);
    if (*number != NO_SAMPLE)
        return LCAP_OK;
    buffer_clear(metadata);
    int rc = text_append_utf8(metadata, label->metadata, label->metadata_len, error);
    return rc < 0 ? rc
                  : sample_registry_add(&extractor->samples, label->sample_id,
                                        (const char *)metadata->data, metadata->len, number, error);
}

/* Counts the packet, and sets *sample to the number of its sample. */
static int note_packet(struct lcap_extractor *extractor, const struct lcap_packet *packet,
                       const struct lcap_label *label, uint32_t *sample, struct lcap_error *error)
{
    int rc = LCAP_OK;
    *sample = NO_SAMPLE;
    extractor->counts.packets++;
    if (label) {
        extractor->counts.labelled++;
        rc = number_of_sample(extractor, label, sample, error);
    }
    if (packet->has_time)
        note_time(extractor, packet->time_ns, *sample);
    return rc;
}

int extractor_packet_of(struct lcap_extractor *extractor, const struct lcap_packet *packet,
                        const struct lcap_label *label, struct lcap_error *error)
{
    uint32_t sample;
    const int rc = note_packet(extractor, packet, label, &sample, error);
    return rc == LCAP_OK ? extractor->class->packet(extractor->engine, packet, sample, error) : rc;
}

int extractor_pass(struct lcap_extractor *extractor, const struct passing_packet *passing,
                   const struct lcap_label *label, struct lcap_error *error)
{
    uint32_t sample;
    const int rc = note_packet(extractor, &passing->packet, label, &sample, error);
    return rc == LCAP_OK ? extractor->class->pass(extractor->engine, passing, sample, error) : rc;
}

int lcap_extractor_packet(struct lcap_extractor *extractor, const struct lcap_packet *packet,
                          struct lcap_error *error)
{
    struct lcap_label label;
    const bool labelled = packet->comment && lcap_packet_label(packet, &label);
    return extractor_packet_of(extractor, packet, labelled ? &label : NULL, error);
}

int lcap_extractor_finish(struct lcap_extractor *extractor, struct lcap_error *error)
{
    extractor->previous_ns = INT64_MIN;
    return extractor->class->finish(extractor->engine, error);
}

const struct lcap_flow_counts *lcap_extractor_counts(const struct lcap_extractor *extractor)
{
    return &extractor->counts;
}

bool lcap_extractor_unknown_type(const struct lcap_extractor *extractor, size_t index,
                                 struct lcap_unknown_type *type)
{
    if (index >= extractor->unknown.count)
        return false;
    *type = extractor->unknown.items[index];
    return true;
}

void lcap_extractor_free(struct lcap_extractor *extractor)
{
    if (!extractor)
        return;
    if (extractor->engine)
        extractor->class->free(extractor->engine);
    sample_registry_release(&extractor->samples);
    buffer_release(&extractor->metadata);
    free(extractor);
}
