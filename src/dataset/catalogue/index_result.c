/* Describes what `index` has done. */
#include "base/text/text.h"
#include "dataset/catalogue/index_pass.h"
#include "dataset/pass_results.h"
#include <string.h>

static void find_no_random_access(const struct index_pass_result *done, const char *dataset,
                                  struct result *result)
{
    if (strcmp(done->compression, "none") != 0 && strcmp(done->compression, "bgzf") != 0)
        result_find(result, LCAP_SEVERITY_WARNING, 1,
                    "%s: %s has to be read from its start; 'labelcap sort -o x.pcapng.gz' writes "
                    "BGZF, which can be read from any sample",
                    dataset, done->compression);
}

static void find_conflicts(const struct index_pass_result *done, struct result *result)
{
    char packets[COUNTED_TEXT];
    if (done->conflicting_packets)
        result_find(result, LCAP_SEVERITY_WARNING, done->conflicting_packets,
                    "%s labelled differently from the first packet of the sample",
                    text_counted(done->conflicting_packets, "packet", packets));
}

void index_describe(const struct index_pass_result *done, const char *dataset,
                    struct result *result)
{
    char packets[COUNTED_TEXT], samples[COUNTED_TEXT], ranges[COUNTED_TEXT];
    result_add_count(result, "packets", done->packets);
    result_add_count(result, "labelled", done->labelled);
    result_add_count(result, "samples", done->samples);
    result_add_count(result, "ranges", done->ranges);
    result_add(result, "sorted_by_sample", NULL, result_truth(done->sorted));
    result_add(result, "compression", NULL, result_string(done->compression));
    result_add_count(result, "conflicting_packets", done->conflicting_packets);
    inputs_describe(&done->inputs, result);
    result_place_findings(result, "findings", NULL);
    find_no_random_access(done, dataset, result);
    find_conflicts(done, result);
    result_say(result, NULL, "indexed %s of %s in %s to %s.sqlite",
               text_counted(done->labelled, "packet", packets),
               text_counted(done->samples, "sample", samples),
               text_counted(done->ranges, "range", ranges), dataset);
}
