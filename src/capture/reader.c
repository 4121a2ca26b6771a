/* The handle through which captures of either format are read. */
#include "base/memory.h"
#include "base/rare.h"
#include "base/sized.h"
#include "capture/linktype.h"
#include "capture/parts/reader_ahead.h"
#include "capture/parts/reader_guess.h"
#include "capture/reader_internal.h"
#include "capture/reader_stamp.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

int reader_damaged(struct lcap_reader *reader, const char *format, ...)
{
    char text[LCAP_ERROR_TEXT];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return lcap_error_set(&reader->error, LCAP_ERR_DAMAGED, "%s: offset %" PRIu64 ": %s",
                          input_name(reader->input),
                          input_stream_offset(reader->input, reader->block.offset), text);
}

int reader_refused(struct lcap_reader *reader, const char *format, ...)
{
    char text[LCAP_ERROR_TEXT];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return lcap_error_set(&reader->error, LCAP_ERR_FORMAT, "%s: %s", input_name(reader->input),
                          text);
}

int reader_swap_header(struct lcap_reader *reader)
{
    struct lcap_packet *packet = &reader->block.packet;
    buffer_clear(&reader->swapped);
    int rc = buffer_append(&reader->swapped, packet->data, packet->caplen, &reader->error);
    if (rc < 0)
        return rc;
    linktype_swap_header(packet->interface->linktype, reader->swapped.data, packet->caplen,
                         packet->len, reader->big_endian);
    packet->data = reader->swapped.data;
    return LCAP_OK;
}

/* open() read the first block, so that a file that is not a capture fails there. */
static int give_first_block(struct lcap_reader *reader)
{
    reader->step = reader->second_step;
    return 1;
}

static int repeat_result(struct lcap_reader *reader)
{
    return reader->result;
}

static int begin_empty(struct lcap_reader *reader)
{
    reader->format_name = "empty";
    reader->step = repeat_result;
    reader->result = 0;
    return LCAP_OK;
}

static int begin(struct lcap_reader *reader)
{
    reader_begin *begin_format;
    int rc = reader_tell_format(reader, &begin_format);
    if (rc <= 0)
        return rc < 0 ? rc : begin_empty(reader);
    rc = begin_format(reader);
    if (rc < 0)
        return rc;
    reader->step = give_first_block;
    return LCAP_OK;
}

/* Ends the reading: every later call returns this result. Returns it. */
static int stop(struct lcap_reader *reader, int result, struct lcap_error *error)
{
    reader->step = repeat_result;
    reader->result = result;
    if (result < 0)
        lcap_error_copy(error, &reader->error);
    return result;
}

int reader_open_input(struct lcap_reader **reader, struct input *input,
                      const struct lcap_reader_options *options, struct lcap_error *error)
{
    struct lcap_reader *r = memory_new(1, sizeof *r, error);
    if (!r) {
        input_free(input);
        return LCAP_ERR_MEMORY;
    }
    r->input = input;
    if (options) {
        r->options = *options;
        input_use_threads(input, options->threads);
    }
    int rc = begin(r);
    if (rc < 0) {
        stop(r, rc, error);
        lcap_reader_free(r);
        return rc;
    }
    r->in_blocks = input_is_blocked(input);
    *reader = r;
    return LCAP_OK;
}

int lcap_reader_open(struct lcap_reader **reader, const char *path,
                     const struct lcap_reader_options *options, struct lcap_error *error)
{
    struct lcap_reader_options taken;
    struct input *input = NULL;
    *reader = NULL;
    int rc = sized_take(&taken, sizeof taken, options, "lcap_reader_options", error);
    if (rc == LCAP_OK)
        rc = input_open_watched(&input, path, &taken.watcher, error);
    return rc < 0 ? rc : reader_open_input(reader, input, &taken, error);
}

int lcap_reader_next(struct lcap_reader *reader, const struct lcap_block **block,
                     struct lcap_error *error)
{
    int rc = reader->step(reader);
    *block = &reader->block;
    if (__builtin_expect(rc == 1, 1))
        return 1;
    *block = NULL;
    return stop(reader, rc, error);
}

bool reader_next_is_at_hand(const struct lcap_reader *reader)
{
    const struct input *in = reader->input;
    const size_t have = (size_t)(in->end - in->next);
    if (have < READER_LOOK || reader->swapped.len > 0)
        return false;
    return have >= (reader->format == LCAP_FORMAT_PCAP ? pcap_next_size(reader, in->next)
                                                       : pcapng_next_size(reader, in->next));
}

bool reader_leaves_bytes(const struct lcap_reader *reader)
{
    return reader->swapped.len == 0;
}

int reader_exchange_memory(struct lcap_reader *reader, struct buffer *memory,
                           struct lcap_error *error)
{
    return input_exchange_memory(reader->input, memory, error);
}

void reader_leave(struct lcap_reader *reader)
{
    const uint64_t here = input_offset(reader->input);
    if (reader->read_from <= reader->known_to && here > reader->known_to)
        reader->known_to = here;
}

