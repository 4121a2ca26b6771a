/* labelcap info: what is in a capture. */
#include "cmd/info_print.h"
#include "cmd/shared_options.h"
#include "cmd/talk.h"
#include "dataset/pass.h"
#include <stdlib.h>

struct info_args {
    bool samples, json;
    int pcapml_times;
    bool quiet;
};

#define ARG(member) offsetof(struct info_args, member)

static const struct option_row rows[] = {
    {0, "samples", NULL, "a line for each sample", OPTION_FLAG, ARG(samples), NULL},
    {0, "json", NULL, "one JSON object", OPTION_FLAG, ARG(json), NULL},
    ROW_PCAPML_TIMES(struct info_args),
    ROW_QUIET(struct info_args),
    OPTION_END,
};

static const struct info_args defaults = {0};

static int survey_block(void *survey, const struct lcap_block *block, struct lcap_error *error)
{
    return survey_add(survey, block, NULL, error);
}

static int print(const struct info_args *args, const struct survey *survey,
                 const struct lcap_reader *reader, bool damaged, struct lcap_error *error)
{
    struct info info = {
        .survey = survey, .reader = reader, .samples = args->samples, .damaged = damaged};
    int rc = survey_labels(survey, &info.labels, &info.label_count, error);
    if (rc == 0)
        rc = args->json ? info_print_json(&info, error) : info_print_text(&info, error);
    free(info.labels);
    return rc;
}

static int run_info(const void *given, const char *const *operands, size_t count,
                    struct lcap_error *error)
{
    (void)count;
    const struct info_args *args = given;
    const struct lcap_reader_options options = {.pcapml_times =
                                                    (enum lcap_pcapml_times)args->pcapml_times};
    struct survey survey = {0};
    struct lcap_error damage = {0};
    struct lcap_reader *reader = NULL;
    if (args->quiet)
        talk_be_quiet();
    int rc = survey_init(&survey, error);
    if (rc == 0)
        rc = lcap_reader_open(&reader, operands[0], &options, error);
    if (rc == 0) {
        rc = pass_over(reader, survey_block, &survey, progress_of_reader, error);
        rc = pass_keep_damage(rc, error, &damage);
    }
    progress_end();
    if (rc == 0) {
        talk_pcapml_times(reader);
        rc = print(args, &survey, reader, damage.code != LCAP_OK, error);
    }
    rc = pass_outcome(rc, error, &damage);
    lcap_reader_free(reader);
    survey_release(&survey);
    return rc;
}

const struct command cmd_info = {
    .name = "info",
    .summary = "tell what is in a capture: interfaces, packets, labels, samples",
    .usage = "labelcap info [OPTION...] INPUT",
    .operands = "INPUT",
    .min_operands = 1,
    .max_operands = 1,
    .example = "labelcap info labelled.pcapng",
    .options = rows,
    .defaults = &defaults,
    .args_size = sizeof defaults,
    .run = run_info,
};
