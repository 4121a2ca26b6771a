/* Asks for a leak report. */
#include "dataset/partition/partition_leaks.h"

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
    return leak_report_add(p->leaks, &block->packet, NULL, sample, &p->registry, error);
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

static int report_on(struct partition *p, const char *hold_out, struct lcap_error *error)
{
    struct leak_options options = p->options->leaks;
    options.stratify = p->options->stratify;
    options.hold_out = hold_out;
    int rc = leak_report_new(&p->leaks, &p->written, &options, error);
    if (rc == LCAP_OK)
        rc = read_packets(p, error);
    return rc == LCAP_OK ? leak_report_finish(p->leaks, error) : rc;
}

static double worst_of(const struct leak_report *report)
{
    const char *what;
    return report && leak_report_has_lists(report) ? leak_report_worst(report, &what) : -1;
}

/* Each fold in turn is the test. The report that stays is that of the one that leaks most. */
static int report_on_folds(struct partition *p, struct lcap_error *error)
{
    struct leak_report *worst = NULL;
    int rc = LCAP_OK;
    for (uint32_t i = 0; i < p->options->folds && rc == LCAP_OK; i++) {
        rc = report_on(p, p->lists[i].name, error);
        const bool is_worse = rc == LCAP_OK && worst_of(p->leaks) > worst_of(worst);
        leak_report_free(is_worse ? worst : p->leaks);
        worst = is_worse ? p->leaks : worst;
        p->leaks = NULL;
    }
    p->leaks = worst;
    return rc;
}

int partition_leaks_find(struct partition *p, const char *directory, struct lcap_error *error)
{
    const uint32_t labelled = p->list_count - (p->challenge != SPLIT_NO_LIST);
    if (labelled < 2)
        return LCAP_OK;
    const int rc = split_lists_read(&p->written, directory, error);
    if (rc < 0)
        return rc;
    return p->options->folds > 0 ? report_on_folds(p, error) : report_on(p, NULL, error);
}
