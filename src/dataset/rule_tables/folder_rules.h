/* A rules file from class folders, or from the names of captures. */
#ifndef DATASET_RULE_TABLES_FOLDER_RULES_H
#define DATASET_RULE_TABLES_FOLDER_RULES_H

#include "base/intern.h"
#include "base/io/output.h"
#include "base/result.h"

struct folder_rules_options {
    /*
     * NULL: the label of a capture is the folder that it is in, below the directory.
     * Otherwise an extended regular expression of POSIX on the name of the file: the
     * label is its first group, or what it matches.
     */
    const char *name_pattern;
    struct output_options placing;
};

struct folder_rules_result {
    uint64_t rules, captures, left_out;
    struct intern *labels;
    struct findings findings;
};

/*
 * Writes the rules: one for each folder, or one for each capture if labels are from
 * names; every capture becomes a sample of its own. Release the result even after an
 * error.
 */
int folder_rules_write(const char *directory, const char *output,
                       const struct folder_rules_options *options, struct folder_rules_result *done,
                       struct lcap_error *error);
void folder_rules_describe(const struct folder_rules_result *done, const char *directory,
                           struct result *result);
void folder_rules_release(struct folder_rules_result *done);

#endif
