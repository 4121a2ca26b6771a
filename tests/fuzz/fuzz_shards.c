/*
 * Any bytes as a capture whose flows or arrays are made, or which is labelled or checked, in
 * shards: merged, they are what one process writes. And any bytes as what shards leave for each
 * other.
 *
 * Input: a byte (which), then the file.
 */
#include "arrays/array_pass.h"
#include "base/codec/bgzf.h"
#include "base/io/output.h"
#include "dataset/catalogue/index_shard.h"
#include "dataset/check/check_result.h"
#include "dataset/check/check_shard.h"
#include "dataset/labelling/label_result.h"
#include "dataset/shard/bucket_file.h"
#include "dataset/shard/packet_buckets.h"
#include "dataset/survey.h"
#include "features/profile.h"
#include "label/labeller/labeller_match.h"
#include "label/labeller/labeller_shares.h"
#include "print_result.h"
#include "scratch_folder.h"
#include "shard/arrays_merge.h"
#include "tabulate/flows/flows_run.h"
#include "tabulate/flows/flows_shard.h"
#include "tabulate/shards/rows_merge.h"
#include <labelcap/run.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SHARDS = 2, PATH_MOST = 64 };

enum {
    FLOWS, /* bit 0: in buckets; bit 1: another profile */
    LABEL = 4,
    JOINT,
    ROWS,
    BUCKETS,
    OUTLINE,
    CHECK,
    CHECK_PART,
    LABEL_BLOCKS, /* as BGZF */
    ARRAYS,
    ARRAYS_PART,
    LABEL_FLOWS,
    LABEL_BUCKETS,
    KINDS,
};

static int merge_parts(const char *output, const char *ending, struct part_merge_result *done)
{
    const struct part_merge_options options = {.placing = {.no_sync = true},
                                               .sorter = {.memory = 1 << 20}};
    char paths[SHARDS][PATH_MOST];
    const char *parts[SHARDS];
    const char *format = ending[0] == 'r' ? "csv." : ending[0] == 'a' ? "parquet." : "";
    for (int i = 0; i < SHARDS; i++) {
        snprintf(paths[i], PATH_MOST, "many.%s%d-of-%d.%s", format, i, SHARDS, ending);
        parts[i] = paths[i];
    }
    return part_merge_run(parts, SHARDS, output, &options, done, NULL);
}

static int merge(const char *output, const char *ending)
{
    struct part_merge_result done;
    const int rc = merge_parts(output, ending, &done);
    part_merge_release(&done);
    return rc;
}

/* ---- flows ---- */

static struct flows_request request_of(unsigned bits, const char *output)
{
    return (struct flows_request){
        .profile = bits & 2 ? "netflowmeter" : "labelcap",
        .output = output,
        .tunnels = bits & 2 ? TUNNELS_INNER : TUNNELS_OUTER,
        .packets = bits & 2 ? 0 : 3,
        .threads = 1,
        .no_sync = true,
    };
}

static int run_flows(const struct flows_request *wanted)
{
    static const char *const inputs[] = {"in"};
    struct tabulate_result done;
    struct flows_plan plan;
    bool is_done;
    int rc = flows_plan_init(&plan, wanted, inputs, 1, NULL);
    if (rc == 0)
        rc = flows_plan_list(&plan, NULL);
    if (rc == 0)
        rc = wanted->shard.count ? flows_shard_run(&plan, &done, &is_done, NULL)
                                 : flows_run(&plan, &done, NULL);
    flows_plan_release(&plan);
    return rc;
}

static int run_shards(unsigned bits, int buckets)
{
    struct flows_request wanted = request_of(bits, "many.csv");
    int rc = 0;
    wanted.buckets = buckets;
    for (uint32_t i = 0; i < SHARDS && rc == 0; i++) {
        wanted.shard = (struct shard){i, SHARDS};
        rc = run_flows(&wanted);
    }
    return rc;
}

static void divide_flows(unsigned bits)
{
    const struct flows_request whole = request_of(bits, "one.csv");
    if (run_flows(&whole) < 0)
        return;
    require(!(bits & 1) || run_shards(bits, BUCKETS_WRITE) == 0);
    require(run_shards(bits, bits & 1 ? BUCKETS_READ : BUCKETS_NONE) == 0);
    require(merge("many.csv", "rows") == 0);
    require(is_same_file("one.csv", "many.csv"));
}

/* ---- labels ---- */

