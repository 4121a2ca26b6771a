/* Splits a labelled capture into sample files. */
#include "dataset/split/split_pass.h"

#include "base/io/tempfile.h"
#include "capture/parts/reader_guess.h"
#include "dataset/split/packet_store.h"
#include "dataset/split/split_pieces.h"
#include "dataset/split/split_stretches.h"

struct splitter {
    const struct split_pass_options *options;
    struct split_pass_result *result;
    const char *path;
    struct input_pass input;
    struct split_plan plan;
    struct split_files files; /* that this thread writes */
    struct sorter *sorter;    /* if the packets have to be grouped by sample */
    uint64_t packets;         /* that came from the sorter, */
    uint64_t written;         /* and their bytes */
};

/* For shorter files, it is not worth while to start threads. */
#define LEAST_DIVIDED ((uint64_t)12 << 20)

/* So that metadata.csv takes no memory, however many samples there are. */
#define MANY_ROWS ((size_t)64 << 10)

/* ---- passes ---- */

static int survey_block(void *context, const struct lcap_block *block, struct lcap_error *error)
{
    struct splitter *s = context;
    return split_survey_block(&s->plan.found, &s->input, block, error);
}

/* The sample of a packet, which the survey has already seen; NO_SAMPLE for a packet without one. */
static int find_sample(struct splitter *s, const struct lcap_packet *packet, uint32_t *sample,
                       struct lcap_error *error)
{
    struct lcap_label label;
    *sample = NO_SAMPLE;
    if (!packet->comment || !lcap_packet_label(packet, &label))
        return LCAP_OK;
    *sample = sample_registry_find(&s->plan.found.survey.registry, label.sample_id);
    return *sample == NO_SAMPLE ? input_pass_changed(&s->input, error) : LCAP_OK;
}

static int settle(struct splitter *s, struct lcap_error *error)
{
    return split_files_settle(&s->files, s->result, error);
}

static int settle_if_many(struct splitter *s, struct lcap_error *error)
{
    return s->files.entry.rows.len < MANY_ROWS ? LCAP_OK : settle(s, error);
}

static int stream_block(void *context, const struct lcap_block *block, struct lcap_error *error)
{
    struct splitter *s = context;
    const int rc = split_files_block(&s->files, block, error);
    return rc == 0 ? settle_if_many(s, error) : rc;
}

static int set_aside(struct splitter *s, uint32_t sample, const struct lcap_packet *packet,
                     struct lcap_error *error)
{
    const struct sort_key key = {.primary = split_plan_part(&s->plan, sample),
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
        .size = s->plan.found.survey.labelled.captured,
    };
    return pass_progress_tell(&s->options->input.watcher, &progress, error);
}

static int write_sorted(struct splitter *s, const char *phase, struct lcap_error *error)
{
    struct sorted_block block;
    int rc = sorter_finish(s->sorter, error);
    if (rc == 0 && s->options->by_class)
        rc = split_plan_find_classes(&s->plan, error);
    while (rc == 0 && (rc = sorter_next(s->sorter, &block, error)) == 1) {
        struct lcap_packet packet = packet_unpack(block.data, s->input.reader);
        rc = split_files_packet(&s->files, (uint32_t)block.key.primary, &packet, error);
        s->written += packet.caplen;
        if (rc == 0)
            rc = settle_if_many(s, error);
        if (rc == 0 && ++s->packets % PASS_BLOCKS_BETWEEN_LOOKS == 0)
            rc = tell_progress(s, phase, error);
    }
    return rc;
}

/* Samples that need no sorting: already grouped, and one file each. */
static bool can_stream(const struct splitter *s)
{
    if (!s->plan.found.survey.grouped || s->options->by_class)
        return false;
    for (size_t i = 0; i < sample_registry_count(&s->plan.found.survey.registry); i++)
        if (split_plan_parts_linktypes(&s->plan, (uint32_t)i))
            return false;
    return true;
}

static int open_sorter(struct splitter *s, struct lcap_error *error)
{
    struct sorter_options sorting = s->options->sorter;
    if (!sorting.directory)
        sorting.directory = sample_directory_building(s->plan.directory);
    return sorter_new(&s->sorter, &sorting, error);
}

