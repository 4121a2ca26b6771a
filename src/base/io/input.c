/* Input: pieces from a source, through a pipeline; the reader looks into one of them. */
#include "base/io/input.h"

#include "base/io/known_blocks.h"
#include "base/io/waiting.h"
#include "base/memory.h"
#include "base/pipeline.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct input_state {
    struct source source;
    struct pipeline *pipeline; /* NULL until bytes are read */
    unsigned threads;
    bool started; /* the first bytes have been read, so it is known whether to decompress */
    bool at_end;
    struct lcap_error failure; /* what ended the reading; reported when the bytes before are used */
    uint64_t bytes_read;

    struct piece *piece;  /* what input->next and input->end point into; NULL: */
    struct buffer joined; /* they point into this one: bytes that are in several pieces */
    const uint8_t *first; /* what input->next may go back to */

    struct known_blocks blocks; /* of BGZF: those that the bytes from input->next on are in */
    struct block_place origin;  /* from where offsets count: the start, or a virtual offset */
};

/* The buffer of an input that has not read anything yet. */
static const uint8_t nothing[1];

/* Nothing of the stream is in memory; what comes is at `offset` of it. */
static void start_at(struct input *in, uint64_t offset)
{
    struct input_state *s = in->state;
    in->next = in->end = s->first = nothing;
    in->end_offset = offset;
    s->piece = NULL;
    s->blocks.count = 0;
    s->at_end = false;
    lcap_error_clear(&s->failure);
}

/* One thread is enough to unpack a stream ahead; several unpack blocks. A plain file is read by
 * who uses its bytes, while they are in the cache of that core: reading it ahead made `label`
 * slower by a quarter and `strip` by 40 %, and the kernel reads a disk ahead by itself. */
static unsigned threads_for(const struct source *source, unsigned threads)
{
    if (!source->regular || !source->codec)
        return 1;
    return source->blocked || threads < 2 ? threads : 2;
}

static int make_pipeline(struct input *in, struct lcap_error *error)
{
    struct source *source = &in->state->source;
    const struct pipeline_plan plan = {
        .buffer_size = sizeof(struct piece),
        .threads = threads_for(source, in->state->threads),
        .start = PIPELINE_START,
        .context = source,
        .first = source_read_piece,
        .work = source_unpack_piece,
        .release = source_release_piece,
    };
    return pipeline_new(&in->state->pipeline, &plan, error);
}

static int open_source(struct input **in, int fd, bool owns_fd, const char *name,
                       const struct lcap_watcher *watcher, struct lcap_error *error)
{
    int rc = LCAP_ERR_MEMORY;
    struct input *made = memory_new(1, sizeof *made, error);
    *in = NULL;
    if (made)
        made->state = memory_new(1, sizeof *made->state, error);
    if (made && made->state)
        rc = source_open(&made->state->source, fd, false, name, error);
    if (rc < 0) {
        input_free(made);
        if (owns_fd)
            close(fd);
        return rc;
    }
    made->state->source.owns_fd = owns_fd;
    made->state->source.watcher = *watcher;
    start_at(made, 0);
    *in = made;
    return LCAP_OK;
}

/* A FIFO to which nobody writes would keep us in open(), where no watcher is asked. */
static int open_path(const char *path, bool watched)
{
    const int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY;
    struct stat st;
    const bool waits = watched && stat(path, &st) == 0 && S_ISFIFO(st.st_mode);
    const int fd = TEMP_FAILURE_RETRY(open(path, waits ? flags | O_NONBLOCK : flags));
    if (fd >= 0 && waits)
        fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
    return fd;
}

static const struct lcap_watcher nobody;

int input_open_watched(struct input **in, const char *path, const struct lcap_watcher *watcher,
                       struct lcap_error *error)
{
    *in = NULL;
    /* Standard input stays open afterwards, so that no other file gets its number. */
    if (strcmp(path, "-") == 0)
        return open_source(in, STDIN_FILENO, false, input_name_of(path), watcher, error);
    const int fd = open_path(path, watcher->look || waiting_is_watched());
    if (fd < 0)
        return lcap_error_set_errno(error, errno, "%s: cannot open", path);
    return open_source(in, fd, true, path, watcher, error);
}

