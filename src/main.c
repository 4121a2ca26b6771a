/* The program: picks a command and runs it. */
#include "base/io/tempfile.h"
#include "cmd/command_run.h"
#include "cmd/talk.h"
#include <fcntl.h>
#include <labelcap/version.h>
#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Every command, in the order of the help: a file in src/cmd/ and a line here. */
#define COMMANDS(COMMAND)                                                                          \
    COMMAND(rules)                                                                                 \
    COMMAND(label)                                                                                 \
    COMMAND(sort)                                                                                  \
    COMMAND(plan)                                                                                  \
    COMMAND(merge)                                                                                 \
    COMMAND(split)                                                                                 \
    COMMAND(strip)                                                                                 \
    COMMAND(select)                                                                                \
    COMMAND(index)                                                                                 \
    COMMAND(info)                                                                                  \
    COMMAND(flows)                                                                                 \
    COMMAND(arrays)                                                                                \
    COMMAND(check)                                                                                 \
    COMMAND(partition)                                                                             \
    COMMAND(compare)                                                                               \
    COMMAND(score)                                                                                 \
    COMMAND(report)                                                                                \
    COMMAND(wireshark)                                                                             \
    COMMAND(publish)                                                                               \
    COMMAND(help)                                                                                  \
    COMMAND(completion)

#define DECLARE(NAME) extern const struct command cmd_##NAME;
#define ADDRESS(NAME) &cmd_##NAME,

COMMANDS(DECLARE)
const struct command *const commands[] = {COMMANDS(ADDRESS) NULL};

static int run_named(int argc, char **argv)
{
    struct lcap_error error = {0};
    const struct command *command = command_find(argv[1], &error);
    if (command)
        return command_main(command, argc - 1, argv + 1);
    talk_error(&error);
    return EXIT_USAGE;
}

static int run_help(void)
{
    char name[] = "help";
    char *argv[] = {name, NULL};
    return command_main(&cmd_help, 1, argv);
}

/*
 * Closed descriptors would be assigned to files, into which messages would then be
 * written. They are opened the wrong way round, so that whoever uses them fails.
 */
static void open_standard_descriptors(void)
{
    static const int modes[] = {
        [STDIN_FILENO] = O_WRONLY, [STDOUT_FILENO] = O_RDONLY, [STDERR_FILENO] = O_RDWR};
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0)
            (void)!open("/dev/null", modes[fd]);
}

int main(int argc, char **argv)
{
    open_standard_descriptors();
    signal(SIGPIPE, SIG_IGN); /* a closed pipe and a file that is too large */
    signal(SIGXFSZ, SIG_IGN); /* are errors like any other */
    tempfile_clean_on_signals();
    if (argc > 1 && (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0)) {
        struct lcap_error error = {0};
        printf("labelcap %s\n", lcap_version());
        return command_exit_status(LCAP_OK, &error);
    }
    if (argc > 0 && strcmp(basename(argv[0]), "pcapml") == 0)
        return pcapml_main(argc, argv);
    if (argc < 2) {
        run_help();
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
        return run_help();
    return argv[1][0] == '-' ? pcapml_main(argc, argv) : run_named(argc, argv);
}
