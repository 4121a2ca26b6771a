/* labelcap help: the list of commands, or the help of one. */
#include "cmd/command.h"
#include "cmd/options.h"
#include <stdio.h>

static const struct option_row rows[] = {OPTION_END};

static void print_commands(void)
{
    puts("labelcap: packet captures into labelled machine-learning data sets, and back\n\n"
         "Usage: labelcap COMMAND [OPTION...] ...\n\n"
         "Commands:");
    for (size_t i = 0; commands[i]; i++)
        printf("  %-12s%s\n", commands[i]->name, commands[i]->summary);
    puts("\n'labelcap COMMAND --help' tells the options of a command; labelcap(1) is the manual.\n"
         "pcapml's own command line (-D, -P, -M, -L, -W, -O, -s, -p, -d, -t) works too.");
}

static int run_help(const void *args, const char *const *operands, size_t count,
                    struct lcap_error *error)
{
    (void)args;
    if (count == 0) {
        print_commands();
        return LCAP_OK;
    }
    const struct command *command = command_find(operands[0]);
    if (!command) {
        lcap_error_set(error, LCAP_ERR_ARGUMENT, "'%s' is no command", operands[0]);
        return COMMAND_USAGE;
    }
    options_print_help(command);
    return LCAP_OK;
}

const struct command cmd_help = {
    .name = "help",
    .summary = "list the commands, or tell about one",
    .usage = "labelcap help [COMMAND]",
    .operands = "COMMAND",
    .max_operands = 1,
    .example = "labelcap help label",
    .options = rows,
    .run = run_help,
};
