/* Writes the filter, the window and the label of each flow. */
#include "dataset/rule_tables/table_rules.h"

#include "base/text/csv.h"
#include "base/text/text.h"
#include "dataset/rule_tables/table_conflicts.h"
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Two ends with their addresses and ports, and a filter that names them twice. */
#define ENDS_TEXT   256
#define FILTER_TEXT (3 * ENDS_TEXT)

/* The rules of one protocol and family: "tcp", "ip proto 89", … */
static void append_protocol(const struct table_flow *flow, char *filter, size_t size)
{
    static const struct {
        int protocol;
        uint8_t family; /* 0: either */
        const char *name;
    } names[] = {{1, 4, "icmp"}, {6, 0, "tcp"}, {17, 0, "udp"}, {58, 6, "icmp6"}, {132, 0, "sctp"}};
    const uint8_t family = flow->source.family ? flow->source.family : flow->destination.family;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (flow->protocol == names[i].protocol &&
            (names[i].family == 0 || names[i].family == family)) {
            snprintf(filter, size, "%s and ", names[i].name);
            return;
        }
    filter[0] = '\0';
    if (flow->protocol >= 0 && flow->protocol < TABLE_ARP)
        snprintf(filter, size, "%s proto %d and ", family == 4 ? "ip" : "ip6", flow->protocol);
}

/* "src host 192.0.2.1 and src port 80", as far as the row tells them. */
static size_t write_end(const struct table_end *end, const char *direction, bool arp, char *text,
                        size_t size)
{
    char address[INET6_ADDRSTRLEN];
    int len = 0;
    if (end->family) {
        inet_ntop(end->family == 4 ? AF_INET : AF_INET6, end->address, address, sizeof address);
        len = snprintf(text, size, "%s%s host %s", arp ? "arp " : "", direction, address);
    }
    if (end->port != TABLE_ANY)
        len += snprintf(text + len, size - (size_t)len, "%s%s port %d", len ? " and " : "",
                        direction, end->port);
    return (size_t)len;
}

static void write_direction(const struct table_end *from, const struct table_end *to, bool arp,
                            char *text, size_t size)
{
    size_t len = write_end(from, "src", arp, text, size);
    char rest[ENDS_TEXT / 2];
    if (write_end(to, "dst", arp, rest, sizeof rest) > 0)
        snprintf(text + len, size - len, "%s%s", len ? " and " : "", rest);
}

static void write_filter(const struct table_flow *flow, bool directed, char filter[FILTER_TEXT])
{
    char there[ENDS_TEXT], back[ENDS_TEXT], protocol[32];
    const bool arp = flow->protocol == TABLE_ARP;
    append_protocol(flow, protocol, sizeof protocol);
    write_direction(&flow->source, &flow->destination, arp, there, sizeof there);
    write_direction(&flow->destination, &flow->source, arp, back, sizeof back);
    if (directed)
        snprintf(filter, FILTER_TEXT, "%s%s", protocol, there);
    else
        snprintf(filter, FILTER_TEXT, "%s((%s) or (%s))", protocol, there, back);
}

/* Seconds; an end has a fraction, because otherwise its whole second would count. */
static int append_time(const char *tag, int64_t ns, bool is_end, struct buffer *out,
                       struct lcap_error *error)
{
    char text[64];
    const int64_t held = ns < 0 ? 0 : ns; /* a rule knows no time before 1970 but as a date */
    int len = snprintf(text, sizeof text, "|%s:%" PRId64 ".%09" PRId64, tag, held / NS_PER_SECOND,
                       held % NS_PER_SECOND);
    while (text[len - 1] == '0' && text[len - 2] != '.')
        len--;
    if (!is_end && text[len - 1] == '0')
        len -= 2;
    return buffer_append(out, text, (size_t)len, error);
}

