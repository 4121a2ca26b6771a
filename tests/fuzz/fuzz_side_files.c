/*
 * Any bytes as the texts that come with a data set: answers and predictions to score, what
 * people say about a published set, and the lists of a folder.
 *
 * Input: a byte (which), then one or two files with a zero between them.
 */
#include "dataset/publish/publish_metadata.h"
#include "dataset/score/score_result.h"
#include "dataset/split_folder.h"
#include "print_result.h"
#include <math.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require_share(double value, double least)
{
    require(isfinite(value) && value >= least && value <= 1);
}

/* Every measure is a share, and all samples are counted once. */
static void score(bool allow_missing)
{
    const struct score_pass_options options = {
        .truth = "first", .predictions = "second", .allow_missing = allow_missing};
    struct score_pass_result scored;
    if (score_pass_run(&options, &scored, NULL) == 0) {
        struct result result;
        require(scored.samples > 0 && scored.missing <= scored.samples);
        require(allow_missing || (scored.missing == 0 && scored.unknown == 0));
        require_share(scored.accuracy, 0);
        require_share(scored.balanced_accuracy, 0);
        require_share(scored.mcc, -1);
        require_share(scored.macro.f1, 0);
        require_share(scored.weighted.f1, 0);
        result_begin(&result, NULL);
        score_describe(&scored, &result);
        print_result(&result);
    }
    score_pass_release(&scored);
}

static int read_metadata(struct publish_metadata *metadata, const char *path)
{
    const int rc = publish_metadata_read(metadata, NULL, path, NULL);
    if (rc < 0)
        publish_metadata_release(metadata);
    return rc;
}

static void write_metadata(const struct publish_metadata *metadata, const char *path)
{
    struct buffer text = {0};
    require(publish_metadata_write(metadata, &text, NULL) == 0);
    write_file(path, text.data, text.len);
    buffer_release(&text);
}

/* What was read and written is read as the same. */
static void describe(void)
{
    struct publish_metadata metadata, again;
    struct buffer text = {0};
    if (read_metadata(&metadata, "first") < 0)
        return;
    require(publish_append_license_url(&metadata, &text, NULL) == 0);
    require(publish_append_citation(&metadata, &text, NULL) == 0);
    buffer_release(&text);
    write_metadata(&metadata, "written");
    require(read_metadata(&again, "written") == 0);
    for (size_t i = 0; i < PUBLISH_FIELD_COUNT; i++)
        require(metadata.values[i]
                    ? again.values[i] && strcmp(metadata.values[i], again.values[i]) == 0
                    : !again.values[i]);
    publish_metadata_release(&metadata);
    publish_metadata_release(&again);
}

static int require_listed(void *lists, uint64_t sample_id, uint32_t line, struct lcap_error *error)
{
    (void)line, (void)error;
    require(split_lists_of(lists, sample_id) != SPLIT_NO_LIST);
    return 0;
}

/* Every ID of a list is in a list. */
static void read_lists(void)
{
    struct split_lists lists;
    require(mkdir("lists", 0700) == 0);
    require(rename("first", "lists/test.csv") == 0 && rename("second", "lists/train.csv") == 0);
    if (split_lists_read(&lists, "lists", NULL) == 0) {
        require(strcmp(lists.folder.names[0], "train") == 0);
        for (size_t i = 0; i < lists.folder.count; i++)
            require(split_folder_read(&lists.folder, i, require_listed, &lists, NULL) == 0);
    }
    split_lists_release(&lists);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    const uint8_t *first = data + 1, *end = data + size;
    const uint8_t *second = memchr(first, '\0', (size_t)(end - first));
    enter_scratch_folder();
    write_file("first", first, (size_t)((second ? second : end) - first));
    write_file("second", second ? second + 1 : end, second ? (size_t)(end - second - 1) : 0);
    if (data[0] % 4 < 2)
        score(data[0] & 1);
    else if (data[0] % 4 == 2)
        describe();
    else
        read_lists();
    empty_scratch_folder();
    leave_scratch_folder();
    return 0;
}
