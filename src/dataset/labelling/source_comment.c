/* Finds the second comment. */
#include "dataset/labelling/source_comment.h"

#include "capture/pcapng_options.h"
#include <labelcap/label.h>
#include <string.h>

bool packet_has_source(const struct lcap_packet *packet)
{
    struct pcapng_option second;
    struct lcap_label label;
    return packet->comment && lcap_packet_label(packet, &label) &&
           pcapng_second_comment(packet, &second) && second.len > strlen(SOURCE_COMMENT) &&
           memcmp(second.value, SOURCE_COMMENT, strlen(SOURCE_COMMENT)) == 0;
}
