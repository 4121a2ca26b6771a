/*
 * Any bytes as a data set, from its report to the published set: texts of the capture stay
 * text on the page, the same partition gives the same lists, what is published is found to
 * be as it was published, and is not after one byte of it has changed.
 *
 * Input: a byte (how to partition), a byte (how to publish), two bytes (which file is changed,
 * and where), then the capture.
 */
#include "dataset/overview/overview_pass.h"
#include "dataset/publish/publish_verify.h"
#include "print_result.h"
#include "publishing/side_files.h"
#include "report/report_html.h"
#include <labelcap/partition.h>
#include <labelcap/run.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HEADER = 4, SMALL_MEMORY = 1 << 16, MOST_FILES = 64 };

/* ---- the page ---- */

static size_t count_of(const char *needle, const struct buffer *text)
{
    const size_t len = strlen(needle);
    const uint8_t *at = text->data, *end = text->data + text->len;
    size_t count = 0;
    while (at && (at = memmem(at, (size_t)(end - at), needle, len))) {
        count++;
        at += len;
    }
    return count;
}

/* Its own style and script are all that the page has. */
static void require_harmless(const struct buffer *page)
{
    require(count_of("<style", page) == 1 && count_of("<script", page) == 1);
    require(count_of("<img", page) == 0 && count_of("<iframe", page) == 0);
    require(memchr(page->data, '\0', page->len) == NULL);
}

static void show(const struct overview *overview)
{
    struct buffer page = {0};
    const struct report_sink sink = {take_piece, &page};
    struct result result;
    result_begin(&result, NULL);
    overview_describe(overview, &result);
    require(report_html(&result, "<script>", &sink, NULL) == 0);
    require_harmless(&page);
    buffer_release(&page);
    print_result(&result);
}

static void report(const char *splits)
{
    const struct check_pass_options options = {
        .splits = splits,
        .leaks = {.memory = SMALL_MEMORY},
        .max_leak = -1,
        .sorter = {.memory = SMALL_MEMORY, .directory = "."},
    };
    struct sources sources = {0};
    struct overview overview;
    require(sources_add(&sources, "in", NULL) == 0);
    if (overview_run(&sources, &options, &overview, NULL) == 0)
        show(&overview);
    overview_release(&overview);
    sources_release(&sources);
}

/* ---- the lists ---- */

static struct lcap_partition_options partition_of(uint8_t byte)
{
    static const char *const groups[] = {"flow", "sample", "host", "file", "day", "metadata:^.", 0};
    struct lcap_partition_options options = {
        .size = sizeof options,
        .train = 50,
        .validation = byte & 8 ? 20 : 0,
        .test = byte & 8 ? 30 : 50,
        .method = (enum lcap_partition_method)((byte >> 4) % 3),
        .group = groups[byte % 8 % 6],
        .local = byte % 8 % 6 == 2 ? "10.0.0.0/8,fe80::/10" : NULL,
        .compare_splits = true,
        .overwrite = true,
        .no_sync = true,
        .memory = SMALL_MEMORY,
        .tmpdir = ".",
        .balance_train = byte & 64,
    };
    if (byte & 128) {
        options.challenge = 1;
        options.challenge_key = "key";
        options.answers = "answers.csv";
    }
    return options;
}

/* Whether the lists are there. */
static bool partition(const char *directory, uint8_t byte)
{
    const struct lcap_partition_options options = partition_of(byte);
    struct lcap_partition *made = NULL;
    const int rc = lcap_partition_new(&made, "in", directory, &options, NULL);
    require(rc < 0 || lcap_partition_counts(made)->samples > 0);
    lcap_partition_free(made);
    return rc == 0;
}

/* ---- the published set ---- */

static bool publish(uint8_t byte, const char *splits)
{
    const char *input = "in";
    const struct lcap_run run = {
        .size = sizeof run, .inputs = &input, .input_count = 1, .output = "set", .no_sync = true};
    const struct lcap_publish_options options = {
        .size = sizeof options,
        .name = "set",
        .description = "any bytes",
        .license = "CC-BY-4.0",
        .creator = "nobody",
        .url = "https://example.org/",
        .date = "2026-01-01",
        .splits = splits,
        .allow = "mac,addresses,payload,secrets,names,comments",
        .remove = byte & 1 ? "secrets,names,comments" : NULL,
        .no_payload = byte & 2,
        .snaplen = byte & 4 ? 60 : 0,
        .flows = byte & 16,
        .report = byte & 32,
    };
    struct lcap_result *result = NULL;
    const int rc = lcap_publish(&run, &options, &result, NULL);
    lcap_result_free(result);
    return rc == 0 && access("set/SHA256SUMS", F_OK) == 0;
}

static uint64_t verify(void)
{
    const struct input_options input = {0};
    const struct publish_makers makers = side_files(true, true);
    struct publish_verification verification;
    struct result result;
    require(publish_verify_run(&verification, "set", &makers, &input, NULL) == 0);
    const uint64_t errors = verification.errors;
    result_begin(&result, NULL);
    publish_verify_describe(&verification, "set", &result);
    print_result(&result);
    publish_verify_release(&verification);
    return errors;
}

static int is_regular(const struct dirent *entry)
{
    return entry->d_type == DT_REG;
}

static void change_byte(const char *path, uint8_t where)
{
    struct stat file;
    uint8_t byte;
    const int fd = open(path, O_RDWR | O_CLOEXEC);
    require(fd >= 0 && fstat(fd, &file) == 0);
    const off_t at = file.st_size * where / 256;
    if (pread(fd, &byte, 1, at) == 1) {
        byte ^= 1;
        require(pwrite(fd, &byte, 1, at) == 1);
    }
    require(close(fd) == 0);
}

/* Changes a byte of one of the files in the set; false if it is empty. */
static bool tamper(uint8_t which, uint8_t where)
{
    struct dirent **entries;
    char path[512];
    const int count = scandir("set", &entries, is_regular, alphasort);
    require(count > 0);
    snprintf(path, sizeof path, "set/%s", entries[which % count]->d_name);
    for (int i = 0; i < count; i++)
        free(entries[i]);
    free(entries);
    struct stat file;
    require(stat(path, &file) == 0);
    if (file.st_size > 0)
        change_byte(path, where);
    return file.st_size > 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < HEADER)
        return 0;
    enter_scratch_folder();
    write_file("in", data + HEADER, size - HEADER);
    const char *splits = partition("splits", data[0]) ? "splits" : NULL;
    if (splits) {
        require(partition("again", data[0]));
        require(is_same_file("splits/partition.json", "again/partition.json"));
        require(is_same_file("splits/train.csv", "again/train.csv"));
    }
    report(splits);
    if (publish(data[1], data[1] & 8 ? NULL : splits)) {
        require(verify() == 0);
        if (tamper(data[2], data[3]))
            require(verify() > 0);
    }
    empty_scratch_folder();
    leave_scratch_folder();
    return 0;
}
