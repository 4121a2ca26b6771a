/* Terminals. */
#ifndef BASE_IO_TERMINAL_H
#define BASE_IO_TERMINAL_H

#include <stddef.h>

/* The columns of the terminal that `fd` is; 80 where it is none, or does not say. */
size_t terminal_columns(int fd);

#endif