#define RULES                                                                                      \
    "EACH:host:0.0.0.0/0|BPF:len > 200,host\n"                                                     \
    "EACH:window:1|BPF:len > 100 and ip,window\n"                                                  \
    "EACH:packet|BPF:len > 80,packet\n"                                                            \
    "BPF:len > 60,long\nBPF:len > 0,short\nBPF:arp,none\n"
#define FLOW_RULES                                                                                 \
    "SCOPE:flow:1|BPF:len > 200,long\nEACH:flow|EACH:packet|BPF:udp,packet\n"                      \
    "SCOPE:flow|EACH:host:0.0.0.0/0|BPF:tcp,host\nEACH:flow:2|BPF:len & 1 = 0,even\n"              \
    "COMMENT:*a*|SCOPE:flow,said\nEACH:window:1|BPF:len > 60,window\n"

/* A joint may name them, if it has their hash. */
static void write_rules(const char *rules)
{
    write_file("rules", (const uint8_t *)rules, strlen(rules));
}

/* What the shards do before they label. */
struct label_job {
    bool counts;
    const char *buckets;
};

static int label_shards(const struct lcap_run *run, struct label_job job)
{
    int rc = 0;
    for (uint32_t i = 0; i < SHARDS && rc == 0; i++) {
        const struct lcap_label_options options = {.size = sizeof options,
                                                   .rules = "rules",
                                                   .shard = i,
                                                   .shards = SHARDS,
                                                   .count_packets = job.counts,
                                                   .buckets = job.buckets};
        struct lcap_result *result = NULL;
        rc = lcap_label(run, &options, &result, NULL);
        lcap_result_free(result);
    }
    return rc;
}

static void require_same_result(struct lcap_result *a, struct lcap_result *b)
{
    const char *one, *many;
    size_t one_len, many_len;
    require(lcap_result_json(a, &one, &one_len, NULL) == 0);
    require(lcap_result_json(b, &many, &many_len, NULL) == 0);
    require(one_len == many_len && memcmp(one, many, one_len) == 0);
}

/* Some captures only one process can label, and says so. */
static void divide_labels(const char *rules, const struct label_job *jobs, size_t count)
{
    static const char *const inputs[] = {"in"};
    static const char *const parts[] = {"many.0-of-2.pcapng", "many.1-of-2.pcapng"};
    struct lcap_run run = {.size = sizeof run,
                           .inputs = inputs,
                           .input_count = 1,
                           .output = "one.pcapng",
                           .no_sync = true,
                           .threads = 1};
    struct lcap_result *one = NULL, *many = NULL;
    const struct lcap_label_options options = {.size = sizeof options, .rules = "rules"};
    write_rules(rules);
    const int whole = lcap_label(&run, &options, &one, NULL);
    run.output = "many.pcapng";
    int rc = 0;
    for (size_t i = 0; i < count && rc == 0; i++)
        rc = label_shards(&run, jobs[i]);
    run.inputs = parts;
    run.input_count = SHARDS;
    if (rc == 0 && lcap_merge(&run, &many, NULL) == 0 && whole == 0) {
        require(is_same_file("one.pcapng", "many.pcapng"));
        require_same_result(one, many);
    }
    lcap_result_free(one);
    lcap_result_free(many);
}

/* ---- checks ---- */

static int check_shard(const struct sources *sources, const struct check_pass_options *options,
                       uint32_t number, bool counts)
{
    const struct check_shard shard = {.shard = {number, SHARDS},
                                      .output = "many",
                                      .placing = {.no_sync = true},
                                      .count_packets = counts};
    bool is_done;
    return check_shard_run(sources, options, &shard, &is_done, NULL);
}

static void append_report(const struct check_pass_result *found, struct buffer *json)
{
    struct result result;
    result_begin(&result, NULL);
    check_describe(found, &result);
    append_json(&result, json);
}

/* The last shard guesses first, and counts again. Only some times of pcapml cannot be divided. */
static void merge_check(const struct sources *sources, const struct check_pass_options *options,
                        const struct buffer *expected)
{
    struct part_merge_result done;
    struct buffer json = {0};
    for (uint32_t i = SHARDS; i-- > 0;)
        require(check_shard(sources, options, i, true) == 0);
    for (uint32_t i = 0; i < SHARDS; i++)
        require(check_shard(sources, options, i, true) == 0);
    for (uint32_t i = SHARDS; i-- > 0;)
        require(check_shard(sources, options, i, false) == 0);
    const int rc = merge_parts(NULL, "check", &done);
    require(rc == 0 || rc == LCAP_ERR_ARGUMENT);
    if (rc == 0) {
        append_report(&done.check.found, &json);
        require(json.len == expected->len && memcmp(json.data, expected->data, json.len) == 0);
    }
    part_merge_release(&done);
    buffer_release(&json);
}

