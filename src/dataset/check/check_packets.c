/* Checks the blocks of a data set one by one. */
#include "dataset/check/check_packets.h"

#include "base/memory.h"
#include "capture/pcapng.h"
#include "capture/pcapng_options.h"
#include "capture/snaplen.h"
#include <stdlib.h>
#include <string.h>

int check_packets_init(struct check_packets *packets, struct check_findings *findings,
                       struct lcap_error *error)
{
    *packets = (struct check_packets){.findings = findings};
    time_spread_init(&packets->times);
    return survey_init(&packets->survey, error);
}

void check_packets_begin(struct check_packets *packets, uint32_t input)
{
    packets->place = (struct check_place){.input = input, .sample = NO_SAMPLE};
    packets->last_id = 0;
    packets->after_unlabelled = false;
    packets->sorted = true;
}

static void found(struct check_packets *packets, enum check_kind kind)
{
    check_count_one(packets->findings, kind, &packets->place);
}

/* ---- labels ---- */

static bool is_label_of(const struct pcapng_option *option)
{
    struct lcap_label label;
    return option->code == OPT_COMMENT &&
           lcap_comment_parse((const char *)option->value, option->len, &label) !=
               LCAP_COMMENT_FOREIGN;
}

/* A number alone, too large, or with another mark than a comma behind it. */
static bool is_almost_label(const char *comment, size_t len)
{
    size_t digits = 0;
    while (digits < len && comment[digits] >= '0' && comment[digits] <= '9')
        digits++;
    return digits > 0 && (digits == len || strchr(",;:|\t", comment[digits]));
}

/* That, or a label behind another comment. */
static bool has_bad_label(const struct lcap_block *block)
{
    const struct lcap_packet *packet = &block->packet;
    if (packet->comment && is_almost_label(packet->comment, packet->comment_len))
        return true;
    struct cursor c = {packet->options, packet->options_len, block->big_endian};
    struct pcapng_option option;
    while (packet->comment && pcapng_option_next(&c, &option) == 1)
        if (is_label_of(&option))
            return true;
    return false;
}

static void check_label(struct check_packets *packets, const struct lcap_block *block)
{
    if (packets->place.sample != NO_SAMPLE)
        return;
    found(packets, has_bad_label(block) ? CHECK_BAD_LABEL : CHECK_UNLABELLED);
}

/* ---- order ---- */

static void check_sorted(struct check_packets *packets)
{
    const uint32_t sample = packets->place.sample;
    if (sample == NO_SAMPLE) {
        packets->after_unlabelled = true;
        return;
    }
    const uint64_t id = sample_registry_id(&packets->survey.registry, sample);
    if (packets->after_unlabelled || id < packets->last_id) {
        found(packets, CHECK_UNSORTED);
        packets->sorted = false;
    }
    packets->after_unlabelled = false;
    packets->last_id = id;
}

static int grow_last(struct check_packets *packets, struct lcap_error *error)
{
    const size_t old = packets->last_capacity;
    const int rc = memory_grow((void **)&packets->last_ns, &packets->last_capacity,
                               sample_registry_count(&packets->survey.registry),
                               sizeof *packets->last_ns, error);
    for (size_t i = old; rc == 0 && i < packets->last_capacity; i++)
        packets->last_ns[i] = INT64_MIN;
    return rc;
}

static int check_time(struct check_packets *packets, const struct lcap_packet *packet,
                      struct lcap_error *error)
{
    const uint32_t sample = packets->place.sample;
    if (!packet->has_time)
        return LCAP_OK;
    if (sample != NO_SAMPLE) {
        const int rc = sample < packets->last_capacity ? LCAP_OK : grow_last(packets, error);
        if (rc < 0)
            return rc;
        if (packet->time_ns < packets->last_ns[sample])
            found(packets, CHECK_TIME_ORDER);
        packets->last_ns[sample] = packet->time_ns;
    }
    return time_spread_add(&packets->times, packet->time_ns, &packets->place, error);
}

/* ---- bytes ---- */

static void check_bytes(struct check_packets *packets, const struct lcap_packet *packet,
                        const struct check_look *look)
{
    if (packet->caplen < packet->len)
        found(packets, CHECK_TRUNCATED);
    if (snaplen_cut(packet->interface->snaplen, packet->caplen) < packet->caplen)
        found(packets, CHECK_SNAP_LENGTH);
    if (look->zero_tail)
        found(packets, CHECK_ZERO_TAIL);
    if (look->malformed)
        found(packets, CHECK_MALFORMED);
}

static int check_packet(struct check_packets *packets, const struct lcap_block *block,
                        const struct check_look *look, struct lcap_error *error)
{
    const struct lcap_packet *packet = &block->packet;
    packets->place.packet++;
    packets->place.offset = block->offset;
    int rc = survey_add(&packets->survey, block, &packets->place.sample, error);
    if (rc < 0)
        return rc;
    check_label(packets, block);
    check_sorted(packets);
    check_bytes(packets, packet, look);
    rc = check_time(packets, packet, error);
    if (rc == 0 && packets->duplicates && packet->has_time && packets->place.sample != NO_SAMPLE)
        rc = check_duplicates_add(packets->duplicates, packet, look->content, &packets->place,
                                  error);
    if (rc == 0 && packets->leaks)
        rc = leak_report_add(packets->leaks, packet, look->facts, packets->place.sample,
                             &packets->survey.registry, error);
    if (rc == 0 && packets->rules)
        rc = check_rules_packet(packets->rules, packet, look->match, &packets->place,
                                packets->sorted, &packets->survey.registry, packets->findings,
                                error);
    if (rc == 0 && packets->taker && packets->place.sample != NO_SAMPLE)
        rc = packets->taker(packets->taker_context, packet, packets->place.sample, error);
    return rc;
}

int check_packets_seen(struct check_packets *packets, const struct lcap_block *block,
                       const struct check_look *look, struct lcap_error *error)
{
    if (block->kind == LCAP_BLOCK_PACKET)
        return check_packet(packets, block, look, error);
    if (look->malformed)
        found(packets, CHECK_MALFORMED);
    return survey_add(&packets->survey, block, NULL, error);
}

int check_packets_block(void *context, const struct lcap_block *block, struct lcap_error *error)
{
    struct check_packets *packets = context;
    struct check_look look;
    const int rc = check_look_at(&look, block, &packets->scratch, error);
    return rc == LCAP_OK ? check_packets_seen(packets, block, &look, error) : rc;
}

void check_packets_release(struct check_packets *packets)
{
    survey_release(&packets->survey);
    time_spread_release(&packets->times);
    buffer_release(&packets->scratch);
    free(packets->last_ns);
}
