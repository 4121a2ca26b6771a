/* The page about a profile, in Markdown. */
#include "features/profile_page.h"

#include "base/text/text.h"
#include "features/profile.h"
#include <inttypes.h>

static const char *kind_name(enum lcap_cell_kind kind)
{
    static const char *const names[] = {
        [LCAP_CELL_EMPTY] = "",    [LCAP_CELL_UNSIGNED] = "integer", [LCAP_CELL_SIGNED] = "integer",
        [LCAP_CELL_REAL] = "real", [LCAP_CELL_SECONDS] = "decimal",  [LCAP_CELL_BOOL] = "boolean",
        [LCAP_CELL_TEXT] = "text", [LCAP_CELL_SERIES] = "series",    [LCAP_CELL_EXACT] = "real",
        [LCAP_CELL_JSON] = "JSON",
    };
    return names[kind];
}

/* The terms that the formulas of every profile use. */
static const char formula_terms[] =
    "## Formulas\n"
    "\n"
    "A formula covers the packets that the description names, in order of arrival; a later\n"
    "fragment that came before its first fragment is placed right before it. The result has\n"
    "the unit of the column. Names of columns stand for their values; the other terms are:\n"
    "\n"
    "| term | meaning |\n"
    "|---|---|\n"
    "| `ip.ttl`, `frame.len`, ... | the Wireshark 4 field of that name; in tunnels, that of the "
    "headers that define the flow. Of `ip.ttl or ipv6.hlim`, the one that the packet has |\n"
    "| `first(x)`, `last(x)` | x of the first and of the last packet |\n"
    "| `min(x)`, `max(x)`, `sum(x)` | minimum, maximum and sum of all x |\n"
    "| `n`, `mean` | the number of x, and sum(x) / n; a quotient whose divisor is 0 is empty |\n"
    "| `sorted(x)[p]` | the x at position p of the sorted x, counted from 0, with linear "
    "interpolation between positions |\n"
    "| `count(packets)`, `count(c)` | the number of packets; the number of those that match the "
    "display filter or condition c |\n"
    "| `x where c` | x of the packets that match c |\n"
    "| `ip_length` | `ip.len`, `ipv6.plen` + 40, or the length of the ARP packet; what the frame "
    "holds if that is less, or if the field is 0 |\n"
    "| `ip_header_length` | `ip.hdr_len`, or 40 for IPv6, including extension and authentication "
    "headers; the whole of an ARP packet |\n"
    "| `transport_header_length` | `tcp.hdr_len`, 4 `dccp.data_offset`; 8 for UDP, UDP-Lite, ICMP "
    "and ICMPv6, 12 for SCTP; 0 for other protocols. In fragments, the part of the header that "
    "the fragment holds; unknown if the header is cut before its length |\n"
    "| `payload_length` | `ip_length` - `ip_header_length` - `transport_header_length`; for UDP "
    "`udp.length` - 8 if that is less; whether captured or not |\n"
    "| `time` | `frame.time_epoch`, or the `time` of the previous packet in the flow if that is "
    "later |\n"
    "| `gap` | the `time` of a packet minus that of the previous packet, in the same direction if "
    "the description names one |\n"
    "\n";

static int append_column(struct buffer *out, const struct lcap_profile *profile,
                         const struct lcap_column *column, struct lcap_error *error)
{
    const char *alias = column_alias_of(profile, column);
    int rc = buffer_printf(out, error, "### `%s`\n\n%s.\n\n", column->name, column->description);
    if (rc == LCAP_OK && alias)
        rc = buffer_printf(out, error, "- Also called: `%s`\n", alias);
    if (rc == LCAP_OK)
        rc = buffer_printf(out, error, "- Type: %s%s%s\n- Formula: %s\n", kind_name(column->kind),
                           column->unit[0] ? ", in " : "", column->unit, column->formula);
    if (rc == LCAP_OK && column->original)
        rc = buffer_printf(out, error, "- The original: %s\n", column->original);
    return rc == LCAP_OK ? buffer_append_text(out, "\n", error) : rc;
}

/* Of a row that is one JSON value, its members. */
static int append_columns(struct buffer *out, const struct lcap_profile *profile,
                          struct lcap_error *error)
{
    const struct lcap_column *field = profile->fields;
    const size_t count = field ? 0 : lcap_profile_columns(profile, false);
    int rc = buffer_printf(out, error, "## %s\n\n", field ? "Members" : "Columns");
    for (; rc == LCAP_OK && field && field->name; field++)
        rc = append_column(out, profile, field, error);
    for (size_t i = 0; rc == LCAP_OK && i < count; i++)
        rc = append_column(out, profile, lcap_profile_column(profile, false, i), error);
    return rc;
}

static int append_timeout(struct buffer *out, const char *what, int64_t ns,
                          struct lcap_error *error)
{
    return ns == LCAP_TIMEOUT_OFF ? buffer_printf(out, error, "- %s time-out: off\n", what)
                                  : buffer_printf(out, error, "- %s time-out: %" PRId64 " s\n",
                                                  what, ns / NS_PER_SECOND);
}

static int append_defaults(struct buffer *out, const struct lcap_profile *profile, bool compat,
                           struct lcap_error *error)
{
    struct lcap_flow_options options = {.size = sizeof options};
    lcap_flow_defaults(&options, profile, compat);
    int rc = buffer_printf(out, error, "%s:\n\n", compat ? "Defaults with `--compat`" : "Defaults");
    if (rc == LCAP_OK)
        rc = append_timeout(out, "idle", options.idle_ns, error);
    if (rc == LCAP_OK)
        rc = append_timeout(out, "active", options.active_ns, error);
    return rc == LCAP_OK ? buffer_printf(out, error, "- directions: %s\n\n",
                                         options.unidirectional ? "each is a flow of its own"
                                                                : "both are one flow")
                         : rc;
}

static int append_head(struct buffer *out, const struct lcap_profile *profile,
                       struct lcap_error *error)
{
    int rc =
        buffer_printf(out, error, "# Profile `%s`\n\n%s.\n\n", profile->name, profile->summary);
    return rc == LCAP_OK && profile->about ? buffer_printf(out, error, "%s\n\n", profile->about)
                                           : rc;
}

int profile_page_append(struct buffer *out, const struct lcap_profile *profile,
                        struct lcap_error *error)
{
    int rc = append_head(out, profile, error);
    if (rc == LCAP_OK)
        rc = append_defaults(out, profile, false, error);
    if (rc == LCAP_OK && profile->compat)
        rc = append_defaults(out, profile, true, error);
    if (rc == LCAP_OK)
        rc = buffer_append_text(out, formula_terms, error);
    return rc == LCAP_OK ? append_columns(out, profile, error) : rc;
}
