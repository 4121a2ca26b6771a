/* Converts packets to bytes and back, within one run. */
#include "dataset/split/packet_store.h"

#include <string.h>

struct packed_head {
    uint64_t timestamp;
    uint64_t drops;
    int64_t time_ns;
    uint32_t interface;
    uint32_t caplen, len;
    uint32_t options_len;
    uint32_t comment_offset, comment_len; /* offset UINT32_MAX: no comment */
    bool has_time;
};

size_t packet_packed_size(const struct lcap_packet *packet)
{
    return sizeof(struct packed_head) + packet->caplen + packet->options_len;
}

void packet_pack(const struct lcap_packet *packet, uint8_t *at)
{
    const struct packed_head head = {
        .timestamp = packet->timestamp,
        .drops = packet->drops,
        .time_ns = packet->time_ns,
        .interface = packet->interface->number,
        .caplen = packet->caplen,
        .len = packet->len,
        .options_len = packet->options_len,
        .comment_offset = packet->comment
                              ? (uint32_t)((const uint8_t *)packet->comment - packet->options)
                              : UINT32_MAX,
        .comment_len = packet->comment_len,
        .has_time = packet->has_time,
    };
    memcpy(at, &head, sizeof head);
    at += sizeof head;
    if (packet->caplen)
        memcpy(at, packet->data, packet->caplen);
    if (packet->options_len)
        memcpy(at + packet->caplen, packet->options, packet->options_len);
}

struct lcap_packet packet_unpack(const uint8_t *bytes, const struct lcap_reader *reader)
{
    struct packed_head head;
    memcpy(&head, bytes, sizeof head);
    const uint8_t *data = bytes + sizeof head;
    const uint8_t *options = head.options_len ? data + head.caplen : NULL;
    return (struct lcap_packet){
        .interface = lcap_reader_interface(reader, head.interface),
        .data = data,
        .caplen = head.caplen,
        .len = head.len,
        .has_time = head.has_time,
        .time_ns = head.time_ns,
        .timestamp = head.timestamp,
        .options = options,
        .options_len = head.options_len,
        .comment =
            head.comment_offset == UINT32_MAX ? NULL : (const char *)options + head.comment_offset,
        .comment_len = head.comment_len,
        .drops = head.drops,
    };
}
