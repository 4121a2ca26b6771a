/*
 * Ctrl-C at a terminal goes to all processes of a pipeline. The writer of the pipe,
 * such as tcpdump, then ends the input properly, so the first SIGINT is left to it,
 * and the table of what came until then is finished. A second one ends the run at
 * once.
 */
#ifndef CMD_PIPE_INTERRUPT_H
#define CMD_PIPE_INTERRUPT_H

/* Does nothing if standard input is not a pipe or SIGINT is ignored. Call it after
 * tempfile_clean_on_signals(). */
void pipe_interrupt_waits(void);

#endif
