/* Splits a labelled capture into sample files. */
#include "dataset/split/split_pass.h"

#include "base/io/tempfile.h"
#include "base/memory.h"
#include "capture/pcapng.h"
#include "dataset/kept_blocks.h"
#include "dataset/losses.h"
#include "dataset/split/packet_store.h"
#include "dataset/split/sample_directory.h"
#include "dataset/survey.h"
#include <stdlib.h>

struct splitter {
    const struct split_pass_options *options;
    struct split_pass_result *result;
    struct input_pass input;
    struct survey survey;
    struct sample_directory *directory;
    struct sorter *sorter;      /* if the packets have to be grouped by sample */
    struct lcap_writer *writer; /* of the open sample file, or NULL */
    /*
     * A part is what goes into one file: a sample, by its number, or a class, by that of
     * its metadata.
     */
    struct survey_sample *classes; /* by number of the metadata; NULL: parts are samples */
    uint32_t part;                 /* of the open file */
    uint16_t linktype;             /* of the open sample file, if link types are separated */
    uint64_t written;              /* bytes of packets that came from the sorter */
    struct kept_blocks kept;       /* names and secrets, which go into every pcapng sample file */
};

/* ---- writing sample files ---- */

static uint32_t part_of(const struct splitter *s, uint32_t sample)
{
    return s->options->by_class ? s->survey.registry.metadata_of[sample] : sample;
}

static const struct survey_sample *facts_of(const struct splitter *s, uint32_t part)
{
    return s->classes ? &s->classes[part] : &s->survey.samples[part];
}

static void add_to_class(struct survey_sample *class, const struct survey_sample *sample)
{
    if (class->tally.packets == 0)
        *class = *sample;
    class->several_linktypes |= sample->several_linktypes || sample->linktype != class->linktype;
    class->needs_ns |= sample->needs_ns;
}

/* Adds up what is known of the samples of each class. */
static int find_classes(struct splitter *s, struct lcap_error *error)
{
    const struct sample_registry *registry = &s->survey.registry;
    s->classes = memory_new(intern_count(registry->texts) + 1, sizeof *s->classes, error);
    if (!s->classes)
        return LCAP_ERR_MEMORY;
    for (uint32_t i = 0; i < sample_registry_count(registry); i++)
        add_to_class(&s->classes[part_of(s, i)], &s->survey.samples[i]);
    return LCAP_OK;
}

/* pcap holds one link type; pcapng any number. */
static bool tells_linktypes_apart(const struct splitter *s, uint32_t part)
{
    return s->options->format == LCAP_FORMAT_PCAP && facts_of(s, part)->several_linktypes;
}

static int close_part(struct splitter *s, struct lcap_error *error)
{
    if (!s->writer)
        return LCAP_OK;
    struct lcap_writer *writer = s->writer;
    losses_add(&s->result->losses, lcap_writer_losses(writer));
    s->writer = NULL;
    return lcap_writer_close(writer, error);
}

static struct sample_file describe_file(const struct splitter *s, uint32_t part, uint16_t linktype)
{
    struct sample_file file = {
        .format = s->options->format,
        .linktype = tells_linktypes_apart(s, part) ? lcap_linktype_name(linktype) : NULL,
        .of_class = s->options->by_class,
    };
    if (file.of_class) {
        file.metadata = intern_get(s->survey.registry.texts, part, &file.metadata_len);
        return file;
    }
    const struct sample named = sample_registry_get(&s->survey.registry, part);
    file.sample_id = named.id;
    file.metadata = named.metadata;
    file.metadata_len = named.metadata_len;
    return file;
}

static int open_part(struct splitter *s, uint32_t part, uint16_t linktype, struct lcap_error *error)
{
    const struct sample_file file = describe_file(s, part, linktype);
    const struct lcap_writer_options writing = {
        .size = sizeof writing,
        .format = s->options->format,
        .pcap_times = facts_of(s, part)->needs_ns ? LCAP_PCAP_TIMES_NANOSECONDS
                                                  : LCAP_PCAP_TIMES_MICROSECONDS,
        .no_sync = true, /* all files are synced at once when they are complete */
        .threads = s->options->input.threads,
    };
    const char *path;
    int rc = sample_directory_add(s->directory, &file, &path, error);
    if (rc == 0)
        rc = lcap_writer_open(&s->writer, path, &writing, error);
    if (rc < 0)
        return rc;
    lcap_writer_source(s->writer, s->input.reader);
    for (size_t i = 0; i < s->kept.count && rc == 0; i++)
        rc = lcap_writer_block(s->writer, &s->kept.items[i].block, error);
    s->part = part;
    s->linktype = linktype;
    s->result->files++;
    return rc;
}

