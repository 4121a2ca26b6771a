/* Pages about profiles. */
#include "cmd/flows/flows_describe.h"

#include "base/text/spelling.h"
#include "cmd/command.h"
#include "features/profile.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const struct lcap_profile *flows_find_profile(const char *name, struct lcap_error *error)
{
    if (!name)
        return lcap_profile_at(0);
    struct spelling spelling = {.word = name, .len = strlen(name)};
    for (size_t i = 0; lcap_profile_at(i); i++) {
        const char *known = lcap_profile_name(lcap_profile_at(i));
        if (strcmp(known, name) == 0)
            return lcap_profile_at(i);
        spelling_try(&spelling, known);
    }
    if (spelling.meant)
        lcap_error_set(error, LCAP_ERR_ARGUMENT, "unknown profile '%s'; did you mean %s?", name,
                       spelling.meant);
    else
        lcap_error_set(error, LCAP_ERR_ARGUMENT,
                       "unknown profile '%s' (labelcap flows --list-profiles lists them)", name);
    return NULL;
}

int flows_list_profiles(void)
{
    for (size_t i = 0; lcap_profile_at(i); i++) {
        const struct lcap_profile *profile = lcap_profile_at(i);
        const bool compat = lcap_profile_columns(profile, true) > 0;
        printf("%-16s %s%s\n", lcap_profile_name(profile), lcap_profile_summary(profile),
               compat ? " (--compat)" : "");
    }
    return LCAP_OK;
}

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

static void print_column(const struct lcap_profile *profile, const struct lcap_column *column)
{
    const char *alias = column_alias_of(profile, column);
    printf("### `%s`\n\n%s.\n\n", column->name, column->description);
    if (alias)
        printf("- Also called: `%s`\n", alias);
    printf("- Type: %s%s%s\n", kind_name(column->kind), column->unit[0] ? ", in " : "",
           column->unit);
    printf("- Formula: %s\n", column->formula);
    if (column->original)
        printf("- The original: %s\n", column->original);
    putchar('\n');
}

/* Of a row that is one JSON value, its members. */
static void print_columns(const struct lcap_profile *profile)
{
    printf("## %s\n\n", profile->fields ? "Members" : "Columns");
    for (const struct lcap_column *field = profile->fields; field && field->name; field++)
        print_column(profile, field);
    for (size_t i = 0; !profile->fields && i < lcap_profile_columns(profile, false); i++)
        print_column(profile, lcap_profile_column(profile, false, i));
}

static void print_seconds(const char *what, int64_t ns)
{
    if (ns == LCAP_TIMEOUT_OFF)
        printf("- %s: off\n", what);
    else
        printf("- %s: %" PRId64 " s\n", what, ns / 1000000000);
}

static void print_defaults(const struct lcap_profile *profile, bool compat)
{
    struct lcap_flow_options options = {.size = sizeof options};
    lcap_flow_defaults(&options, profile, compat);
    printf("%s:\n\n", compat ? "Defaults with `--compat`" : "Defaults");
    print_seconds("idle time-out", options.idle_ns);
    print_seconds("active time-out", options.active_ns);
    printf("- directions: %s\n\n",
           options.unidirectional ? "each is a flow of its own" : "both are one flow");
}

int flows_describe(const char *name, struct lcap_error *error)
{
    const struct lcap_profile *profile = flows_find_profile(name, error);
    if (!profile)
        return COMMAND_USAGE;
    printf("# Profile `%s`\n\n%s.\n\n", profile->name, profile->summary);
    if (profile->about)
        printf("%s\n\n", profile->about);
    print_defaults(profile, false);
    if (profile->compat)
        print_defaults(profile, true);
    fputs(formula_terms, stdout);
    print_columns(profile);
    return LCAP_OK;
}
