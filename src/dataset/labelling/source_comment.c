/* Finds the second comment. */
#include "dataset/labelling/source_comment.h"

#include "base/bytes.h"
#include "capture/pcapng_options.h"
#include <labelcap/label.h>
#include <string.h>

/* Whether there is room for it: nearly all labelled packets have no option but the label. */
static bool may_have_source(const struct lcap_packet *packet)
{
    enum { OPTION_HEADER = 4 };
    const size_t first = OPTION_HEADER + pad4(packet->comment_len);
    return packet->comment && packet->options_len > first + OPTION_HEADER + strlen(SOURCE_COMMENT);
}

bool source_comment_find(const struct lcap_packet *packet, const char **path, size_t *len)
{
    const size_t key = strlen(SOURCE_COMMENT);
    struct pcapng_option second;
    struct lcap_label label;
    if (!may_have_source(packet) || !lcap_packet_label(packet, &label) ||
        !pcapng_second_comment(packet, &second) || second.len <= key ||
        memcmp(second.value, SOURCE_COMMENT, key) != 0)
        return false;
    *path = (const char *)second.value + key;
    *len = second.len - key;
    return true;
}
