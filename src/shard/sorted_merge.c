/* Merges sorted parts by the keys of their packets. */
#include "shard/sorted_merge.h"

#include "base/least_heap.h"
#include "base/memory.h"
#include "capture/parts/part_reader.h"
#include <stdlib.h>
#include <string.h>

/* The last comment, for most packets have that of the packet before. */
struct known_comment {
    char text[64];
    uint32_t len;
    bool labelled;
    struct lcap_label label;
};

/* One part, and the block that it is at. */
struct strand {
    const struct part *part;
    struct lcap_reader *reader;
    bool ended;
    bool is_ahead;             /* the reader is still before the packet, which may be copied: */
    struct part_packet packet; /* or else: */
    struct lcap_block block;   /* with interfaces of numbers that no other part has */
    bool labelled;             /* the packet is, and has this place: */
    struct sort_key key;
    struct known_comment known;
    struct lcap_interface *interfaces; /* as the part has them, but for the numbers */
    size_t interface_count;
};

struct sorted_merge {
    struct strand *strands; /* in the order of the shards */
    size_t count;
    struct least_heap heap; /* of strands that are at a packet */
    enum packet_order order;
    uint64_t labelled;
    bool has_interface, snaplens_differ;
    uint32_t snaplen;
};

/* ---- parts ---- */

static int stale_part(const struct part *part, struct lcap_error *error)
{
    const struct shard shard = part->joint.shard;
    return lcap_error_set(error, LCAP_ERR_FORMAT,
                          "%s: did not know of damage before it: run shard %u/%u again", part->path,
                          shard.number, shard.count);
}

/* Packets of a sorted part cannot be told apart by their inputs. */
static int check_part(const struct part *part, struct lcap_error *error)
{
    for (size_t i = 0; i < part->joint.segment_count; i++)
        if (part->joint.segments[i].left_out && part->joint.segments[i].packets > 0)
            return stale_part(part, error);
    return LCAP_OK;
}

/* One process copies such a file, and leaves its interfaces where they are. */
static int check_order(const struct parts *parts, struct lcap_error *error)
{
    bool in_order = true, late = false;
    for (size_t i = 0; i < parts->count; i++) {
        in_order &= parts->items[i].joint.counts.in_order > 0;
        late |= parts->items[i].joint.counts.late_interface > 0;
    }
    return in_order && late
               ? lcap_error_set(error, LCAP_ERR_ARGUMENT,
                                "the input is in order already, with an interface behind names or "
                                "secrets: sort without --shard, which copies it")
               : LCAP_OK;
}

static void note_snaplen(struct sorted_merge *merge, uint32_t snaplen)
{
    merge->snaplens_differ |= merge->has_interface && merge->snaplen != snaplen;
    merge->has_interface = true;
    merge->snaplen = snaplen;
}

/* All interfaces are described before anything else. */
static int read_interfaces(struct sorted_merge *merge, struct strand *strand, uint32_t *number,
                           struct lcap_error *error)
{
    const struct lcap_block *block;
    int rc;
    while ((rc = lcap_reader_next(strand->reader, &block, error)) == 1 &&
           (block->kind == LCAP_BLOCK_SECTION || block->kind == LCAP_BLOCK_INTERFACE))
        ;
    if (rc < 0)
        return rc;
    strand->interface_count = lcap_reader_interfaces(strand->reader);
    strand->interfaces = memory_new(strand->interface_count + 1, sizeof *strand->interfaces, error);
    if (!strand->interfaces)
        return LCAP_ERR_MEMORY;
    for (size_t i = 0; i < strand->interface_count; i++) {
        strand->interfaces[i] = *lcap_reader_interface(strand->reader, i);
        strand->interfaces[i].number = (*number)++;
        note_snaplen(merge, strand->interfaces[i].snaplen);
    }
    return lcap_reader_rewind(strand->reader, error);
}

static void set_key(const struct sorted_merge *merge, struct strand *strand, int64_t time_ns,
                    const struct lcap_label *label)
{
    strand->labelled = label;
    strand->key = sort_key_of_packet(merge->order, time_ns, label);
}

