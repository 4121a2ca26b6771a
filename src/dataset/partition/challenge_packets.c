/* Writes challenge.pcapng. */
#include "dataset/partition/challenge_packets.h"

#include "base/memory.h"
#include "dataset/partition/challenge_key.h"
#include "dataset/sorted_writer.h"
#include "label/comment.h"
#include <stdlib.h>
#include <string.h>

struct writing {
    struct partition *partition;
    struct sorted_writer *writer;
    struct lcap_interface *interfaces;
    size_t count, capacity;
};

/* Two interfaces that differ only in what is left out are one. */
static bool are_same(const struct lcap_interface *a, const struct lcap_interface *b)
{
    return a->linktype == b->linktype && a->tsresol == b->tsresol && a->tsoffset == b->tsoffset &&
           a->tsoffset_ns == b->tsoffset_ns && a->big_endian == b->big_endian;
}

static int add_interface(struct writing *writing, const struct lcap_interface *like,
                         struct lcap_error *error)
{
    const struct lcap_interface bare = {.number = (uint32_t)writing->count,
                                        .linktype = like->linktype,
                                        .tsresol = like->tsresol,
                                        .tsoffset = like->tsoffset,
                                        .tsoffset_ns = like->tsoffset_ns,
                                        .fcs_len = -1,
                                        .big_endian = like->big_endian};
    const struct lcap_block block = {
        .kind = LCAP_BLOCK_INTERFACE, .big_endian = like->big_endian, .interface = &bare};
    int rc = memory_grow((void **)&writing->interfaces, &writing->capacity, writing->count + 1,
                         sizeof *writing->interfaces, error);
    if (rc < 0)
        return rc;
    writing->interfaces[writing->count++] = bare;
    return sorted_writer_block(writing->writer, &block, error);
}

/* Described with its first packet, so that none tells of packets that are not there. */
static int find_interface(struct writing *writing, const struct lcap_interface *like,
                          const struct lcap_interface **found, struct lcap_error *error)
{
    size_t i = 0;
    int rc = LCAP_OK;
    while (i < writing->count && !are_same(&writing->interfaces[i], like))
        i++;
    if (i == writing->count)
        rc = add_interface(writing, like, error);
    *found = &writing->interfaces[i];
    return rc;
}

static int write_packet(struct writing *writing, const struct lcap_packet *packet,
                        const struct lcap_label *label, struct lcap_error *error)
{
    char comment[32];
    const struct lcap_label hidden = {.sample_id =
                                          challenge_id(writing->partition->key, label->sample_id)};
    struct lcap_packet bare = *packet;
    bare.options = NULL;
    bare.options_len = 0;
    bare.comment = NULL;
    bare.comment_len = 0;
    bare.drops = LCAP_NO_DROPS;
    const int rc = find_interface(writing, packet->interface, &bare.interface, error);
    if (rc < 0)
        return rc;
    comment_write(hidden.sample_id, "", 0, comment);
    const struct lcap_edit edit = {
        .size = sizeof edit, .comment = comment, .comment_len = strlen(comment)};
    return sorted_writer_packet(writing->writer, &bare, &edit, &hidden, error);
}

static int write_block(void *context, const struct lcap_block *block, struct lcap_error *error)
{
    struct writing *writing = context;
    const struct partition *p = writing->partition;
    struct lcap_label label;
    if (block->kind != LCAP_BLOCK_PACKET || !lcap_packet_label(&block->packet, &label))
        return LCAP_OK;
    const uint32_t number = sample_registry_find(&writing->partition->registry, label.sample_id);
    if (number == NO_SAMPLE || p->samples[number].list != p->challenge)
        return LCAP_OK;
    return write_packet(writing, &block->packet, &label, error);
}

static int write_all(struct writing *writing, struct lcap_error *error)
{
    struct partition *p = writing->partition;
    struct input_pass input = {.reader = NULL};
    int rc = input_pass_open(&input, p->dataset, false, &p->options->input, error);
    input.phase = "write the challenge";
    if (rc == LCAP_OK) {
        sorted_writer_source(writing->writer);
        input_pass_expect(&input, &p->seen);
        rc = input_pass_walk(&input, write_block, writing, error);
    }
    if (rc == LCAP_OK && input.outcome.status < 0)
        rc = lcap_error_set(error, input.outcome.status, "%s", input.outcome.error.text);
    input_pass_close(&input);
    return rc;
}

int challenge_packets_write(struct partition *partition, const char *path, struct lcap_error *error)
{
    const struct partition_options *options = partition->options;
    const struct sorted_writer_options sorting = {
        .order = ORDER_SAMPLE,
        .writer = {.size = sizeof sorting.writer,
                   .overwrite = options->placing.overwrite,
                   .no_sync = options->placing.no_sync,
                   .threads = options->input.threads},
        .sorter = options->sorter,
    };
    struct writing writing = {.partition = partition};
    int rc = sorted_writer_open(&writing.writer, path, &sorting, error);
    if (rc < 0)
        return rc;
    rc = write_all(&writing, error);
    free(writing.interfaces);
    if (rc == LCAP_OK)
        return sorted_writer_close(writing.writer, error);
    sorted_writer_discard(writing.writer);
    return rc;
}
