/* The joint file: lines of a name and a value, so that people can read it, too. */
#include "dataset/shard/joint.h"

#include "base/buffer.h"
#include "base/io/output.h"
#include "base/memory.h"
#include "base/text/text.h"
#include "dataset/sorted_writer.h"
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_LINE "labelcap joint 2"
#define LAST_LINE  "end"

/* The plain fields, once for writing and reading. */
struct text_field {
    const char *name;
    size_t at;
};
struct number_field {
    const char *name;
    size_t at;
};

static const struct text_field texts[] = {
    {"command", offsetof(struct joint, command)},
    {"run", offsetof(struct joint, run)},
    {"part_checksum", offsetof(struct joint, part_checksum)},
};

static const struct number_field numbers[] = {
    {"finished", offsetof(struct joint, finished)},
    {"part_size", offsetof(struct joint, part_size)},
    {"several_inputs", offsetof(struct joint, output.several)},
    {"order", offsetof(struct joint, output.order)},
    {"split_linktypes", offsetof(struct joint, output.split_linktypes)},
    {"pcapml_times", offsetof(struct joint, output.pcapml_times)},
    {"snaplen", offsetof(struct joint, output.snaplen)},
    {"is_sorted", offsetof(struct joint, output.is_sorted)},
    {"needs_labels", offsetof(struct joint, output.needs_labels)},
    {"sound_snaplens", offsetof(struct joint, counts.sound_snaplens)},
    {"has_snaplen", offsetof(struct joint, counts.has_snaplen)},
    {"in_order", offsetof(struct joint, counts.in_order)},
    {"late_interface", offsetof(struct joint, counts.late_interface)},
    {"input_snaplen", offsetof(struct joint, counts.snaplen)},
    {"inputs", offsetof(struct joint, counts.inputs)},
    {"begun_inputs", offsetof(struct joint, counts.begun)},
};

#define COUNT_OF(ARRAY) (sizeof(ARRAY) / sizeof(ARRAY)[0])

static char **text_of(const struct joint *joint, const struct text_field *field)
{
    return (char **)((char *)joint + field->at);
}

static uint64_t *number_of(const struct joint *joint, const struct number_field *field)
{
    return (uint64_t *)((char *)joint + field->at);
}

/* ---- writing ---- */

struct joint_segment *joint_add_segment(struct joint *joint, struct lcap_error *error)
{
    void *segments = joint->segments;
    const int rc = memory_grow(&segments, &joint->segment_capacity, joint->segment_count + 1,
                               sizeof *joint->segments, error);
    joint->segments = segments;
    if (rc < 0)
        return NULL;
    struct joint_segment *segment = &joint->segments[joint->segment_count++];
    *segment = (struct joint_segment){0};
    return segment;
}

/* A text that may be empty, and must not be for whoever splits the line. */
static const char *shown_times(const struct joint_place *place)
{
    return place->times && *place->times ? place->times : "-";
}

static int write_place(struct buffer *out, const char *name, const struct joint_place *place,
                       struct lcap_error *error)
{
    return buffer_printf(out, error, "%s %" PRIu64 " %" PRIu64 " %" PRIu64 " %s\n", name,
                         place->offset, place->section, place->interfaces, shown_times(place));
}

/* A value ends with its line; names of files may have other ideas. */
static int write_text(struct buffer *out, const char *name, const char *text,
                      struct lcap_error *error)
{
    int rc = buffer_printf(out, error, "%s ", name);
    if (rc == LCAP_OK)
        rc = text_append_escaped(out, text, strlen(text), error);
    return rc == LCAP_OK ? buffer_append(out, "\n", 1, error) : rc;
}

const char *joint_next_note(const struct buffer *notes, size_t *at)
{
    if (*at >= notes->len)
        return NULL;
    const char *note = (const char *)notes->data + *at;
    *at += strlen(note) + 1;
    return note;
}

/* The path of a file is read as it was: \n is a line feed, and \\ a backslash. */
static int write_note(struct buffer *out, const char *note, struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (; *note && rc == LCAP_OK; note++)
        if (*note == '\n' || *note == '\\')
            rc = buffer_append_text(out, *note == '\n' ? "\\n" : "\\\\", error);
        else
            rc = buffer_append(out, note, 1, error);
    return rc;
}

