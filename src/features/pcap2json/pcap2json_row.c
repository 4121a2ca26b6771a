/* Rows of pcap2json. */
#include "features/pcap2json/pcap2json_row.h"

/* Room for packets of half a million flows at once; see base/io/chains.c. */
#define DEFAULT_MEMORY ((uint64_t)256 << 20)

const struct profile_column pcap2json_columns[] = {
    {.column = {.name = "",
                .kind = LCAP_CELL_JSON,
                .unit = "",
                .description = "The flow as one JSON value"}},
    {{0}, 0},
};

int pcap2json_chains(struct chains **chains, const struct lcap_flow_options *options,
                     struct lcap_error *error)
{
    return chains_new(chains, options->memory ? options->memory : DEFAULT_MEMORY,
                      options->tmpdir ? options->tmpdir : "/tmp", error);
}

int pcap2json_emit(const struct engine_setup *setup, struct pcap2json_text *text,
                   struct lcap_flow_row *summary, struct lcap_error *error)
{
    const struct lcap_cell json = {.kind = LCAP_CELL_JSON};
    summary->row.pieces = pcap2json_text_next;
    summary->row.pieces_source = text;
    return row_emit(setup, pcap2json_columns, &json, summary, error);
}