static bool can_divide(const struct splitter *s)
{
    return s->options->input.threads > 1 && reader_is_plain(s->input.reader) &&
           lcap_reader_format(s->input.reader) == LCAP_FORMAT_PCAPNG &&
           lcap_reader_file_size(s->input.reader) >= LEAST_DIVIDED;
}

/* An input that can be read twice. */
static int survey_input(struct splitter *s, struct lcap_error *error)
{
    struct split_survey *found = &s->plan.found;
    s->input.phase = "pass 1 of 2: survey";
    if (!can_divide(s))
        return input_pass_walk(&s->input, survey_block, s, error);
    const int rc = split_cuts_begin(&found->cuts, lcap_reader_file_size(s->input.reader), error);
    return rc == 0 ? split_stretches_survey(found, &s->input, error) : rc;
}

static int write_streamed(struct splitter *s, struct lcap_error *error)
{
    s->input.phase = "pass 2 of 2: write";
    if (s->plan.found.cuts.count > 1)
        return split_pieces_write(&s->plan, &s->input, s->result, error);
    const int rc = input_pass_rewind(&s->input, error);
    return rc == 0 ? input_pass_walk(&s->input, stream_block, s, error) : rc;
}

static int write_grouped(struct splitter *s, bool twice, struct lcap_error *error)
{
    s->input.phase = twice ? "pass 2 of 3: sort" : "pass 1 of 2: sort";
    int rc = twice ? input_pass_rewind(&s->input, error) : LCAP_OK;
    if (rc == 0)
        rc = open_sorter(s, error);
    if (rc == 0)
        rc = input_pass_walk(&s->input, twice ? set_aside_block : survey_and_set_aside, s, error);
    return rc == 0 ? write_sorted(s, twice ? "pass 3 of 3: write" : "pass 2 of 2: write", error)
                   : rc;
}

static int distribute(struct splitter *s, struct lcap_error *error)
{
    const bool twice = s->input.reader && lcap_reader_can_rewind(s->input.reader);
    const int rc = twice ? survey_input(s, error) : LCAP_OK;
    if (rc < 0)
        return rc;
    return twice && can_stream(s) ? write_streamed(s, error) : write_grouped(s, twice, error);
}

static int split(struct splitter *s, const char *directory, struct lcap_error *error)
{
    int rc = survey_init(&s->plan.found.survey, error);
    if (rc == 0)
        rc = input_pass_open(&s->input, s->path, false, &s->options->input, error);
    if (rc == 0)
        rc = sample_directory_begin(&s->plan.directory, directory, s->path, &s->options->placing,
                                    error);
    if (rc == 0)
        rc = distribute(s, error);
    if (rc == 0)
        rc = split_files_close(&s->files, error);
    if (rc == 0)
        rc = settle(s, error);
    if (rc < 0)
        return rc;
    sorter_free(
        s->sorter); /* an open spill file is visible on NFS, and the directory is moved now */
    s->sorter = NULL;
    input_pass_settle(&s->input, &s->result->inputs);
    struct sample_directory *finished = s->plan.directory;
    s->plan.directory = NULL;
    return sample_directory_commit(finished, error);
}

static void release(struct splitter *s)
{
    split_files_release(&s->files);
    sorter_free(s->sorter);
    split_plan_release(&s->plan);
    input_pass_close(&s->input);
}

int split_pass_run(const char *input, const char *directory,
                   const struct split_pass_options *options, struct split_pass_result *result,
                   struct lcap_error *error)
{
    struct splitter s = {.options = options, .result = result, .path = input};
    s.plan.options = options;
    s.plan.found.format = options->format;
    s.files.plan = &s.plan;
    s.files.input = &s.input;
    *result = (struct split_pass_result){.files = 0};
    int rc = split(&s, directory, error);
    if (s.plan.directory)
        tempfile_name_final(sample_directory_building(s.plan.directory), directory, error);
    result->blocks = s.plan.found.blocks;
    result->samples = sample_registry_count(&s.plan.found.survey.registry);
    result->unlabelled = s.plan.found.survey.all.packets - s.plan.found.survey.labelled.packets;
    result->two_labels = s.plan.found.survey.conflicting_packets;
    release(&s);
    return rc;
}
