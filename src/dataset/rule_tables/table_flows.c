/* Row by row; the window of a row is known only when all times have been seen. */
#include "dataset/rule_tables/table_flows.h"

#include "base/memory.h"
#include "base/number/number.h"
#include "base/text/text.h"
#include "dataset/rule_tables/label_flaw.h"
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Longer texts are no addresses, ports or names of protocols. */
#define WORD_MAX 64

/* As flow tools write them, where /etc/protocols has another name or none. */
static const struct {
    const char *name;
    int protocol;
} protocols[] = {
    {"icmp", 1},  {"igmp", 2},   {"tcp", 6},     {"udp", 17},       {"rtp", 17},
    {"rtcp", 17}, {"udt", 17},   {"dccp", 33},   {"gre", 47},       {"esp", 50},
    {"ah", 51},   {"icmp6", 58}, {"icmpv6", 58}, {"ipv6-icmp", 58}, {"ospf", 89},
    {"pim", 103}, {"vrrp", 112}, {"sctp", 132},  {"udplite", 136},  {"arp", TABLE_ARP},
};

/* A row that is being read. */
struct reading {
    struct table_flows *flows;
    const struct table_flows_options *options;
    struct table_columns columns;
    struct table_rows *rows;
    struct table_flow flow;
    struct lcap_error wrong; /* why the row cannot be a rule */
};

int table_flows_warn(struct table_flows *flows, uint64_t line, const char *text,
                     struct lcap_error *error)
{
    char place[U64_TEXT];
    if (flows->findings.count >= TABLE_MAX_FINDINGS)
        return LCAP_OK;
    number_from_unsigned(line, place);
    const struct lcap_finding finding = {LCAP_SEVERITY_WARNING, place, 1, text};
    return findings_add(&flows->findings, &finding, error);
}

static struct table_field get(const struct reading *r, enum table_key key)
{
    return table_columns_get(&r->columns, r->rows, key);
}

/* The field as a C string; false if it is too long to be what it should be. */
static bool get_word(const struct reading *r, enum table_key key, char word[WORD_MAX])
{
    const struct table_field field = get(r, key);
    const size_t len = field.len < WORD_MAX ? field.len : WORD_MAX - 1;
    memcpy(word, field.text, len);
    word[len] = '\0';
    return field.len < WORD_MAX;
}

static int is_not(struct reading *r, const char *word, const char *what)
{
    char quoted[EXCERPT_TEXT];
    text_excerpt(word, strlen(word), quoted);
    return lcap_error_set(&r->wrong, LCAP_ERR_FORMAT, "\"%s\" is not %s", quoted, what);
}

static int take_address(struct reading *r, enum table_key key, struct table_end *end)
{
    char word[WORD_MAX];
    const bool fits = get_word(r, key, word);
    end->family = 0;
    if (word[0] == '\0')
        return LCAP_OK;
    if (fits && inet_pton(AF_INET, word, end->address) == 1)
        end->family = 4;
    else if (fits && inet_pton(AF_INET6, word, end->address) == 1)
        end->family = 6;
    return end->family ? LCAP_OK : is_not(r, word, "an IP address");
}

static bool has_ports(int32_t protocol)
{
    return protocol == TABLE_ANY || protocol == 6 || protocol == 17 || protocol == 33 ||
           protocol == 132 || protocol == 136;
}

/* Decimal or, as Argus and UNSW-NB15 have some, hexadecimal. */
static int take_port(struct reading *r, enum table_key key, struct table_end *end)
{
    char word[WORD_MAX], *rest;
    const bool fits = get_word(r, key, word);
    end->port = TABLE_ANY;
    if (word[0] == '\0' || !has_ports(r->flow.protocol))
        return LCAP_OK;
    const bool hexadecimal = word[0] == '0' && word[1] == 'x';
    const unsigned long port = strtoul(word, &rest, hexadecimal ? 16 : 10);
    if (strcmp(rest, ".0") == 0) /* pandas, of a column with gaps */
        rest += 2;
    if (!fits || *rest != '\0' || port > 65535 || word[0] == '-' || word[0] == '+')
        return is_not(r, word, "a port");
    end->port = (int32_t)port;
    return LCAP_OK;
}

static int take_protocol(struct reading *r)
{
    char word[WORD_MAX], *rest;
    const bool fits = get_word(r, KEY_PROTOCOL, word);
    r->flow.protocol = TABLE_ANY;
    if (word[0] == '\0')
        return LCAP_OK;
    const unsigned long number = strtoul(word, &rest, 10);
    if (fits && word[0] >= '0' && word[0] <= '9' && *rest == '\0' && number < 256) {
        r->flow.protocol = (int32_t)number;
        return LCAP_OK;
    }
    for (size_t i = 0; i < sizeof protocols / sizeof *protocols; i++)
        if (strcasecmp(word, protocols[i].name) == 0)
            r->flow.protocol = protocols[i].protocol;
    const struct protoent *entry = r->flow.protocol == TABLE_ANY ? getprotobyname(word) : NULL;
    if (entry)
        r->flow.protocol = entry->p_proto;
    return r->flow.protocol == TABLE_ANY ? is_not(r, word, "a protocol") : LCAP_OK;
}

