/* Cells of the netflowmeter profile that come from counts and from sums of bytes. */
#include "features/netflowmeter/netflowmeter_row.h"

#include "base/number/number.h"
#include "packet/address_text.h"
#include <string.h>

void netflowmeter_way_packet(struct netflowmeter_way *way, uint32_t payload_len,
                             uint32_t header_len)
{
    way->packets++;
    power_sums_add(&way->payload, payload_len);
    power_sums_add(&way->headers, header_len);
}

void netflowmeter_way_flags(struct netflowmeter_way *way, uint16_t flags)
{
    way->has_flags = true;
    for (int bit = 0; bit < NFM_FLAGS; bit++)
        way->flags[bit] += flags >> bit & 1;
}

void netflowmeter_way_window(struct netflowmeter_way *way, uint16_t window)
{
    if (!way->has_window) {
        way->has_window = true;
        way->window = window;
    }
}

static struct lcap_cell extreme(const struct power_sums *sums, int64_t value,
                                const struct netflowmeter_style *style)
{
    return sums->count > 0 ? cell_unsigned((uint64_t)value) : style->undefined;
}

static void payload_cells(struct netflowmeter_payload *cells, const struct power_sums *sums,
                          const struct netflowmeter_style *style)
{
    cells->max = extreme(sums, sums->max, style);
    cells->min = extreme(sums, sums->min, style);
    cells->mean = style->statistic(series_mean(sums, 1));
    cells->deviation = style->statistic(series_deviation(sums, 1));
    cells->variance = style->statistic(series_variance(sums, 1));
}

static void header_cells(struct netflowmeter_headers *cells, const struct power_sums *sums,
                         const struct netflowmeter_style *style)
{
    cells->total = cell_unsigned((uint64_t)sums->sum);
    cells->max = extreme(sums, sums->max, style);
    cells->min = extreme(sums, sums->min, style);
    cells->mean = style->statistic(series_mean(sums, 1));
    cells->deviation = style->statistic(series_deviation(sums, 1));
}

static void flag_cells(struct netflowmeter_row *row, const struct netflowmeter_way ways[2])
{
    for (int bit = 0; bit < NFM_FLAGS; bit++) {
        const uint64_t forward = ways[NFM_FORWARD].flags[bit];
        const uint64_t backward = ways[NFM_BACKWARD].flags[bit];
        row->flags[NFM_FORWARD][bit] = cell_unsigned(forward);
        row->flags[NFM_BACKWARD][bit] = cell_unsigned(backward);
        row->flags[NFM_BOTH][bit] = cell_unsigned(forward + backward);
    }
}

/* One direction, or both: its numbers of packets and bytes. */
static void way_cells(struct netflowmeter_row *row, int way, const struct power_sums *payload,
                      const struct power_sums *headers, const struct netflowmeter_style *style)
{
    row->payload_total[way] = cell_unsigned((uint64_t)payload->sum);
    row->segment[way] = style->quotient(exact_ratio((uint64_t)payload->sum, payload->count));
    payload_cells(&row->payload[way], payload, style);
    header_cells(&row->headers[way], headers, style);
}

void netflowmeter_count_cells(struct netflowmeter_row *row, const struct netflowmeter_way ways[2],
                              const struct netflowmeter_style *style)
{
    const struct netflowmeter_way *forward = &ways[NFM_FORWARD], *backward = &ways[NFM_BACKWARD];
    const struct power_sums payload = power_sums_merge(&forward->payload, &backward->payload);
    const struct power_sums headers = power_sums_merge(&forward->headers, &backward->headers);
    way_cells(row, NFM_BOTH, &payload, &headers, style);
    row->packets[NFM_BOTH] = cell_unsigned((uint64_t)forward->packets + backward->packets);
    for (int way = 0; way < NFM_BOTH; way++) {
        row->packets[way] = cell_unsigned(ways[way].packets);
        way_cells(row, way, &ways[way].payload, &ways[way].headers, style);
        row->window[way] =
            ways[way].has_window ? cell_unsigned(ways[way].window) : style->undefined;
    }
    row->down_up = style->quotient(exact_ratio(backward->packets, forward->packets));
    flag_cells(row, ways);
}

void netflowmeter_bulk_means(struct netflowmeter_bulk *cells, uint64_t bulks, uint64_t bytes,
                             uint64_t packets, const struct netflowmeter_style *style)
{
    cells->mean_bytes = style->quotient(exact_ratio(bytes, bulks));
    cells->mean_packets = style->quotient(exact_ratio(packets, bulks));
    cells->count = cell_unsigned(bulks);
    cells->bytes = cell_unsigned(bytes);
    cells->packets = cell_unsigned(packets);
}

void netflowmeter_trim_time(char *time)
{
    size_t len = strlen(time) - 1;
    while (time[len - 1] == '0')
        len--;
    /* For a whole second, the point is removed, too, but no zero before it. */
    if (time[len - 1] == '.')
        len--;
    time[len] = '\0';
    *strchr(time, 'T') = ' ';
}

/* Appends a part of the flow ID; returns where it begins. */
static char *append(char **end, const char *part, size_t len)
{
    char *begin = *end;
    memcpy(begin, part, len);
    *end += len;
    return begin;
}

static void append_port(char **end, const struct netflowmeter_names *names, int side)
{
    char digits[NUMBER_TEXT];
    const size_t len = names->unknown_ports ? 0 : number_from_unsigned(names->ports[side], digits);
    append(end, "_", 1);
    append(end, digits, len);
    append(end, "_", 1);
}

/* The ID contains the other texts; their cells point into it. */
int netflowmeter_name_cells(struct netflowmeter_row *row, const struct netflowmeter_names *names,
                            struct arena *text, struct lcap_error *error)
{
    const char *protocol = names->protocol;
    const size_t protocol_len = strlen(protocol), time_len = strlen(names->time);
    char source[ADDRESS_TEXT], destination[ADDRESS_TEXT];
    const size_t source_len = address_to_text(names->family, names->source, source);
    const size_t destination_len = address_to_text(names->family, names->destination, destination);
    /* Two ports of up to five digits and five underscores. */
    const size_t most = source_len + destination_len + protocol_len + time_len + 15;
    char *id = arena_take(text, most, error);
    if (!id)
        return LCAP_ERR_MEMORY;
    char *end = id;
    row->source = cell_text(append(&end, source, source_len), source_len);
    append_port(&end, names, 0);
    row->destination = cell_text(append(&end, destination, destination_len), destination_len);
    append_port(&end, names, 1);
    row->protocol = cell_text(append(&end, protocol, protocol_len), protocol_len);
    append(&end, "_", 1);
    row->timestamp = cell_text(append(&end, names->time, time_len), time_len);
    row->flow_id = cell_text(id, (size_t)(end - id));
    if (!names->unknown_ports) {
        row->source_port = cell_unsigned(names->ports[0]);
        row->destination_port = cell_unsigned(names->ports[1]);
    }
    const char *label = names->label ? names->label : "Unknown";
    row->label = cell_text(label, strlen(label));
    return LCAP_OK;
}
