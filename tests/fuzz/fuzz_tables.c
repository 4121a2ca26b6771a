/*
 * Any bytes as a capture, as a table of flows: every profile, ours and exactly as the
 * original tools print it, in every format, in one thread and in two, which must agree.
 *
 * Input: a byte for the profile, a byte for the format, then the capture.
 */
#include "base/io/remove_tree.h"
#include "scratch_folder.h"
#include "tabulate/tabulate.h"
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const profiles[] = {"labelcap", "nexusflowmeter", "netflowmeter", "pcap2json"};

/* Returns the rows, or -1 where such a table cannot be. */
static int64_t make_table(const uint8_t *choice, const char *output, uint64_t jobs)
{
    struct sources sources = {0};
    struct column_choice columns = {0};
    struct tabulate_result result = {.rows = 0};
    struct tabulate_options options = {
        .sources = &sources,
        .flow.size = sizeof options.flow,
        .columns = &columns,
        .output = output,
        .format = table_formats[choice[1] % TABLE_FORMAT_COUNT],
        .overwrite = true,
        .no_sync = true,
        .jobs = jobs,
    };
    lcap_flow_defaults(&options.flow, lcap_profile_find(profiles[choice[0] % 4]),
                       choice[0] & 4 ? true : false);
    const struct column_request request = {.flow = &options.flow};
    require(sources_add(&sources, "in", NULL) == 0);
    int rc = column_choice_make(&columns, &request, NULL, NULL);
    if (rc == 0)
        rc = tabulate_run(&options, &result, NULL);
    column_choice_release(&columns);
    sources_release(&sources);
    return rc == 0 ? (int64_t)result.rows : -1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    enter_scratch_folder();
    write_file("in", data + 2, size - 2);
    const int64_t one = make_table(data, "one", 1);
    const int64_t two = make_table(data, "two", 2);
    require(one == two);
    remove_tree("one");
    remove_tree("two");
    require(unlink("in") == 0);
    leave_scratch_folder();
    return 0;
}
