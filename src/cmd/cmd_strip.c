/* labelcap strip: labels off, everything else as it was. */
#include "base/io/file.h"
#include "base/io/output.h"
#include "base/text/text.h"
#include "capture/time_digits.h"
#include "cmd/shared_options.h"
#include "cmd/talk.h"
#include "dataset/pass.h"
#include <labelcap/capture.h>
#include <labelcap/label.h>
#include <string.h>

struct strip_args {
    const char *output;
    int format; /* index into format_choices */
    int pcapml_times;
    bool force, quiet;
};

#define ARG(member) offsetof(struct strip_args, member)

enum { FORMAT_BY_NAME, FORMAT_PCAP, FORMAT_PCAPNG };
static const char *const format_choices[] = {"by-name", "pcap", "pcapng", NULL};

static const struct option_row rows[] = {
    ROW_OUTPUT(struct strip_args, "plain capture; .gz and .zst compress; - is standard output"),
    {0, "format", "FORMAT", "pcap, pcapng, or by-name: pcap where FILE ends in .pcap (by-name)",
     OPTION_CHOICE, ARG(format), format_choices},
    ROW_PCAPML_TIMES(struct strip_args),
    ROW_FORCE(struct strip_args),
    ROW_QUIET(struct strip_args),
    OPTION_END,
};

static const struct strip_args defaults = {0};

static bool ends_with(const char *text, size_t len, const char *ending)
{
    size_t ending_len = strlen(ending);
    return len >= ending_len && memcmp(text + len - ending_len, ending, ending_len) == 0;
}

static enum lcap_format format_of(const struct strip_args *args)
{
    if (args->format != FORMAT_BY_NAME)
        return args->format == FORMAT_PCAP ? LCAP_FORMAT_PCAP : LCAP_FORMAT_PCAPNG;
    size_t len = strlen(args->output);
    if (ends_with(args->output, len, ".gz"))
        len -= strlen(".gz");
    else if (ends_with(args->output, len, ".zst"))
        len -= strlen(".zst");
    return ends_with(args->output, len, ".pcap") ? LCAP_FORMAT_PCAP : LCAP_FORMAT_PCAPNG;
}

struct stripping {
    struct lcap_writer *writer;
    uint64_t packets, labels;
};

static int strip_block(void *context, const struct lcap_block *block, struct lcap_error *error)
{
    struct stripping *stripping = context;
    if (block->kind != LCAP_BLOCK_PACKET)
        return lcap_writer_block(stripping->writer, block, error);
    struct lcap_label label;
    const struct lcap_edit edit = {.drop_first_comment = lcap_packet_label(&block->packet, &label)};
    stripping->packets++;
    stripping->labels += edit.drop_first_comment;
    return lcap_writer_packet(stripping->writer, &block->packet, &edit, error);
}

/* Ends the pass at the first interface that is finer than microseconds. */
static int find_fine_interface(void *context, const struct lcap_block *block,
                               struct lcap_error *error)
{
    (void)context;
    (void)error;
    return block->kind == LCAP_BLOCK_INTERFACE && time_digits_below_microsecond(block->interface);
}

/*
 * A pcap file says in its header how fine its times are, but an interface
 * may come late. So a file is looked through for one first; standard input has
 * to make do with the interfaces that come before its first packet. Damage
 * found here is found again when it counts.
 */
static int choose_times(struct lcap_reader *reader, struct lcap_writer_options *writing,
                        struct lcap_error *error)
{
    if (writing->format != LCAP_FORMAT_PCAP || !lcap_reader_can_rewind(reader))
        return LCAP_OK;
    if (pass_over(reader, find_fine_interface, NULL, progress_of_reader, NULL) == 1)
        writing->pcap_times = LCAP_PCAP_TIMES_NANOSECONDS;
    return lcap_reader_rewind(reader, error);
}

/* What the writer cannot know: choose_times() had no say, and an interface came too late. */
static int tell_way_out(const struct lcap_reader *reader, int rc, struct lcap_error *error)
{
    bool fine = false;
    for (size_t i = 0; i < lcap_reader_interfaces(reader); i++)
        fine |= time_digits_below_microsecond(lcap_reader_interface(reader, i));
    if (rc != LCAP_ERR_ARGUMENT || !fine || lcap_reader_can_rewind(reader))
        return rc;
    const struct lcap_error told = *error;
    lcap_error_clear(error);
    return lcap_error_set(error, rc,
                          "%s: use --format pcapng, or a file as the input, which is looked "
                          "through first",
                          told.text);
}

static int strip_reader(struct stripping *stripping, struct lcap_reader *reader,
                        struct lcap_error *error)
{
    struct lcap_error damage = {0};
    lcap_writer_source(stripping->writer, reader);
    int rc = pass_over(reader, strip_block, stripping, progress_of_reader, error);
    rc = pass_keep_damage(rc, error, &damage);
    if (rc < 0)
        return tell_way_out(reader, rc, error);
    talk_pcapml_times(reader);
    talk_losses(lcap_writer_losses(stripping->writer));
    rc = lcap_writer_close(stripping->writer, error);
    stripping->writer = NULL;
    return pass_outcome(rc, error, &damage);
}

static int run_strip(const void *given, const char *const *operands, size_t count,
                     struct lcap_error *error)
{
    const struct strip_args *args = given;
    if (!args->output) {
        lcap_error_set(error, LCAP_ERR_ARGUMENT, "no output (-W FILE)");
        return COMMAND_USAGE;
    }
    if (args->quiet)
        talk_be_quiet();
    const struct lcap_reader_options reading = {.pcapml_times =
                                                    (enum lcap_pcapml_times)args->pcapml_times};
    struct lcap_writer_options writing = {.format = format_of(args), .overwrite = args->force};
    struct stripping stripping = {0};
    struct lcap_reader *reader = NULL;
    const struct output_options placing = {.overwrite = args->force};
    int rc = file_check_not_input(args->output, operands, count, error);
    if (rc == 0)
        rc = output_try(args->output, &placing, error);
    if (rc == 0)
        rc = lcap_reader_open(&reader, operands[0], &reading, error);
    if (rc == 0)
        rc = choose_times(reader, &writing, error);
    if (rc == 0)
        rc = lcap_writer_open(&stripping.writer, args->output, &writing, error);
    if (rc == 0)
        rc = strip_reader(&stripping, reader, error);
    if (rc == 0) {
        char labels[COUNTED_TEXT], packets[COUNTED_TEXT];
        talk_note("%s taken off %s", text_counted(stripping.labels, "label", labels),
                  text_counted(stripping.packets, "packet", packets));
    }
    lcap_writer_discard(stripping.writer);
    lcap_reader_free(reader);
    return rc;
}

const struct command cmd_strip = {
    .name = "strip",
    .summary = "take the labels off: plain pcap or pcapng",
    .usage = "labelcap strip -W OUTPUT [OPTION...] INPUT",
    .operands = "INPUT",
    .min_operands = 1,
    .max_operands = 1,
    .example = "labelcap strip -W plain.pcap labelled.pcapng",
    .options = rows,
    .defaults = &defaults,
    .args_size = sizeof defaults,
    .run = run_strip,
};