static int write_notes(struct buffer *out, const char *name, const struct buffer *notes,
                       struct lcap_error *error)
{
    const char *note;
    size_t at = 0;
    int rc = LCAP_OK;
    while (rc == LCAP_OK && (note = joint_next_note(notes, &at))) {
        rc = buffer_printf(out, error, "%s ", name);
        if (rc == LCAP_OK)
            rc = write_note(out, note, error);
        if (rc == LCAP_OK)
            rc = buffer_append(out, "\n", 1, error);
    }
    return rc;
}

static int write_segment(struct buffer *out, const struct joint_segment *segment,
                         struct lcap_error *error)
{
    int rc = buffer_printf(out, error,
                           "segment %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64
                           " %" PRIu64 "\n",
                           segment->input, segment->part_begin, segment->part_end, segment->packets,
                           segment->has_sections, segment->labelled);
    if (rc == LCAP_OK)
        rc = write_text(out, "path", segment->path, error);
    if (rc == LCAP_OK)
        rc = write_place(out, "begin", &segment->begin, error);
    if (rc == LCAP_OK)
        rc = write_place(out, "end_of", &segment->end, error);
    if (rc == LCAP_OK && segment->size > 0)
        rc = buffer_printf(out, error, "input_size %" PRIu64 "\n", segment->size);
    if (rc == LCAP_OK && segment->damage)
        rc = write_text(out, "damage", segment->damage, error);
    return rc == LCAP_OK ? write_notes(out, "note", &segment->notes, error) : rc;
}

static int write_lines(struct buffer *out, const struct joint *joint, struct lcap_error *error)
{
    int rc = buffer_printf(out, error, FIRST_LINE "\nshard %u %u\n", joint->shard.number,
                           joint->shard.count);
    for (size_t i = 0; i < COUNT_OF(texts) && rc == LCAP_OK; i++)
        if (*text_of(joint, &texts[i]))
            rc = write_text(out, texts[i].name, *text_of(joint, &texts[i]), error);
    for (size_t i = 0; i < COUNT_OF(numbers) && rc == LCAP_OK; i++)
        rc = buffer_printf(out, error, "%s %" PRIu64 "\n", numbers[i].name,
                           *number_of(joint, &numbers[i]));
    if (rc == LCAP_OK)
        rc = write_notes(out, "about", &joint->about, error);
    for (size_t i = 0; i < joint->segment_count && rc == LCAP_OK; i++)
        rc = write_segment(out, &joint->segments[i], error);
    return rc == LCAP_OK ? buffer_append_text(out, LAST_LINE "\n", error) : rc;
}

int joint_write(const struct joint *joint, const char *path, bool no_sync, struct lcap_error *error)
{
    const struct output_options placing = {.overwrite = true, .no_sync = no_sync};
    struct buffer text = {0};
    struct output *out;
    int rc = write_lines(&text, joint, error);
    if (rc == LCAP_OK)
        rc = output_open(&out, path, &placing, error);
    if (rc == LCAP_OK) {
        output_write(out, text.data, text.len);
        rc = output_close(out, error);
    }
    buffer_release(&text);
    return rc;
}

/* ---- reading ---- */

struct parsing {
    struct joint *joint;
    const char *path;
    uint64_t line;
    bool begun, ended;
};

static int wrong_line(const struct parsing *at, const char *expected, struct lcap_error *error)
{
    return lcap_error_set(error, LCAP_ERR_FORMAT, "%s:%" PRIu64 ": expected %s: this is no joint",
                          at->path, at->line, expected);
}

/* Takes the number that the text begins with, and the space behind it. */
static bool take_number(const char **text, uint64_t *number)
{
    bool fits;
    const size_t len = text_leading_u64(*text, strlen(*text), number, &fits);
    *text += len;
    if (**text == ' ')
        ++*text;
    return len > 0 && fits;
}

const char *joint_note_numbers(const char *note, const char *word, uint64_t *values, size_t count)
{
    const size_t len = strlen(word);
    if (strncmp(note, word, len) != 0 || note[len] != ' ')
        return NULL;
    note += len + 1;
    for (size_t i = 0; i < count; i++)
        if (!take_number(&note, &values[i]))
            return NULL;
    return note;
}

