/* labelcap help: the list of commands, or the help of one. */
#include "cmd/command_run.h"
#include "commandline/option_help.h"
#include <stdio.h>

static const struct option_row rows[] = {{0}};

static void print_commands(void)
{
    puts("labelcap: turn packet captures into labelled data sets, and back\n\n"
         "Usage: labelcap COMMAND [OPTION...] ...\n\n"
         "Commands:");
    option_help_list_commands();
    puts("\n'labelcap COMMAND --help' lists the options of a command, 'labelcap --version'\n"
         "prints the version. labelcap(1) is the manual. The command line of pcapml (-D,\n"
         "-P, -M, -L, -W, -O, -s, -p, -d, -t) is accepted, too.");
}

static int run_help(const void *args, const char *const *operands, size_t count,
                    struct lcap_error *error)
{
    (void)args;
    if (count == 0) {
        print_commands();
        return LCAP_OK;
    }
    const struct command *command = command_find(operands[0], error);
    if (!command)
        return COMMAND_USAGE;
    option_help_print(command);
    return LCAP_OK;
}

const struct command cmd_help = {
    .name = "help",
    .summary = "list the commands, or describe one",
    .usage = "labelcap help [COMMAND]",
    .operands = "COMMAND",
    .max_operands = 1,
    .completion = COMPLETE_COMMANDS,
    .example = "labelcap help label",
    .options = rows,
    .run = run_help,
};
