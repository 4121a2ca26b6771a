/* Removes the labels from a capture. */
#include "dataset/strip_pass.h"

#include "base/io/file.h"
#include "base/io/output.h"
#include "capture/time_digits.h"
#include "dataset/labelling/source_comment.h"
#include <labelcap/label.h>

struct stripping {
    struct input_pass input;
    struct lcap_writer *writer;
    struct strip_pass_result *result;
};

static int strip_block(void *context, const struct lcap_block *block, struct lcap_error *error)
{
    struct stripping *stripping = context;
    if (block->kind != LCAP_BLOCK_PACKET)
        return lcap_writer_block(stripping->writer, block, error);
    struct lcap_label label;
    const char *source;
    size_t len;
    const struct lcap_edit edit = {.size = sizeof edit,
                                   .drop_first_comment = lcap_packet_label(&block->packet, &label),
                                   .drop_second_comment =
                                       source_comment_find(&block->packet, &source, &len)};
    stripping->result->packets++;
    stripping->result->labels += edit.drop_first_comment;
    return lcap_writer_packet(stripping->writer, &block->packet, &edit, error);
}

/* Ends the walk at the first interface that is finer than microseconds. */
static int find_fine_interface(void *context, const struct lcap_block *block,
                               struct lcap_error *error)
{
    (void)context;
    (void)error;
    return block->kind == LCAP_BLOCK_INTERFACE && time_digits_below_microsecond(block->interface);
}

/*
 * The header of a pcap file states the units of its times, but an interface with
 * finer units may come late. So a file is searched for one first; for standard
 * input, only the interfaces before the first packet count. Damage is found again in
 * the actual pass.
 */
static int choose_times(struct input_pass *input, struct lcap_writer_options *writing,
                        struct lcap_error *error)
{
    if (writing->format != LCAP_FORMAT_PCAP || !input->reader ||
        !lcap_reader_can_rewind(input->reader))
        return LCAP_OK;
    input->phase = "pass 1 of 2: read the interfaces";
    const int rc = input_pass_walk(input, find_fine_interface, NULL, error);
    if (rc < 0)
        return rc;
    if (rc == 1)
        writing->pcap_times = LCAP_PCAP_TIMES_NANOSECONDS;
    input->phase = "pass 2 of 2: write";
    return input_pass_rewind(input, error);
}

/* What the writer cannot know: choose_times() was not possible, and an interface came too late. */
static bool fine_times_came_late(const struct lcap_reader *reader)
{
    bool fine = false;
    for (size_t i = 0; i < lcap_reader_interfaces(reader); i++)
        fine |= time_digits_below_microsecond(lcap_reader_interface(reader, i));
    return fine && !lcap_reader_can_rewind(reader);
}

static int strip_input(struct stripping *stripping, const char *path, const char *output,
                       const struct strip_pass_options *options, struct lcap_error *error)
{
    struct input_pass *input = &stripping->input;
    struct input_seen looked_at = {.whole = false};
    struct lcap_writer_options writing = {
        .size = sizeof writing,
        .format = options->format,
        .overwrite = options->placing.overwrite,
        .no_sync = options->placing.no_sync,
        .level = options->placing.level,
        .threads = options->input.threads,
        .snaplen = options->snaplen,
    };
    int rc = output_can_patch(output)
                 ? LCAP_OK
                 : input_check_snaplens(path, &options->input, &writing.sound_snaplens, &looked_at,
                                        error);
    input_pass_expect(input, &looked_at);
    if (rc == 0)
        rc = choose_times(input, &writing, error);
    if (rc == 0)
        rc = lcap_writer_open(&stripping->writer, output, &writing, error);
    if (rc < 0)
        return rc;
    if (input->reader)
        lcap_writer_source(stripping->writer, input->reader);
    rc = input_pass_walk(input, strip_block, stripping, error);
    if (rc == LCAP_ERR_ARGUMENT)
        stripping->result->fine_times_came_late = fine_times_came_late(input->reader);
    return rc;
}

static int finish(struct stripping *stripping, struct lcap_error *error)
{
    struct lcap_writer *writer = stripping->writer;
    stripping->result->losses = *lcap_writer_losses(writer);
    stripping->writer = NULL;
    return lcap_writer_close(writer, error);
}

static int strip(struct stripping *stripping, const char *input, const char *output,
                 const struct strip_pass_options *options, struct lcap_error *error)
{
    int rc = file_check_not_input(output, &input, 1, error);
    if (rc == 0)
        rc = output_try(output, &options->placing, error);
    if (rc == 0)
        rc = input_pass_open(&stripping->input, input, false, &options->input, error);
    if (rc == 0)
        rc = strip_input(stripping, input, output, options, error);
    if (rc < 0)
        return rc;
    input_pass_settle(&stripping->input, &stripping->result->inputs);
    return finish(stripping, error);
}

int strip_pass_run(const char *input, const char *output, const struct strip_pass_options *options,
                   struct strip_pass_result *result, struct lcap_error *error)
{
    struct stripping stripping = {.result = result};
    *result = (struct strip_pass_result){.packets = 0};
    int rc = strip(&stripping, input, output, options, error);
    lcap_writer_discard(stripping.writer);
    input_pass_close(&stripping.input);
    return rc;
}
