/* What `info` found, as text for people and as JSON for programs. */
#ifndef CMD_INFO_PRINT_H
#define CMD_INFO_PRINT_H

#include "base/buffer.h"
#include "dataset/survey_labels.h"

struct info {
    const struct survey *survey;
    const struct lcap_reader *reader;
    struct survey_label *labels;
    size_t label_count;
    bool samples; /* list them too */
    bool damaged;
};

int info_print_text(const struct info *info, struct buffer *out, struct lcap_error *error);
int info_print_json(const struct info *info, struct buffer *out, struct lcap_error *error);

#endif
