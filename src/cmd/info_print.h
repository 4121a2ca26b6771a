/* What `info` found, as text for people and as JSON for programs. */
#ifndef CMD_INFO_PRINT_H
#define CMD_INFO_PRINT_H

#include "dataset/survey_labels.h"

struct info {
    const struct survey *survey;
    const struct lcap_reader *reader;
    struct survey_label *labels;
    size_t label_count;
    bool samples; /* list them too */
    bool damaged;
};

/* To stdout, whose own failures are found when it is flushed at the end. */
int info_print_text(const struct info *info, struct lcap_error *error);
int info_print_json(const struct info *info, struct lcap_error *error);

#endif