static int append_rule(const struct table_flows *flows, const struct table_flow *flow,
                       bool directed, struct buffer *column, struct buffer *line,
                       struct lcap_error *error)
{
    char filter[FILTER_TEXT];
    size_t len;
    const char *label = intern_get(flows->labels, flow->label, &len);
    write_filter(flow, directed, filter);
    buffer_clear(column);
    int rc = buffer_printf(column, error, "BPF:%s|SCOPE:flow", filter);
    if (rc == 0 && flow->start_ns != INT64_MIN)
        rc = append_time("TS_START", flow->start_ns, false, column, error);
    if (rc == 0 && flow->end_ns != INT64_MAX)
        rc = append_time("TS_END", flow->end_ns, true, column, error);
    if (rc == 0)
        rc = csv_append_field(line, (const char *)column->data, column->len, error);
    if (rc == 0)
        rc = buffer_append(line, ",", 1, error);
    if (rc == 0)
        rc = csv_append_field(line, label, len, error);
    return rc == 0 ? buffer_append(line, "\n", 1, error) : rc;
}

static int write_rules(struct table_rules_result *done, bool directed, struct output *out,
                       struct lcap_error *error)
{
    static const char header[] = "traffic_filter,metadata\n";
    struct buffer column = {0}, line = {0};
    int rc = LCAP_OK;
    output_write(out, header, sizeof header - 1);
    for (size_t i = 0; rc == 0 && i < done->flows.count; i++) {
        const struct table_flow *flow = &done->flows.items[i];
        done->repeated += flow->repeated;
        done->rules += !flow->repeated;
        if (flow->repeated)
            continue;
        buffer_clear(&line);
        rc = append_rule(&done->flows, flow, directed, &column, &line, error);
        if (rc == 0)
            output_write(out, line.data, line.len);
    }
    buffer_release(&column);
    buffer_release(&line);
    return rc == 0 ? output_error(out, error) : rc;
}

static int no_rules(const struct table_rules_result *done, const char *table,
                    struct lcap_error *error)
{
    const struct lcap_finding *first = findings_get(&done->flows.findings, 0);
    return lcap_error_set(error, LCAP_ERR_FORMAT, "%s: no row can be a rule%s%s%s%s", table,
                          first ? "; line " : "", first ? first->place : "", first ? ": " : "",
                          first ? first->text : "");
}

int table_rules_write(const char *table, const char *output,
                      const struct table_rules_options *options, struct table_rules_result *done,
                      struct lcap_error *error)
{
    struct output *out = NULL;
    *done = (struct table_rules_result){.rules = 0};
    int rc = output_try(output, &options->placing, error);
    if (rc == 0)
        rc = table_flows_read(&done->flows, table, &options->table, error);
    if (rc == 0 && done->flows.count == 0)
        rc = no_rules(done, table, error);
    if (rc == 0)
        rc = table_conflicts_find(&done->flows, options->directed, &done->conflicts, error);
    if (rc == 0)
        rc = output_open(&out, output, &options->placing, error);
    if (rc == 0)
        rc = write_rules(done, options->directed, out, error);
    if (rc == 0)
        return output_close(out, error);
    output_discard(out);
    return rc;
}

void table_rules_describe(const struct table_rules_result *done, const char *table,
                          struct result *result)
{
    char rules[COUNTED_TEXT], rows[COUNTED_TEXT], labels[COUNTED_TEXT];
    const struct table_flows *flows = &done->flows;
    result_say(result, NULL, "%s: %s from %s, with %s", table,
               text_counted(done->rules, "rule", rules), text_counted(flows->rows, "row", rows),
               text_counted(intern_count(flows->labels), "label", labels));
    result_add_count(result, "rows", flows->rows);
    result_add_count(result, "rules", done->rules);
    result_add_count(result, "labels", intern_count(flows->labels));
    result_add_count(result, "repeated", done->repeated);
    result_add_count(result, "left_out", flows->left_out);
    result_add_count(result, "conflicts", done->conflicts);
    result_add(result, "tolerance", NULL, result_duration((uint64_t)flows->tolerance_ns));
    result_place_findings(result, "warnings", NULL);
    for (size_t i = 0; i < flows->findings.count; i++)
        result_add_finding(result, &flows->findings.items[i]);
}

void table_rules_release(struct table_rules_result *done)
{
    table_flows_release(&done->flows);
}
