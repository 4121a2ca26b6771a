/* Collects the contents of a capture. */
#include "dataset/survey.h"

#include "base/memory.h"
#include <stdlib.h>
#include <string.h>

void tally_add(struct tally *sum, const struct tally *more)
{
    sum->packets += more->packets;
    sum->bytes += more->bytes;
    sum->captured += more->captured;
    sum->untimed += more->untimed;
    if (more->first_ns < sum->first_ns)
        sum->first_ns = more->first_ns;
    if (more->last_ns > sum->last_ns)
        sum->last_ns = more->last_ns;
}

bool tally_has_time(const struct tally *tally)
{
    return tally->packets > tally->untimed;
}

int survey_init(struct survey *survey, struct lcap_error *error)
{
    static const struct tally empty = TALLY_EMPTY;
    *survey = (struct survey){
        .all = empty, .labelled = empty, .grouped = true, .first = NO_SAMPLE, .current = NO_SAMPLE};
    survey->others_in_place = true;
    survey->in_order[ORDER_AS_GIVEN] = true;
    survey->in_order[ORDER_SAMPLE] = true;
    survey->in_order[ORDER_TIME] = true;
    for (int order = ORDER_AS_GIVEN; order <= ORDER_TIME; order++)
        survey->last[order].secondary = INT64_MIN;
    return sample_registry_init(&survey->registry, error);
}

void survey_release(struct survey *survey)
{
    free(survey->samples);
    free(survey->interfaces);
    sample_registry_release(&survey->registry);
    *survey = (struct survey){0};
}

static bool key_less(const struct sort_key *a, const struct sort_key *b)
{
    if (a->rank != b->rank)
        return a->rank < b->rank;
    if (a->primary != b->primary)
        return a->primary < b->primary;
    return a->secondary < b->secondary;
}

static void note_order(struct survey *survey, const struct lcap_block *block,
                       const struct lcap_label *label)
{
    for (int order = ORDER_SAMPLE; order <= ORDER_TIME; order++) {
        if (!survey->in_order[order])
            continue;
        struct sort_key key = sort_key_of((enum packet_order)order, block, label);
        survey->in_order[order] = !key_less(&key, &survey->last[order]);
        survey->last[order] = key;
    }
}

static void note_place(struct survey *survey, const struct lcap_block *block)
{
    const bool packet = block->kind == LCAP_BLOCK_PACKET;
    if (!packet && !sorted_block_is_first(block))
        survey->after_packets = true;
    else if (packet ? survey->after_packets : survey->all.packets > 0 || survey->after_packets)
        survey->others_in_place = false;
}

static int tally_interface(struct survey *survey, const struct lcap_packet *packet,
                           struct lcap_error *error)
{
    const size_t number = survey->first_interface + packet->interface->number;
    if (number >= survey->interface_capacity) {
        static const struct tally empty = TALLY_EMPTY;
        size_t old = survey->interface_capacity;
        void *interfaces = survey->interfaces;
        int rc = memory_grow(&interfaces, &survey->interface_capacity, number + 1,
                             sizeof *survey->interfaces, error);
        survey->interfaces = interfaces;
        if (rc < 0)
            return rc;
        for (size_t i = old; i < survey->interface_capacity; i++)
            survey->interfaces[i] = empty;
    }
    tally_packet(&survey->interfaces[number], packet);
    return LCAP_OK;
}

static int add_sample(struct survey *survey, uint32_t number, uint16_t linktype,
                      struct lcap_error *error)
{
    static const struct tally empty = TALLY_EMPTY;
    int rc = memory_grow((void **)&survey->samples, &survey->sample_capacity, (size_t)number + 1,
                         sizeof *survey->samples, error);
    if (rc == 0)
        survey->samples[number] = (struct survey_sample){.linktype = linktype, .tally = empty};
    return rc;
}

static int note_conflict(struct survey *survey, uint32_t sample, const struct lcap_label *label,
                         struct lcap_error *error)
{
    struct intern *texts = survey->registry.texts;
    uint32_t other = intern_find(texts, label->metadata, label->metadata_len);
    survey->conflicting_packets++;
    for (size_t i = 0; i < survey->conflict_count; i++)
        if (survey->conflicts[i].sample == sample && survey->conflicts[i].other == other)
            return LCAP_OK;
    if (survey->conflict_count == SURVEY_MAX_CONFLICTS)
        return LCAP_OK;
    int rc = intern_add(texts, label->metadata, label->metadata_len, &other, error);
    if (rc == 0)
        survey->conflicts[survey->conflict_count++] = (struct survey_conflict){sample, other};
    return rc;
}

static bool has_nanoseconds(const struct lcap_packet *packet)
{
    return packet->has_time && packet->time_ns % 1000 != 0;
}