static int write_packet(struct splitter *s, uint32_t part, const struct lcap_packet *packet,
                        struct lcap_error *error)
{
    uint16_t linktype = packet->interface->linktype;
    bool open = s->writer && s->part == part &&
                (s->linktype == linktype || !tells_linktypes_apart(s, part));
    int rc = LCAP_OK;
    if (!open) {
        rc = close_part(s, error);
        if (rc == 0)
            rc = open_part(s, part, linktype, error);
    }
    s->result->packets++;
    /* In pcap the label is in the name of the file, so it does not count as lost. */
    const struct lcap_edit edit = {.size = sizeof edit,
                                   .drop_first_comment = s->options->format == LCAP_FORMAT_PCAP};
    return rc == 0 ? lcap_writer_packet(s->writer, packet, &edit, error) : rc;
}

/* ---- passes ---- */

static bool goes_into_samples(const struct splitter *s, const struct lcap_block *block)
{
    return s->options->format == LCAP_FORMAT_PCAPNG &&
           (block->kind == LCAP_BLOCK_NAMES || block->kind == LCAP_BLOCK_SECRETS ||
            block->type == PCAPNG_PROCESS);
}

static int survey_block(void *context, const struct lcap_block *block, struct lcap_error *error)
{
    struct splitter *s = context;
    int rc = survey_add(&s->survey, block, NULL, error);
    if (rc == 0 && goes_into_samples(s, block))
        rc = kept_blocks_add(&s->kept, block, error);
    else if (block->kind != LCAP_BLOCK_SECTION && block->kind != LCAP_BLOCK_INTERFACE &&
             block->kind != LCAP_BLOCK_PACKET)
        s->result->blocks++;
    if (rc == LCAP_ERR_ARGUMENT)
        lcap_error_prefix(error, "%s: ", lcap_reader_name(s->input.reader));
    return rc;
}

/* The sample of a packet, which the survey has already seen; NO_SAMPLE for a packet without one. */
static int find_sample(struct splitter *s, const struct lcap_packet *packet, uint32_t *sample,
                       struct lcap_error *error)
{
    struct lcap_label label;
    *sample = NO_SAMPLE;
    if (!packet->comment || !lcap_packet_label(packet, &label))
        return LCAP_OK;
    *sample = sample_registry_find(&s->survey.registry, label.sample_id);
    return *sample == NO_SAMPLE ? input_pass_changed(&s->input, error) : LCAP_OK;
}

static int stream_block(void *context, const struct lcap_block *block, struct lcap_error *error)
{
    struct splitter *s = context;
    if (block->kind != LCAP_BLOCK_PACKET)
        return LCAP_OK;
    uint32_t sample;
    int rc = find_sample(s, &block->packet, &sample, error);
    if (rc < 0 || sample == NO_SAMPLE)
        return rc;
    if (s->writer && sample < s->part) /* they were numbered as they came, each in one piece */
        return input_pass_changed(&s->input, error);
    return write_packet(s, sample, &block->packet, error);
}

static int set_aside(struct splitter *s, uint32_t sample, const struct lcap_packet *packet,
                     struct lcap_error *error)
{
    const struct sort_key key = {.primary = part_of(s, sample),
                                 .secondary = packet->interface->linktype};
    uint32_t size = (uint32_t)packet_packed_size(packet);
    uint8_t *at = sorter_reserve(s->sorter, size, error);
    if (!at)
        return error ? error->code : LCAP_ERR_IO;
    packet_pack(packet, at);
    sorter_commit(s->sorter, key, size);
    return LCAP_OK;
}

static int set_aside_block(void *context, const struct lcap_block *block, struct lcap_error *error)
{
    struct splitter *s = context;
    if (block->kind != LCAP_BLOCK_PACKET)
        return LCAP_OK;
    uint32_t sample;
    const int rc = find_sample(s, &block->packet, &sample, error);
    return rc < 0 || sample == NO_SAMPLE ? rc : set_aside(s, sample, &block->packet, error);
}

/* For an input that can be read only once. */
static int survey_and_set_aside(void *context, const struct lcap_block *block,
                                struct lcap_error *error)
{
    int rc = survey_block(context, block, error);
    return rc == 0 ? set_aside_block(context, block, error) : rc;
}

