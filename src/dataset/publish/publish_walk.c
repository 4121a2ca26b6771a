/* Walks the data of a published set. */
#include "dataset/publish/publish_walk.h"

#include "dataset/packet_digest.h"
#include <labelcap/label.h>
#include <string.h>

static struct survey *survey_of(const struct publish_walk *walk)
{
    return walk->is_challenge ? &walk->set->challenge : &walk->set->data;
}

/* ---- packets of the challenge ---- */

static uint64_t digest_of(const struct publish_walk *walk, const struct lcap_packet *packet)
{
    return packet_digest_of(packet, walk->challenge->key).low;
}

/* Those of the challenge come first. */
static int look_for_challenge(struct publish_walk *walk, const struct lcap_packet *packet,
                              const struct lcap_label *label, struct lcap_error *error)
{
    uint32_t number;
    if (!walk->set->has_challenge)
        return LCAP_OK;
    const uint64_t digest = digest_of(walk, packet);
    if (!walk->is_challenge) {
        walk->leaked += idmap_find(&walk->challenge->digests, digest) != IDMAP_NONE;
        return LCAP_OK;
    }
    walk->told += label->metadata_len > 0;
    return idmap_add(&walk->challenge->digests, digest, &number, error);
}

/* ---- blocks ---- */

/* Whether a sample goes public: with lists, only if it is in one. */
static bool is_listed(struct publish_walk *walk, uint64_t sample_id)
{
    const struct split_lists *lists = &walk->set->lists;
    if (walk->is_challenge || !walk->set->has_lists)
        return true;
    const uint16_t list = split_lists_of(lists, sample_id);
    if (list == SPLIT_NO_LIST)
        walk->unlisted++;
    else if (strcmp(lists->folder.names[list], SPLIT_CHALLENGE) == 0)
        walk->leaked++;
    return list != SPLIT_NO_LIST;
}

static int publish_packet(struct publish_walk *walk, const struct lcap_block *block,
                          struct lcap_error *error)
{
    struct lcap_block clean;
    int rc = cleaner_take(&walk->cleaner, block, &clean, error);
    if (rc == 1)
        rc = survey_add(survey_of(walk), &clean, NULL, error);
    return rc == LCAP_OK && walk->writer
               ? lcap_writer_packet(walk->writer, &clean.packet, NULL, error)
               : rc;
}

static int take_packet(struct publish_walk *walk, const struct lcap_block *block,
                       struct lcap_error *error)
{
    struct lcap_label label;
    if (!lcap_packet_label(&block->packet, &label)) {
        walk->unlabelled++;
        return LCAP_OK;
    }
    if (!is_listed(walk, label.sample_id))
        return LCAP_OK;
    const int rc = look_for_challenge(walk, &block->packet, &label, error);
    return rc == LCAP_OK ? publish_packet(walk, block, error) : rc;
}

static int take_block(void *context, const struct lcap_block *block, struct lcap_error *error)
{
    struct publish_walk *walk = context;
    struct lcap_block clean;
    if (block->kind == LCAP_BLOCK_PACKET)
        return take_packet(walk, block, error);
    const int rc = cleaner_take(&walk->cleaner, block, &clean, error);
    return rc == 1 && walk->writer ? lcap_writer_block(walk->writer, &clean, error)
                                   : (rc < 0 ? rc : LCAP_OK);
}

/* ---- the walk ---- */

static int check_outcome(const struct publish_walk *walk, struct lcap_error *error)
{
    const struct survey *survey = survey_of(walk);
    if (walk->outcome.status < 0)
        return lcap_error_set(error, walk->outcome.status, "%s", walk->outcome.error.text);
    if (survey->conflicting_packets > 0)
        return lcap_error_set(error, LCAP_ERR_LABEL,
                              "%s: a sampleID has two labels; 'labelcap check' names the places",
                              walk->outcome.name);
    if (sample_registry_count(&survey->registry) == 0)
        return lcap_error_set(error, LCAP_ERR_LABEL, "%s: has no %s packet", walk->outcome.name,
                              walk->unlisted > 0 ? "listed" : "labelled");
    return LCAP_OK;
}

int publish_walk_run(struct publish_walk *walk, const char *path,
                     const struct input_options *options, struct lcap_error *error)
{
    struct input_pass input;
    int rc = input_pass_open(&input, path, false, options, error);
    if (rc == LCAP_OK && input.reader && walk->writer)
        lcap_writer_source(walk->writer, input.reader);
    if (rc == LCAP_OK)
        rc = input_pass_walk(&input, take_block, walk, error);
    walk->outcome = input.outcome;
    if (rc == LCAP_OK)
        rc = check_outcome(walk, error);
    if (rc == LCAP_OK && options->listener)
        options->listener(options->context, &walk->outcome);
    input_pass_close(&input);
    return rc;
}

void publish_walk_release(struct publish_walk *walk)
{
    cleaner_release(&walk->cleaner);
    lcap_writer_discard(walk->writer);
    walk->writer = NULL;
}