static int add_labelled(struct survey *survey, const struct lcap_packet *packet,
                        const struct lcap_label *label, uint32_t *index, struct lcap_error *error)
{
    size_t known = sample_registry_count(&survey->registry);
    int rc = sample_registry_add(&survey->registry, label->sample_id, label->metadata,
                                 label->metadata_len, index, error);
    if (rc == 1)
        rc = note_conflict(survey, *index, label, error);
    else if (rc == 0 && *index == known)
        rc = add_sample(survey, *index, packet->interface->linktype, error);
    if (rc < 0)
        return rc;
    struct survey_sample *sample = &survey->samples[*index];
    if (*index != survey->current && sample->tally.packets > 0)
        survey->grouped = false;
    sample->several_linktypes |= sample->linktype != packet->interface->linktype;
    sample->needs_ns |= has_nanoseconds(packet);
    tally_packet(&sample->tally, packet);
    tally_packet(&survey->labelled, packet);
    return LCAP_OK;
}

static int add_packet(struct survey *survey, const struct lcap_block *block, uint32_t *sample,
                      struct lcap_error *error)
{
    const struct lcap_packet *packet = &block->packet;
    struct lcap_label label;
    enum lcap_comment_kind kind = LCAP_COMMENT_FOREIGN;
    if (packet->comment)
        kind = lcap_comment_parse(packet->comment, packet->comment_len, &label);
    survey->overflowing += kind == LCAP_COMMENT_OVERFLOW;
    tally_packet(&survey->all, packet);
    int rc = tally_interface(survey, packet, error);
    *sample = NO_SAMPLE;
    if (rc == 0 && kind == LCAP_COMMENT_LABEL)
        rc = add_labelled(survey, packet, &label, sample, error);
    if (survey->all.packets == 1)
        survey->first = *sample;
    survey->current = *sample;
    note_order(survey, block, kind == LCAP_COMMENT_LABEL ? &label : NULL);
    return rc;
}

int survey_add(struct survey *survey, const struct lcap_block *block, uint32_t *sample,
               struct lcap_error *error)
{
    uint32_t index = NO_SAMPLE;
    int rc = LCAP_OK;
    note_place(survey, block);
    if (block->kind == LCAP_BLOCK_PACKET)
        rc = add_packet(survey, block, &index, error);
    if (sample)
        *sample = index;
    return rc;
}

bool survey_contradicts(struct survey *survey, const struct survey *next)
{
    for (uint32_t i = 0; i < sample_registry_count(&next->registry); i++) {
        const struct sample sample = sample_registry_get(&next->registry, i);
        const uint32_t number = sample_registry_find(&survey->registry, sample.id);
        if (number != NO_SAMPLE && sample_registry_differs(&survey->registry, number,
                                                           sample.metadata, sample.metadata_len))
            return true;
    }
    return next->conflicting_packets > 0;
}

/* `goes_on`: the last packet before was of the same sample. */
static void join_sample(struct survey *survey, struct survey_sample *sample,
                        const struct survey_sample *more, bool goes_on)
{
    if (sample->tally.packets > 0 && !goes_on)
        survey->grouped = false;
    sample->several_linktypes |= more->several_linktypes || sample->linktype != more->linktype;
    sample->needs_ns |= more->needs_ns;
    tally_add(&sample->tally, &more->tally);
}

static int join_samples(struct survey *survey, const struct survey *next, uint32_t *current,
                        struct lcap_error *error)
{
    int rc = LCAP_OK;
    *current = NO_SAMPLE;
    for (uint32_t i = 0; i < sample_registry_count(&next->registry) && rc == LCAP_OK; i++) {
        const struct sample sample = sample_registry_get(&next->registry, i);
        const size_t known = sample_registry_count(&survey->registry);
        uint32_t number;
        rc = sample_registry_add(&survey->registry, sample.id, sample.metadata, sample.metadata_len,
                                 &number, error);
        if (rc == LCAP_OK && number == known)
            rc = add_sample(survey, number, next->samples[i].linktype, error);
        if (rc < 0)
            return rc;
        join_sample(survey, &survey->samples[number], &next->samples[i],
                    next->first == i && survey->current == number);
        if (next->current == i)
            *current = number;
    }
    return rc;
}

int survey_join(struct survey *survey, const struct survey *next, struct lcap_error *error)
{
    uint32_t current;
    const int rc = join_samples(survey, next, &current, error);
    if (rc < 0 || next->all.packets == 0)
        return rc;
    if (survey->all.packets == 0)
        survey->first = next->first;
    survey->current = current;
    survey->grouped = survey->grouped && next->grouped;
    survey->overflowing += next->overflowing;
    tally_add(&survey->all, &next->all);
    tally_add(&survey->labelled, &next->labelled);
    return LCAP_OK;
}

void survey_next_input(struct survey *survey, size_t interfaces)
{
    survey->first_interface += interfaces;
}