/* A part may name these, too, if it has their hashes. */
static void write_check_files(void)
{
    static const char rules[] = "BPF:len > 200|EACH:window:1,w\n"
                                "SCOPE:flow:2|BPF:udp|EACH:host:0.0.0.0/0,scoped\n"
                                "FILE:a*|EACH:packet,packet\nFILE:b*|EACH:flow:3,file\n"
                                "SCOPE:flow,first\nEACH:file|EACH:flow,rest\nBPF:len > 60,none\n";
    write_file("rules", (const uint8_t *)rules, sizeof rules - 1);
    require(mkdir("splits", 0700) == 0);
    write_file("splits/train.csv", (const uint8_t *)"1\n", 2);
    write_file("splits/test.csv", (const uint8_t *)"2\n", 2);
}

static void divide_check(void)
{
    const struct check_pass_options options = {
        .rules = "rules",
        .splits = "splits",
        .leaks = {.memory = 1 << 20, .compare_splits = true},
        .max_leak = -1,
        .sorter = {.memory = 1 << 20},
    };
    struct sources sources = {0};
    struct check_pass_result found;
    struct buffer expected = {0};
    write_check_files();
    require(sources_add(&sources, "in", NULL) == 0);
    if (check_pass_run(&sources, &options, &found, NULL) == 0) {
        append_report(&found, &expected);
        merge_check(&sources, &options, &expected);
    }
    check_pass_release(&found);
    sources_release(&sources);
    buffer_release(&expected);
}

/* ---- BGZF ---- */

/* Small blocks, some of them empty. */
static void pack(const uint8_t *data, size_t size)
{
    static uint8_t block[BGZF_MOST];
    struct libdeflate_compressor *packer = bgzf_packer_new(1, NULL);
    struct output *out = NULL;
    const struct output_options placing = {.overwrite = true, .no_sync = true};
    require(packer && output_open(&out, "in", &placing, NULL) == 0);
    for (size_t at = 0, len; at < size; at += len) {
        len = data[at] < size - at ? data[at] : size - at;
        output_write(out, block, bgzf_pack(packer, data + at, len, block));
        if (len == 0)
            output_write(out, block, bgzf_pack(packer, data + at, len = 1, block));
    }
    output_write(out, bgzf_end, BGZF_END_LEN);
    require(output_close(out, NULL) == 0);
    bgzf_packer_free(packer);
}

/* ---- arrays ---- */

static int write_arrays(const char *output, struct shard shard)
{
    const struct array_pass_options options = {
        .arrays = {.size = sizeof options.arrays, .packets = 2, .bytes = 9, .series = "length"},
        .format = array_format_of_name(output),
        .placing = {.no_sync = true},
        .shard = shard,
    };
    struct array_pass pass;
    const int rc = array_pass_run(&pass, "in", output, &options, NULL);
    array_pass_release(&pass);
    return rc;
}

/* In order, so that no shard has to guess where it begins. */
static void divide_arrays(void)
{
    const int whole = write_arrays("one.parquet", (struct shard){0});
    int rc = 0;
    for (uint32_t i = 0; i < SHARDS && rc == 0; i++)
        rc = write_arrays("many.parquet", (struct shard){i, SHARDS});
    require(rc == 0 || whole < 0);
    if (rc == 0 && merge("many.parquet", "arrays") == 0)
        require(whole == 0 && is_same_file("one.parquet", "many.parquet"));
}

/* ---- what shards leave ---- */

/* Whatever the notes of label say. */
static void add_labels(const struct parts *parts)
{
    const struct input_options input = {.threads = 1};
    struct label_sum *sum = NULL;
    struct result result;
    write_rules(RULES);
    if (label_sum_new(&sum, parts, &input, NULL) < 0)
        return;
    if (label_sum_run(sum, parts, NULL) == 0) {
        result_begin(&result, NULL);
        label_describe(label_pass_result(label_sum_pass(sum)), true, &result);
        print_result(&result);
    }
    label_sum_free(sum);
}

