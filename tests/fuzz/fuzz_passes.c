/*
 * Any bytes as a capture, through the passes of sort, split and strip, in little memory.
 * A sorted file stays as it is when it is sorted again; no pass loses a packet.
 *
 * Input: a byte (order, format of the samples, samples or classes), then the capture.
 */
#include "dataset/pass_results.h"
#include "print_result.h"
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void print_sort(const struct sort_pass_result *done)
{
    struct result result;
    result_begin(&result, NULL);
    sort_describe(done, "sorted", &result);
    print_result(&result);
}

static void print_split(const struct split_pass_result *done)
{
    struct result result;
    result_begin(&result, NULL);
    split_describe(done, "samples", &result);
    print_result(&result);
}

static void print_strip(const struct strip_pass_result *done)
{
    struct result result;
    result_begin(&result, NULL);
    strip_describe(done, &result);
    print_result(&result);
}

/* Returns the packets, or -1 if the input cannot be sorted. */
static int64_t sort(const char *from, const char *to, enum packet_order order)
{
    const struct sort_pass_options options = {.order = order,
                                              .placing = {.overwrite = true, .no_sync = true},
                                              .sorter = {.memory = 1 << 16}};
    struct sort_pass_result result;
    struct sources sources = {0};
    require(sources_add(&sources, from, NULL) == 0);
    const int rc = sort_pass_run(&sources, to, &options, &result, NULL);
    const int64_t packets = rc == 0 ? (int64_t)result.survey.all.packets : -1;
    if (rc == 0)
        print_sort(&result);
    sort_pass_release(&result);
    sources_release(&sources);
    return packets;
}

static void split(const char *from, enum lcap_format format, bool by_class, uint64_t packets)
{
    const struct split_pass_options options = {.format = format,
                                               .by_class = by_class,
                                               .placing = {.no_sync = true},
                                               .sorter = {.memory = 1 << 16}};
    struct split_pass_result result;
    if (split_pass_run(from, "samples", &options, &result, NULL) == 0) {
        require(result.packets + result.unlabelled == packets);
        print_split(&result);
    }
    remove_tree("samples");
}

static void strip(const char *from, enum lcap_format format, uint64_t packets)
{
    const struct strip_pass_options options = {.format = format,
                                               .placing = {.overwrite = true, .no_sync = true}};
    struct strip_pass_result result;
    if (strip_pass_run(from, "stripped", &options, &result, NULL) == 0) {
        require(result.packets == packets);
        print_strip(&result);
    }
    unlink("stripped");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    enter_scratch_folder();
    const enum packet_order order = data[0] & 1 ? ORDER_TIME : ORDER_SAMPLE;
    const enum lcap_format format = data[0] & 2 ? LCAP_FORMAT_PCAP : LCAP_FORMAT_PCAPNG;
    write_file("in", data + 1, size - 1);
    const int64_t packets = sort("in", "sorted", order);
    if (packets >= 0) {
        require(sort("sorted", "again", order) == packets && is_same_file("sorted", "again"));
        split("in", format, data[0] & 4, (uint64_t)packets);
        strip("in", format, (uint64_t)packets);
        require(unlink("sorted") == 0 && unlink("again") == 0);
    }
    require(unlink("in") == 0);
    leave_scratch_folder();
    return 0;
}
