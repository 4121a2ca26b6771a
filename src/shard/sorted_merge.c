/* Merges sorted parts by the keys of their packets. */
#include "shard/sorted_merge.h"

#include "base/least_heap.h"
#include "base/memory.h"
#include <stdlib.h>

/* One part, and the block that it is at. */
struct strand {
    struct lcap_reader *reader;
    struct lcap_block block; /* with interfaces of numbers that no other part has */
    bool ended;
    struct sort_key key;               /* of a packet */
    struct lcap_interface *interfaces; /* as the part has them, but for the numbers */
    size_t interface_count;
};

struct sorted_merge {
    struct strand *strands; /* in the order of the shards */
    size_t count;
    struct least_heap heap; /* of strands that are at a packet */
    enum packet_order order;
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

static void set_key(const struct sorted_merge *merge, struct strand *strand,
                    const struct lcap_block *block)
{
    struct lcap_label label;
    const bool labelled = lcap_packet_label(&block->packet, &label);
    strand->key = sort_key_of(merge->order, block, labelled ? &label : NULL);
    strand->block.packet.interface = &strand->interfaces[block->packet.interface->number];
}

/* Goes to the next block of a part. */
static int advance(const struct sorted_merge *merge, struct strand *strand,
                   struct lcap_error *error)
{
    const struct lcap_block *block;
    const int rc = lcap_reader_next(strand->reader, &block, error);
    strand->ended = rc == 0;
    if (rc <= 0)
        return rc;
    if (lcap_reader_interfaces(strand->reader) > strand->interface_count)
        return lcap_error_set(error, LCAP_ERR_FORMAT,
                              "%s: an interface behind other blocks: no shard of sort writes that",
                              lcap_reader_name(strand->reader));
    strand->block = *block;
    if (block->interface)
        strand->block.interface = &strand->interfaces[block->interface->number];
    if (block->kind == LCAP_BLOCK_PACKET)
        set_key(merge, strand, block);
    return LCAP_OK;
}

static int open_strand(struct sorted_merge *merge, const struct part *part, unsigned threads,
                       uint32_t *number, struct lcap_error *error)
{
    const struct lcap_reader_options options = {
        .size = sizeof options, .pcapml_times = LCAP_PCAPML_TIMES_NO, .threads = threads};
    struct strand *strand = &merge->strands[merge->count];
    int rc = check_part(part, error);
    if (rc == LCAP_OK)
        rc = lcap_reader_open(&strand->reader, part->path, &options, error);
    if (rc < 0)
        return rc;
    merge->count++;
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

int sorted_merge_open(struct sorted_merge **merge, const struct parts *parts, unsigned threads,
                      struct lcap_error *error)
{
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
        if (parts->items[i].joint.segment_count > 0) /* else even its section is its own */
            rc =
                open_strand(made, &parts->items[i], parts->count > 8 ? 1 : threads, &number, error);
    return rc;
}

bool sorted_merge_has_one_snaplen(const struct sorted_merge *merge)
{
    return !merge->snaplens_differ;
}

/* ---- order ---- */

static bool is_at_packet(const struct strand *strand)
{
    return !strand->ended && strand->block.kind == LCAP_BLOCK_PACKET;
}

static void fill_heap(struct sorted_merge *merge)
{
    for (size_t i = 0; i < merge->count; i++)
        if (is_at_packet(&merge->strands[i]))
            least_heap_add(&merge->heap, (uint32_t)i);
    least_heap_order(&merge->heap);
}

static int merge_packets(struct sorted_merge *merge, sorted_merge_function *function, void *context,
                         struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (fill_heap(merge); merge->heap.count > 0 && rc == LCAP_OK;) {
        struct strand *least = &merge->strands[merge->heap.items[0]];
        rc = function(context, &least->block, error);
        if (rc == LCAP_OK)
            rc = advance(merge, least, error);
        least_heap_settle(&merge->heap, !is_at_packet(least));
    }
    return rc;
}

/* ---- all blocks ---- */

typedef bool strand_test(const struct strand *strand);

static bool is_at_description(const struct strand *strand)
{
    return strand->block.kind == LCAP_BLOCK_SECTION || strand->block.kind == LCAP_BLOCK_INTERFACE;
}

static bool is_at_first_block(const struct strand *strand)
{
    return strand->block.kind != LCAP_BLOCK_PACKET && sorted_block_is_first(&strand->block);
}

static bool is_at_any(const struct strand *strand)
{
    (void)strand;
    return true;
}

/* Passes what the parts are at, one part after the other, as long as the test holds. */
static int pass_while(struct sorted_merge *merge, strand_test *test,
                      sorted_merge_function *function, void *context, struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (size_t i = 0; i < merge->count; i++) {
        struct strand *strand = &merge->strands[i];
        while (rc == LCAP_OK && !strand->ended && test(strand)) {
            rc = function(context, &strand->block, error);
            if (rc == LCAP_OK)
                rc = advance(merge, strand, error);
        }
    }
    return rc;
}

int sorted_merge_run(struct sorted_merge *merge, sorted_merge_function *function, void *context,
                     struct lcap_error *error)
{
    int rc = pass_while(merge, is_at_description, function, context, error);
    if (rc == LCAP_OK)
        rc = pass_while(merge, is_at_first_block, function, context, error);
    if (rc == LCAP_OK)
        rc = merge_packets(merge, function, context, error);
    return rc == LCAP_OK ? pass_while(merge, is_at_any, function, context, error) : rc;
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
