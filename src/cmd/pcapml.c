/*
 * pcapml's command line. Each of its modes is one of our commands under other
 * option names, so it is translated and handed on:
 *
 *   -D DIR -L RULES -W OUT          label RULES over a directory
 *   -P PCAP -L RULES -W OUT         label one capture
 *   -d IFACE -L RULES -W OUT        label live
 *   -M IN -s -W OUT                 sort
 *   -M IN -p -W OUT                 strip
 *   -M IN -O DIR                    split
 *
 * with -s to sort while labelling and -t for statistics. An output that
 * exists is replaced, as pcapml always did.
 */
#include "cmd/command.h"
#include "cmd/options.h"
#include "cmd/talk.h"
#include <stdio.h>
#include <stdlib.h>

struct pcapml_args {
    const char *directory, *capture, *labelled, *rules, *output, *output_directory, *device;
    bool sort, strip, stats;
};

#define ARG(member) offsetof(struct pcapml_args, member)

static const struct option_row rows[] = {
    {'D', "dataset", "DIR", "label the captures of a directory", OPTION_TEXT, ARG(directory), NULL},
    {'P', "pcap", "FILE", "label one capture", OPTION_TEXT, ARG(capture), NULL},
    {'d', "device", "IFACE", "label live traffic", OPTION_TEXT, ARG(device), NULL},
    {'L', "labels", "FILE", "the rules", OPTION_TEXT, ARG(rules), NULL},
    {'M', "pcapml", "FILE", "a labelled pcapng to sort, strip or split", OPTION_TEXT, ARG(labelled),
     NULL},
    {'W', "write", "FILE", "output", OPTION_TEXT, ARG(output), NULL},
    {'O', "outdir", "DIR", "split: directory for the samples", OPTION_TEXT, ARG(output_directory),
     NULL},
    {'s', "sort", NULL, "sort by sampleID, then time", OPTION_FLAG, ARG(sort), NULL},
    {'p', "strip", NULL, "strip the labels: plain pcap", OPTION_FLAG, ARG(strip), NULL},
    {'t', "stats", NULL, "print statistics", OPTION_FLAG, ARG(stats), NULL},
    OPTION_END,
};

/* The longest translation: name, -f, -s, -t, -L x, -W x, -d x, one operand. */
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
    add_option(line, "-W", args->output);
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
        add_option(line, "-O", args->output_directory);
    else
        add_option(line, "-W", args->output);
    if (args->strip)
        add_option(line, "--format", "pcap");
    add_option(line, "--", args->labelled);
}

static const char *find_fault(const struct pcapml_args *args)
{
    int inputs = !!args->directory + !!args->capture + !!args->device + !!args->labelled;
    if (inputs != 1)
        return "expected one input: -D DIR, -P FILE, -d IFACE or -M FILE";
    if (!args->labelled) {
        if (!args->rules || !args->output)
            return "labelling takes rules and an output: -L FILE -W FILE";
        return args->strip || args->output_directory ? "-p and -O go with -M" : NULL;
    }
    if (args->rules)
        return "-L goes with -D, -P or -d";
    if (!!args->output_directory + args->sort + args->strip != 1)
        return "-M takes one of -s, -p and -O DIR";
    return args->output_directory || args->output ? NULL : "no output: -W FILE";
}

static const struct command pcapml = {
    .name = "(pcapml)",
    .summary = "pcapml's command line: label, sort, strip and split in its way",
    .usage = "labelcap -D DIR|-P FILE|-d IFACE -L RULES -W OUTPUT [-s] [-t]\n"
             "       labelcap -M FILE -s|-p -W OUTPUT\n"
             "       labelcap -M FILE -O DIR",
    .operands = "",
    .example = "labelcap -P traffic.pcap -L metadata.csv -W out.pcapng -s",
    .options = rows,
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
    switch (options_parse(&pcapml, argc, argv, &args, &first, &error)) {
    case OPTIONS_HELP:
        options_print_help(&pcapml);
        return EXIT_SUCCESS;
    case OPTIONS_WRONG:
        return wrong(&error);
    case OPTIONS_RUN:
        break;
    }
    const char *fault = find_fault(&args);
    if (fault) {
        lcap_error_set(&error, LCAP_ERR_ARGUMENT, "%s", fault);
        return wrong(&error);
    }
    if (args.labelled)
        translate_labelled(&args, &line);
    else
        translate_label(&args, &line);
    return command_main(command_find(line.words[0]), line.count, (char **)line.words);
}
