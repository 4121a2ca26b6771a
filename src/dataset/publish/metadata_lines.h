/* Reads lines of NAME = "TEXT", a part of TOML 1.0: texts on one line, dates, comments. */
#ifndef DATASET_PUBLISH_METADATA_LINES_H
#define DATASET_PUBLISH_METADATA_LINES_H

#include "base/buffer.h"
#include <stdbool.h>

/* Whether the file is such text, not JSON: it does not begin with a brace. */
bool metadata_lines_are_in(const char *path);

/*
 * Appends what the lines say as a JSON object. The error names the line. Longer files than
 * JSON_MAX_FILE are refused.
 */
int metadata_lines_read(const char *path, struct buffer *json, struct lcap_error *error);

#endif
