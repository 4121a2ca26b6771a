/* Reads the ranges of a catalogue, and trusts none of it. */
#include "dataset/catalogue/range_walk.h"

#include "base/sample_registry.h"
#include <inttypes.h>
#include <labelcap/label.h>

/* Where a reader is that has failed: nowhere, until it seeks. */
#define NOWHERE UINT64_MAX

void range_walk_begin(struct range_walk *walk, struct catalogue *catalogue, sqlite3_stmt *ranges,
                      uint64_t packets, struct lcap_reader *reader)
{
    *walk = (struct range_walk){
        .catalogue = catalogue, .reader = reader, .ranges = ranges, .expected = packets};
    walk->here.size = sizeof walk->here;
    if (lcap_reader_tell(reader, &walk->here, NULL) < 0)
        walk->here.offset = NOWHERE;
}

void range_walk_release(struct range_walk *walk)
{
    database_finalize(walk->ranges);
    *walk = (struct range_walk){.catalogue = NULL};
}

/* What the reader said while it followed a catalogue: that may be the catalogue's fault. */
static int blame(const struct range_walk *walk, int rc, struct lcap_error *error)
{
    if (!error || (rc != LCAP_ERR_DAMAGED && rc != LCAP_ERR_ARGUMENT))
        return rc;
    const struct lcap_error told = *error;
    lcap_error_clear(error);
    return catalogue_outdated(walk->catalogue, error, "%.600s", told.text);
}

static int go_to(struct range_walk *walk, struct lcap_error *error)
{
    const struct catalogue_range *range = &walk->range;
    if (range->at.offset < walk->end || range->length == 0)
        return catalogue_outdated(walk->catalogue, error, "range %" PRIu64 " overlaps another",
                                  range->at.offset);
    walk->end = range->at.offset + range->length;
    if (walk->here.offset == range->at.offset)
        return LCAP_OK;
    const int rc = lcap_reader_seek(walk->reader, &range->at, error);
    walk->here.offset = range->at.offset;
    return rc < 0 ? blame(walk, rc, error) : rc;
}

/* Whether the block is of the kind, and of the sample, that the range has. */
static bool belongs(const struct range_walk *walk, const struct lcap_block *block)
{
    struct lcap_label label;
    if (walk->range.sample == NO_SAMPLE)
        return block->kind != LCAP_BLOCK_PACKET;
    return block->kind == LCAP_BLOCK_PACKET && lcap_packet_label(&block->packet, &label) &&
           label.sample_id == walk->sample_id;
}

static int check_block(struct range_walk *walk, const struct lcap_block *block,
                       struct lcap_error *error)
{
    walk->packets += block->kind == LCAP_BLOCK_PACKET;
    if (belongs(walk, block) && walk->here.offset <= walk->end)
        return 1;
    if (walk->range.sample == NO_SAMPLE)
        return catalogue_outdated(walk->catalogue, error,
                                  "offset %" PRIu64 ": expected a block that is not a packet",
                                  block->offset);
    return catalogue_outdated(walk->catalogue, error,
                              "offset %" PRIu64 ": expected a packet of sample %" PRIu64,
                              block->offset, walk->sample_id);
}

static int read_block(struct range_walk *walk, const struct lcap_block **block,
                      struct lcap_error *error)
{
    int rc = lcap_reader_next(walk->reader, block, error);
    if (rc == 0)
        return catalogue_outdated(walk->catalogue, error, "the data set ends at offset %" PRIu64,
                                  walk->here.offset);
    if (rc == 1)
        rc = lcap_reader_tell(walk->reader, &walk->here, error);
    return rc < 0 ? blame(walk, rc, error) : check_block(walk, *block, error);
}

/* A catalogue may lack ranges, or samples have more packets than it says. */
static int check_end(const struct range_walk *walk, struct lcap_error *error)
{
    if (walk->packets == walk->expected)
        return 0;
    return catalogue_outdated(walk->catalogue, error,
                              "expected ranges of %" PRIu64 " packets, found %" PRIu64,
                              walk->expected, walk->packets);
}

int range_walk_next(struct range_walk *walk, const struct lcap_block **block,
                    struct lcap_error *error)
{
    if (walk->end > 0 && walk->here.offset < walk->end)
        return read_block(walk, block, error);
    int rc =
        catalogue_next_range(walk->catalogue, walk->ranges, &walk->range, &walk->sample_id, error);
    if (rc == 0)
        return check_end(walk, error);
    if (rc == 1)
        rc = go_to(walk, error);
    return rc == LCAP_OK ? read_block(walk, block, error) : rc;
}
