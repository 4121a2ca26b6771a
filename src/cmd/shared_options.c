/* Choices that several commands offer. */
#include "cmd/shared_options.h"

const char *const pcapml_times_choices[] = {"auto", "yes", "no", NULL};

const char *const time_unit_choices[] = {"file", "ns", NULL};
