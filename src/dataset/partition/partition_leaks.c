/* Asks for a leak report. */
#include "dataset/partition/partition_leaks.h"

#include "dataset/partition/partition_lists.h"
#include <labelcap/label.h>

static int take_block(void *context, const struct lcap_block *block, struct lcap_error *error)
{
    struct partition *p = context;
    struct lcap_label label;
    if (block->kind != LCAP_BLOCK_PACKET)
        return LCAP_OK;
    const uint32_t sample = lcap_packet_label(&block->packet, &label)
                                ? sample_registry_find(&p->registry, label.sample_id)
                                : NO_SAMPLE;
    return leak_report_add(p->leaks, &block->packet, sample, &p->registry, error);
}

static int read_packets(struct partition *p, struct lcap_error *error)
{
    struct input_options options = p->options->input;
    struct input_pass input = {.reader = NULL};
    options.listener = NULL; /* it has told what there is to tell */
    int rc = input_pass_open(&input, p->dataset, false, &options, error);
    input.phase = "look for leaks";
    input_pass_expect(&input, &p->seen);
    if (rc == LCAP_OK)
        rc = leak_report_begin_input(p->leaks, input.outcome.name, error);
    if (rc == LCAP_OK)
        rc = input_pass_walk(&input, take_block, p, error);
    input_pass_close(&input);
    return rc;
}

int partition_leaks_find(struct partition *p, const char *directory, struct lcap_error *error)
{
    if (partition_lists_find(p, "train") == SPLIT_NO_LIST ||
        partition_lists_find(p, "test") == SPLIT_NO_LIST)
        return LCAP_OK;
    struct leak_options options = p->options->leaks;
    options.stratify = p->options->stratify;
    int rc = split_lists_read(&p->written, directory, error);
    if (rc == LCAP_OK)
        rc = leak_report_new(&p->leaks, &p->written, &options, error);
    if (rc == LCAP_OK)
        rc = read_packets(p, error);
    return rc == LCAP_OK ? leak_report_finish(p->leaks, error) : rc;
}
