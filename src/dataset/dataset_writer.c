/* Routes blocks to one file, or to a file for each link type; each plain or sorted; or a part. */
#include "dataset/dataset_writer.h"

#include "base/buffer.h"
#include "base/memory.h"
#include "base/rare.h"
#include "capture/capture_name.h"
#include "capture/parts/block_copy.h"
#include "capture/parts/writer_continue.h"
#include "dataset/kept_blocks.h"
#include "dataset/linktype_set.h"
#include "dataset/losses.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* One output file: exactly one of the writers is there. */
struct lane {
    uint16_t linktype; /* of all its packets, if link types are split */
    struct lcap_writer *plain;
    struct sorted_writer *sorted;
    struct part_writer *part;
};

struct dataset_writer {
    struct dataset_writer_options options; /* sorter.memory: what no lane has used yet */
    const char *path;
    const struct lcap_reader *source;
    struct lane *lanes;
    size_t lane_count, lane_capacity;
    struct kept_blocks kept; /* if link types are split: what a lane opened later begins with */
    bool section_kept;
    struct linktype_set linktypes; /* of packets and, in one file, of interfaces */
};

char *dataset_writer_path(const char *path, uint16_t linktype, struct lcap_error *error)
{
    struct buffer name = {0};
    size_t stem = capture_name_stem(path);
    const char *type = lcap_linktype_name(linktype);
    int rc = buffer_append(&name, path, stem, error);
    if (rc == 0)
        rc = buffer_append(&name, ".", 1, error);
    for (; rc == 0 && *type; type++) {
        char lower = (char)tolower((unsigned char)*type);
        rc = buffer_append(&name, &lower, 1, error);
    }
    if (rc == 0)
        rc = buffer_append(&name, path + stem, strlen(path + stem) + 1, error);
    if (rc == 0)
        return (char *)name.data;
    buffer_release(&name);
    return NULL;
}

static int lane_block(struct lane *lane, const struct lcap_block *block, struct lcap_error *error)
{
    if (lane->part)
        return part_writer_block(lane->part, block, error);
    return lane->plain ? lcap_writer_block(lane->plain, block, error)
                       : sorted_writer_block(lane->sorted, block, error);
}

static int lane_packet(const struct lane *lane, const struct lcap_packet *packet,
                       const struct lcap_edit *edit, const struct lcap_label *label,
                       struct lcap_error *error)
{
    if (lane->part)
        return part_writer_packet(lane->part, packet, edit, error);
    return lane->plain ? lcap_writer_packet(lane->plain, packet, edit, error)
                       : sorted_writer_packet(lane->sorted, packet, edit, label, error);
}

/* The number of lanes is not known in advance: each takes half of the memory left. */
static struct sorter_options sorter_for_lane(struct dataset_writer *w)
{
    struct sorter_options sorter = w->options.sorter;
    if (w->options.split_linktypes) {
        sorter.memory /= 2;
        w->options.sorter.memory -= sorter.memory;
    }
    return sorter;
}

static int open_lane(struct dataset_writer *w, const char *path, uint16_t linktype,
                     struct lane **opened, struct lcap_error *error)
{
    void *lanes = w->lanes;
    int rc = memory_grow(&lanes, &w->lane_capacity, w->lane_count + 1, sizeof *w->lanes, error);
    w->lanes = lanes;
    if (rc < 0)
        return rc;
    struct lane *lane = &w->lanes[w->lane_count];
    *lane = (struct lane){.linktype = linktype};
    if (w->options.part) {
        rc = part_writer_open(&lane->part, path, &w->options.writer, w->options.checksum, error);
    } else if (w->options.order == ORDER_AS_GIVEN) {
        rc = lcap_writer_open(&lane->plain, path, &w->options.writer, error);
        if (rc == 0 && w->source)
            lcap_writer_source(lane->plain, w->source);
    } else {
        const struct sorted_writer_options sorted = {.order = w->options.order,
                                                     .writer = w->options.writer,
                                                     .sorter = sorter_for_lane(w),
                                                     .watcher = w->options.watcher,
                                                     .checksum = w->options.checksum};
        rc = sorted_writer_open(&lane->sorted, path, &sorted, error);
    }
    if (rc < 0)
        return rc;
    w->lane_count++;
    *opened = lane;
    for (size_t i = 0; i < w->kept.count && rc == 0; i++)
        rc = lane_block(lane, &w->kept.items[i].block, error);
    return rc;
}

