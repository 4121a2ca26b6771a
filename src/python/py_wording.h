/*
 * What the library says, with options as the commands have them, in words of Python: "--per" is
 * `per`, "use -f" is "use overwrite=True".
 */
#ifndef PYTHON_PY_WORDING_H
#define PYTHON_PY_WORDING_H

/* Around calls of the library: other programs in this process, and their threads, have their own
 * words. */
void py_wording_begin(void);
void py_wording_end(void);

#endif