/* What was read and written is read as the same. */
static void read_joint(void)
{
    struct joint joint, again;
    if (joint_read(&joint, "in", NULL) < 0)
        return;
    require(joint_write(&joint, "written", true, NULL) == 0);
    require(joint_read(&again, "written", NULL) == 0);
    require(again.segment_count == joint.segment_count && again.part_size == joint.part_size);
    struct part items[] = {{.path = "in", .joint = joint}, {.path = "in", .joint = again}};
    struct parts parts = {.items = items, .count = 2};
    (void)parts_check_joints(&parts, NULL);
    add_labels(&(const struct parts){.items = items, .count = 1});
    joint_release(&joint);
    joint_release(&again);
}

static void read_rows(void)
{
    static const char *const paths[] = {"in", "in"};
    const struct flows_request wanted = {.output = "out.csv", .no_sync = true, .threads = 1};
    struct tabulate_result done;
    struct rows_merge *merged;
    if (rows_merge_open(&merged, paths, 2, NULL) < 0)
        return;
    (void)flows_shard_merge(merged, &wanted, &done, NULL);
    rows_merge_free(merged);
}

static int take_row(void *context, const struct lcap_flow_row *row, struct lcap_error *error)
{
    (void)context, (void)error;
    require(row->packets > 0);
    return 0;
}

static int take_shared(void *context, const struct shared_packet *shared, struct lcap_error *error)
{
    const struct lcap_label *label = shared->labelled ? &shared->label : NULL;
    const struct passing_packet passing = {shared->packet, shared->skip, shared->unknown_type};
    return shared->passes ? extractor_pass(context, &passing, label, error)
                          : extractor_packet_of(context, &shared->packet, label, error);
}

/* As the bucket of the first share, up to a length in two bytes, and the stream of all packets. */
static void write_buckets(const uint8_t *data, size_t size)
{
    const struct output_options placing = {.overwrite = true, .no_sync = true};
    struct bucket_writer *writer = NULL;
    size_t own = size < 2 ? 0 : (size_t)data[0] | (size_t)data[1] << 8;
    if (size < 2)
        return;
    data += 2;
    size -= 2;
    own = own < size ? own : size;
    require(bucket_writer_open(&writer, "in", SHARDS + 1, &placing, NULL) == 0);
    require(buffer_append(bucket_writer_stream(writer, 0), data, own, NULL) == 0);
    require(buffer_append(bucket_writer_stream(writer, SHARDS), data + own, size - own, NULL) == 0);
    require(bucket_writer_close(writer, NULL) == 0);
}

static void read_buckets(void)
{
    const struct flow_share share = {0, SHARDS};
    const struct row_target target = {.sink = take_row};
    struct joint_segment segments[] = {{.input = 0}, {.input = 1}};
    struct part part = {.path = "in", .joint = {.segments = segments, .segment_count = 2}};
    const struct parts parts = {.items = &part, .count = 1};
    struct lcap_flow_options options = {.size = sizeof options};
    struct share_packets *packets = NULL;
    struct lcap_extractor *extractor = NULL;
    struct share_input read;
    lcap_flow_defaults(&options, lcap_profile_find("labelcap"), false);
    require(share_packets_open(&packets, &parts, share, NULL) == 0);
    require(extractor_new_sharing(&extractor, &options, &target, share, NULL) == 0);
    const struct share_taker taker = {.packet = take_shared, .context = extractor};
    int rc = 0;
    for (uint64_t input = 0; input < 2 && rc == 0; input++)
        rc = share_packets_read(packets, input, &taker, &read, NULL);
    if (rc == 0)
        require(lcap_extractor_finish(extractor, NULL) == 0);
    lcap_extractor_free(extractor);
    share_packets_free(packets);
}

/* ---- buckets for rules ---- */

static int settle_all(struct lcap_labeller *labeller)
{
    const struct lcap_sample *sample;
    uint64_t number;
    int rc;
    while ((rc = lcap_labeller_settled(labeller, &number, &sample, NULL)) == 1)
        ;
    return rc;
}

static int decide(void *context, const struct shared_packet *shared, struct lcap_error *error)
{
    const struct lcap_packet *packet = &shared->packet;
    const struct lcap_sample *sample;
    int rc;
    if (shared->passes)
        rc = labeller_pass(context, 0, packet, shared->skip, error);
    else if (shared->record)
        rc = labeller_label_matched(context, 0, packet, shared->record, shared->record_len, &sample,
                                    error);
    else
        rc = lcap_labeller_label(context, 0, packet, &sample, error);
    return rc < 0 ? rc : settle_all(context);
}