/* NULL: it is not open yet. */
static struct lane *open_lane_of(const struct dataset_writer *w, uint16_t linktype)
{
    if (!w->options.split_linktypes)
        return &w->lanes[0];
    for (size_t i = 0; i < w->lane_count; i++)
        if (w->lanes[i].linktype == linktype)
            return &w->lanes[i];
    return NULL;
}

static RARE int open_lane_for(struct dataset_writer *w, uint16_t linktype, struct lane **opened,
                              struct lcap_error *error)
{
    char *path = dataset_writer_path(w->path, linktype, error);
    if (!path)
        return LCAP_ERR_MEMORY;
    const int rc = open_lane(w, path, linktype, opened, error);
    free(path);
    return rc;
}

static int lane_of(struct dataset_writer *w, uint16_t linktype, struct lane **found,
                   struct lcap_error *error)
{
    *found = open_lane_of(w, linktype);
    return *found ? LCAP_OK : open_lane_for(w, linktype, found, error);
}

int dataset_writer_open(struct dataset_writer **writer, const char *path,
                        const struct dataset_writer_options *options, struct lcap_error *error)
{
    struct dataset_writer *w = memory_new(1, sizeof *w, error);
    if (!w)
        return LCAP_ERR_MEMORY;
    w->options = *options;
    w->options.writer.size = sizeof w->options.writer;
    w->options.split_linktypes = options->split_linktypes && !options->part;
    w->path = path;
    struct lane *lane;
    int rc = w->options.split_linktypes ? LCAP_OK : open_lane(w, path, 0, &lane, error);
    if (rc < 0) {
        dataset_writer_discard(w);
        return rc;
    }
    *writer = w;
    return LCAP_OK;
}

void dataset_writer_source(struct dataset_writer *writer, const struct lcap_reader *reader)
{
    writer->source = reader;
    for (size_t i = 0; i < writer->lane_count; i++) {
        const struct lane *lane = &writer->lanes[i];
        if (lane->part)
            part_writer_source(lane->part);
        else if (lane->plain)
            lcap_writer_source(lane->plain, reader);
        else
            sorted_writer_source(lane->sorted);
    }
}

void dataset_writer_continue(struct dataset_writer *writer)
{
    for (size_t i = 0; i < writer->lane_count; i++) {
        const struct lane *lane = &writer->lanes[i];
        if (lane->plain)
            writer_continue(lane->plain);
        else if (lane->sorted)
            sorted_writer_continue(lane->sorted);
    }
}

struct part_writer *dataset_writer_part(const struct dataset_writer *writer)
{
    return writer->lane_count > 0 ? writer->lanes[0].part : NULL;
}

/* Names and secrets go to every lane, other blocks to the open ones, or to the next one. */
static bool is_for_later_lanes(struct dataset_writer *w, const struct lcap_block *block)
{
    if (!w->options.split_linktypes)
        return false;
    if (block->kind == LCAP_BLOCK_SECTION) {
        bool first = !w->section_kept;
        w->section_kept = true;
        return first;
    }
    return block->kind == LCAP_BLOCK_NAMES || block->kind == LCAP_BLOCK_SECRETS ||
           w->lane_count == 0;
}

int dataset_writer_block(struct dataset_writer *w, const struct lcap_block *block,
                         struct lcap_error *error)
{
    if (block->interface) {
        struct lane *lane;
        int rc = lane_of(w, block->interface->linktype, &lane, error);
        if (block->kind == LCAP_BLOCK_INTERFACE && !w->options.split_linktypes)
            linktype_set_add(&w->linktypes, block->interface->linktype);
        return rc < 0 ? rc : lane_block(lane, block, error);
    }
    int rc = LCAP_OK;
    for (size_t i = 0; i < w->lane_count && rc == 0; i++)
        rc = lane_block(&w->lanes[i], block, error);
    if (rc == 0 && is_for_later_lanes(w, block))
        rc = kept_blocks_add(&w->kept, block, error);
    return rc;
}

int dataset_writer_packet(struct dataset_writer *w, const struct lcap_packet *packet,
                          const struct lcap_edit *edit, const struct lcap_label *label,
                          struct lcap_error *error)
{
    uint16_t linktype = packet->interface->linktype;
    linktype_set_add(&w->linktypes, linktype);
    struct lane *lane;
    int rc = lane_of(w, linktype, &lane, error);
    return rc == 0 ? lane_packet(lane, packet, edit, label, error) : rc;
}

bool dataset_writer_encodes(const struct dataset_writer *w, const struct lcap_packet *packet)
{
    const struct lane *lane = open_lane_of(w, packet->interface->linktype);
    if (!lane || lane->part)
        return false;
    return lane->plain ? writer_encodes(lane->plain, packet)
                       : sorted_writer_encodes(lane->sorted, packet);
}

