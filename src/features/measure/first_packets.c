/* Grows as packets come, up to the requested number. */
#include "features/measure/first_packets.h"

#include "base/memory.h"
#include "base/number/number.h"
#include <stdlib.h>
#include <string.h>

/* "-9223372036854775808 " */
#define NUMBER_LEN         21
/* The limit of a cell of a row: its length is a uint32_t. */
#define MOST_PACKETS       (UINT32_MAX / NUMBER_LEN)
#define MOST_PAYLOAD_BYTES (UINT32_MAX / 2)

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static int add_packet(struct first_packets *first, const struct flow_packet *packet, int64_t gap_ns,
                      struct lcap_error *error)
{
    int rc = memory_grow((void **)&first->items, &first->capacity, first->count + 1,
                         sizeof *first->items, error);
    if (rc < 0)
        return rc;
    first->items[first->count++] =
        (struct first_packet){gap_ns, packet->packet->len, packet->forward};
    return LCAP_OK;
}

static int add_payload(struct first_packets *first, const struct packet_headers *headers,
                       size_t wanted, struct lcap_error *error)
{
    size_t len = least(wanted - first->payload_len, headers->payload_captured);
    int rc = memory_grow((void **)&first->payload, &first->payload_capacity,
                         first->payload_len + len, 1, error);
    if (rc < 0)
        return rc;
    memcpy(first->payload + first->payload_len, headers->payload, len);
    first->payload_len += len;
    return LCAP_OK;
}

int first_packets_add(struct first_packets *first, const struct lcap_flow_options *options,
                      const struct flow_packet *packet, int64_t gap_ns, struct lcap_error *error)
{
    const struct packet_headers *headers = packet->headers;
    size_t payload_wanted = least(options->payload_bytes, MOST_PAYLOAD_BYTES);
    int rc = LCAP_OK;
    if (first->count < least(options->sequence_packets, MOST_PACKETS))
        rc = add_packet(first, packet, gap_ns, error);
    if (rc == LCAP_OK && headers->payload && first->payload_len < payload_wanted)
        rc = add_payload(first, headers, payload_wanted, error);
    return rc;
}

void first_packets_flip(struct first_packets *first)
{
    for (size_t i = 0; i < first->count; i++)
        first->items[i].forward = !first->items[i].forward;
}

void first_packets_release(struct first_packets *first)
{
    free(first->items);
    free(first->payload);
    *first = (struct first_packets){0};
}

static int64_t len_of(const struct first_packet *packet)
{
    return packet->len;
}

static int64_t direction_of(const struct first_packet *packet)
{
    return packet->forward ? 1 : -1;
}

static int64_t gap_of(const struct first_packet *packet)
{
    return packet->gap_ns;
}

static int write_series(const struct first_packets *first, struct lcap_cell *cell,
                        int64_t (*value_of)(const struct first_packet *), struct arena *arena,
                        struct lcap_error *error)
{
    char *text = arena_take(arena, first->count * NUMBER_LEN + NUMBER_TEXT, error);
    if (!text)
        return LCAP_ERR_MEMORY;
    size_t len = 0;
    for (size_t i = 0; i < first->count; i++) {
        if (i)
            text[len++] = ' ';
        len += number_from_signed(value_of(&first->items[i]), text + len);
    }
    *cell =
        (struct lcap_cell){.kind = LCAP_CELL_SERIES, .text_len = (uint32_t)len, .value.text = text};
    return LCAP_OK;
}

static int write_payload(const struct first_packets *first, struct lcap_cell *cell,
                         struct arena *arena, struct lcap_error *error)
{
    static const char digits[] = "0123456789abcdef";
    char *text = arena_take(arena, first->payload_len * 2 + 1, error);
    if (!text)
        return LCAP_ERR_MEMORY;
    for (size_t i = 0; i < first->payload_len; i++) {
        text[2 * i] = digits[first->payload[i] >> 4];
        text[2 * i + 1] = digits[first->payload[i] & 15];
    }
    *cell = (struct lcap_cell){
        .kind = LCAP_CELL_TEXT, .text_len = (uint32_t)(first->payload_len * 2), .value.text = text};
    return LCAP_OK;
}

int first_packets_write(const struct first_packets *first, struct first_packets_cells *cells,
                        struct arena *arena, struct lcap_error *error)
{
    int rc = write_series(first, &cells->lengths, len_of, arena, error);
    if (rc == LCAP_OK)
        rc = write_series(first, &cells->directions, direction_of, arena, error);
    if (rc == LCAP_OK)
        rc = write_series(first, &cells->gaps, gap_of, arena, error);
    if (rc == LCAP_OK)
        rc = write_payload(first, &cells->payload, arena, error);
    return rc;
}
