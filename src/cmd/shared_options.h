/* Options that several commands have, written once. */
#ifndef CMD_SHARED_OPTIONS_H
#define CMD_SHARED_OPTIONS_H

#include "cmd/command.h"
#include <labelcap/capture.h>

/* Memory for sorting unless --memory says otherwise. */
#define DEFAULT_MEMORY ((uint64_t)1 << 30)

/* "auto", "yes", "no": in the order of enum lcap_pcapml_times. */
extern const char *const pcapml_times_choices[];

/* Rows for a struct ARGS with members of these names. */
#define ROW_OUTPUT(ARGS, HELP)                                                                     \
    {                                                                                              \
        'W', "write", "FILE", HELP, OPTION_TEXT, offsetof(ARGS, output), NULL                      \
    }
#define ROW_FORCE(ARGS)                                                                            \
    {                                                                                              \
        'f', "force", NULL, "replace an output that exists", OPTION_FLAG, offsetof(ARGS, force),   \
            NULL                                                                                   \
    }
#define ROW_QUIET(ARGS)                                                                            \
    {                                                                                              \
        'q', "quiet", NULL, "no notes and no progress, only warnings and errors", OPTION_FLAG,     \
            offsetof(ARGS, quiet), NULL                                                            \
    }
#define ROW_PCAPML_TIMES(ARGS)                                                                     \
    {                                                                                              \
        0, "pcapml-times", "WHEN", "read pcapml's timestamps as such: auto, yes, no (auto)",       \
            OPTION_CHOICE, offsetof(ARGS, pcapml_times), pcapml_times_choices                      \
    }
#define ROW_MEMORY(ARGS)                                                                           \
    {                                                                                              \
        0, "memory", "SIZE", "memory for sorting, such as 256M (1G)", OPTION_SIZE,                 \
            offsetof(ARGS, memory), NULL                                                           \
    }
#define ROW_TMPDIR(ARGS)                                                                           \
    {                                                                                              \
        0, "tmpdir", "DIR", "directory for temporary files (beside the output)", OPTION_TEXT,      \
            offsetof(ARGS, tmpdir), NULL                                                           \
    }

#endif
