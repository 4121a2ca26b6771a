/* What the program says to people, on standard error: warnings, notes, progress, figures. */
#ifndef CMD_TALK_H
#define CMD_TALK_H

#include <labelcap/capture.h>
#include <labelcap/error.h>
#include <stdbool.h>
#include <stdint.h>

/* The name in front of every line: "label" makes "labelcap label: …". */
void talk_begin(const char *command);

/* Notes and progress are left out from now on; warnings and errors are not. */
void talk_be_quiet(void);

/* Every line goes to the end of this file, too, also those that quiet leaves out. */
int talk_log_to(const char *path, struct lcap_error *error);

void talk_error(const struct lcap_error *error);
void talk_warning(const char *format, ...) LCAP_PRINTF(1, 2);
void talk_note(const char *format, ...) LCAP_PRINTF(1, 2);

/* Says what a writer could not carry over, a note for each kind. */
void talk_losses(const struct lcap_losses *losses);

/* Warns of an output whose packets have several link types. */
void talk_linktypes(const char *output, size_t linktypes);

/* Notes pcapml's timestamps where a reader met and repaired some. */
void talk_pcapml_times(const struct lcap_reader *reader);

/*
 * Progress: nothing in the first second, nothing when standard error is no
 * terminal, then a line that is redrawn at most five times a second.
 * `done` and `total` are bytes of input; total 0 = not known.
 */
void progress_show(const char *what, uint64_t done, uint64_t total);
/* The same for what has been read of a capture. */
void progress_of_reader(const struct lcap_reader *reader);
/* Takes the line away again. */
void progress_end(void);

#endif