/* Its label, or NULL. */
static const struct lcap_label *label_of(struct known_comment *known,
                                         const struct part_packet *packet)
{
    if (packet->comment_len != known->len || known->len == 0 ||
        memcmp(packet->comment, known->text, known->len) != 0) {
        const struct lcap_packet of = {.comment = packet->comment,
                                       .comment_len = packet->comment_len};
        known->labelled = lcap_packet_label(&of, &known->label);
        known->len = of.comment_len <= sizeof known->text ? of.comment_len : 0;
        if (known->len > 0)
            memcpy(known->text, of.comment, known->len);
    }
    return known->labelled ? &known->label : NULL;
}

/* Reads the next block of a part. */
static int read_block(const struct sorted_merge *merge, struct strand *strand,
                      struct lcap_error *error)
{
    const struct lcap_block *block;
    struct lcap_label label;
    const int rc = lcap_reader_next(strand->reader, &block, error);
    strand->ended = rc == 0;
    if (rc == 0)
        return part_check_checksum(strand->part, part_reader_checksum(strand->reader), error);
    if (rc < 0)
        return rc;
    if (lcap_reader_interfaces(strand->reader) > strand->interface_count)
        return lcap_error_set(error, LCAP_ERR_FORMAT,
                              "%s: an interface behind other blocks: no shard of sort writes that",
                              lcap_reader_name(strand->reader));
    strand->block = *block;
    if (block->interface)
        strand->block.interface = &strand->interfaces[block->interface->number];
    if (block->kind != LCAP_BLOCK_PACKET)
        return LCAP_OK;
    strand->block.packet.interface = &strand->interfaces[block->packet.interface->number];
    set_key(merge, strand, block->packet.time_ns,
            lcap_packet_label(&block->packet, &label) ? &label : NULL);
    return LCAP_OK;
}

/* Goes to the next block of a part. */
static int advance(const struct sorted_merge *merge, struct strand *strand,
                   struct lcap_error *error)
{
    strand->is_ahead = part_reader_look(strand->reader, &strand->packet);
    if (!strand->is_ahead)
        return read_block(merge, strand, error);
    set_key(merge, strand, strand->packet.time_ns, label_of(&strand->known, &strand->packet));
    return LCAP_OK;
}

static int open_strand(struct sorted_merge *merge, const struct part *part,
                       const struct input_sparing *sparing, uint32_t *number,
                       struct lcap_error *error)
{
    struct strand *strand = &merge->strands[merge->count];
    int rc = check_part(part, error);
    if (rc == LCAP_OK)
        rc = part_reader_open(&strand->reader, part->path, sparing, error);
    if (rc < 0)
        return rc;
    merge->count++;
    strand->part = part;
    rc = read_interfaces(merge, strand, number, error);
    return rc == LCAP_OK ? advance(merge, strand, error) : rc;
}

static bool comes_before(const void *context, uint32_t a, uint32_t b)
{
    const struct sorted_merge *merge = context;
    const struct sort_key *x = &merge->strands[a].key, *y = &merge->strands[b].key;
    if (x->rank != y->rank)
        return x->rank < y->rank;
    if (x->primary != y->primary)
        return x->primary < y->primary;
    return x->secondary != y->secondary ? x->secondary < y->secondary : a < b;
}

/* Even the section of a part that has nothing is its own. */
static int open_part(struct sorted_merge *merge, const struct part *part,
                     const struct input_sparing *sparing, uint32_t *number,
                     struct lcap_error *error)
{
    return part->joint.segment_count > 0 ? open_strand(merge, part, sparing, number, error)
                                         : part_check_bytes(part, error);
}

int sorted_merge_open(struct sorted_merge **merge, const struct parts *parts,
                      struct lcap_error *error)
{
    const struct input_sparing sparing = parts_sparing(parts->count);
    uint32_t number = 0;
    int rc = check_order(parts, error);
    struct sorted_merge *made = rc == LCAP_OK ? memory_new(1, sizeof *made, error) : NULL;
    if (!made)
        return rc < 0 ? rc : LCAP_ERR_MEMORY;
    *merge = made;
    made->order = (enum packet_order)parts->items[0].joint.output.order;
    made->strands = memory_new(parts->count, sizeof *made->strands, error);
    rc = made->strands ? least_heap_init(&made->heap, parts->count, comes_before, made, error)
                       : LCAP_ERR_MEMORY;
    for (size_t i = 0; i < parts->count && rc == LCAP_OK; i++)
        rc = open_part(made, &parts->items[i], &sparing, &number, error);
    return rc;
}

