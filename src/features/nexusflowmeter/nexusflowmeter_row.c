/* The cells that both modes of the nexusflowmeter profile fill in the same way. */
#include "features/nexusflowmeter/nexusflowmeter_row.h"

#include "base/number/number.h"
#include "packet/address_text.h"
#include <string.h>

struct writer {
    char *text;
    size_t len;
};

static void put(struct writer *writer, const char *text)
{
    const size_t len = strlen(text);
    memcpy(writer->text + writer->len, text, len);
    writer->len += len;
}

static void put_end(struct writer *writer, const struct nexus_ends *ends, const char *address,
                    uint16_t port)
{
    char digits[NUMBER_TEXT];
    const bool brackets = ends->with_ports && ends->brackets;
    put(writer, brackets ? "[" : "");
    put(writer, address);
    put(writer, brackets ? "]" : "");
    if (!ends->with_ports)
        return;
    number_from_unsigned(port, digits);
    put(writer, ":");
    put(writer, digits);
}

int nexus_row_ends(const struct nexus_ends *ends, struct arena *arena, struct nexus_row *row,
                   struct lcap_error *error)
{
    enum { END = ADDRESS_TEXT + sizeof "[]:65535", BETWEEN = sizeof " <-> " + sizeof " ()" };
    struct writer name = {arena_take(arena, 2 * END + BETWEEN + strlen(ends->protocol), error), 0};
    if (!name.text)
        return LCAP_ERR_MEMORY;
    put_end(&name, ends, ends->source, ends->source_port);
    put(&name, " <-> ");
    put_end(&name, ends, ends->destination, ends->destination_port);
    put(&name, " (");
    put(&name, ends->protocol);
    put(&name, ")");
    row->flow_id = cell_text(name.text, name.len);
    row->source = cell_of_text(ends->source);
    row->destination = cell_of_text(ends->destination);
    row->protocol = cell_of_text(ends->protocol);
    return LCAP_OK;
}

void nexus_row_counts(const struct nexus_counts *counts, struct nexus_row *row)
{
    const uint64_t *packets = counts->packets;
    row->packets = cell_unsigned(nexus_both(packets));
    row->forward_packets = cell_unsigned(packets[NEXUS_FORWARD]);
    row->backward_packets = cell_unsigned(packets[NEXUS_BACKWARD]);
    row->bidirectional = cell_bool(packets[NEXUS_FORWARD] > 0 && packets[NEXUS_BACKWARD] > 0);
    row->bytes = cell_unsigned(nexus_both(counts->bytes));
    row->forward_bytes = cell_unsigned(counts->bytes[NEXUS_FORWARD]);
    row->backward_bytes = cell_unsigned(counts->bytes[NEXUS_BACKWARD]);
    row->payload = cell_unsigned(nexus_both(counts->payload));
    row->forward_payload = cell_unsigned(counts->payload[NEXUS_FORWARD]);
    row->backward_payload = cell_unsigned(counts->payload[NEXUS_BACKWARD]);
    row->min_size = cell_unsigned(counts->min_size);
    row->max_size = cell_unsigned(counts->max_size);
    row->syn = cell_unsigned(counts->syn);
    row->fin = cell_unsigned(counts->fin);
    row->rst = cell_unsigned(counts->rst);
    row->ack = cell_unsigned(counts->ack);
}
