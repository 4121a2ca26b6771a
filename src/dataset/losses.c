/* Adds up what several writers could not write. */
#include "dataset/losses.h"

#include "base/text/text.h"

void losses_add(struct lcap_losses *sum, const struct lcap_losses *more)
{
    sum->blocks_order += more->blocks_order;
    sum->options_order += more->options_order;
    sum->options_malformed += more->options_malformed;
    sum->names_malformed += more->names_malformed;
    sum->blocks_malformed += more->blocks_malformed;
    sum->blocks_nocopy += more->blocks_nocopy;
    sum->options_nocopy += more->options_nocopy;
    sum->sections += more->sections;
    sum->no_time += more->no_time;
    sum->cut_times += more->cut_times;
    sum->held_times += more->held_times;
    sum->pcap_blocks += more->pcap_blocks;
    sum->pcap_options += more->pcap_options;
    sum->refused_interfaces += more->refused_interfaces;
}

static void describe(struct result *result, uint64_t count, const char *noun, const char *what)
{
    char text[COUNTED_TEXT];
    if (count)
        result_find(result, LCAP_SEVERITY_NOTE, count, "%s %s", text_counted(count, noun, text),
                    what);
}

static void find_refused(uint64_t count, struct result *result)
{
    if (count)
        result_find(result, LCAP_SEVERITY_WARNING, count,
                    "tcpdump refuses the output, because it has several interfaces of a link type "
                    "that libpcap renumbers, such as raw IP; tshark reads it");
}

void losses_find(const struct lcap_losses *losses, struct result *result)
{
    static const char other_order[] = "left out: the output has the other byte order";
    static const char not_to_copy[] = "left out: marked 'do not copy'";
    describe(result, losses->blocks_order, "unknown block", other_order);
    describe(result, losses->options_order, "unknown option", other_order);
    describe(result, losses->options_malformed, "malformed option", "left out");
    describe(result, losses->names_malformed, "malformed name record", "left out");
    describe(result, losses->blocks_malformed, "malformed block", "left out");
    describe(result, losses->blocks_nocopy, "custom block", not_to_copy);
    describe(result, losses->options_nocopy, "custom option", not_to_copy);
    describe(result, losses->sections, "section header",
             "merged into the first: the output names only its system and program");
    describe(result, losses->no_time, "packet", "written with time 0: no time in the input");
    describe(result, losses->cut_times, "time", "rounded down: finer than the output can hold");
    describe(result, losses->held_times, "time", "set to the limits of pcap: outside 1970 to 2106");
    describe(result, losses->pcap_blocks, "block", "left out: not possible in pcap");
    describe(result, losses->pcap_options, "packet",
             "written without comments and other options: not possible in pcap");
    find_refused(losses->refused_interfaces, result);
}
