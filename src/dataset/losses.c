/* Adds up what several writers could not write. */
#include "dataset/losses.h"

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