static int take_time(struct reading *r, enum table_key key, struct table_time *time, bool *found)
{
    const struct table_field field = get(r, key);
    *found = field.len > 0;
    if (!*found)
        return LCAP_OK;
    return table_time_read(&r->options->time, field.text, field.len, time, &r->wrong);
}

static int take_duration(struct reading *r)
{
    const struct table_layout *layout = r->columns.layout;
    int64_t unit =
        layout && layout->duration_unit_ns ? layout->duration_unit_ns : r->options->time.unit_ns;
    char word[WORD_MAX], *rest;
    const bool fits = get_word(r, KEY_DURATION, word);
    r->flow.duration_ns = -1;
    if (word[0] == '\0')
        return LCAP_OK;
    const double value = strtod(word, &rest);
    if (!fits || *rest != '\0' || !(value < (double)(INT64_MAX / 4) / (double)unit))
        return is_not(r, word, "a duration");
    if (value >= 0) /* CICFlowMeter writes some below 0 */
        r->flow.duration_ns = (int64_t)(value * (double)unit + 0.5);
    return LCAP_OK;
}

static int take_times(struct reading *r)
{
    int rc = take_time(r, KEY_START, &r->flow.start, &r->flow.has_start);
    if (rc == 0)
        rc = take_time(r, KEY_END, &r->flow.end, &r->flow.has_end);
    if (rc == 0 && !r->flow.has_start && r->columns.at[KEY_START] != NO_COLUMN)
        rc = lcap_error_set(&r->wrong, LCAP_ERR_FORMAT, "it has no time");
    return rc == 0 ? take_duration(r) : rc;
}

static int take_label(struct reading *r, struct lcap_error *error)
{
    const struct table_field field = get(r, KEY_LABEL);
    const char *none = r->columns.layout ? r->columns.layout->no_label : NULL;
    struct buffer text = {0};
    int rc = text_append_utf8(&text, field.text, field.len, error);
    if (rc == 0 && field.len == 0 && none)
        rc = buffer_append_text(&text, none, error);
    const char *flaw = label_flaw((const char *)text.data, text.len);
    if (rc == 0 && flaw)
        lcap_error_set(&r->wrong, LCAP_ERR_FORMAT, "%s", flaw);
    else if (rc == 0)
        rc = intern_add(r->flows->labels, text.data, text.len, &r->flow.label, error);
    buffer_release(&text);
    return rc;
}

/* Zeek and others call ICMPv6 "icmp", too; ARP has IPv4 addresses. */
static int settle_protocol(struct reading *r)
{
    struct table_flow *flow = &r->flow;
    const bool ipv6 = flow->source.family == 6 || flow->destination.family == 6;
    if (ipv6 && flow->protocol == TABLE_ARP)
        return lcap_error_set(&r->wrong, LCAP_ERR_FORMAT, "it is ARP with an IPv6 address");
    if (ipv6 && flow->protocol == IPPROTO_ICMP)
        flow->protocol = IPPROTO_ICMPV6;
    return LCAP_OK;
}

/* A rule must say something about the addresses. */
static int check_ends(struct reading *r)
{
    const struct table_flow *flow = &r->flow;
    if (flow->source.family == 0 && flow->destination.family == 0)
        return lcap_error_set(&r->wrong, LCAP_ERR_FORMAT, "it has no address");
    if (flow->source.family && flow->destination.family &&
        flow->source.family != flow->destination.family)
        return lcap_error_set(&r->wrong, LCAP_ERR_FORMAT,
                              "one address is IPv4, the other one IPv6");
    return LCAP_OK;
}

/* A row that ends before its label says little of what it means. */
static int check_length(struct reading *r)
{
    const size_t at = r->columns.at[KEY_LABEL];
    const bool needed = !r->columns.layout || !r->columns.layout->no_label;
    if (!needed || at == NO_COLUMN || at < r->rows->count)
        return LCAP_OK;
    return lcap_error_set(&r->wrong, LCAP_ERR_FORMAT,
                          "it has %zu fields, and its label would be in field %zu", r->rows->count,
                          at + 1);
}

static int take_fields(struct reading *r)
{
    int rc = check_length(r);
    if (rc == 0)
        rc = take_protocol(r);
    if (rc == 0)
        rc = take_address(r, KEY_SOURCE, &r->flow.source);
    if (rc == 0)
        rc = take_address(r, KEY_DESTINATION, &r->flow.destination);
    if (rc == 0)
        rc = check_ends(r);
    if (rc == 0)
        rc = settle_protocol(r);
    if (rc == 0)
        rc = take_port(r, KEY_SOURCE_PORT, &r->flow.source);
    if (rc == 0)
        rc = take_port(r, KEY_DESTINATION_PORT, &r->flow.destination);
    return rc == 0 ? take_times(r) : rc;
}

