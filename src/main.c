/* The program: picks a command and runs it. */
#include "base/io/tempfile.h"
#include "cmd/command.h"
#include "cmd/talk.h"
#include <fcntl.h>
#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern const struct command cmd_completion, cmd_flows, cmd_help, cmd_info, cmd_label, cmd_sort,
    cmd_split, cmd_strip;

const struct command *const commands[] = {
    &cmd_label, &cmd_sort, &cmd_split,      &cmd_strip, &cmd_info,
    &cmd_flows, &cmd_help, &cmd_completion, NULL,
};

static int run_named(int argc, char **argv)
{
    const struct command *command = command_find(argv[1]);
    if (command)
        return command_main(command, argc - 1, argv + 1);
    struct lcap_error error = {0};
    lcap_error_set(&error, LCAP_ERR_ARGUMENT, "'%s' is no command; 'labelcap help' lists them",
                   argv[1]);
    talk_error(&error);
    return EXIT_USAGE;
}

static int run_help(void)
{
    char name[] = "help";
    char *argv[] = {name, NULL};
    return command_main(&cmd_help, 1, argv);
}

/* Closed ones would be given to files, which messages would then be written into. */
static void open_standard_descriptors(void)
{
    int fd;
    do
        fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd > STDERR_FILENO)
        close(fd);
}

int main(int argc, char **argv)
{
    open_standard_descriptors();
    signal(SIGPIPE, SIG_IGN); /* a closed pipe and a file that is too large */
    signal(SIGXFSZ, SIG_IGN); /* are errors like any other */
    tempfile_clean_on_signals();
    if (argc > 0 && strcmp(basename(argv[0]), "pcapml") == 0)
        return pcapml_main(argc, argv);
    if (argc < 2) {
        run_help();
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
        puts("labelcap " LABELCAP_VERSION);
        return EXIT_SUCCESS;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
        return run_help();
    return argv[1][0] == '-' ? pcapml_main(argc, argv) : run_named(argc, argv);
}