int input_open(struct input **in, const char *path, struct lcap_error *error)
{
    return input_open_watched(in, path, &nobody, error);
}

int input_open_fd(struct input **in, int fd, const char *name, struct lcap_error *error)
{
    return open_source(in, fd, true, name, &nobody, error);
}

int input_open_beside(struct input **in, const struct input *other, struct lcap_error *error)
{
    const struct source *source = &other->state->source;
    const int rc = open_source(in, source->fd, false, source->name, &nobody, error);
    if (rc == LCAP_OK)
        source_share(&(*in)->state->source, source);
    return rc;
}

void input_use_threads(struct input *in, unsigned threads)
{
    in->state->threads = threads;
}

void input_be_sparing(struct input *in, const struct input_sparing *how)
{
    struct source *source = &in->state->source;
    if (how->most_read < source->most_read)
        source->most_read = how->most_read;
    if (how->stays_closed)
        source_stay_closed(source);
}

void input_take_checksum(struct input *in)
{
    in->state->source.takes_checksum = true;
}

uint32_t input_checksum(const struct input *in)
{
    return in->state->source.checksum;
}

/* Reads the first bytes and finds out what they are. */
static void start(struct input *in)
{
    struct input_state *s = in->state;
    s->started = true;
    s->at_end = source_begin(&s->source, &s->failure) < 0 ||
                (!s->pipeline && make_pipeline(in, &s->failure) < 0);
}

/* Bytes of the piece that is given back stay before those of the next one. */
static int keep_rest(struct input *in, struct lcap_error *error)
{
    struct input_state *s = in->state;
    const size_t have = (size_t)(in->end - in->next);
    if (!s->piece)
        return LCAP_OK;
    buffer_clear(&s->joined);
    const int rc = have > 0 ? buffer_append(&s->joined, in->next, have, error) : LCAP_OK;
    if (rc < 0)
        return rc;
    in->next = s->first = have > 0 ? s->joined.data : nothing;
    in->end = in->next + have;
    pipeline_give_back(s->pipeline);
    s->piece = NULL;
    return LCAP_OK;
}

static void exchange(uint8_t **data, size_t *capacity, struct buffer *other)
{
    const struct buffer given = {.data = *data, .capacity = *capacity};
    *data = other->data;
    *capacity = other->capacity;
    *other = given;
}

/* Hands over the memory in which several pieces were joined; what is left begins a new one. */
static int exchange_joined(struct input *in, struct buffer *memory, struct lcap_error *error)
{
    struct input_state *s = in->state;
    const size_t have = (size_t)(in->end - in->next);
    exchange(&s->joined.data, &s->joined.capacity, memory);
    buffer_clear(&s->joined);
    const int rc = have > 0 ? buffer_append(&s->joined, in->next, have, error) : LCAP_OK;
    in->next = s->first = rc == LCAP_OK && have > 0 ? s->joined.data : nothing;
    in->end = in->next + (rc == LCAP_OK ? have : 0);
    return rc;
}

int input_exchange_memory(struct input *in, struct buffer *memory, struct lcap_error *error)
{
    struct piece *piece = in->state->piece;
    if (!piece)
        return exchange_joined(in, memory, error);
    exchange(&piece->memory, &piece->capacity, memory);
    return keep_rest(in, error);
}

/* The rest moves into the room before the data of the piece. */
static void enter_piece(struct input *in, struct piece *piece)
{
    const size_t have = (size_t)(in->end - in->next);
    uint8_t *begin = piece->data - have;
    if (have > 0)
        memcpy(begin, in->next, have);
    in->next = in->state->first = begin;
    in->end = piece->data + piece->len;
    in->state->piece = piece;
}

/* A rest that is longer than the room: the piece moves behind it. */
static int join_piece(struct input *in, const struct piece *piece, struct lcap_error *error)
{
    struct buffer *joined = &in->state->joined;
    const size_t used = (size_t)(in->next - joined->data);
    const int rc = buffer_append(joined, piece->data, piece->len, error);
    if (rc < 0)
        return rc;
    in->state->first = joined->data;
    in->next = joined->data + used;
    in->end = joined->data + joined->len;
    pipeline_give_back(in->state->pipeline);
    return LCAP_OK;
}