static int leave_out(struct table_flows *flows, uint64_t line, const struct lcap_error *wrong,
                     struct lcap_error *error)
{
    char text[LCAP_ERROR_TEXT];
    snprintf(text, sizeof text, "the row cannot be a rule: %.*s", LCAP_ERROR_TEXT - 64,
             wrong->text);
    flows->left_out++;
    return table_flows_warn(flows, line, text, error);
}

static int take_row(struct reading *r, struct lcap_error *error)
{
    struct table_flows *flows = r->flows;
    flows->rows++;
    r->flow = (struct table_flow){.line = r->rows->number};
    lcap_error_clear(&r->wrong);
    int rc = take_fields(r) == 0 ? take_label(r, error) : LCAP_OK;
    if (rc == 0 && r->wrong.code < 0)
        return leave_out(flows, r->flow.line, &r->wrong, error);
    if (rc == 0)
        rc = memory_grow((void **)&flows->items, &flows->capacity, flows->count + 1,
                         sizeof *flows->items, error);
    if (rc < 0)
        return rc;
    flows->items[flows->count++] = r->flow;
    if (r->flow.has_start)
        table_time_survey_add(&flows->times, &r->flow.start);
    if (r->flow.has_end)
        table_time_survey_add(&flows->times, &r->flow.end);
    return LCAP_OK;
}

static int read_rows(struct reading *r, struct lcap_error *error)
{
    int rc = table_rows_next(r->rows, error);
    if (rc == 0)
        return lcap_error_set(error, LCAP_ERR_FORMAT, "%s: the table is empty",
                              input_name(r->rows->in));
    if (rc == 1)
        rc = table_columns_find(&r->columns, r->options->layout, r->options->columns, r->rows,
                                error);
    while (rc == 0 && (rc = table_rows_next(r->rows, error)) == 1)
        rc = take_row(r, error);
    return rc;
}

static int64_t moved(int64_t ns, int64_t by)
{
    int64_t sum;
    return __builtin_add_overflow(ns, by, &sum) ? (by < 0 ? INT64_MIN : INT64_MAX) : sum;
}

/* The window of a flow from its times. */
static int settle(const struct table_flows *flows, struct table_flow *flow,
                  struct lcap_error *wrong)
{
    int64_t start = INT64_MIN, end = INT64_MAX;
    int rc = flow->has_start ? table_time_settle(&flows->times, &flow->start, &start, wrong) : 0;
    if (rc == 0 && flow->has_end)
        rc = table_time_settle(&flows->times, &flow->end, &end, wrong);
    else if (flow->has_start)
        end = moved(start, flow->duration_ns > 0 ? flow->duration_ns : 0);
    if (rc == 0 && end < start)
        rc = lcap_error_set(wrong, LCAP_ERR_FORMAT, "it ends before it starts");
    flow->start_ns = moved(start, flow->has_start ? -flows->tolerance_ns : 0);
    flow->end_ns = moved(end, flow->has_start || flow->has_end ? flows->tolerance_ns : 0);
    return rc;
}

static int settle_all(struct table_flows *flows, int64_t tolerance_ns, struct lcap_error *error)
{
    size_t kept = 0;
    int rc = LCAP_OK;
    flows->tolerance_ns = tolerance_ns < 0 ? flows->times.finest_ns : tolerance_ns;
    for (size_t i = 0; rc == 0 && i < flows->count; i++) {
        struct lcap_error wrong = {0};
        if (settle(flows, &flows->items[i], &wrong) == 0)
            flows->items[kept++] = flows->items[i];
        else
            rc = leave_out(flows, flows->items[i].line, &wrong, error);
    }
    flows->count = kept;
    return rc;
}

int table_flows_read(struct table_flows *flows, const char *path,
                     const struct table_flows_options *options, struct lcap_error *error)
{
    *flows = (struct table_flows){0};
    struct table_rows *rows = memory_new(1, sizeof *rows, error);
    if (!rows)
        return LCAP_ERR_MEMORY;
    struct reading reading = {.flows = flows, .options = options, .rows = rows};
    int rc = table_rows_open(rows, path, error);
    if (rc == 0)
        rc = intern_new(&flows->labels, error);
    if (rc == 0)
        rc = read_rows(&reading, error);
    if (rc == 0)
        rc = settle_all(flows, options->tolerance_ns, error);
    table_rows_close(rows);
    free(rows);
    return rc;
}

void table_flows_release(struct table_flows *flows)
{
    intern_free(flows->labels);
    findings_release(&flows->findings);
    free(flows->items);
}
