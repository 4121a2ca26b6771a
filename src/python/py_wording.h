/* What the library says in errors, with options as the commands have them, in words of Python. */
#ifndef PYTHON_PY_WORDING_H
#define PYTHON_PY_WORDING_H

#include <stdbool.h>
#include <stddef.h>

/* A wording for lcap_error_use_wording(): "--per" is `per`, "use -f" is "use overwrite=True". */
bool py_wording_of(const char *said, char *words, size_t size);

#endif
