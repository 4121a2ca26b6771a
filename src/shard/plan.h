/*
 * Plans a run in shards: a script for bash that starts the jobs of a command, one after
 * the other, on Slurm or by GNU parallel, and merges what they have written.
 */
#ifndef SHARD_PLAN_H
#define SHARD_PLAN_H

#include "base/buffer.h"
#include <stdbool.h>

enum plan_engine { PLAN_SLURM, PLAN_PARALLEL };

/* An option of the command that is to be divided. */
struct plan_option {
    const char *name;
    char letter;       /* 0: it has none */
    const char *value; /* NULL: it takes none */
    bool joins_value;  /* as --name=VALUE, because it may be given without one */
    bool of_merge;     /* merge has it, too */
};

struct plan {
    enum plan_engine engine;
    uint32_t shards;
    const char *time, *mem, *partition; /* of Slurm's jobs, or NULL */
    const char *command;                /* "label" */
    bool counts_packets;                /* its rules need the packets counted first */
    bool needs_flows;                   /* its rules need those of each flow in one place */
    const char *output;                 /* for index, the catalogue */
    const struct plan_option *options;  /* that of the output is among them, if it is one */
    size_t option_count;
    const char *const *operands;
    size_t operand_count;
};

/* LCAP_ERR_ARGUMENT: the command of that name cannot be divided; the error says which can. */
int plan_check_command(const char *command, struct lcap_error *error);

/* LCAP_ERR_ARGUMENT: the command cannot be divided, or a value is none for Slurm. */
int plan_append_script(const struct plan *plan, struct buffer *text, struct lcap_error *error);

#endif
