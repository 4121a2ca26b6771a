/*
 * pcapml's command line. Each of its modes is one of our commands with other option
 * names, so it is translated:
 *
 *   -D DIR -L RULES -W OUT          label RULES over a directory
 *   -P PCAP -L RULES -W OUT         label one capture
 *   -d IFACE -L RULES -W OUT        label live
 *   -M IN -s -W OUT                 sort
 *   -M IN -p -W OUT                 strip
 *   -M IN -O DIR                    split
 *
 * with -s to sort while labelling and -t for statistics. Existing outputs are
 * replaced, as pcapml always did.
 */
#include "cmd/command_run.h"
#include "cmd/outputs.h"
#include "cmd/talk.h"
#include "commandline/option_help.h"
#include "commandline/options.h"
#include <stdio.h>
#include <stdlib.h>

struct pcapml_args {
    const char *directory, *capture, *labelled, *rules, *output, *output_directory, *device;
    bool sort, strip, stats;
};

#define ARGS struct pcapml_args

static const struct option_row rows[] = {
    {'D', "dataset", "DIR", ARG_TEXT(directory), "label the captures of a directory"},
    {'P', "pcap", "FILE", ARG_TEXT(capture), "label one capture"},
    {'d', "device", "IFACE", ARG_TEXT(device), "label live traffic"},
    {'L', "labels", "FILE", ARG_TEXT(rules), "rules file"},
    {'M', "pcapml", "FILE", ARG_TEXT(labelled), "a labelled pcapng to sort, strip or split"},
    {'W', "write", "FILE", ARG_CHECKED(output, outputs_check_name), "output"},
    {'O', "outdir", "DIR", ARG_TEXT(output_directory), "split: directory for the samples"},
    {'s', "sort", NULL, ARG_FLAG(sort), "sort by sampleID, then time"},
    {'p', "strip", NULL, ARG_FLAG(strip), "remove the labels: plain pcap"},
    {'t', "stats", NULL, ARG_FLAG(stats), "print statistics"},
    {0},
};

static const struct option_relation relations[] = {
    {NULL, NEEDS, "dataset|pcap|device|pcapml", NULL},
    {"dataset|pcap|device|pcapml", EXCLUDES, "dataset|pcap|device|pcapml",
     "only one input is read"},
    {"dataset|pcap|device", NEEDS, "labels", NULL},
    {"dataset|pcap|device", NEEDS, "write", NULL},
    {"labels", EXCLUDES, "pcapml", NULL},
    {"strip|outdir", NEEDS, "pcapml", NULL},
    {"pcapml", NEEDS, "sort|strip|outdir", NULL},
    {"sort|strip|outdir", EXCLUDES, "sort|strip|outdir", NULL},
    {"sort|strip", NEEDS, "write", NULL},
    {0},
};

/* The longest translation: name, -f, -s, -t, -L x, -o x, -d x, one operand. */
#define MAX_WORDS 16

struct command_line {
    const char *words[MAX_WORDS];
    int count;
};

static void add(struct command_line *line, const char *word)
{
    line->words[line->count++] = word;
}

static void add_option(struct command_line *line, const char *option, const char *value)
{
    add(line, option);
    add(line, value);
}

static void translate_label(const struct pcapml_args *args, struct command_line *line)
{
    add(line, "label");
    add(line, "-f");
    if (args->sort)
        add(line, "-s");
    if (args->stats)
        add(line, "-t");
    add_option(line, "-L", args->rules);
    add_option(line, "-o", args->output);
    if (args->device)
        add_option(line, "-d", args->device);
    else
        add_option(line, "--", args->directory ? args->directory : args->capture);
}

static void translate_labelled(const struct pcapml_args *args, struct command_line *line)
{
    add(line, args->output_directory ? "split" : args->strip ? "strip" : "sort");
    add(line, "-f");
    if (args->output_directory)
        add_option(line, "-o", args->output_directory);
    else
        add_option(line, "-o", args->output);
    if (args->strip)
        add_option(line, "--format", "pcap");
    add_option(line, "--", args->labelled);
}

static const struct command pcapml = {
    .name = "(pcapml)",
    .summary = "the command line of pcapml: label, sort, strip and split",
    .usage = "labelcap -D DIR|-P FILE|-d IFACE -L RULES -W OUTPUT [-s] [-t]\n"
             "       labelcap -M FILE -s|-p -W OUTPUT\n"
             "       labelcap -M FILE -O DIR",
    .operands = "",
    .details = "'labelcap help' lists the commands of labelcap; --version prints the version.",
    .example = "labelcap -P traffic.pcap -L metadata.csv -W out.pcapng -s",
    .options = rows,
    .relations = relations,
};

static int wrong(const struct lcap_error *error)
{
    talk_error(error);
    fprintf(stderr, "Usage: %s\n'labelcap help' lists the commands.\n", pcapml.usage);
    return EXIT_USAGE;
}

int pcapml_main(int argc, char **argv)
{
    struct pcapml_args args = {0};
    struct command_line line = {0};
    struct lcap_error error = {0};
    int first;
    switch (options_parse(&pcapml, argc, argv, &args, &first, talk_warning, &error)) {
    case OPTIONS_HELP:
        option_help_print(&pcapml);
        return command_exit_status(LCAP_OK, &error);
    case OPTIONS_WRONG:
        return wrong(&error);
    case OPTIONS_RUN:
        break;
    }
    if (args.labelled)
        translate_labelled(&args, &line);
    else
        translate_label(&args, &line);
    return command_main(command_find(line.words[0], &error), line.count, (char **)line.words);
}