int lcap_reader_rewind(struct lcap_reader *reader, struct lcap_error *error)
{
    if (!lcap_reader_can_rewind(reader))
        return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                              "%s: cannot be read twice: not a regular file",
                              lcap_reader_name(reader));
    lcap_error_clear(&reader->error);
    reader_leave(reader);
    reader->read_from = 0;
    reader->next_interface = 0;
    reader->section_first = 0;
    reader_forget_times(reader);
    int rc = input_rewind(reader->input, &reader->error);
    if (rc == LCAP_OK)
        rc = begin(reader);
    return rc < 0 ? stop(reader, rc, error) : LCAP_OK;
}

int reader_no_place(struct lcap_reader *reader, const struct lcap_position *to)
{
    return lcap_error_set(&reader->error, LCAP_ERR_ARGUMENT,
                          "%s: offset %" PRIu64 ": not a place between two blocks of this capture",
                          input_name(reader->input), to->offset);
}

/* The block that open() read has not been returned: the reader is before it. */
static bool is_at_start(const struct lcap_reader *reader)
{
    return reader->step == give_first_block || !reader->seek;
}

uint64_t reader_offset(const struct lcap_reader *reader)
{
    return is_at_start(reader) ? 0 : input_offset(reader->input);
}

static RARE bool is_before_in_blocks(const struct lcap_reader *reader, uint64_t place)
{
    return input_bytes_read(reader->input) < place >> 16 ||
           input_coded_offset(reader->input) < place;
}

bool reader_is_before(const struct lcap_reader *reader, uint64_t place)
{
    if (is_at_start(reader))
        return place > 0;
    return reader->in_blocks ? is_before_in_blocks(reader, place)
                             : input_offset(reader->input) < place;
}

int lcap_reader_tell(const struct lcap_reader *reader, struct lcap_position *position,
                     struct lcap_error *error)
{
    struct lcap_position here = {0};
    if (reader->step == repeat_result && reader->result < 0)
        return lcap_error_copy(error, &reader->error);
    if (!is_at_start(reader)) {
        here.offset = input_offset(reader->input);
        here.coded_offset = input_coded_offset(reader->input);
        here.section = reader->section;
        here.interfaces = reader->next_interface - reader->section_first;
    }
    return sized_give(position, &here, sizeof here, "lcap_position", error);
}

static int seek(struct lcap_reader *reader, const struct lcap_position *to)
{
    lcap_error_clear(&reader->error);
    if (!reader->seek)
        return reader_no_place(reader, to);
    reader_leave(reader);
    int rc = reader->seek(reader, to);
    reader->read_from = rc < 0 ? UINT64_MAX : to->offset;
    return rc;
}

int lcap_reader_seek(struct lcap_reader *reader, const struct lcap_position *position,
                     struct lcap_error *error)
{
    struct lcap_position to;
    int rc = sized_take(&to, sizeof to, position, "lcap_position", error);
    if (rc < 0)
        return rc;
    if (to.offset == 0 || !lcap_reader_can_rewind(reader))
        return lcap_reader_rewind(reader, error);
    rc = seek(reader, &to);
    return rc < 0 ? stop(reader, rc, error) : LCAP_OK;
}

struct file_stamp reader_stamp(const struct lcap_reader *reader)
{
    return input_stamp(reader->input);
}

int lcap_reader_check_random_access(const struct lcap_reader *reader, struct lcap_error *error)
{
    return input_check_random_access(reader->input, error);
}

bool lcap_reader_can_rewind(const struct lcap_reader *reader)
{
    return input_can_rewind(reader->input);
}

size_t lcap_reader_interfaces(const struct lcap_reader *reader)
{
    return reader->interface_count;
}

const struct lcap_interface *lcap_reader_interface(const struct lcap_reader *reader, size_t number)
{
    if (number >= reader->interface_count)
        return NULL;
    /* They are in file order, which is the order of their numbers unless they were read in another
     * order. */
    size_t index = number;
    for (size_t i = 0; reader->interfaces[index]->description.number != number; i++)
        index = i;
    return &reader->interfaces[index]->description;
}

const char *lcap_reader_format_name(const struct lcap_reader *reader)
{
    return reader->format_name;
}

enum lcap_format lcap_reader_format(const struct lcap_reader *reader)
{
    return reader->format;
}

uint64_t lcap_reader_pcapml_times(const struct lcap_reader *reader)
{
    return reader->odd_times.pcapml;
}

const struct lcap_odd_times *lcap_reader_odd_times(const struct lcap_reader *reader)
{
    return &reader->odd_times;
}

uint64_t lcap_reader_bytes_read(const struct lcap_reader *reader)
{
    return input_bytes_read(reader->input);
}

uint64_t lcap_reader_file_size(const struct lcap_reader *reader)
{
    return input_file_size(reader->input);
}

const char *lcap_reader_name(const struct lcap_reader *reader)
{
    return input_name(reader->input);
}

void lcap_reader_free(struct lcap_reader *reader)
{
    if (!reader)
        return;
    for (size_t i = 0; i < reader->interface_count; i++)
        free(reader->interfaces[i]);
    free(reader->interfaces);
    buffer_release(&reader->swapped);
    input_free(reader->input);
    free(reader);
}