static int decide_between(void *context, const struct lcap_block *block, struct lcap_error *error)
{
    const int rc = labeller_pass_block(context, block, error);
    return rc < 0 ? rc : settle_all(context);
}

static void decide_buckets(void)
{
    const struct flow_share share = {0, SHARDS};
    const struct lcap_file file = {"in", "in"};
    struct joint_segment segment = {.input = 0};
    struct part part = {.path = "in", .joint = {.segments = &segment, .segment_count = 1}};
    const struct parts parts = {.items = &part, .count = 1};
    struct share_packets *packets = NULL;
    struct lcap_rules *rules = NULL;
    struct lcap_labeller *labeller = NULL;
    struct share_input read;
    write_rules(FLOW_RULES);
    require(lcap_rules_load(&rules, "rules", &file, 1, NULL) == 0);
    require(lcap_labeller_new(&labeller, rules, NULL) == 0);
    require(share_packets_open(&packets, &parts, share, NULL) == 0);
    labeller_take_share(labeller, share);
    const struct share_taker taker = {decide, decide_between, labeller, true};
    if (share_packets_read(packets, 0, &taker, &read, NULL) == 0)
        require(lcap_labeller_finish(labeller, NULL) == 0 && settle_all(labeller) == 0);
    share_packets_free(packets);
    lcap_labeller_free(labeller);
    lcap_rules_free(rules);
}

/* Whatever a block has can be read. */
static int read_block(void *context, const struct lcap_block *block,
                      const struct lcap_position *next, struct lcap_error *error)
{
    struct survey *survey = context;
    uint32_t sample;
    (void)next;
    return survey_add(survey, block, &sample, error);
}

static void read_outline(void)
{
    struct part part = {.path = "in"};
    const struct parts parts = {.items = &part, .count = 1};
    struct index_part_facts facts;
    struct survey survey;
    require(survey_init(&survey, NULL) == 0);
    (void)index_shard_replay(&parts, &facts, read_block, &survey, NULL);
    survey_release(&survey);
}

static void read_check(void)
{
    static char none[] = "";
    const struct check_merge_options options = {.sorter = {.memory = 1 << 20}};
    struct joint_segment segments[] = {
        {.input = 0, .begin = {.times = none}},
        {.input = 1, .begin = {.offset = 1, .times = none}, .left_out = true}};
    struct part part = {.path = "in", .joint = {.segments = segments, .segment_count = 2}};
    const struct parts parts = {.items = &part, .count = 1};
    struct check_merge merged;
    struct result result;
    write_check_files();
    if (check_merge_run(&merged, &parts, &options, NULL) == 0) {
        result_begin(&result, NULL);
        check_describe(&merged.found, &result);
        print_result(&result);
    }
    check_merge_release(&merged);
}

static void read_arrays(void)
{
    const struct part_merge_options options = {.placing = {.no_sync = true}};
    struct part part = {.path = "in"};
    struct part_merge_result done = {.parts = {.items = &part, .count = 1}};
    (void)arrays_merge_run("out", &options, &done, NULL);
    arrays_merge_release(&done);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    const unsigned kind = data[0] % KINDS;
    enter_scratch_folder();
    write_file("in", data + 1, size - 1);
    if (kind == LABEL_BLOCKS)
        pack(data + 1, size - 1);
    if (kind == BUCKETS || kind == LABEL_BUCKETS)
        write_buckets(data + 1, size - 1);
    if (kind < LABEL)
        divide_flows(kind);
    else if (kind == LABEL || kind == LABEL_BLOCKS)
        divide_labels(RULES, (const struct label_job[]){{.counts = true}, {0}}, 2);
    else if (kind == LABEL_FLOWS)
        divide_labels(FLOW_RULES,
                      (const struct label_job[]){{.buckets = "write"}, {.buckets = "read"}, {0}},
                      3);
    else if (kind == LABEL_BUCKETS)
        decide_buckets();
    else if (kind == JOINT)
        read_joint();
    else if (kind == ROWS)
        read_rows();
    else if (kind == BUCKETS)
        read_buckets();
    else if (kind == OUTLINE)
        read_outline();
    else if (kind == CHECK)
        divide_check();
    else if (kind == ARRAYS)
        divide_arrays();
    else if (kind == ARRAYS_PART)
        read_arrays();
    else
        read_check();
    empty_scratch_folder();
    leave_scratch_folder();
    return 0;
}
