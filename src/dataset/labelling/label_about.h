/*
 * The notes of a run of `label` in shards: its rules, its inputs, and the options by which
 * its result is counted. The first shard writes them, and whoever merges reads them.
 */
#ifndef DATASET_LABELLING_LABEL_ABOUT_H
#define DATASET_LABELLING_LABEL_ABOUT_H

#include "base/buffer.h"
#include "dataset/labelling/label_pass.h"

int label_about_write(const struct label_pass_options *options, const struct sources *sources,
                      struct buffer *notes, struct lcap_error *error);

/*
 * Sets the options that are noted, and lists the inputs. `notes` must outlive the options.
 * LCAP_ERR_FORMAT: these are no such notes, which the joint of `part` has. LCAP_ERR_RULES: the
 * rules are gone or have changed since.
 */
int label_about_read(const struct buffer *notes, const char *part,
                     struct label_pass_options *options, struct sources *sources,
                     struct lcap_error *error);

#endif
