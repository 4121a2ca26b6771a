/* Finds the second comment. */
#include "dataset/labelling/source_comment.h"

#include "capture/pcapng_options.h"
#include <labelcap/label.h>
#include <string.h>

bool source_comment_find(const struct lcap_packet *packet, const char **path, size_t *len)
{
    const size_t key = strlen(SOURCE_COMMENT);
    struct pcapng_option second;
    struct lcap_label label;
    if (!packet->comment || !lcap_packet_label(packet, &label) ||
        !pcapng_second_comment(packet, &second) || second.len <= key ||
        memcmp(second.value, SOURCE_COMMENT, key) != 0)
        return false;
    *path = (const char *)second.value + key;
    *len = second.len - key;
    return true;
}
