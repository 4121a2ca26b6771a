/* labelcap completion: prints a script that completes its command lines. */
#include "commandline/command.h"
#include "commandline/completion.h"
#include <string.h>

static const struct option_row rows[] = {{0}};

static int run_completion(const void *args, const char *const *operands, size_t count,
                          struct lcap_error *error)
{
    (void)args;
    (void)count;
    if (strcmp(operands[0], "bash") == 0) {
        completion_print_bash();
    } else if (strcmp(operands[0], "zsh") == 0) {
        completion_print_zsh();
    } else {
        lcap_error_set(error, LCAP_ERR_ARGUMENT, "expected bash or zsh, found '%s'", operands[0]);
        return COMMAND_USAGE;
    }
    return LCAP_OK;
}

const struct command cmd_completion = {
    .name = "completion",
    .summary = "print the completion script for bash or zsh",
    .usage = "labelcap completion bash|zsh",
    .operands = "shell (bash or zsh)",
    .min_operands = 1,
    .max_operands = 1,
    .completion = COMPLETE_SHELLS,
    .example = "labelcap completion bash > /etc/bash_completion.d/labelcap",
    .options = rows,
    .run = run_completion,
};
