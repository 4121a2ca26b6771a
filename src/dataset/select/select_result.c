/* Describes what `select` has done. */
#include "base/io/target.h"
#include "base/text/text.h"
#include "dataset/losses.h"
#include "dataset/pass_results.h"
#include "dataset/select/select_pass.h"

static void find_lists(const struct sample_choice *samples, struct result *result)
{
    if (samples->options->ids)
        id_list_find_missing(&samples->ids, result);
    if (samples->options->list)
        id_list_find_missing(&samples->list, result);
}

static void describe_findings(const struct select_pass *pass, const char *output,
                              struct result *result)
{
    char counted[COUNTED_TEXT];
    result_place_findings(result, "findings", NULL);
    if (pass->unused.code < 0)
        result_find(result, LCAP_SEVERITY_WARNING, 1,
                    "the catalogue is not used, and the whole data set is read: %s",
                    pass->unused.text);
    losses_find(&pass->losses, result);
    linktypes_find(pass->linktypes.count, output, result);
    find_lists(&pass->samples, result);
    if (pass->options->packets.filter)
        link_filter_find(&pass->packets.filter, result);
    if (pass->unlabelled > 0)
        result_find(result, LCAP_SEVERITY_NOTE, pass->unlabelled, "%s left out: no label",
                    text_counted(pass->unlabelled, "packet", counted));
    if (pass->packets.repeated > 0)
        result_find(result, LCAP_SEVERITY_NOTE, pass->packets.repeated, "%s left out: repeated",
                    text_counted(pass->packets.repeated, "packet", counted));
}

void select_describe(const struct select_pass *pass, const char *output, struct result *result)
{
    char packets[COUNTED_TEXT], samples[COUNTED_TEXT];
    result_add_count(result, "packets", pass->selected_packets);
    result_add_count(result, "samples", pass->selected_samples);
    result_add_count(result, "packets_read", pass->read);
    result_add_count(result, "packets_repeated", pass->packets.repeated);
    result_add(result, "by_catalogue", NULL, result_truth(pass->by_catalogue));
    inputs_describe(&pass->inputs, result);
    describe_findings(pass, output, result);
    if (pass->selected_packets > 0)
        result_say(result, NULL, "selected %s of %s to %s",
                   text_counted(pass->selected_packets, "packet", packets),
                   text_counted(pass->selected_samples, "sample", samples), target_name(output));
}
