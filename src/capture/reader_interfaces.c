/* The interfaces of a capture, and the reading of their timestamps. */
#include "base/bytes.h"
#include "base/memory.h"
#include "base/text/text.h"
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

/* Begins anew to tell what the timestamps are; see read_odd_time(). */
static void begin_times(struct reader_interface *interface, enum lcap_pcapml_times times)
{
    static const enum times_taken taken[] = {[LCAP_PCAPML_TIMES_AUTO] = TIMES_UNDECIDED,
                                             [LCAP_PCAPML_TIMES_YES] = TIMES_PCAPML,
                                             [LCAP_PCAPML_TIMES_NO] = TIMES_PLAIN};
    interface->undecided = 0;
    interface->times = taken[times];
    interface->looked_at_from = interface->times == TIMES_PLAIN ? interface->past_3000 : 0;
    if (interface->past_3000 == UINT64_MAX)
        interface->looked_at_from = UINT64_MAX;
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
    interface->past_3000 = may_be_pcapml ? first_past_3000(from->tsoffset) : UINT64_MAX;
    begin_times(interface, reader->options.pcapml_times);
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
    struct lcap_interface meant = *description;
    if (reader->options.set_linktype)
        meant.linktype = reader->options.linktype;
    if (is_new(reader)) {
        int rc = insert_interface(reader, &meant, may_be_pcapml);
        if (rc < 0)
            return rc;
    } else if (!is_met_again(reader, &meant)) {
        return reader_damaged(
            reader, "interface %zu differs from the one read before: the file has changed",
            reader->next_interface);
    }
    reader->block.interface = &reader->interfaces[reader->next_interface++]->description;
    return LCAP_OK;
}

/*
 * Nanoseconds from 2000 to 2040, in a file that does not say so. Read as pcapml's they
 * would lie from 1976 to 1986, before there were captures.
 */
static bool looks_like_nanoseconds(uint64_t timestamp)
{
    return timestamp >= UINT64_C(946684800) * NS_PER_SECOND &&
           timestamp < UINT64_C(2208988800) * NS_PER_SECOND;
}

static bool has_form_of_pcapml(uint64_t timestamp)
{
    return (uint32_t)timestamp < US_PER_SECOND;
}

/* Whether the timestamp is one of pcapml: it has that form, and no other sense. */
static bool is_of_pcapml(const struct reader_interface *interface, uint64_t timestamp)
{
    return has_form_of_pcapml(timestamp) && timestamp >= interface->past_3000 &&
           !looks_like_nanoseconds(timestamp);
}

/*
 * A timestamp of either form decides for its interface. One before the year 3000 whose
 * low half happens to be small does not; in the first second of 1970 it is the same
 * in both.
 */
static void decide(struct lcap_reader *reader, struct reader_interface *interface,
                   uint64_t timestamp)
{
    if (is_of_pcapml(interface, timestamp)) {
        interface->times = TIMES_PCAPML;
        reader->odd_times.contradicting += interface->undecided;
    } else if (!has_form_of_pcapml(timestamp) || timestamp >= interface->past_3000) {
        interface->times = TIMES_PLAIN;
        interface->looked_at_from = interface->past_3000;
    } else {
        interface->undecided += timestamp >> 32 > 0;
    }
}

/* pcapml: seconds in the high half, microseconds in the low half. Returns microseconds. */
static uint64_t read_odd_time(struct lcap_reader *reader, struct reader_interface *interface,
                              uint64_t timestamp)
{
    struct lcap_odd_times *odd = &reader->odd_times;
    if (interface->times == TIMES_UNDECIDED)
        decide(reader, interface, timestamp);
    if (interface->times == TIMES_PCAPML) {
        odd->pcapml++;
        odd->contradicting += !has_form_of_pcapml(timestamp);
        return (timestamp >> 32) * US_PER_SECOND + (uint32_t)timestamp;
    }
    odd->contradicting += is_of_pcapml(interface, timestamp);
    odd->nanoseconds += timestamp >= interface->past_3000 && looks_like_nanoseconds(timestamp);
    return timestamp;
}

void reader_set_time(struct lcap_reader *reader, struct reader_interface *interface,
                     uint64_t timestamp)
{
    if (timestamp >= interface->looked_at_from && interface->looked_at_from != UINT64_MAX)
        timestamp = read_odd_time(reader, interface, timestamp);
    const int64_t time_ns = time_scale_to_ns(&interface->scale, timestamp);
    reader->odd_times.held += time_ns == INT64_MAX || time_ns == INT64_MIN;
    reader->block.packet.timestamp = timestamp;
    reader->block.packet.time_ns = time_ns;
}

void reader_forget_times(struct lcap_reader *reader)
{
    reader->odd_times = (struct lcap_odd_times){0};
    for (size_t i = 0; i < reader->interface_count; i++)
        begin_times(reader->interfaces[i], reader->options.pcapml_times);
}
