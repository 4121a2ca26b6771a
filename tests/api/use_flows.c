/* Prints packets and mean packet length of each flow with the installed library: use_flows INPUT */
#include <labelcap/capture.h>
#include <labelcap/flow.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Which cells of a row are wanted. */
struct wanted {
    size_t packets, mean;
};

static size_t index_of(const struct lcap_profile *profile, const char *name)
{
    const size_t count = lcap_profile_columns(profile, false);
    size_t index = 0;
    while (index < count && strcmp(lcap_profile_column(profile, false, index)->name, name) != 0)
        index++;
    return index;
}

static int print_row(void *context, const struct lcap_flow_row *row, struct lcap_error *error)
{
    const struct wanted *wanted = context;
    if (wanted->packets >= row->row.count || wanted->mean >= row->row.count)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT, "no such column");
    printf("%s %" PRIu64 " %.3f\n", row->protocol, row->row.cells[wanted->packets].value.u,
           row->row.cells[wanted->mean].value.real);
    return LCAP_OK;
}

static int print_flows(struct lcap_reader *in, struct lcap_extractor *flows,
                       struct lcap_error *error)
{
    const struct lcap_block *block;
    int rc;
    while ((rc = lcap_reader_next(in, &block, error)) == 1) {
        if (block->kind == LCAP_BLOCK_PACKET)
            rc = lcap_extractor_packet(flows, &block->packet, error);
        if (rc < 0)
            break;
    }
    return rc < 0 ? rc : lcap_extractor_finish(flows, error);
}

int main(int argc, char **argv)
{
    const struct lcap_profile *profile = lcap_profile_at(0);
    struct lcap_flow_options options = {.size = sizeof options};
    struct wanted wanted = {index_of(profile, "packets"), index_of(profile, "packet_length_mean")};
    struct lcap_error error = {0};
    struct lcap_reader *in = NULL;
    struct lcap_extractor *flows = NULL;
    lcap_flow_defaults(&options, profile, false);
    int rc = lcap_reader_open(&in, argc > 1 ? argv[1] : "-", NULL, &error);
    if (rc == 0)
        rc = lcap_extractor_new(&flows, &options, print_row, &wanted, &error);
    if (rc == 0)
        rc = print_flows(in, flows, &error);
    if (rc < 0)
        fprintf(stderr, "%s\n", error.text);
    else
        fprintf(stderr, "%" PRIu64 " packets in flows\n", lcap_extractor_counts(flows)->in_flows);
    lcap_extractor_free(flows);
    lcap_reader_free(in);
    return rc < 0;
}
