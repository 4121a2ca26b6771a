/* Writes times as pcapml does, for its own readers. */
#include "capture/pcapml_time.h"

#include "base/bytes.h"
#include "base/text/text.h"
#include "capture/pcapng.h"
#include "capture/pcapng_options.h"
#include "capture/timestamp.h"

int pcapml_time_from_ns(int64_t ns, uint64_t *timestamp, struct lcap_error *error)
{
    if (ns < 0 || ns / NS_PER_SECOND > UINT32_MAX) {
        char text[TIME_TEXT];
        text_from_time(ns, text);
        return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                              "time %s: pcapml timestamps cover only 1970-01-01 to 2106-02-07",
                              text);
    }
    uint64_t seconds = (uint64_t)ns / NS_PER_SECOND;
    *timestamp = seconds << 32 | (uint64_t)ns % NS_PER_SECOND / 1000;
    return LCAP_OK;
}

/* Turns one time of a statistics block, high half and low half, into pcapml's form. */
static int rewrite_time(uint8_t *at, bool big, const struct time_scale *scale,
                        struct lcap_error *error)
{
    uint64_t timestamp = (uint64_t)load32(at, big) << 32 | load32(at + 4, big);
    int rc = pcapml_time_from_ns(time_scale_to_ns(scale, timestamp), &timestamp, error);
    store32(at, (uint32_t)(timestamp >> 32), big);
    store32(at + 4, (uint32_t)timestamp, big);
    return rc;
}

int pcapml_time_rewrite_statistics(uint8_t *body, size_t len, bool big,
                                   const struct lcap_interface *interface, struct lcap_error *error)
{
    const struct time_scale scale =
        time_scale_make(interface->tsresol, interface->tsoffset, interface->tsoffset_ns);
    struct cursor c = {body + PCAPNG_STATISTICS_FIXED, len - PCAPNG_STATISTICS_FIXED, big};
    struct pcapng_option option;
    int rc = rewrite_time(body + 4, big, &scale, error);
    while (rc == LCAP_OK && pcapng_option_next(&c, &option) == 1)
        if ((option.code == OPT_ISB_STARTTIME || option.code == OPT_ISB_ENDTIME) && option.len == 8)
            rc = rewrite_time(body + (option.value - body), big, &scale, error);
    return rc;
}
