/* Chooses packets. */
#include "dataset/select/packet_choice.h"

#include "base/text/text.h"
#include <string.h>

/* ---- a span of time ---- */

static int read_end(const char *text, size_t len, struct time_span *span, struct lcap_error *error)
{
    bool whole_second = false;
    int rc = text_to_time(text, len, &span->last_ns, &whole_second, error);
    if (whole_second &&
        __builtin_add_overflow(span->last_ns, (int64_t)NS_PER_SECOND - 1, &span->last_ns))
        span->last_ns = INT64_MAX;
    return rc;
}

int time_span_read(const char *text, struct time_span *span, struct lcap_error *error)
{
    bool whole_second;
    int rc = LCAP_OK;
    const char *dots = strstr(text, "..");
    *span = (struct time_span){INT64_MIN, INT64_MAX};
    if (!dots || strlen(text) == strlen(".."))
        return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                              "expected A..B, A.. or ..B, such as "
                              "2017-07-04T09:00:00Z..2017-07-04T10:00:00Z, found '%.100s'",
                              text);
    if (dots > text)
        rc = text_to_time(text, (size_t)(dots - text), &span->first_ns, &whole_second, error);
    if (rc == LCAP_OK && dots[2])
        rc = read_end(dots + 2, strlen(dots + 2), span, error);
    if (rc == LCAP_OK && span->last_ns < span->first_ns)
        rc = lcap_error_set(error, LCAP_ERR_ARGUMENT, "'%.100s' ends before it begins", text);
    return rc;
}

/* ---- packets ---- */

int packet_choice_init(struct packet_choice *choice, const struct packet_choice_options *options,
                       struct lcap_error *error)
{
    *choice = (struct packet_choice){.options = options};
    int rc = LCAP_OK;
    if (options->filter)
        rc = link_filter_init(&choice->filter, options->filter, error);
    if (rc == LCAP_OK && options->dedup_ns)
        rc = recent_packets_init(&choice->recent, options->dedup_ns, error);
    return rc;
}

void packet_choice_release(struct packet_choice *choice)
{
    link_filter_release(&choice->filter);
    recent_packets_release(&choice->recent);
}

static bool is_in_time(const struct time_span *span, const struct lcap_packet *packet)
{
    return packet->has_time && packet->time_ns >= span->first_ns &&
           packet->time_ns <= span->last_ns;
}

static bool repeats(struct packet_choice *choice, uint64_t sample_id,
                    const struct lcap_packet *packet)
{
    if (!choice->options->dedup_ns || !recent_packets_repeat(&choice->recent, sample_id, packet))
        return false;
    choice->repeated++;
    return true;
}

int packet_choice_takes(struct packet_choice *choice, uint64_t sample_id, uint64_t taken,
                        const struct lcap_packet *packet, struct lcap_error *error)
{
    const struct packet_choice_options *options = choice->options;
    if (options->first > 0 && taken >= options->first)
        return 0;
    if (options->times && !is_in_time(options->times, packet))
        return 0;
    const int rc = options->filter ? link_filter_matches(&choice->filter, packet, error) : 1;
    return rc == 1 ? !repeats(choice, sample_id, packet) : rc;
}
