/* The report of `flows`: collecting and writing it. */
#include "tabulate/flow_summary.h"

#include "base/buffer.h"
#include "base/memory.h"
#include "base/text/text.h"
#include "tabulate/flow_summary_text.h"
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int count_protocol(struct flow_summary *report, const struct lcap_flow_row *row,
                          struct lcap_error *error)
{
    void *items = report->protocols;
    struct report_protocol *at = report->protocols;
    size_t i = 0;
    while (i < report->protocol_count && strcmp(at[i].name, row->protocol) != 0)
        i++;
    if (i == report->protocol_count) {
        const int rc = memory_grow(&items, &report->protocol_capacity, i + 1, sizeof *at, error);
        if (rc < 0)
            return rc;
        at = report->protocols = items;
        at[i] = (struct report_protocol){.name = row->protocol};
        report->protocol_count++;
    }
    at[i].flows++;
    at[i].packets += row->packets;
    at[i].bytes += row->bytes;
    return LCAP_OK;
}

static int count_duration(struct flow_summary *report, const struct lcap_flow_row *row,
                          struct lcap_error *error)
{
    if (!report->compat)
        return quantile_sketch_add(&report->sketch, row->duration_ns > 0 ? row->duration_ns : 0,
                                   error);
    void *durations = report->durations;
    const int rc = memory_grow(&durations, &report->durations_capacity, report->flows + 1,
                               sizeof *report->durations, error);
    if (rc < 0)
        return rc;
    report->durations = durations;
    report->durations[report->flows] = (double)row->duration_ns / NS_PER_SECOND;
    return LCAP_OK;
}

/* Flows of the same size keep their order of arrival. */
static void keep_largest(struct report_largest *largest, const struct lcap_flow_row *row,
                         uint64_t size)
{
    size_t at = largest->count;
    while (at > 0 && largest->flows[at - 1].size < size)
        at--;
    if (at == largest->wanted)
        return;
    if (largest->count < largest->wanted)
        largest->count++;
    memmove(&largest->flows[at + 1], &largest->flows[at],
            (largest->count - 1 - at) * sizeof *largest->flows);
    struct report_flow *flow = &largest->flows[at];
    *flow = (struct report_flow){
        .size = size,
        .packets = row->packets,
        .bytes = row->bytes,
        .protocol = row->protocol,
        .family = row->family,
        .ports = {row->ports[0], row->ports[1]},
    };
    memcpy(flow->addresses, row->addresses, sizeof flow->addresses);
}

int flow_summary_add(struct flow_summary *report, const struct lcap_flow_row *row,
                     struct lcap_error *error)
{
    int rc = count_protocol(report, row, error);
    if (rc == LCAP_OK)
        rc = count_duration(report, row, error);
    if (rc < 0)
        return rc;
    report->flows++;
    report->bidirectional += row->bidirectional;
    report->packets += row->packets;
    report->bytes += row->bytes;
    if (row->packets > report->max_packets)
        report->max_packets = row->packets;
    if (row->bytes > report->max_bytes)
        report->max_bytes = row->bytes;
    keep_largest(&report->by_packets, row, row->packets);
    keep_largest(&report->by_bytes, row, row->bytes);
    return LCAP_OK;
}

/* The name of the file without directories and suffix. */
static void stem_of(const char *source, const char **stem, size_t *len)
{
    const char *slash = source ? strrchr(source, '/') : NULL;
    *stem = slash ? slash + 1 : source;
    if (!source || strcmp(source, "-") == 0)
        *stem = "flows";
    const char *dot = strrchr(*stem, '.');
    *len = dot && dot != *stem ? (size_t)(dot - *stem) : strlen(*stem);
}

static bool is_directory(const char *path)
{
    struct stat found;
    return stat(path, &found) == 0 && S_ISDIR(found.st_mode);
}

int flow_summary_place(const char *path, const char *source, struct buffer *place,
                       struct lcap_error *error)
{
    const size_t path_len = strlen(path);
    if (path_len > 0 && path[path_len - 1] == '/')
        mkdir(path, 0777); /* if that fails, opening the file says why */
    if (!is_directory(path))
        return buffer_append(place, path, path_len + 1, error);
    const char *stem;
    size_t len;
    stem_of(source, &stem, &len);
    int rc = buffer_printf(place, error, "%s/%.*s_flow_report.txt", path, (int)len, stem);
    return rc == LCAP_OK ? buffer_append(place, "", 1, error) : rc;
}

int flow_summary_open(struct flow_summary **report, const char *place, bool compat, bool overwrite,
                      struct lcap_error *error)
{
    const struct output_options options = {.overwrite = overwrite};
    struct flow_summary *new = memory_new(1, sizeof *new, error);
    if (!new)
        return LCAP_ERR_MEMORY;
    new->compat = compat;
    new->by_packets.wanted = new->by_bytes.wanted = compat ? 5 : REPORT_TOP;
    const int rc = output_open(&new->out, place, &options, error);
    if (rc == LCAP_OK)
        *report = new;
    else
        flow_summary_free(new);
    return rc;
}

int flow_summary_write(struct flow_summary *report, const struct flow_summary_facts *facts,
                       struct lcap_error *error)
{
    struct buffer text = {0};
    int rc = report->compat ? flow_summary_original_text(report, facts, &text, error)
                            : flow_summary_text(report, facts, &text, error);
    if (rc == LCAP_OK) {
        struct output *out = report->out;
        report->out = NULL;
        output_write(out, text.data, text.len);
        rc = output_close(out, error);
    }
    buffer_release(&text);
    return rc;
}

void flow_summary_free(struct flow_summary *report)
{
    if (!report)
        return;
    output_discard(report->out);
    quantile_sketch_release(&report->sketch);
    free(report->protocols);
    free(report->durations);
    free(report);
}
