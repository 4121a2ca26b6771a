/* The survey of the input of split. */
#include "dataset/split/split_survey.h"

#include "capture/pcapng.h"

bool split_survey_keeps(const struct split_survey *s, const struct lcap_block *block)
{
    return s->format == LCAP_FORMAT_PCAPNG &&
           (block->kind == LCAP_BLOCK_NAMES || block->kind == LCAP_BLOCK_SECRETS ||
            block->type == PCAPNG_PROCESS);
}

static bool is_of_no_sample(const struct lcap_block *block)
{
    return block->kind != LCAP_BLOCK_SECTION && block->kind != LCAP_BLOCK_INTERFACE &&
           block->kind != LCAP_BLOCK_PACKET;
}

int split_survey_block(struct split_survey *s, const struct input_pass *input,
                       const struct lcap_block *block, struct lcap_error *error)
{
    const size_t known = sample_registry_count(&s->survey.registry);
    int rc = survey_add(&s->survey, block, NULL, error);
    if (rc == 0 && sample_registry_count(&s->survey.registry) > known)
        rc = split_cuts_note(&s->cuts, input, block, (uint32_t)known, error);
    if (rc == 0 && split_survey_keeps(s, block))
        rc = kept_blocks_add(&s->kept, block, error);
    else
        s->blocks += is_of_no_sample(block);
    if (rc == LCAP_ERR_ARGUMENT)
        lcap_error_prefix(error, "%s: ", lcap_reader_name(input->reader));
    return rc;
}

/* Samples that go on at a cut do not begin there. */
static int join_cuts(struct split_survey *s, struct split_survey *next, size_t known,
                     uint64_t packets, struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (size_t i = 0; i < next->cuts.count && rc == LCAP_OK; i++) {
        struct split_cut *cut = &next->cuts.items[i];
        const uint64_t id = sample_registry_id(&next->survey.registry, cut->sample);
        cut->sample = sample_registry_find(&s->survey.registry, id);
        cut->packets += packets;
        if (cut->sample >= known)
            rc = split_cuts_add(&s->cuts, cut, error);
    }
    return rc;
}

int split_survey_join(struct split_survey *s, struct split_survey *next, uint64_t packets,
                      struct lcap_error *error)
{
    const size_t known = sample_registry_count(&s->survey.registry);
    if (survey_contradicts(&s->survey, &next->survey))
        return 1;
    s->blocks += next->blocks;
    const int rc = survey_join(&s->survey, &next->survey, error);
    return rc == LCAP_OK ? join_cuts(s, next, known, packets, error) : rc;
}

void split_survey_release(struct split_survey *s)
{
    survey_release(&s->survey);
    kept_blocks_release(&s->kept);
    split_cuts_release(&s->cuts);
}
