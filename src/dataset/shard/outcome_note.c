/* Writes the outcomes of segments, and adds them up. */
#include "dataset/shard/outcome_note.h"

#include <inttypes.h>

int outcome_note_append(struct buffer *notes, const char *word, const uint64_t *numbers,
                        size_t count, struct lcap_error *error)
{
    int rc = buffer_append_text(notes, word, error);
    for (size_t i = 0; i < count && rc == LCAP_OK; i++)
        rc = buffer_printf(notes, error, " %" PRIu64, numbers[i]);
    return rc == LCAP_OK ? buffer_append(notes, "", 1, error) : rc;
}

int outcome_note_write(const struct input_outcome *outcome, struct buffer *notes,
                       struct lcap_error *error)
{
    const struct lcap_odd_times *odd = &outcome->odd_times;
    const uint64_t numbers[OUTCOME_NUMBERS] = {outcome->opened,
                                               outcome->interfaces,
                                               outcome->raw_ip,
                                               outcome->has_time,
                                               (uint64_t)outcome->first_ns,
                                               odd->pcapml,
                                               odd->contradicting,
                                               odd->nanoseconds,
                                               odd->held};
    return outcome_note_append(notes, OUTCOME_NOTE, numbers, OUTCOME_NUMBERS, error);
}

/* Every segment had its first packets looked at; of the whole input, only the first ones count. */
static uint64_t more_raw_ip(const struct input_outcome *outcome, uint64_t found)
{
    if (outcome->packets >= PACKETS_LOOKED_AT)
        return 0;
    const uint64_t left = PACKETS_LOOKED_AT - outcome->packets;
    return found < left ? found : left;
}

void outcome_note_add(struct input_outcome *outcome, const uint64_t *numbers)
{
    outcome->opened |= numbers[0] != 0;
    outcome->interfaces += numbers[1];
    outcome->raw_ip += more_raw_ip(outcome, numbers[2]);
    if (outcome->packets == 0) {
        outcome->has_time = numbers[3] != 0;
        outcome->first_ns = (int64_t)numbers[4];
    }
    outcome->odd_times.pcapml += numbers[5];
    outcome->odd_times.contradicting += numbers[6];
    outcome->odd_times.nanoseconds += numbers[7];
    outcome->odd_times.held += numbers[8];
}

void outcome_end_segment(struct input_outcome *outcome, const struct joint_segment *segment)
{
    outcome->packets += segment->packets;
    if (!segment->damage)
        return;
    outcome->status = LCAP_ERR_DAMAGED;
    lcap_error_set(&outcome->error, LCAP_ERR_DAMAGED, "%s", segment->damage);
}

void outcome_end(struct input_outcome *outcome)
{
    outcome->empty = outcome->interfaces == 0 && outcome->status == LCAP_OK;
}
