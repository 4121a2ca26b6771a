/*
 * Any rules and any bytes as a capture: labelled, checked with the same rules and then with
 * lists of a split, described, and compared with itself. Every packet that was read is
 * labelled, kept or left out; what was labelled agrees with itself; all results can be
 * printed.
 *
 * Input: a byte of options, a byte with the length of the rules, the rules, the capture.
 */
#include "dataset/check/check_result.h"
#include "dataset/compare/compare_result.h"
#include "dataset/info_result.h"
#include "dataset/labelling/label_result.h"
#include "print_result.h"
#include <inttypes.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Bits of the first byte. */
enum {
    SORT = 1,
    KEEP_UNMATCHED = 2,
    RELABEL = 4,
    SPLIT_LINKTYPES = 8,
    JOIN = 16,
    KEEP_SOURCE = 32,
    TWICE = 64, /* the capture is the second input, too */
    CUT = 128,
};

#define SNAPLEN 60

static const struct sorter_options little_memory = {.memory = 1 << 16};

static void add_sources(struct sources *sources, const char *const *paths, size_t count)
{
    for (size_t i = 0; i < count; i++)
        require(sources_add(sources, paths[i], NULL) == 0);
}

static void check_label_result(const struct label_pass_result *done, uint8_t bits)
{
    require(done->labelled <= done->all.packets);
    if (bits & KEEP_UNMATCHED)
        require(done->labelled + done->kept == done->all.packets);
    struct result result;
    result_begin(&result, NULL);
    label_describe(done, true, &result);
    print_result(&result);
}

/* Returns the packets in "out", or -1 where it cannot be. */
static int64_t label(uint8_t bits)
{
    static const char *const inputs[] = {"in", "in"};
    const struct label_pass_options options = {
        .rules = "rules",
        .output = "out",
        .sort = bits & SORT,
        .keep_unmatched = bits & KEEP_UNMATCHED,
        .relabel = bits & RELABEL,
        .split_linktypes = bits & SPLIT_LINKTYPES,
        .join = bits & JOIN,
        .keep_source = bits & KEEP_SOURCE,
        .snaplen = bits & CUT ? SNAPLEN : 0,
        .placing = {.no_sync = true},
        .sorter = little_memory,
    };
    struct label_pass *pass = NULL;
    struct sources sources = {0};
    int64_t packets = -1;
    add_sources(&sources, inputs, bits & TWICE ? 2 : 1);
    if (label_pass_new(&pass, &sources, &options, NULL) == 0 && label_pass_run(pass, NULL) == 0 &&
        label_pass_finish(pass, NULL) == 0) {
        const struct label_pass_result *done = label_pass_result(pass);
        check_label_result(done, bits);
        packets = (int64_t)(done->labelled + done->kept);
    }
    label_pass_free(pass);
    sources_release(&sources);
    return packets;
}

/* Puts samples into the lists train and test in turn. */
static void write_lists(const struct sample_registry *registry)
{
    FILE *lists[2];
    require(mkdir("splits", 0700) == 0);
    lists[0] = fopen("splits/train.csv", "w");
    lists[1] = fopen("splits/test.csv", "w");
    require(lists[0] && lists[1]);
    for (uint32_t i = 0; i < sample_registry_count(registry); i++)
        fprintf(lists[i % 2], "%" PRIu64 "\n", sample_registry_id(registry, i));
    require(fclose(lists[0]) == 0 && fclose(lists[1]) == 0);
}

static void check_with(const struct sources *sources, const struct check_pass_options *options,
                       struct check_pass_result *found)
{
    require(check_pass_run(sources, options, found, NULL) == 0);
    struct result result;
    result_begin(&result, NULL);
    check_describe(found, &result);
    print_result(&result);
}

static void check(const struct sources *sources)
{
    const struct check_pass_options options = {.rules = "rules", .sorter = little_memory};
    const struct check_pass_options leaks = {.splits = "splits",
                                             .leaks = {.memory = 1 << 16, .compare_splits = true},
                                             .no_duplicates = true};
    struct check_pass_result found;
    check_with(sources, &options, &found);
    write_lists(&found.packets.survey.registry);
    check_pass_release(&found);
    check_with(sources, &leaks, &found);
    check_pass_release(&found);
}

static void describe(const struct sources *sources, uint64_t packets)
{
    const struct input_options options = {0};
    struct info_pass_result found;
    require(info_pass_run(sources, &options, &found, NULL) == 0);
    require(found.survey.all.packets == packets);
    struct result result;
    result_begin(&result, NULL);
    info_describe(&found, true, &result);
    print_result(&result);
    info_pass_release(&found);
}

static void compare(const char *path, uint64_t packets)
{
    const char *const paths[] = {path, path};
    const struct compare_pass_options options = {.sorter = little_memory};
    struct compare_pass_result found;
    require(compare_pass_run(paths, &options, &found, NULL) == 0);
    require(found.packets[0] == packets && found.confusion.matched == packets &&
            found.confusion.agreed == packets);
    struct result result;
    result_begin(&result, NULL);
    compare_describe(&found, &result);
    print_result(&result);
    const struct output_options placing = {.no_sync = true};
    require(compare_write_table(&found, "labels.csv", &placing, NULL) == 0);
    compare_pass_release(&found);
    require(unlink("labels.csv") == 0);
}

static void use(const char *path, uint64_t packets)
{
    struct sources sources = {0};
    add_sources(&sources, &path, 1);
    check(&sources);
    describe(&sources, packets);
    compare(path, packets);
    sources_release(&sources);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2 || size - 2 < data[1])
        return 0;
    enter_scratch_folder();
    write_file("rules", data + 2, data[1]);
    write_file("in", data + 2 + data[1], size - 2 - data[1]);
    const int64_t packets = label(data[0]);
    if (packets >= 0 && access("out", F_OK) == 0)
        use("out", (uint64_t)packets);
    empty_scratch_folder();
    leave_scratch_folder();
    return 0;
}
