/*
 * Ctrl-C at a terminal goes to all of a pipeline. Who writes into the pipe, such as
 * tcpdump, then ends the input properly; so the first SIGINT is left to it, and a
 * table of what came until then is finished. A second one ends the run at once.
 */
#ifndef CMD_PIPE_INTERRUPT_H
#define CMD_PIPE_INTERRUPT_H

/* Does nothing where standard input is no pipe, or where SIGINT is ignored. After
 * tempfile_clean_on_signals(). */
void pipe_interrupt_waits(void);

#endif