static int add_piece(struct input *in, struct piece *piece, struct lcap_error *error)
{
    if (piece->len == 0)
        pipeline_give_back(in->state->pipeline);
    else if ((size_t)(in->end - in->next) > PIECE_HEADROOM)
        return join_piece(in, piece, error);
    else
        enter_piece(in, piece);
    return LCAP_OK;
}

/* Goes on to the next piece, or to the end. */
static int take_piece(struct input *in, struct lcap_error *error)
{
    struct input_state *s = in->state;
    int rc = keep_rest(in, error);
    if (rc < 0)
        return rc;
    struct piece *piece = pipeline_take(s->pipeline);
    if (!piece) {
        s->at_end = true;
        return LCAP_OK;
    }
    s->bytes_read = piece->bytes_read;
    s->failure = piece->failure;
    s->at_end = piece->failure.code != LCAP_OK;
    rc = piece->block_count > 0
             ? known_blocks_add(&s->blocks, piece, in->end_offset, input_offset(in), error)
             : LCAP_OK;
    if (rc < 0)
        return rc;
    in->end_offset += piece->len;
    return add_piece(in, piece, error);
}

int64_t input_fill(struct input *in, size_t len, struct lcap_error *error)
{
    struct input_state *s = in->state;
    if (!s->started)
        start(in);
    while ((size_t)(in->end - in->next) < len && !s->at_end) {
        const int rc = take_piece(in, error);
        if (rc < 0)
            return rc;
    }
    int64_t have = in->end - in->next;
    if ((size_t)have < len && s->failure.code != LCAP_OK)
        return lcap_error_copy(error, &s->failure);
    return have;
}

const char *input_name_of(const char *path)
{
    return strcmp(path, "-") == 0 ? "standard input" : path;
}

const char *input_name(const struct input *in)
{
    return in->state->source.name;
}

uint64_t input_bytes_read(const struct input *in)
{
    return in->state->bytes_read;
}

uint64_t input_file_size(const struct input *in)
{
    return in->state->source.file_size;
}

struct file_stamp input_stamp(const struct input *in)
{
    return file_stamp_of(in->state->source.fd);
}

bool input_can_rewind(const struct input *in)
{
    return in->state->source.regular;
}

bool input_is_packed(const struct input *in)
{
    return in->state->source.codec != NULL;
}

bool input_is_blocked(const struct input *in)
{
    return in->state->source.blocked;
}

int input_rewind(struct input *in, struct lcap_error *error)
{
    struct input_state *s = in->state;
    if (!s->source.regular)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                              "%s: cannot be read twice: not a regular file", s->source.name);
    pipeline_restart(s->pipeline);
    s->started = false;
    s->bytes_read = 0;
    s->origin = (struct block_place){0};
    start_at(in, 0);
    return source_rewind(&s->source, error);
}

uint64_t input_coded_offset(const struct input *in)
{
    const struct input_state *s = in->state;
    const uint64_t offset = input_offset(in);
    return input_is_packed(in) ? known_blocks_find(&s->blocks, &s->source, offset) : offset;
}

uint64_t input_stream_offset(const struct input *in, uint64_t offset)
{
    const struct input_state *s = in->state;
    return offset < s->origin.offset
               ? offset
               : offset - s->origin.offset + block_search_offset(&s->source, s->origin.at);
}

uint64_t input_guess_block(const struct input *in, uint64_t from)
{
    return block_search_guess(&in->state->source, from);
}

/* Whether memory still holds the place, or ends there; goes there then. */
static bool move_in_memory(struct input *in, uint64_t offset)
{
    const uint64_t first = in->end_offset - (uint64_t)(in->end - in->state->first);
    if (offset < first || offset > in->end_offset)
        return false;
    in->next = in->end - (in->end_offset - offset);
    return true;
}

static int no_such_place(const struct input *in, uint64_t offset, struct lcap_error *error)
{
    return lcap_error_set(error, LCAP_ERR_ARGUMENT, "%s: byte %llu is beyond the end",
                          input_name(in), (unsigned long long)offset);
}

