/* Messages on standard error: warnings, notes, figures. */
#ifndef CMD_TALK_H
#define CMD_TALK_H

#include "base/result.h"
#include <labelcap/capture.h>
#include <labelcap/error.h>
#include <stdbool.h>
#include <stdint.h>

/* The name in front of every line: "label" makes "labelcap label: …". */
void talk_begin(const char *command);

/* From now on, notes and progress are not printed; warnings and errors are. */
void talk_be_quiet(void);
bool talk_is_quiet(void);

/* Also appends every line to this file, even those that quiet suppresses. */
int talk_log_to(const char *path, struct lcap_error *error);

void talk_error(const struct lcap_error *error);
void talk_warning(const char *format, ...) LCAP_PRINTF(1, 2);
void talk_note(const char *format, ...) LCAP_PRINTF(1, 2);

/* Prints the sentences of a result as notes, and its findings at their place. */
void talk_result(const struct result *result);

/* Prints the findings of a result as notes and warnings. */
void talk_findings(const struct result *result);

#endif
