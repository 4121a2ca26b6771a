/* gzip by ISA-L. */
#include "base/codec/gzip_inflate.h"

#include <isa-l/igzip_lib.h>
#include <stdlib.h>

struct gzip_inflater {
    struct inflate_state state;
};

struct gzip_inflater *gzip_inflater_new(void)
{
    struct gzip_inflater *inflater = calloc(1, sizeof *inflater);
    if (inflater)
        gzip_inflater_reset(inflater);
    return inflater;
}

void gzip_inflater_reset(struct gzip_inflater *inflater)
{
    isal_inflate_init(&inflater->state);
    inflater->state.crc_flag = ISAL_GZIP;
}

/* The words are zlib's, where it has the same. */
static const char *reason_of(int rc)
{
    switch (rc) {
    case ISAL_INVALID_BLOCK:
        return "invalid block";
    case ISAL_INVALID_SYMBOL:
        return "invalid code";
    case ISAL_INVALID_LOOKBACK:
        return "invalid distance too far back";
    case ISAL_UNSUPPORTED_METHOD:
        return "unknown compression method";
    case ISAL_INCORRECT_CHECKSUM:
        return "incorrect data check";
    default:
        return "incorrect header check";
    }
}

/* ISA-L counts in 32 bits. */
static uint32_t at_once(size_t len)
{
    return len < UINT32_MAX ? (uint32_t)len : UINT32_MAX;
}

/* RFC 1951 section 3.2.5. */
#define LONGEST_COPY 258

/* ISA-L counts the bytes of a copy before it sees that the distance is invalid, and has then not
 * written them. How many they are it does not say. */
static void take_back_copy(struct codec_step *step, size_t given)
{
    const size_t copied = given < LONGEST_COPY ? given : LONGEST_COPY;
    step->out -= copied;
    step->out_left += copied;
}

int gzip_inflater_step(struct gzip_inflater *inflater, struct codec_step *step,
                       struct lcap_error *error)
{
    struct inflate_state *state = &inflater->state;
    state->next_in = (uint8_t *)step->in; /* which is only read */
    state->avail_in = at_once(step->in_left);
    state->next_out = step->out;
    state->avail_out = at_once(step->out_left);
    const int rc = isal_inflate(state);
    step->in_left -= (size_t)(state->next_in - step->in);
    step->in = state->next_in;
    const size_t given = (size_t)(state->next_out - step->out);
    step->out_left -= given;
    step->out = state->next_out;
    if (rc == ISAL_INVALID_LOOKBACK || rc == ISAL_INVALID_SYMBOL)
        take_back_copy(step, given);
    if (rc >= 0)
        return state->block_state == ISAL_BLOCK_FINISH;
    return lcap_error_set(error, LCAP_ERR_DAMAGED, "damaged gzip data: %s", reason_of(rc));
}

void gzip_inflater_free(struct gzip_inflater *inflater)
{
    free(inflater);
}
