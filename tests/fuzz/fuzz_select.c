/*
 * Any bytes as a data set: what is selected by its catalogue is what is selected by
 * reading all of it, byte for byte.
 *
 * Input: a byte (which selection), then the capture.
 */
#include "dataset/catalogue/index_pass.h"
#include "dataset/select/select_pass.h"
#include "print_result.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The selection that a byte stands for, without --filter, --dedup and lists. */
static struct select_pass_options selection_of(uint8_t byte, const struct time_span *times)
{
    return (struct select_pass_options){
        .samples = {.label = byte & 1 ? "*a*" : "*",
                    .min_packets = byte & 2 ? 2 : 0,
                    .max_per_label = byte & 4 ? 1 : 0},
        .packets = {.times = byte & 8 ? times : NULL, .first = byte & 16 ? 2 : 0},
        .placing = {.overwrite = true, .no_sync = true},
    };
}

static void print_selection(const struct select_pass *pass)
{
    struct result result;
    result_begin(&result, NULL);
    select_describe(pass, "selected", &result);
    print_result(&result);
}

/* Whether anything was selected, and so `to` is there. */
static bool selects(const char *to, uint8_t byte, bool by_catalogue)
{
    static const struct time_span times = {INT64_C(1000000000), INT64_C(1600000000000000000)};
    const struct select_pass_options options = selection_of(byte, &times);
    struct select_pass pass;
    require(select_pass_run(&pass, "in", to, &options, NULL) == 0);
    require(pass.by_catalogue == by_catalogue || pass.unused.code < 0);
    const bool any = pass.selected_packets > 0;
    print_selection(&pass);
    select_pass_release(&pass);
    return any;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct index_pass_options indexing = {.placing = {.overwrite = true, .no_sync = true}};
    struct index_pass_result indexed;
    if (size < 1)
        return 0;
    enter_scratch_folder();
    write_file("in", data + 1, size - 1);
    if (index_pass_run("in", &indexing, &indexed, NULL) == 0 && indexed.damage.code == 0) {
        const bool any = selects("walked", data[0], true);
        require(unlink("in.sqlite") == 0);
        require(selects("scanned", data[0], false) == any);
        require(!any || is_same_file("walked", "scanned"));
        require(!any || (unlink("walked") == 0 && unlink("scanned") == 0));
    }
    require(unlink("in") == 0);
    leave_scratch_folder();
    return 0;
}
