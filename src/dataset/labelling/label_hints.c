/* Guesses why rules labelled nothing: time zones and VLAN tags. */
#include "dataset/labelling/label_hints.h"

#include "base/bytes.h"
#include "base/linktype_numbers.h"
#include "base/text/text.h"
#include "dataset/labelling/label_pass_internal.h"
#include "dataset/labelling/window_search.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

LCAP_PRINTF(3, 4)
static int add_hint(struct findings *findings, struct lcap_error *error, const char *format, ...)
{
    const struct lcap_finding hint = {.severity = LCAP_SEVERITY_WARNING, .count = 1};
    va_list args;
    va_start(args, format);
    const int rc = findings_say(findings, &hint, error, format, args);
    va_end(args);
    return rc;
}

/* ---- time zones ---- */

/* Without TS_START or TS_END a bound stays where it is, as if it were infinite. */
static int64_t moved(int64_t ns, int64_t shift_ns)
{
    int64_t sum;
    const bool bound = ns != INT64_MIN && ns != INT64_MAX;
    return bound && !__builtin_add_overflow(ns, shift_ns, &sum) ? sum : ns;
}

bool label_window_misses(const struct lcap_rule *rule, int64_t shift_ns, const struct tally *all)
{
    int64_t start_ns, end_ns;
    return lcap_rule_window(rule, &start_ns, &end_ns) && tally_has_time(all) &&
           (moved(end_ns, shift_ns) < all->first_ns || moved(start_ns, shift_ns) > all->last_ns);
}

/* Of the windows that miss the captures, how many no longer do if moved; by 0 hours, how many do.
 */
static size_t count_windows(const struct label_pass *pass, int hours)
{
    const struct tally *all = &pass->result.all;
    size_t count = 0;
    for (size_t i = 0; i < lcap_rules_count(pass->rules); i++) {
        const struct lcap_rule *rule = lcap_rules_get(pass->rules, i);
        if (label_window_misses(rule, 0, all))
            count += hours == 0 || !label_window_misses(rule, hours * NS_PER_HOUR, all);
    }
    return count;
}

/* Rules without a window may have labelled all the rest, and do not count. */
static bool any_window_labels(const struct label_pass *pass)
{
    int64_t start_ns, end_ns;
    for (size_t i = 0; i < lcap_rules_count(pass->rules); i++)
        if (lcap_labeller_packets(pass->labeller, i) > 0 &&
            lcap_rule_window(lcap_rules_get(pass->rules, i), &start_ns, &end_ns))
            return true;
    return false;
}

/* The move by which most windows meet the captures, and the least one of these; 0: there is none.
 */
static int best_move(const struct label_pass *pass, size_t *count)
{
    int best = 0;
    *count = 0;
    for (int hours = 1; hours <= MOST_HOURS; hours++)
        for (int sign = -1; sign <= 1; sign += 2) {
            const size_t found = count_windows(pass, sign * hours);
            if (found > *count) {
                *count = found;
                best = sign * hours;
            }
        }
    return best;
}

static const char *direction(int hours)
{
    return hours > 0 ? "later" : "earlier";
}

/* Of windows outside the captures. Sets *hours to their move, or 0 if none would do. */
static int hint_at_windows_outside(struct findings *findings, const struct label_pass *pass,
                                   int *moved_hours, struct lcap_error *error)
{
    char windows[COUNTED_TEXT];
    size_t fitting;
    const size_t outside = count_windows(pass, 0);
    const int hours = *moved_hours = outside ? best_move(pass, &fitting) : 0;
    if (hours == 0)
        return LCAP_OK;
    return add_hint(
        findings, error,
        "of %s outside the captures, %zu would meet them %d hour%s %s: are the times of "
        "another time zone? (--shift-rules %d moves them)",
        text_counted(outside, "time window", windows), fitting, abs(hours),
        abs(hours) == 1 ? "" : "s", direction(hours), hours * 3600);
}

