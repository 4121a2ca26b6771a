/* labelcap arrays: writes what models read of the packets. */
#include "arrays/array_items.h"
#include "arrays/array_mask.h"
#include "arrays/array_pass.h"
#include "arrays/array_settings.h"
#include "arrays/forms/nprint_headers.h"
#include "arrays/shards/array_shard.h"
#include "cmd/inputs.h"
#include "cmd/shared_options.h"
#include "cmd/show_result.h"

struct arrays_args {
    const char *output, *stats_json;
    const char *form, *per, *part, *headers, *mask, *series, *splits;
    struct shard shard;
    uint64_t packets, bytes, min_packets, seed;
    int format; /* index into array_format_names */
    int tunnels;
    struct reading_args reading;
    bool format_given, compat;
    struct output_options placing;
};

#define ARGS struct arrays_args

static const char *const tunnel_choices[] = {"outer", "inner", NULL};

static const struct option_row rows[] = {
    ROW_HEADING("Rows"),
    {0, "form", "FORM", ARG_NAMES(form, array_form_names),
     "bytes, yatc, netmamba, nprint, etbert, pcapencoder, trafficformer, netfound (bytes)"},
    {0, "per", "WHAT", ARG_NAMES(per, array_per_names),
     "a row for each flow, sample or packet (flow; nprint, pcapencoder: packet)"},
    {0, "packets", "N", ARG_COUNT_TO(UINT16_MAX, packets), "the first N packets of a row"},
    {0, "bytes", "M", ARG_COUNT_TO(UINT16_MAX, bytes),
     "the first M bytes of a packet; nprint: of its payload; etbert: tokens (128)"},
    {0, "part", "PART", ARG_NAMES(part, array_part_names), "from l2, l3, l4 or payload on (l3)"},
    {0, "headers", "LIST", ARG_NAMES(headers, nprint_header_names),
     "nprint: of eth, ipv4, ipv6, tcp, udp, icmp (ipv4,tcp,udp,icmp)"},
    {0, "min-packets", "N", ARG_COUNT(min_packets), "no rows with fewer packets (etbert: 3)"},
    {0, "tunnels", "WHICH", ARG_CHOICE(tunnels, tunnel_choices),
     "headers of packets: outer or inner (outer)"},
    {0, "compat", NULL, ARG_FLAG(compat),
     "yatc, netmamba, nprint, etbert, netfound: what the original program writes"},
    ROW_HEADING("Values"),
    {0, "mask", "LIST", ARG_NAMES(mask, mask_field_names),
     "set fields to 0, or random ones: mac, ip, ports, seq, ack, checksums, ttl, ip_id, window, "
     "tcp_timestamps, sni, tls_time; random; or none"},
    {0, "seed", "N", ARG_COUNT(seed), "of the values of --mask random"},
    {0, "series", "LIST", ARG_NAMES(series, array_series_names),
     "also arrays of length, direction, inter_arrival"},
    ROW_HEADING("Output"),
    {'o', "output", "OUT", ARG_TEXT(output),
     "directory of arrays or images, or a file: .npz, .tsv, .csv, .parquet, .arrow"},
    {0, "format", "FORMAT", ARG_NOTED_CHOICE(format, array_format_names),
     "npy, npz, tsv, csv, parquet, arrow, png; or by the suffix of OUT (npy)"},
    {0, "splits", "DIR", ARG_TEXT(splits), "one output for each list of samples DIR/*.csv"},
    ROW_SHARD,
    ROW_FORCE,
    ROW_NO_SYNC,
    ROWS_JSON,
    ROW_QUIET,
    ROW_HEADING("General"),
    ROW_THREADS,
    ROWS_READING,
    ROW_SYNONYM(0, "split", "splits"),
    {0},
};

static const struct option_relation relations[] = {
    {NULL, NEEDS, "output", NULL},
    {"shard", EXCLUDES, "splits", "shards write all rows into one output"},
    RELATION_JSON,
    {0},
};

static const struct arrays_args defaults = {.format = 0};

static struct array_pass_options options_of(const struct arrays_args *args)
{
    return (struct array_pass_options){
        .arrays = {.size = sizeof(struct lcap_array_options),
                   .form = args->form,
                   .per = args->per,
                   .packets = (uint32_t)args->packets,
                   .bytes = (uint32_t)args->bytes,
                   .part = args->part,
                   .headers = args->headers,
                   .mask = args->mask,
                   .series = args->series,
                   .min_packets = args->min_packets,
                   .seed = args->seed,
                   .inner_tunnels = args->tunnels == 1,
                   .compat = args->compat,
                   .splits = args->splits},
        .format =
            args->format_given ? array_formats[args->format] : array_format_of_name(args->output),
        .shard = args->shard,
        .placing = args->placing,
        .input = inputs_options(&args->reading),
    };
}

static int check_arrays(const void *given, const char *const *operands, size_t count,
                        struct lcap_error *error)
{
    const struct arrays_args *args = given;
    const struct array_pass_options options = options_of(args);
    struct array_settings settings;
    (void)operands, (void)count;
    const int rc = array_pass_check(&settings, &options, args->output, error);
    return rc == LCAP_OK && args->shard.count > 0 ? array_shard_can(&options, error) : rc;
}

static int report(const struct arrays_args *args, const struct array_pass *done,
                  struct lcap_error *error)
{
    struct result result;
    result_begin(&result, error);
    array_describe(done, args->output, &result);
    return show_and_release(&result, error);
}

/* Damage is no failure of a shard: merge tells it. */
static int tell_shard(struct array_pass *done, const struct arrays_args *args)
{
    if (done->is_done)
        outputs_note_done(args->shard, args->output);
    done->reading.inputs.damaged = 0;
    return LCAP_OK;
}

static int run_arrays(const void *given, const char *const *operands, size_t count,
                      struct lcap_error *error)
{
    const struct arrays_args *args = given;
    struct array_pass_options options = options_of(args);
    struct array_pass done;
    int rc = show_check_shard(args->shard, args->stats_json, error);
    if (rc == LCAP_OK)
        rc = show_open_json(args->stats_json, args->output, operands, count, &options.placing,
                            error);
    if (rc != LCAP_OK)
        return rc;
    rc = array_pass_run(&done, operands[0], args->output, &options, error);
    if (rc == LCAP_OK && args->shard.count > 0)
        rc = tell_shard(&done, args);
    else if (rc == LCAP_OK)
        rc = report(args, &done, error);
    rc = inputs_status(rc, &done.reading.inputs);
    array_pass_release(&done);
    return rc;
}

const struct command cmd_arrays = {
    .name = "arrays",
    .summary = "write what models read of the packets: arrays, tokens, images",
    .usage = "labelcap arrays -o OUT --form FORM [OPTION...] DATASET\n"
             "       labelcap arrays -o OUT --packets N --bytes M [OPTION...] DATASET",
    .operands = "DATASET",
    .min_operands = 1,
    .max_operands = 1,
    .details = "DATASET is a labelled capture in the order of its samples, or one with a "
               "catalogue.",
    .example = "labelcap arrays --form yatc -o arrays sorted.pcapng",
    .options = rows,
    .relations = relations,
    .defaults = &defaults,
    .args_size = sizeof defaults,
    .check = check_arrays,
    .run = run_arrays,
};
