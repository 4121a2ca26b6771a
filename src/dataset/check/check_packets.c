/* Checks the blocks of a data set one by one. */
#include "dataset/check/check_packets.h"

#include "base/memory.h"
#include "capture/pcapng.h"
#include "capture/pcapng_options.h"
#include "capture/snaplen.h"
#include "capture/translate.h"
#include <stdlib.h>
#include <string.h>

/* Shorter runs of zeros are padding: of Ethernet up to 46 bytes, of BOOTP up to 60. */
#define LEAST_ZEROS 64u

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

/* ---- the form of blocks ---- */

/* A translation to its own byte order loses nothing but what violates the draft. */
static struct translation translation_of(const struct lcap_block *block)
{
    const bool packet = block->kind == LCAP_BLOCK_PACKET;
    return (struct translation){.type = packet ? PCAPNG_ENHANCED_PACKET : block->type,
                                .from_big = block->big_endian,
                                .to_big = block->big_endian};
}

static int check_form(struct check_packets *packets, const struct lcap_block *block,
                      struct lcap_error *error)
{
    const struct translation how = translation_of(block);
    struct buffer *out = &packets->scratch;
    struct lcap_losses losses = {0};
    int rc;
    buffer_clear(out);
    if (block->kind == LCAP_BLOCK_PACKET)
        rc = translate_options(&how, block->packet.options, block->packet.options_len, out, &losses,
                               error);
    else if (block->kind == LCAP_BLOCK_INTERFACE)
        rc = translate_options(&how, block->interface->options, block->interface->options_len, out,
                               &losses, error);
    else
        rc = translate_body(&how, block->body, block->body_len, out, &losses, error);
    if (losses.options_malformed || losses.names_malformed || losses.blocks_malformed)
        found(packets, CHECK_MALFORMED);
    return rc < 0 ? rc : LCAP_OK;
}

/* The usual case, fast. */
static bool has_sound_options(const struct lcap_block *block)
{
    const struct translation how = translation_of(block);
    return block->packet.options_len == 0 ||
           translate_is_copy(&how, block->packet.options, block->packet.options_len);
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

/* Whether the last `len` bytes are zeros; most packets are seen by their last byte not to be so. */
static bool ends_in_zeros(const struct lcap_packet *packet, uint32_t len)
{
    const uint8_t *tail = packet->data + packet->caplen - len;
    return tail[len - 1] == 0 && tail[0] == 0 && memcmp(tail, tail + 1, len - 1) == 0;
}

static void check_bytes(struct check_packets *packets, const struct lcap_packet *packet)
{
    const uint32_t half = packet->caplen / 2 + packet->caplen % 2;
    const uint32_t zeros = half > LEAST_ZEROS ? half : LEAST_ZEROS;
    if (packet->caplen < packet->len)
        found(packets, CHECK_TRUNCATED);
    if (snaplen_cut(packet->interface->snaplen, packet->caplen) < packet->caplen)
        found(packets, CHECK_SNAP_LENGTH);
    if (packet->caplen >= zeros && ends_in_zeros(packet, zeros))
        found(packets, CHECK_ZERO_TAIL);
}

static int check_packet(struct check_packets *packets, const struct lcap_block *block,
                        struct lcap_error *error)
{
    const struct lcap_packet *packet = &block->packet;
    packets->place.packet++;
    packets->place.offset = block->offset;
    int rc = survey_add(&packets->survey, block, &packets->place.sample, error);
    if (rc < 0)
        return rc;
    check_label(packets, block);
    check_sorted(packets);
    check_bytes(packets, packet);
    rc = check_time(packets, packet, error);
    if (rc == 0 && !has_sound_options(block))
        rc = check_form(packets, block, error);
    if (rc == 0 && packets->duplicates && packet->has_time && packets->place.sample != NO_SAMPLE)
        rc = check_duplicates_add(packets->duplicates, packet, &packets->place, error);
    if (rc == 0 && packets->leaks)
        rc = leak_report_add(packets->leaks, packet, packets->place.sample,
                             &packets->survey.registry, error);
    if (rc == 0 && packets->rules)
        rc = check_rules_packet(packets->rules, packet, &packets->place, packets->sorted,
                                &packets->survey.registry, packets->findings, error);
    if (rc == 0 && packets->taker && packets->place.sample != NO_SAMPLE)
        rc = packets->taker(packets->taker_context, packet, packets->place.sample, error);
    return rc;
}

int check_packets_block(void *context, const struct lcap_block *block, struct lcap_error *error)
{
    struct check_packets *packets = context;
    if (block->kind == LCAP_BLOCK_PACKET)
        return check_packet(packets, block, error);
    const int rc = survey_add(&packets->survey, block, NULL, error);
    return rc == 0 && block->body ? check_form(packets, block, error) : rc;
}

void check_packets_release(struct check_packets *packets)
{
    survey_release(&packets->survey);
    time_spread_release(&packets->times);
    buffer_release(&packets->scratch);
    free(packets->last_ns);
}