/* The least move of those that hold most packets. */
static int most_packets(const struct window_search *search, uint64_t *packets)
{
    int best = 0;
    *packets = 0;
    for (int hours = 1; hours <= MOST_HOURS; hours++)
        for (int sign = -1; sign <= 1; sign += 2) {
            const uint64_t held = search->packets[MOST_HOURS + sign * hours];
            if (held > *packets) {
                *packets = held;
                best = sign * hours;
            }
        }
    return best;
}

static bool any_window_meets(const struct label_pass *pass)
{
    int64_t start_ns, end_ns;
    for (size_t i = 0; i < lcap_rules_count(pass->rules); i++) {
        const struct lcap_rule *rule = lcap_rules_get(pass->rules, i);
        if (lcap_rule_window(rule, &start_ns, &end_ns) &&
            !label_window_misses(rule, 0, &pass->result.all))
            return true;
    }
    return false;
}

/* Of windows at a time when the captures have packets, but not those that the rules ask for. */
static int hint_at_windows_inside(struct findings *findings, const struct label_pass *pass,
                                  struct lcap_error *error)
{
    char counted[COUNTED_TEXT];
    struct window_search search;
    uint64_t packets;
    if (!pass->sources || !any_window_meets(pass))
        return LCAP_OK;
    int rc = window_search_run(&search, pass->rules, pass->sources, &pass->options.input, error);
    const int hours = rc == 0 ? most_packets(&search, &packets) : 0;
    if (hours == 0)
        return rc;
    return add_hint(
        findings, error,
        "no time window holds a packet that its rule asks for; %d hour%s %s, they would hold "
        "%s: are the times of another time zone? (--shift-rules %d moves them)",
        abs(hours), abs(hours) == 1 ? "" : "s", direction(hours),
        text_counted(packets, "packet", counted), hours * 3600);
}

static int hint_at_time_zone(struct findings *findings, const struct label_pass *pass,
                             struct lcap_error *error)
{
    int hours;
    int rc = hint_at_windows_outside(findings, pass, &hours, error);
    return rc == 0 && hours == 0 ? hint_at_windows_inside(findings, pass, error) : rc;
}

/* ---- VLAN tags ---- */

enum { TYPE_AT = 12, TAG_8021Q = 0x8100, TAG_8021AD = 0x88A8, TAG_QINQ = 0x9100 };

bool label_packet_is_tagged(const struct lcap_packet *packet)
{
    if (packet->interface->linktype != LINKTYPE_ETHERNET || packet->caplen < TYPE_AT + 2)
        return false;
    const uint16_t type = load16(packet->data + TYPE_AT, true);
    return type == TAG_8021Q || type == TAG_8021AD || type == TAG_QINQ;
}

/* The first filter that does not look behind tags, of a rule that labelled nothing; or NULL. */
static const char *plain_filter(const struct label_pass *pass)
{
    for (size_t i = 0; i < lcap_rules_count(pass->rules); i++) {
        const char *filter = lcap_rule_filter(lcap_rules_get(pass->rules, i));
        if (filter && !strstr(filter, "vlan") && lcap_labeller_packets(pass->labeller, i) == 0)
            return filter;
    }
    return NULL;
}

static int hint_at_tags(struct findings *findings, const struct label_pass *pass,
                        struct lcap_error *error)
{
    char packets[COUNTED_TEXT], filter[EXCERPT_TEXT];
    const char *plain = plain_filter(pass);
    if (pass->tagged == 0 || !plain)
        return LCAP_OK;
    text_excerpt(plain, strlen(plain), filter);
    return add_hint(
        findings, error,
        "%s with a VLAN tag left out: a filter looks behind tags only if it begins with "
        "vlan, such as \"vlan and (%s)\"",
        text_counted(pass->tagged, "packet", packets), filter);
}

int label_hints_gather(struct findings *findings, const struct label_pass *pass,
                       struct lcap_error *error)
{
    int rc = any_window_labels(pass) ? LCAP_OK : hint_at_time_zone(findings, pass, error);
    return rc == 0 ? hint_at_tags(findings, pass, error) : rc;
}
