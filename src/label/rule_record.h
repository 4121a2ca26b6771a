/* Parses one record of a rules file into one rule. */
#ifndef LABEL_RULE_RECORD_H
#define LABEL_RULE_RECORD_H

#include "base/text/csv.h"
#include "capture/filter_templates.h"
#include "label/label_spellings.h"
#include "label/rule_files.h"
#include "label/rule_samples.h"
#include "label/rules_internal.h"

/* The state while a rules file is read. */
struct rule_loader {
    struct lcap_rules *rules;
    struct csv_reader *csv;
    struct rule_files *files;
    struct file_patterns *patterns;
    struct intern *pattern_texts; /* of rules->file_sets, by the same numbers */
    struct rule_samples samples;
    struct label_spellings labels;
    struct filter_templates *templates;
    struct intern *kinds;           /* bytes of rules->kinds, by the same numbers */
    const struct lcap_file *inputs; /* rules->file_count of them */
    struct buffer text;             /* scratch */
    bool file_names;                /* under such a header: an untagged column is a file name */
    uint64_t spaced_keys;           /* rules whose hash_key may be the end of their metadata */
    uint64_t first_spaced_line;     /* of the first of them */
};

/* Whether this is one of the header lines in use, in any case; notes those of file names. */
bool rule_record_is_header(struct rule_loader *loader, const struct csv_record *record);

/* Adds the rule in `record`. Errors begin with "PATH:LINE:COLUMN: ". */
int rule_record_add(struct rule_loader *loader, const struct csv_record *record,
                    struct lcap_error *error);

#endif
