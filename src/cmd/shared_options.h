/* Options that several commands have, written once. */
#ifndef CMD_SHARED_OPTIONS_H
#define CMD_SHARED_OPTIONS_H

#include "base/io/output.h"
#include "capture/snaplen.h"
#include "cmd/outputs.h"
#include "commandline/command.h"
#include "dataset/shard/shard.h"
#include "sort/sorter.h"
#include <labelcap/capture.h>

/* More threads would only wait for each other. */
#define MOST_THREADS 256

/* Default memory for what is compared with everything before. */
#define DEFAULT_MEMORY ((uint64_t)1 << 30)

/* "auto", "yes", "no": in the order of enum lcap_pcapml_times. */
extern const char *const pcapml_times_choices[];

/* "file": as the file says. */
enum time_unit { TIME_UNIT_FILE, TIME_UNIT_NS };
extern const char *const time_unit_choices[];

/* How captures are read; the member `reading` of the arguments. */
struct reading_args {
    int pcapml_times;  /* enum lcap_pcapml_times */
    int time_unit;     /* enum time_unit */
    uint16_t linktype; /* of all packets, if given */
    bool linktype_given;
    uint64_t threads; /* 0: the default */
};

/* Of ROW_SHARD: `shard` is a struct shard. */
int shared_shard_parse(void *shard, const char *text, struct lcap_error *error);

/* Of ROW_QUIET: nothing is stored. */
int shared_quiet_obey(void *nothing, const char *none, struct lcap_error *error);

/* Rows for an ARGS with members of these names. */
#define ROW_OUTPUT(HELP)                                                                           \
    {                                                                                              \
        'o', "output", "FILE", ARG_CHECKED(output, outputs_check_name), HELP                       \
    }
#define ROW_JSON                                                                                   \
    {                                                                                              \
        0, "json", NULL, ARG_FLAG(json), "print the result as one JSON object"                     \
    }
#define ROWS_JSON                                                                                  \
    {0, "json", NULL, ARG_PRESET(stats_json, "-"), "print the result as one JSON object"},         \
    {                                                                                              \
        0, "stats-json", "FILE", ARG_CHECKED(stats_json, outputs_check_name),                      \
            "write that JSON object to FILE"                                                       \
    }
#define RELATION_JSON                                                                              \
    {                                                                                              \
        "json", EXCLUDES, "stats-json", NULL                                                       \
    }
#define ROW_PCAPML_TIMES                                                                           \
    {                                                                                              \
        0, "pcapml-times", "WHEN", ARG_CHOICE(reading.pcapml_times, pcapml_times_choices),         \
            "read pcapml timestamps: auto, yes or no (auto)"                                       \
    }
#define ROW_LINKTYPE                                                                               \
    {                                                                                              \
        0, "linktype", "TYPE", ARG_NOTED_LINKTYPE(reading.linktype),                               \
            "read packets as of this link type, not that of the file"                              \
    }
#define ROW_TIME_UNIT                                                                              \
    {                                                                                              \
        0, "time-unit", "UNIT", ARG_CHOICE(reading.time_unit, time_unit_choices),                  \
            "ns: read microseconds as nanoseconds; file: as the file says (file)"                  \
    }
#define ROWS_READING ROW_PCAPML_TIMES, ROW_LINKTYPE, ROW_TIME_UNIT
#define ROW_MEMORY(USE)                                                                            \
    {                                                                                              \
        0, "memory", "SIZE", ARG_SIZE(sorter.memory), "memory for " USE                            \
    }
#define ROW_TMPDIR(PLACE)                                                                          \
    {                                                                                              \
        0, "tmpdir", "DIR", ARG_TEXT(sorter.directory), "put temporary files in DIR (" PLACE ")"   \
    }
#define ROW_SNAPLEN                                                                                \
    {                                                                                              \
        0, "snaplen", "BYTES", ARG_COUNT_TO(SNAPLEN_MOST, snaplen),                                \
            "keep at most this many bytes of each packet"                                          \
    }
#define ROW_SHARD                                                                                  \
    {                                                                                              \
        0, "shard", "I/N", ARG_PARSED(struct shard, shard, shared_shard_parse),                    \
            "write only part I (from 0) of N, for 'labelcap merge'; auto: take I/N from the "      \
            "Slurm array"                                                                          \
    }
#define ROW_FORCE                                                                                  \
    {                                                                                              \
        'f', "force", NULL, ARG_FLAG(placing.overwrite), "replace existing outputs"                \
    }
#define ROW_NO_SYNC                                                                                \
    {                                                                                              \
        0, "no-sync", NULL, ARG_FLAG(placing.no_sync),                                             \
            "do not wait until the output is on the disk"                                          \
    }
#define ROW_LEVEL                                                                                  \
    {                                                                                              \
        0, "level", "N", ARG_NUMBER_TO(19, placing.level),                                         \
            "level of compression: 1 to 12 for .gz (1), to 19 for .zst (3)"                        \
    }
#define ROW_THREADS                                                                                \
    {                                                                                              \
        'j', "threads", "N", ARG_COUNT_TO(MOST_THREADS, reading.threads),                          \
            "number of threads (the processors, at most 4)"                                        \
    }
#define ROW_QUIET                                                                                  \
    {                                                                                              \
        'q', "quiet", NULL, {.kind = OPTION_PARSED, .parse = shared_quiet_obey},                   \
            "print only warnings and errors"                                                       \
    }

#endif
