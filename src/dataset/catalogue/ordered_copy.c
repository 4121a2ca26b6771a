/* Sorts the packets of a data set by sample, for a reader that follows. */
#include "dataset/catalogue/ordered_copy.h"

#include "base/io/file.h"
#include "base/io/tempfile.h"
#include "capture/parts/reader_guess.h"
#include "dataset/sorted_writer.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* With what readers take, below 64 MiB. */
#define SORT_MEMORY ((uint64_t)32 << 20)

/* Bytes that are sorted in the time of one look-up, which in BGZF unpacks a block (measured). */
enum { PLAIN_LOOKUP = 4 << 10, BGZF_LOOKUP = 64 << 10 };

bool ordered_copy_pays(const struct lcap_reader *reader, uint64_t ranges)
{
    const uint64_t lookup = reader_is_plain(reader) ? PLAIN_LOOKUP : BGZF_LOOKUP;
    return !reader_has_places(reader) || ranges > lcap_reader_file_size(reader) / lookup;
}

/* ---- the file ---- */

/* Empty, and for its owner only, which the writer that replaces it keeps. */
static int make_file(struct ordered_copy *copy, const char *directory, struct lcap_error *error)
{
    char *path = file_join(directory, ".labelcap-XXXXXX.pcapng", error);
    const int rc =
        path ? tempfile_create_private(path, (int)strlen(".pcapng"), error) : LCAP_ERR_MEMORY;
    if (rc < 0) {
        free(path);
        return rc;
    }
    close(rc);
    copy->path = path;
    return LCAP_OK;
}

void ordered_copy_release(struct ordered_copy *copy)
{
    if (copy->path)
        tempfile_remove(copy->path);
    free(copy->path);
    copy->path = NULL;
}

/* Times were corrected when they were written. */
struct input_options ordered_copy_reading(const struct input_options *dataset)
{
    return (struct input_options){.pcapml_times = LCAP_PCAPML_TIMES_NO,
                                  .threads = dataset->threads,
                                  .watcher = dataset->watcher};
}

/* ---- the walk ---- */

struct copying {
    const struct ordered_copy_options *options;
    struct ordered_copy *copy;
    struct sorted_writer *writer;
    unsigned sections;
};

/* A packet without a time is always of the first interface of a section, so it may get one where
 * sections are merged. */
static bool stays_the_same(const struct copying *c, const struct lcap_packet *packet)
{
    return packet->has_time || c->sections <= 1;
}

/* The place takes the part of the sampleID in the key. */
static int copy_packet(struct copying *c, const struct lcap_block *block, struct lcap_error *error)
{
    const struct ordered_copy_options *options = c->options;
    struct lcap_label label;
    if (!lcap_packet_label(&block->packet, &label))
        return LCAP_OK;
    const int rc = options->place(options->context, label.sample_id, &label.sample_id, error);
    if (rc <= 0)
        return rc;
    return stays_the_same(c, &block->packet) ? sorted_writer_copy(c->writer, block, &label, error)
                                             : 1;
}

static int copy_block(void *context, const struct lcap_block *block, struct lcap_error *error)
{
    struct copying *c = context;
    c->sections += block->kind == LCAP_BLOCK_SECTION;
    if (block->kind == LCAP_BLOCK_PACKET)
        return copy_packet(c, block, error);
    return block->kind == LCAP_BLOCK_SECTION || block->kind == LCAP_BLOCK_INTERFACE
               ? sorted_writer_block(c->writer, block, error)
               : LCAP_OK;
}

static int open_writer(struct copying *c, const struct input_pass *input, struct lcap_error *error)
{
    const struct sorted_writer_options writing = {
        .order = ORDER_GROUPED,
        .writer = {.size = sizeof writing.writer,
                   .overwrite = true,
                   .no_sync = true,
                   .threads = input->options->threads},
        .sorter = {.memory = SORT_MEMORY,
                   .directory = c->options->directory,
                   .least = lcap_reader_file_size(input->reader)},
        .watcher = input->options->watcher,
        .phase = "pass 2 of 3: write in order",
    };
    return sorted_writer_open(&c->writer, c->copy->path, &writing, error);
}

/* Returns 1 at a packet that does not stay the same. */
static int walk(struct copying *c, struct input_pass *input, const char *dataset,
                struct lcap_error *error)
{
    sorted_writer_source(c->writer);
    if (reader_is_plain(input->reader))
        sorted_writer_file(c->writer, dataset, &input->seen.stamp);
    input->phase = "pass 1 of 3: read";
    return input_pass_walk(input, copy_block, c, error);
}

static int write_copy(struct copying *c, struct input_pass *input, const char *dataset,
                      struct lcap_error *error)
{
    int rc = make_file(c->copy, c->options->directory, error);
    if (rc == LCAP_OK)
        rc = open_writer(c, input, error);
    if (rc < 0)
        return rc;
    rc = walk(c, input, dataset, error);
    if (rc == LCAP_OK)
        return sorted_writer_close(c->writer, error);
    sorted_writer_discard(c->writer);
    return rc;
}

/* Whoever reads without a copy meets errors of the data set again. */
int ordered_copy_make(struct ordered_copy *copy, struct input_pass *input, const char *dataset,
                      const struct ordered_copy_options *options, struct lcap_error *error)
{
    struct copying copying = {.options = options, .copy = copy};
    const int rc = write_copy(&copying, input, dataset, error);
    if (rc == LCAP_OK)
        return 1;
    ordered_copy_release(copy);
    if (rc != LCAP_ERR_IO && rc != 1)
        return rc;
    lcap_error_clear(error);
    lcap_error_clear(&input->outcome.error);
    return 0;
}
