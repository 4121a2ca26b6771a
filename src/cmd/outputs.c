/* Captures on terminals, and under names of another format. */
#include "cmd/outputs.h"

#include "base/io/compression.h"
#include "capture/capture_name.h"
#include "cmd/talk.h"
#include "commandline/command.h"
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

int outputs_check_name(const char *path, struct lcap_error *error)
{
    if (path[0] == '\0')
        return lcap_error_set(error, LCAP_ERR_ARGUMENT, "'' is not a file name");
    return compression_check_name(path, error);
}

static bool is_standard_output(const char *path)
{
    return strcmp(path, "-") == 0;
}

int outputs_check_part(const char *path, struct shard shard, struct lcap_error *error)
{
    if (shard.count == 0 || !path || !is_standard_output(path))
        return LCAP_OK;
    lcap_error_set(error, LCAP_ERR_ARGUMENT, "--shard needs -o FILE: a part is written beside it");
    return COMMAND_USAGE;
}

int outputs_check_capture(const char *path, int level, struct shard shard, struct lcap_error *error)
{
    if (!path)
        return LCAP_OK;
    if (compression_level(path, level, error) < 0)
        return COMMAND_USAGE;
    if (!is_standard_output(path) || !isatty(STDOUT_FILENO))
        return outputs_check_part(path, shard, error);
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

void outputs_note_done(struct shard shard, const char *path)
{
    talk_note("shard %u/%u of %s is done already", shard.number, shard.count, path);
}
