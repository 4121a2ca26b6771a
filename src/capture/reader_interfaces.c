/* The interfaces of a capture, and the reading of their timestamps. */
#include "base/bytes.h"
#include "base/memory.h"
#include "capture/linktype.h"
#include "capture/reader_internal.h"

/*
 * Memory for interfaces and their options: over 100,000 of them, as in a file of
 * many concatenated small captures. With the input buffer and two copies of the
 * longest packet, it still fits the 64 MiB of a run.
 */
#define MAX_INTERFACE_BYTES (16u << 20)

/* 3000-01-01 UTC in seconds since 1970: 1030 years of 365 days and 250 leap days. */
#define YEAR_3000 ((1030 * INT64_C(365) + 250) * 86400)

#define US_PER_SECOND 1000000

/* The lowest timestamp in microseconds after the year 3000. */
static uint64_t first_past_3000(int64_t tsoffset)
{
    int64_t seconds;
    if (__builtin_sub_overflow(YEAR_3000, tsoffset, &seconds))
        return UINT64_MAX;
    if (seconds < 0)
        return 0;
    uint64_t timestamp;
    if (__builtin_mul_overflow((uint64_t)seconds, (uint64_t)US_PER_SECOND, &timestamp))
        return UINT64_MAX;
    return timestamp;
}

static uint64_t pcapml_from(const struct lcap_reader *reader, int64_t tsoffset, bool may_be)
{
    if (!may_be || reader->options.pcapml_times == LCAP_PCAPML_TIMES_NO)
        return UINT64_MAX;
    return reader->options.pcapml_times == LCAP_PCAPML_TIMES_YES ? 0 : first_past_3000(tsoffset);
}

static struct reader_interface *
copy_interface(struct lcap_reader *reader, const struct lcap_interface *from, bool may_be_pcapml)
{
    struct reader_interface *interface =
        memory_new(1, sizeof *interface + from->options_len, &reader->error);
    if (!interface)
        return NULL;
    interface->description = *from;
    interface->description.number = (uint32_t)reader->interface_count;
    interface->offset = reader->block.offset;
    interface->scale = time_scale_make(from->tsresol, from->tsoffset, from->tsoffset_ns);
    interface->pcapml_from = pcapml_from(reader, from->tsoffset, may_be_pcapml);
    interface->swap_headers =
        from->big_endian != HOST_BIG_ENDIAN && linktype_has_host_order_header(from->linktype);
    if (from->options_len > 0) {
        memcpy(interface->options, from->options, from->options_len);
        interface->description.options = interface->options;
    }
    if (from->name)
        interface->description.name =
            (const char *)interface->options + (from->name - (const char *)from->options);
    return interface;
}

static int insert_interface(struct lcap_reader *reader, const struct lcap_interface *description,
                            bool may_be_pcapml)
{
    size_t bytes = sizeof(struct reader_interface) + description->options_len;
    if (bytes > MAX_INTERFACE_BYTES - reader->interface_bytes)
        return reader_damaged(reader,
                              "expected at most %u MiB of interface descriptions, found more",
                              MAX_INTERFACE_BYTES >> 20);
    void *table = reader->interfaces;
    int rc = memory_grow(&table, &reader->interface_capacity, reader->interface_count + 1,
                         sizeof reader->interfaces[0], &reader->error);
    reader->interfaces = table;
    if (rc < 0)
        return rc;
    struct reader_interface *interface = copy_interface(reader, description, may_be_pcapml);
    if (!interface)
        return LCAP_ERR_MEMORY;
    struct reader_interface **place = reader->interfaces + reader->next_interface;
    memmove(place + 1, place, (reader->interface_count - reader->next_interface) * sizeof *place);
    *place = interface;
    reader->interface_count++;
    reader->interface_bytes += bytes;
    return LCAP_OK;
}

static bool same_interface(const struct lcap_interface *a, const struct lcap_interface *b)
{
    return a->linktype == b->linktype && a->snaplen == b->snaplen && a->fcs_len == b->fcs_len &&
           a->tsresol == b->tsresol && a->big_endian == b->big_endian &&
           a->options_len == b->options_len &&
           (a->options_len == 0 || memcmp(a->options, b->options, a->options_len) == 0);
}

size_t reader_interfaces_before(const struct lcap_reader *reader, uint64_t offset)
{
    size_t low = 0, high = reader->interface_count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (reader->interfaces[middle]->offset < offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Whether the current interface is read for the first time. */
static bool is_new(const struct lcap_reader *reader)
{
    const bool behind_all = reader->next_interface == reader->interface_count;
    return reader->block.offset >= reader->known_to &&
           (behind_all ||
            reader->interfaces[reader->next_interface]->offset > reader->block.offset);
}

static bool is_met_again(const struct lcap_reader *reader, const struct lcap_interface *description)
{
    if (reader->next_interface == reader->interface_count)
        return false;
    const struct reader_interface *kept = reader->interfaces[reader->next_interface];
    return kept->offset == reader->block.offset && same_interface(&kept->description, description);
}

int reader_add_interface(struct lcap_reader *reader, const struct lcap_interface *description,
                         bool may_be_pcapml)
{
    if (is_new(reader)) {
        int rc = insert_interface(reader, description, may_be_pcapml);
        if (rc < 0)
            return rc;
    } else if (!is_met_again(reader, description)) {
        return reader_damaged(
            reader, "interface %zu differs from the one read before: the file has changed",
            reader->next_interface);
    }
    reader->block.interface = &reader->interfaces[reader->next_interface++]->description;
    return LCAP_OK;
}

/* pcapml: seconds in the high half, microseconds in the low half. Returns microseconds. */
static uint64_t read_pcapml_time(struct lcap_reader *reader, uint64_t timestamp)
{
    uint32_t microseconds = (uint32_t)timestamp;
    if (reader->options.pcapml_times == LCAP_PCAPML_TIMES_AUTO && microseconds >= US_PER_SECOND)
        return timestamp;
    reader->pcapml_count++;
    return (timestamp >> 32) * US_PER_SECOND + microseconds;
}

void reader_set_time(struct lcap_reader *reader, const struct reader_interface *interface,
                     uint64_t timestamp)
{
    if (timestamp >= interface->pcapml_from && interface->pcapml_from != UINT64_MAX)
        timestamp = read_pcapml_time(reader, timestamp);
    reader->block.packet.timestamp = timestamp;
    reader->block.packet.time_ns = time_scale_to_ns(&interface->scale, timestamp);
}