static int tell_progress(const struct splitter *s, const char *phase, struct lcap_error *error)
{
    const struct lcap_progress progress = {
        .phase = phase,
        .name = s->input.outcome.name,
        .input = LCAP_NO_INPUT,
        .done = s->written,
        .size = s->survey.labelled.captured,
    };
    return pass_progress_tell(&s->options->input.watcher, &progress, error);
}

static int write_sorted(struct splitter *s, const char *phase, struct lcap_error *error)
{
    struct sorted_block block;
    int rc = sorter_finish(s->sorter, error);
    if (rc == 0 && s->options->by_class)
        rc = find_classes(s, error);
    while (rc == 0 && (rc = sorter_next(s->sorter, &block, error)) == 1) {
        struct lcap_packet packet = packet_unpack(block.data, s->input.reader);
        rc = write_packet(s, (uint32_t)block.key.primary, &packet, error);
        s->written += packet.caplen;
        if (rc == 0 && s->result->packets % PASS_BLOCKS_BETWEEN_LOOKS == 0)
            rc = tell_progress(s, phase, error);
    }
    return rc;
}

/* Samples that need no sorting: already grouped, and one file each. */
static bool can_stream(const struct splitter *s)
{
    if (!s->survey.grouped || s->options->by_class)
        return false;
    for (size_t i = 0; i < sample_registry_count(&s->survey.registry); i++)
        if (tells_linktypes_apart(s, (uint32_t)i))
            return false;
    return true;
}

static int open_sorter(struct splitter *s, struct lcap_error *error)
{
    struct sorter_options sorting = s->options->sorter;
    if (!sorting.directory)
        sorting.directory = sample_directory_building(s->directory);
    return sorter_new(&s->sorter, &sorting, error);
}

static int distribute(struct splitter *s, struct lcap_error *error)
{
    struct input_pass *input = &s->input;
    bool twice = input->reader && lcap_reader_can_rewind(input->reader);
    input->phase = "pass 1 of 2: survey";
    int rc = twice ? input_pass_walk(input, survey_block, s, error) : LCAP_OK;
    if (rc == 0 && twice)
        rc = input_pass_rewind(input, error);
    if (rc < 0)
        return rc;
    input->phase = "pass 2 of 2: write";
    if (twice && can_stream(s))
        return input_pass_walk(input, stream_block, s, error);
    input->phase = twice ? "pass 2 of 3: sort" : "pass 1 of 2: sort";
    rc = open_sorter(s, error);
    if (rc == 0)
        rc = input_pass_walk(input, twice ? set_aside_block : survey_and_set_aside, s, error);
    return rc == 0 ? write_sorted(s, twice ? "pass 3 of 3: write" : "pass 2 of 2: write", error)
                   : rc;
}

static int split(struct splitter *s, const char *input, const char *directory,
                 struct lcap_error *error)
{
    const struct output_options placing = {.overwrite = s->options->overwrite,
                                           .no_sync = s->options->no_sync};
    int rc = survey_init(&s->survey, error);
    if (rc == 0)
        rc = input_pass_open(&s->input, input, false, &s->options->input, error);
    if (rc == 0)
        rc = sample_directory_begin(&s->directory, directory, input, &placing, error);
    if (rc == 0)
        rc = distribute(s, error);
    if (rc == 0)
        rc = close_part(s, error);
    if (rc < 0)
        return rc;
    sorter_free(
        s->sorter); /* an open spill file is visible on NFS, and the directory is moved now */
    s->sorter = NULL;
    input_pass_settle(&s->input, &s->result->inputs);
    struct sample_directory *finished = s->directory;
    s->directory = NULL;
    return sample_directory_commit(finished, error);
}

static void release(struct splitter *s)
{
    lcap_writer_discard(s->writer);
    sorter_free(s->sorter);
    sample_directory_discard(s->directory);
    kept_blocks_release(&s->kept);
    free(s->classes);
    survey_release(&s->survey);
    input_pass_close(&s->input);
}

int split_pass_run(const char *input, const char *directory,
                   const struct split_pass_options *options, struct split_pass_result *result,
                   struct lcap_error *error)
{
    struct splitter s = {.options = options, .result = result};
    *result = (struct split_pass_result){.files = 0};
    int rc = split(&s, input, directory, error);
    if (s.directory)
        tempfile_name_final(sample_directory_building(s.directory), directory, error);
    result->samples = sample_registry_count(&s.survey.registry);
    result->unlabelled = s.survey.all.packets - s.survey.labelled.packets;
    result->two_labels = s.survey.conflicting_packets;
    release(&s);
    return rc;
}
