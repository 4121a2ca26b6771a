/* Shell completion, generated from the option tables of all commands. */
#ifndef COMMANDLINE_COMPLETION_H
#define COMMANDLINE_COMPLETION_H

/* Prints the script for a shell to stdout. */
void completion_print_bash(void);
void completion_print_zsh(void);

#endif
