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
}

static void describe(struct result *result, uint64_t count, const char *noun, const char *what)
{
    char text[COUNTED_TEXT];
    if (count)
        result_find(result, LCAP_SEVERITY_NOTE, count, "%s %s", text_counted(count, noun, text),
                    what);
}

void losses_find(const struct lcap_losses *losses, struct result *to)
{
    describe(to, losses->blocks_order, "unknown block", "in the other byte order left out");
    describe(to, losses->options_order, "unknown option", "in the other byte order left out");
    describe(to, losses->options_malformed, "malformed option", "left out");
    describe(to, losses->names_malformed, "malformed name record", "left out");
    describe(to, losses->blocks_malformed, "malformed block", "left out");
    describe(to, losses->blocks_nocopy, "custom block", "marked 'do not copy' left out");
    describe(to, losses->options_nocopy, "custom option", "marked 'do not copy' left out");
    describe(to, losses->sections, "section header",
             "after the first not copied: the output names the system and program of the first");
    describe(to, losses->no_time, "packet", "without a time written with time 0");
    describe(to, losses->cut_times, "time", "finer than the output holds rounded down");
    describe(to, losses->held_times, "time", "outside 1970 to 2106 held at the limits of pcap");
    describe(to, losses->pcap_blocks, "block", "that pcap cannot hold left out");
    describe(to, losses->pcap_options, "packet", "lost options that pcap cannot hold");
}