bool sorted_merge_has_one_snaplen(const struct sorted_merge *merge)
{
    return !merge->snaplens_differ;
}

uint64_t sorted_merge_labelled(const struct sorted_merge *merge)
{
    return merge->labelled;
}

/* ---- order ---- */

static bool is_at_packet(const struct strand *strand)
{
    return strand->is_ahead || (!strand->ended && strand->block.kind == LCAP_BLOCK_PACKET);
}

static int pass_block(struct sorted_merge *merge, struct strand *strand,
                      const struct sorted_sink *sink, struct lcap_error *error)
{
    merge->labelled += is_at_packet(strand) && strand->labelled;
    const int rc = sink->block(sink->context, &strand->block, error);
    return rc == LCAP_OK ? advance(merge, strand, error) : rc;
}

/* Passes the block that the strand is at, and goes to the next one. */
static int pass(struct sorted_merge *merge, struct strand *strand, const struct sorted_sink *sink,
                struct lcap_error *error)
{
    if (!strand->is_ahead)
        return pass_block(merge, strand, sink, error);
    const struct part_packet *packet = &strand->packet;
    int rc =
        sink->copy(sink->context, packet, &strand->interfaces[packet->interface->number], error);
    strand->is_ahead = false;
    if (rc == 1) {
        merge->labelled += strand->labelled;
        part_reader_skip(strand->reader, packet);
        return advance(merge, strand, error);
    }
    if (rc == 0)
        rc = read_block(merge, strand, error);
    return rc == LCAP_OK ? pass_block(merge, strand, sink, error) : rc;
}

static void fill_heap(struct sorted_merge *merge)
{
    for (size_t i = 0; i < merge->count; i++)
        if (is_at_packet(&merge->strands[i]))
            least_heap_add(&merge->heap, (uint32_t)i);
    least_heap_order(&merge->heap);
}

static int merge_packets(struct sorted_merge *merge, const struct sorted_sink *sink,
                         struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (fill_heap(merge); merge->heap.count > 0 && rc == LCAP_OK;) {
        struct strand *least = &merge->strands[merge->heap.items[0]];
        rc = pass(merge, least, sink, error);
        least_heap_settle(&merge->heap, !is_at_packet(least));
    }
    return rc;
}

/* ---- all blocks ---- */

typedef bool strand_test(const struct strand *strand);

static bool is_at_description(const struct strand *strand)
{
    return !is_at_packet(strand) &&
           (strand->block.kind == LCAP_BLOCK_SECTION || strand->block.kind == LCAP_BLOCK_INTERFACE);
}

static bool is_at_first_block(const struct strand *strand)
{
    return !is_at_packet(strand) && sorted_block_is_first(&strand->block);
}

static bool is_at_any(const struct strand *strand)
{
    (void)strand;
    return true;
}

/* Passes what the parts are at, one part after the other, as long as the test holds. */
static int pass_while(struct sorted_merge *merge, strand_test *test, const struct sorted_sink *sink,
                      struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (size_t i = 0; i < merge->count; i++) {
        struct strand *strand = &merge->strands[i];
        while (rc == LCAP_OK && !strand->ended && test(strand))
            rc = pass(merge, strand, sink, error);
    }
    return rc;
}

int sorted_merge_run(struct sorted_merge *merge, const struct sorted_sink *sink,
                     struct lcap_error *error)
{
    int rc = pass_while(merge, is_at_description, sink, error);
    if (rc == LCAP_OK)
        rc = pass_while(merge, is_at_first_block, sink, error);
    if (rc == LCAP_OK)
        rc = merge_packets(merge, sink, error);
    return rc == LCAP_OK ? pass_while(merge, is_at_any, sink, error) : rc;
}

void sorted_merge_free(struct sorted_merge *merge)
{
    if (!merge)
        return;
    for (size_t i = 0; i < merge->count; i++) {
        lcap_reader_free(merge->strands[i].reader);
        free(merge->strands[i].interfaces);
    }
    free(merge->strands);
    least_heap_release(&merge->heap);
    free(merge);
}
