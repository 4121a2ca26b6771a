/* Choices that several commands offer. */
#include "cmd/shared_options.h"

const char *const pcapml_times_choices[] = {"auto", "yes", "no", NULL};