int dataset_writer_encode(const struct dataset_writer *w, const struct plan_scratch *scratch,
                          const struct lcap_packet *packet, const struct lcap_edit *edit,
                          const uint64_t *sample_id, struct keyed_packets *to,
                          struct lcap_error *error)
{
    const struct lane *lane = open_lane_of(w, packet->interface->linktype);
    return lane->plain
               ? writer_encode(lane->plain, scratch, packet, edit, &to->blocks, error)
               : sorted_writer_encode(lane->sorted, scratch, packet, edit, sample_id, to, error);
}

int dataset_writer_take(struct dataset_writer *w, uint16_t linktype,
                        const struct keyed_packets *packets, struct lcap_error *error)
{
    const struct lane *lane = open_lane_of(w, linktype);
    linktype_set_add(&w->linktypes, linktype);
    return lane->plain ? writer_take(lane->plain, &packets->blocks, error)
                       : sorted_writer_take(lane->sorted, packets, error);
}

void dataset_writer_file(struct dataset_writer *writer, const char *path,
                         const struct file_stamp *stamp)
{
    for (size_t i = 0; i < writer->lane_count; i++)
        if (writer->lanes[i].sorted)
            sorted_writer_file(writer->lanes[i].sorted, path, stamp);
}

int dataset_writer_copy(struct dataset_writer *w, const struct lcap_block *block,
                        const struct lcap_label *label, struct lcap_error *error)
{
    uint16_t linktype = block->packet.interface->linktype;
    linktype_set_add(&w->linktypes, linktype);
    struct lane *lane;
    int rc = lane_of(w, linktype, &lane, error);
    if (rc < 0)
        return rc;
    if (lane->sorted)
        return sorted_writer_copy(lane->sorted, block, label, error);
    return lane->plain ? writer_copy(lane->plain, block, error)
                       : lane_packet(lane, &block->packet, NULL, label, error);
}

int dataset_writer_copy_part(struct dataset_writer *w, const struct part_packet *packet,
                             const struct lcap_interface *interface, struct lcap_error *error)
{
    struct lane *lane;
    linktype_set_add(&w->linktypes, interface->linktype);
    const int rc = lane_of(w, interface->linktype, &lane, error);
    if (rc < 0)
        return rc;
    return lane->plain ? writer_copy_part(lane->plain, packet, interface, error) : 0;
}

size_t dataset_writer_linktypes(const struct dataset_writer *writer)
{
    return writer->linktypes.count;
}

int dataset_writer_flush(struct dataset_writer *writer, struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (size_t i = 0; i < writer->lane_count && rc == 0; i++)
        if (writer->lanes[i].plain)
            rc = lcap_writer_flush(writer->lanes[i].plain, error);
    return rc;
}

static const struct lcap_losses *losses_of(const struct lane *lane)
{
    if (lane->part)
        return part_writer_losses(lane->part);
    return lane->plain ? lcap_writer_losses(lane->plain) : sorted_writer_losses(lane->sorted);
}

static int close_file(const struct lane *lane, struct lcap_error *error)
{
    if (lane->part)
        return part_writer_close(lane->part, error);
    return lane->plain ? lcap_writer_close(lane->plain, error)
                       : sorted_writer_close(lane->sorted, error);
}

static int close_lane(struct lane *lane, struct lcap_losses *losses, struct lcap_error *error)
{
    losses_add(losses, losses_of(lane));
    const int rc = close_file(lane, error);
    *lane = (struct lane){.linktype = lane->linktype};
    return rc;
}

int dataset_writer_close(struct dataset_writer *w, struct lcap_losses *losses,
                         struct lcap_error *error)
{
    struct lane *lane;
    int rc = LCAP_OK;
    if (!w->lanes) /* no interface needed one, but there may have been names or unknown blocks */
        rc = open_lane(w, w->path, 0, &lane, error);
    for (size_t i = 0; i < w->lane_count && (rc == 0 || w->options.writer.keep_cut); i++) {
        int closed = close_lane(&w->lanes[i], losses, error);
        rc = rc == 0 ? closed : rc;
    }
    dataset_writer_discard(w);
    return rc;
}

void dataset_writer_discard(struct dataset_writer *writer)
{
    if (!writer)
        return;
    for (size_t i = 0; i < writer->lane_count; i++) {
        lcap_writer_discard(writer->lanes[i].plain);
        sorted_writer_discard(writer->lanes[i].sorted);
        part_writer_discard(writer->lanes[i].part);
    }
    free(writer->lanes);
    kept_blocks_release(&writer->kept);
    free(writer);
}