static int keep_text(char **text, const char *value, struct lcap_error *error)
{
    free(*text);
    *text = memory_copy_text(value, strlen(value), error);
    return *text ? LCAP_OK : LCAP_ERR_MEMORY;
}

static int keep_note(struct buffer *notes, const char *text, struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (; *text && rc == LCAP_OK; text++) {
        char byte = *text;
        if (byte == '\\' && text[1])
            byte = *++text == 'n' ? '\n' : *text;
        rc = buffer_append(notes, &byte, 1, error);
    }
    return rc == LCAP_OK ? buffer_append(notes, "", 1, error) : rc;
}

static int read_place(const struct parsing *at, struct joint_place *place, const char *value,
                      struct lcap_error *error)
{
    if (!take_number(&value, &place->offset) || !take_number(&value, &place->section) ||
        !take_number(&value, &place->interfaces))
        return wrong_line(at, "the numbers of a place", error);
    return keep_text(&place->times, strcmp(value, "-") == 0 ? "" : value, error);
}

static int read_segment(const struct parsing *at, const char *value, struct lcap_error *error)
{
    struct joint_segment *segment = joint_add_segment(at->joint, error);
    if (!segment)
        return LCAP_ERR_MEMORY;
    return take_number(&value, &segment->input) && take_number(&value, &segment->part_begin) &&
                   take_number(&value, &segment->part_end) &&
                   take_number(&value, &segment->packets) &&
                   take_number(&value, &segment->has_sections) &&
                   take_number(&value, &segment->labelled) && segment->labelled <= segment->packets
               ? LCAP_OK
               : wrong_line(at, "the numbers of a segment", error);
}

static int read_of_segment(const struct parsing *at, const char *name, const char *value,
                           struct lcap_error *error)
{
    struct joint *joint = at->joint;
    if (joint->segment_count == 0)
        return wrong_line(at, "a segment first", error);
    struct joint_segment *last = &joint->segments[joint->segment_count - 1];
    if (strcmp(name, "path") == 0)
        return keep_text(&last->path, value, error);
    if (strcmp(name, "begin") == 0)
        return read_place(at, &last->begin, value, error);
    if (strcmp(name, "end_of") == 0)
        return read_place(at, &last->end, value, error);
    if (strcmp(name, "damage") == 0)
        return keep_text(&last->damage, value, error);
    if (strcmp(name, "input_size") == 0)
        return take_number(&value, &last->size) ? LCAP_OK : wrong_line(at, "a number", error);
    if (strcmp(name, "note") == 0)
        return keep_note(&last->notes, value, error);
    return wrong_line(at, "a name that a joint has", error);
}

static int read_shard(const struct parsing *at, const char *value, struct lcap_error *error)
{
    uint64_t number, count;
    if (!take_number(&value, &number) || !take_number(&value, &count) || count > SHARDS_MAX ||
        number >= count)
        return wrong_line(at, "the number of a shard and how many there are", error);
    at->joint->shard = (struct shard){(uint32_t)number, (uint32_t)count};
    return LCAP_OK;
}

static int read_value(const struct parsing *at, const char *name, const char *value,
                      struct lcap_error *error)
{
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        if (strcmp(name, texts[i].name) == 0)
            return keep_text(text_of(at->joint, &texts[i]), value, error);
    for (size_t i = 0; i < COUNT_OF(numbers); i++)
        if (strcmp(name, numbers[i].name) == 0)
            return take_number(&value, number_of(at->joint, &numbers[i]))
                       ? LCAP_OK
                       : wrong_line(at, "a number", error);
    if (strcmp(name, "shard") == 0)
        return read_shard(at, value, error);
    if (strcmp(name, "about") == 0)
        return keep_note(&at->joint->about, value, error);
    if (strcmp(name, "segment") == 0)
        return read_segment(at, value, error);
    return read_of_segment(at, name, value, error);
}

