/* Finds and runs commands; turns their outcome into an exit status. */
#include "cmd/command_run.h"

#include "base/memory.h"

#include "base/text/spelling.h"
#include "cmd/progress.h"
#include "cmd/show_result.h"
#include "cmd/talk.h"
#include "commandline/option_help.h"
#include "commandline/options.h"
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const struct command *command_find(const char *name, struct lcap_error *error)
{
    struct spelling spelling = {.word = name, .len = strlen(name)};
    for (size_t i = 0; commands[i]; i++) {
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
        spelling_try(&spelling, commands[i]->name);
    }
    if (spelling.meant)
        lcap_error_set(error, LCAP_ERR_ARGUMENT, "'%s' is not a command; did you mean %s?", name,
                       spelling.meant);
    else
        lcap_error_set(error, LCAP_ERR_ARGUMENT,
                       "'%s' is not a command; 'labelcap help' lists them", name);
    return NULL;
}

bool command_is_read_no_more(void)
{
    struct pollfd end = {.fd = STDOUT_FILENO, .events = POLLOUT};
    return poll(&end, 1, 0) == 1 && (end.revents & POLLERR);
}

/*
 * At the latest, a full disk is noticed when stdout is flushed. What is printed here is for
 * people, who may stop reading; captures and tables go through output.h.
 */
static int check_stdout(struct lcap_error *error)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return LCAP_OK;
    const int cause = errno;
    return command_is_read_no_more()
               ? LCAP_OK
               : lcap_error_set_errno(error, cause, "standard output: cannot write");
}

int command_exit_status(int rc, struct lcap_error *error)
{
    if (rc == LCAP_OK)
        rc = check_stdout(error);
    if (rc < 0)
        talk_error(error);
    return rc == LCAP_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int wrong_usage(const struct command *command, const struct lcap_error *error)
{
    talk_error(error);
    fprintf(stderr, "Try 'labelcap %s --help'.\n", command->name);
    return EXIT_USAGE;
}

static int run(const struct command *command, const void *args, const char *const *operands,
               size_t count)
{
    struct lcap_error error = {0};
    if (command->check && command->check(args, operands, count, &error) < 0)
        return wrong_usage(command, &error);
    int rc = command->run(args, operands, count, &error);
    progress_end();
    show_discard_json();
    if (rc == COMMAND_USAGE)
        return wrong_usage(command, &error);
    return command_exit_status(rc, &error);
}

void *command_new_args(const struct command *command, struct lcap_error *error)
{
    void *args = memory_new(1, command->args_size ? command->args_size : 1, error);
    if (args && command->defaults)
        memcpy(args, command->defaults, command->args_size);
    return args;
}

int command_main(const struct command *command, int argc, char **argv)
{
    struct lcap_error error = {0};
    talk_begin(command->name);
    void *args = command_new_args(command, &error);
    if (!args) {
        talk_error(&error);
        return EXIT_FAILURE;
    }
    int first = 0;
    int status = EXIT_FAILURE;
    switch (options_parse(command, argc, argv, args, &first, talk_warning, &error)) {
    case OPTIONS_HELP:
        option_help_print(command);
        status = command_exit_status(LCAP_OK, &error);
        break;
    case OPTIONS_WRONG:
        status = wrong_usage(command, &error);
        break;
    case OPTIONS_RUN:
        status = run(command, args, (const char *const *)argv + first, (size_t)(argc - first));
        break;
    }
    free(args);
    return status;
}