static int read_up_to(struct input *in, uint64_t offset, struct lcap_error *error)
{
    const uint8_t *at;
    int rc = LCAP_OK;
    while (rc == LCAP_OK && input_offset(in) < offset) {
        const uint64_t left = offset - input_offset(in);
        const int64_t have = input_peek(in, 1, &at, error);
        if (have <= 0)
            rc = have < 0 ? (int)have : no_such_place(in, offset, error);
        else
            input_skip(in, (uint64_t)have < left ? (size_t)have : (size_t)left);
    }
    return rc;
}

/* Goes to byte `at` of the file, which has byte `offset` of the stream. */
static int jump(struct input *in, uint64_t at, uint64_t offset, struct lcap_error *error)
{
    if (!source_reaches(&in->state->source, at))
        return no_such_place(in, offset, error);
    pipeline_restart(in->state->pipeline);
    start_at(in, offset);
    in->state->bytes_read = at;
    return source_jump(&in->state->source, at, error);
}

/* Of a virtual offset that is given as that in the stream, too, which is lower but in the first
 * block. */
static bool is_virtual(uint64_t offset, uint64_t coded)
{
    return offset == coded && coded >> 16 > 0;
}

/* The block that is said to have the place; if there is none, it is looked for. */
static struct block_place find_block(const struct input_state *s, uint64_t offset, uint64_t coded)
{
    const uint64_t within = coded & 0xffff;
    struct block_place place = {.at = coded >> 16, .offset = offset - within};
    if (coded == 0 || within > offset ||
        (!is_virtual(offset, coded) && !block_search_is_at(&s->source, place.at))) {
        place = s->origin;
        if (offset < place.offset)
            place = (struct block_place){.at = 0};
        block_search_find(&s->source, offset, &place);
    }
    return place;
}

static int jump_to_block(struct input *in, uint64_t offset, uint64_t coded,
                         struct lcap_error *error)
{
    struct input_state *s = in->state;
    const struct block_place place = find_block(s, offset, coded);
    if (is_virtual(offset, coded))
        s->origin = place;
    else if (place.offset < s->origin.offset)
        s->origin = (struct block_place){0};
    int rc = jump(in, place.at, place.offset, error);
    if (rc == LCAP_OK)
        rc = known_blocks_begin(&s->blocks, &place, error);
    return rc == LCAP_OK ? read_up_to(in, offset, error) : rc;
}

static int unpack_up_to(struct input *in, uint64_t offset, struct lcap_error *error)
{
    const int rc = offset < input_offset(in) ? input_rewind(in, error) : LCAP_OK;
    return rc == LCAP_OK ? read_up_to(in, offset, error) : rc;
}

int input_seek(struct input *in, uint64_t offset, uint64_t coded, struct lcap_error *error)
{
    struct input_state *s = in->state;
    if (!s->source.regular)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT, "%s: cannot seek: not a regular file",
                              s->source.name);
    if (!s->started)
        start(in);
    if (!s->pipeline)
        return lcap_error_copy(error, &s->failure);
    if (!(s->source.blocked && is_virtual(offset, coded)) && move_in_memory(in, offset))
        return LCAP_OK;
    if (s->source.blocked)
        return jump_to_block(in, offset, coded, error);
    return s->source.codec ? unpack_up_to(in, offset, error) : jump(in, offset, offset, error);
}

int input_check_random_access(const struct input *in, struct lcap_error *error)
{
    const struct source *source = &in->state->source;
    if (!source->regular)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                              "%s: not a regular file, which could be read from any place",
                              source->name);
    if (!source->codec || source->blocked)
        return LCAP_OK;
    return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                          "%s: %s data can be read only from its start; 'labelcap sort -o "
                          "x.pcapng.gz' writes a file that can be read from any place",
                          source->name, source->codec->name);
}

void input_free(struct input *in)
{
    if (!in)
        return;
    struct input_state *s = in->state;
    if (s) {
        pipeline_free(s->pipeline);
        source_release(&s->source);
        buffer_release(&s->joined);
        known_blocks_release(&s->blocks);
        free(s);
    }
    free(in);
}
