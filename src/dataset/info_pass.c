/* The contents of a capture. */
#include "dataset/info_pass.h"

#include <stdlib.h>

static int survey_block(void *survey, const struct lcap_block *block, struct lcap_error *error)
{
    return survey_add(survey, block, NULL, error);
}

int info_pass_run(const char *input, const struct input_options *options,
                  struct info_pass_result *result, struct lcap_error *error)
{
    *result = (struct info_pass_result){.classes = NULL};
    int rc = survey_init(&result->survey, error);
    if (rc == 0)
        rc = input_pass_open(&result->input, input, false, options, error);
    if (rc == 0)
        rc = input_pass_walk(&result->input, survey_block, &result->survey, error);
    if (rc < 0)
        return rc;
    input_pass_settle(&result->input, &result->inputs);
    return survey_classes(&result->survey, &result->classes, &result->class_count, error);
}

void info_pass_release(struct info_pass_result *result)
{
    free(result->classes);
    input_pass_close(&result->input);
    survey_release(&result->survey);
}
