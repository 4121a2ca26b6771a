/* Texts of the library, which name options as the commands have them, in words of Python. */
#ifndef PYTHON_PY_WORDING_H
#define PYTHON_PY_WORDING_H

#include <stddef.h>

/*
 * Names arguments instead of options, outside commands in quotes: "--per" is `per`, "--min-packets"
 * is `min_packets`. What does not fit into `size` bytes is cut off.
 */
void py_wording_of(const char *text, char *words, size_t size);

#endif
