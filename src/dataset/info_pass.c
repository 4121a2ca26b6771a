/* The contents of captures. */
#include "dataset/info_pass.h"

#include "base/memory.h"
#include <stdlib.h>
#include <string.h>

static int survey_block(void *survey, const struct lcap_block *block, struct lcap_error *error)
{
    return survey_add(survey, block, NULL, error);
}

/* The description is a view into the reader, its name is copied. */
static int keep_interface(struct info_pass_result *result, const struct lcap_interface *interface,
                          const struct tally *tally, struct lcap_error *error)
{
    int rc = memory_grow((void **)&result->interfaces, &result->interface_capacity,
                         result->interface_count + 1, sizeof *result->interfaces, error);
    char *name = rc == 0 ? arena_take(&result->names, interface->name_len + 1, error) : NULL;
    if (!name)
        return LCAP_ERR_MEMORY;
    if (interface->name_len > 0)
        memcpy(name, interface->name, interface->name_len);
    struct info_interface *kept = &result->interfaces[result->interface_count++];
    *kept = (struct info_interface){result->input_count, *interface, *tally};
    kept->about.name = name;
    kept->about.options = NULL;
    kept->about.options_len = 0;
    return LCAP_OK;
}

/* Keeps the interfaces of the input, and adds up their packets. */
static int keep_interfaces(struct info_pass_result *result, const struct input_pass *pass,
                           struct info_input *input, struct lcap_error *error)
{
    static const struct tally empty = TALLY_EMPTY;
    const struct survey *survey = &result->survey;
    int rc = LCAP_OK;
    for (size_t i = 0; i < pass->outcome.interfaces && rc == 0; i++) {
        const size_t number = survey->first_interface + i;
        const struct tally *tally =
            number < survey->interface_capacity ? &survey->interfaces[number] : &empty;
        tally_add(&input->tally, tally);
        rc = keep_interface(result, lcap_reader_interface(pass->reader, i), tally, error);
    }
    return rc;
}

static void add_odd_times(struct lcap_odd_times *sum, const struct lcap_odd_times *more)
{
    sum->pcapml += more->pcapml;
    sum->held += more->held;
}

static int keep_input(struct info_pass_result *result, const struct input_pass *pass,
                      uint64_t labelled, struct lcap_error *error)
{
    const struct input_outcome *outcome = &pass->outcome;
    struct info_input input = {.name = outcome->name,
                               .format = outcome->format,
                               .damaged = outcome->status == LCAP_ERR_DAMAGED,
                               .labelled = labelled,
                               .tally = TALLY_EMPTY};
    int rc = keep_interfaces(result, pass, &input, error);
    if (rc == 0)
        rc = memory_grow((void **)&result->inputs, &result->input_capacity, result->input_count + 1,
                         sizeof *result->inputs, error);
    if (rc < 0)
        return rc;
    result->inputs[result->input_count++] = input;
    add_odd_times(&result->odd_times, &outcome->odd_times);
    survey_next_input(&result->survey, outcome->interfaces);
    return LCAP_OK;
}

static int read_source(struct info_pass_result *result, const struct sources *sources,
                       size_t number, const struct input_options *options, struct lcap_error *error)
{
    const struct source *source = &sources->items[number];
    const uint64_t labelled = result->survey.labelled.packets;
    struct input_pass pass;
    int rc = input_pass_open(&pass, source->path, source->walked, options, error);
    pass.number = number;
    if (rc == 0)
        rc = input_pass_walk(&pass, survey_block, &result->survey, error);
    if (rc == 0)
        input_pass_settle(&pass, &result->counts);
    if (rc == 0 && pass.outcome.status != LCAP_ERR_FORMAT) {
        class_folders_add(&result->counts.folders, source);
        rc = keep_input(result, &pass, result->survey.labelled.packets - labelled, error);
    }
    input_pass_close(&pass);
    return rc;
}

int info_pass_run(const struct sources *sources, const struct input_options *options,
                  struct info_pass_result *result, struct lcap_error *error)
{
    *result = (struct info_pass_result){.counts = input_counts_of(sources)};
    int rc = survey_init(&result->survey, error);
    for (size_t i = 0; i < sources->count && rc == 0; i++)
        rc = read_source(result, sources, i, options, error);
    if (rc == 0)
        rc = input_counts_check(&result->counts, error);
    return rc == 0 ? survey_classes(&result->survey, &result->classes, &result->class_count, error)
                   : rc;
}

void info_pass_release(struct info_pass_result *result)
{
    free(result->classes);
    free(result->inputs);
    free(result->interfaces);
    arena_release(&result->names);
    survey_release(&result->survey);
}
