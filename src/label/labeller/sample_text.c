/* One function for each line. */
#include "label/labeller/sample_text.h"

#include "base/text/text.h"
#include "packet/address_text.h"
#include <inttypes.h>

/* The protocol's number in decimal, or "arp". */
static int append_protocol(struct buffer *out, const struct flow_key *key, struct lcap_error *error)
{
    return key->family == FAMILY_ARP ? buffer_append_text(out, "\nflow arp", error)
                                     : buffer_printf(out, error, "\nflow %u", key->protocol);
}

/* The key has the ends in the order of the Community ID. */
static int append_flow(struct buffer *out, const struct flow_key *key, int64_t time_ns,
                       struct lcap_error *error)
{
    int rc = append_protocol(out, key, error);
    for (int end = 0; rc == 0 && end < 2; end++) {
        char address[ADDRESS_TEXT];
        address_to_text(key->family, key->address[end], address);
        rc = buffer_printf(out, error, " %s %u", address, key->port[end]);
    }
    return rc == 0 ? buffer_printf(out, error, " %" PRId64, time_ns) : rc;
}

static int append_host(struct buffer *out, const struct rule_kind *kind,
                       const struct subject *subject, struct lcap_error *error)
{
    char address[ADDRESS_TEXT];
    address_to_text(kind->host.family, subject_host(subject, &kind->host), address);
    return buffer_printf(out, error, "\nhost %s", address);
}

/* The last multiple of `length` that is not later; held at the earliest time there is. */
static int64_t window_start(int64_t time_ns, int64_t length)
{
    int64_t into = time_ns % length, start;
    if (into < 0)
        into += length;
    return __builtin_sub_overflow(time_ns, into, &start) ? INT64_MIN : start;
}

/* "60", "0.5": the shortest decimal. */
static int append_seconds(struct buffer *out, int64_t ns, struct lcap_error *error)
{
    int64_t fraction = ns % NS_PER_SECOND;
    int digits = 9;
    int rc = buffer_printf(out, error, "%" PRId64, ns / NS_PER_SECOND);
    if (fraction == 0)
        return rc;
    for (; fraction % 10 == 0; fraction /= 10)
        digits--;
    return rc == 0 ? buffer_printf(out, error, ".%0*" PRId64, digits, fraction) : rc;
}

static int append_window(struct buffer *out, int64_t time_ns, int64_t length,
                         struct lcap_error *error)
{
    int rc = buffer_printf(out, error, "\nwindow %" PRId64 " ", window_start(time_ns, length));
    return rc == 0 ? append_seconds(out, length, error) : rc;
}

int sample_text_append(struct buffer *out, const struct rule_kind *kind,
                       const struct subject *subject, const struct flow *flow, int64_t flow_time_ns,
                       const char *path, struct lcap_error *error)
{
    int rc = LCAP_OK;
    if (kind_has(kind, EACH_FLOW))
        rc = append_flow(out, &flow->key, flow_time_ns, error);
    if (rc == 0 && kind_has(kind, EACH_HOST))
        rc = append_host(out, kind, subject, error);
    if (rc == 0 && kind_has(kind, EACH_WINDOW))
        rc = append_window(out, subject->packet->time_ns, kind->window_ns, error);
    if (rc == 0 && kind_has(kind, EACH_FILE))
        rc = buffer_printf(out, error, "\nfile %s", path);
    if (rc == 0 && kind_has(kind, EACH_PACKET))
        rc = buffer_printf(out, error, "\npacket %" PRIu64 " %s", subject->number, path);
    return rc;
}