static int read_line(struct parsing *at, char *line, struct lcap_error *error)
{
    at->line++;
    if (!at->begun) {
        at->begun = strcmp(line, FIRST_LINE) == 0;
        return at->begun ? LCAP_OK : wrong_line(at, "\"" FIRST_LINE "\"", error);
    }
    at->ended = strcmp(line, LAST_LINE) == 0;
    if (at->ended)
        return LCAP_OK;
    char *space = strchr(line, ' ');
    if (!space)
        return wrong_line(at, "a name and a value", error);
    *space = '\0';
    return read_value(at, line, space + 1, error);
}

static int read_lines(struct parsing *at, FILE *file, struct lcap_error *error)
{
    char *line = NULL;
    size_t room = 0;
    int rc = LCAP_OK;
    while (rc == LCAP_OK && !at->ended && getline(&line, &room, file) > 0) {
        line[strcspn(line, "\n")] = '\0';
        rc = read_line(at, line, error);
    }
    free(line);
    if (rc == LCAP_OK && !at->ended)
        rc = wrong_line(at, "\"" LAST_LINE "\" at its end", error);
    return rc;
}

/* What the other code relies on. */
static int check_complete(const struct parsing *at, struct lcap_error *error)
{
    const struct joint *joint = at->joint;
    bool complete = joint->shard.count > 0 && joint->output.order <= ORDER_TIME &&
                    joint->output.snaplen <= UINT32_MAX &&
                    (joint->segment_count > 0 || !joint->counts.has_snaplen) && joint->command &&
                    joint->run && (joint->part_checksum || !joint->finished);
    for (size_t i = 0; i < joint->segment_count; i++) {
        const struct joint_segment *segment = &joint->segments[i];
        complete = complete && segment->path && segment->begin.times && segment->end.times;
    }
    return complete ? LCAP_OK : wrong_line(at, "all that a joint has before its end", error);
}

int joint_read(struct joint *joint, const char *path, struct lcap_error *error)
{
    struct parsing at = {.joint = joint, .path = path};
    *joint = (struct joint){0};
    FILE *file = fopen(path, "re");
    if (!file)
        return lcap_error_set_errno(error, errno, "%s: cannot open", path);
    int rc = read_lines(&at, file, error);
    fclose(file);
    if (rc == LCAP_OK)
        rc = check_complete(&at, error);
    if (rc < 0)
        joint_release(joint);
    return rc;
}

/* ---- proof ---- */

/*
 * One letter an interface. What was taken for plain because nothing had told yet is right
 * where it is plain: only a shard that took times for pcapml's, or did not, is wrong.
 */
static bool times_meet(const char *before, const struct joint_segment *next)
{
    const bool in_one_section = next->begin.section == next->end.section;
    const char *began = next->begin.times, *ended = in_one_section ? next->end.times : "";
    const size_t known = strlen(ended);
    for (size_t i = 0; before[i] && began[i]; i++)
        if (before[i] != began[i] &&
            !(before[i] == 'p' && began[i] == 'u' && i < known && ended[i] != 'm'))
            return false;
    return true;
}

bool joint_places_meet(const struct joint_place *end, const struct joint_segment *next)
{
    const struct joint_place *begin = &next->begin;
    return end->offset == begin->offset && end->section == begin->section &&
           end->interfaces == begin->interfaces && times_meet(end->times, next);
}

static const struct joint_segment *last_in(const struct joint *joint, uint64_t input)
{
    const size_t count = joint->segment_count;
    return count > 0 && joint->segments[count - 1].input == input ? &joint->segments[count - 1]
                                                                  : NULL;
}

const struct joint_place *joint_end_in(const struct joint *joint, uint64_t input)
{
    const struct joint_segment *last = last_in(joint, input);
    return last && !last->damage ? &last->end : NULL;
}

const char *joint_damage_in(const struct joint *joint, uint64_t input)
{
    const struct joint_segment *last = last_in(joint, input);
    return last ? last->damage : NULL;
}

void joint_release(struct joint *joint)
{
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        free(*text_of(joint, &texts[i]));
    for (size_t i = 0; i < joint->segment_count; i++) {
        struct joint_segment *segment = &joint->segments[i];
        free(segment->begin.times);
        free(segment->end.times);
        free(segment->damage);
        free(segment->path);
        buffer_release(&segment->notes);
    }
    buffer_release(&joint->about);
    free(joint->segments);
    *joint = (struct joint){0};
}
