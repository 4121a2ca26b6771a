/* Captures on terminals, and under names of another format. */
#include "cmd/outputs.h"

#include "capture/capture_name.h"
#include "cmd/talk.h"
#include "commandline/command.h"
#include <string.h>
#include <unistd.h>

int outputs_check_terminal(const char *path, struct lcap_error *error)
{
    if (!path || strcmp(path, "-") != 0 || !isatty(STDOUT_FILENO))
        return LCAP_OK;
    lcap_error_set(error, LCAP_ERR_ARGUMENT,
                   "standard output is a terminal, which cannot show a capture: pipe it into a "
                   "program, or name a file");
    return COMMAND_USAGE;
}

void outputs_note_format(const char *path)
{
    if (path && capture_name_format(path) == LCAP_FORMAT_PCAP)
        talk_note("%s: is written as pcapng in spite of its name, because pcap has no room for "
                  "labels",
                  path);
}
