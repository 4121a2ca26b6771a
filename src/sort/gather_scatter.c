/* Reads blocks in the order of the files, and passes on pieces of the order that they make up. */
#include "sort/gather_internal.h"

/* Pieces that are shorter on average are not written separately. */
#define PIECE_LEAST ((uint64_t)16 << 10)

/* Blocks [first, end), in order of arrival, that are read at once. */
struct window {
    uint32_t first, end;
};

/* What passes the blocks of windows on. `starts` has for each position where its block begins, in
 * units, and the end of all. */
struct scattering {
    struct gather *gather;
    const uint32_t *starts;
    sorted_piece *take;
    void *context;
};

/* Blocks that follow one another in order, and in memory. */
struct piece {
    uint32_t start; /* in units */
    const uint8_t *data;
    size_t len;
};

static uint32_t len_at(const struct gather *g, size_t position)
{
    const struct slab_lists *lists = &g->source.lists;
    uint32_t len;
    if (g->source.slab->count - position > GATHER_PREFETCH)
        __builtin_prefetch(&lists->places[lists->order[position + GATHER_PREFETCH]]);
    const uint64_t place = lists->places[lists->order[position]];
    if (is_in_file(place))
        return place_len(place);
    slab_block_at(g->source.slab, place, &len);
    return len;
}

/* They take room of the batches. NULL: they do not fit, or a block does not begin at a unit. */
static const uint32_t *list_starts(struct gather *g)
{
    struct slab_lists *lists = &g->source.lists;
    const size_t count = g->source.slab->count, size = (count + 1) * sizeof(uint32_t);
    uint32_t *starts = (uint32_t *)(void *)lists->free;
    uint64_t at = 0;
    if (size > lists->free_len)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        starts[i] = (uint32_t)(at / PLACE_UNIT);
        at += len_at(g, i);
        if (at % PLACE_UNIT != 0 || at / PLACE_UNIT > UINT32_MAX)
            return NULL;
    }
    starts[count] = (uint32_t)(at / PLACE_UNIT);
    lists->free += size;
    lists->free_len -= size;
    return starts;
}

/* Whether windows of the room that is left have long pieces. */
static bool are_pieces_long(const struct gather *g, const uint32_t *starts)
{
    const uint32_t *order = g->source.lists.order;
    const size_t count = g->source.slab->count;
    const uint64_t bytes = (uint64_t)starts[count] * PLACE_UNIT;
    const double windows = (double)bytes / (double)gather_most_of_batch(&g->source);
    const uint32_t each = (uint32_t)((double)count / (windows > 1 ? windows : 1)) + 1;
    uint64_t pieces = 1;
    for (size_t i = 1; i < count; i++)
        pieces += order[i] / each != order[i - 1] / each;
    return bytes / pieces >= PIECE_LEAST;
}

/* As many blocks as fit. */
static struct window next_window(const struct gather *g, uint32_t first)
{
    const struct slab_lists *lists = &g->source.lists;
    const size_t most = gather_most_of_batch(&g->source);
    struct window window = {first, first};
    size_t used = 0;
    for (; window.end < g->source.slab->count; window.end++) {
        const uint64_t place = lists->places[window.end];
        const size_t len = is_in_file(place) ? place_len(place) : 0;
        if (len > most - used)
            break;
        used += len;
    }
    return window;
}

static bool is_in_window(const struct window *window, uint32_t block)
{
    return block >= window->first && block < window->end;
}

static void plan_window(struct gather *g, const struct window *window)
{
    const struct slab_lists *lists = &g->source.lists;
    size_t used = 0;
    for (size_t i = 0; i < g->source.slab->count; i++) {
        const uint32_t block = lists->order[i];
        if (!is_in_window(window, block) || !is_in_file(lists->places[block]))
            continue;
        lists->targets[block] = gather_target(used);
        used += place_len(lists->places[block]);
    }
    g->first = window->first;
    g->last = window->end - 1;
}

static int pass_on(const struct scattering *s, const struct piece *piece, struct lcap_error *error)
{
    if (piece->len == 0)
        return LCAP_OK;
    return s->take(s->context, (uint64_t)piece->start * PLACE_UNIT, piece->data, piece->len, error);
}

static int pass_held(const struct scattering *s, size_t position, uint64_t place,
                     struct lcap_error *error)
{
    uint32_t len;
    struct piece held = {.start = s->starts[position]};
    held.data = slab_block_at(s->gather->source.slab, place, &len);
    held.len = len;
    return pass_on(s, &held, error);
}

/* Adds the block of a position to the piece if it follows, or begins another one with it. */
static int add_block(const struct scattering *s, size_t position, struct piece *piece,
                     struct lcap_error *error)
{
    const uint32_t *starts = s->starts;
    const size_t len = (size_t)(starts[position + 1] - starts[position]) * PLACE_UNIT;
    int rc = LCAP_OK;
    if (piece->start + piece->len / PLACE_UNIT != starts[position]) {
        rc = pass_on(s, piece, error);
        *piece = (struct piece){starts[position], piece->data + piece->len, 0};
    }
    piece->len += len;
    return rc;
}

static int write_window(const struct scattering *s, const struct window *window,
                        struct lcap_error *error)
{
    const struct slab_lists *lists = &s->gather->source.lists;
    struct piece piece = {.data = lists->free};
    int rc = LCAP_OK;
    for (size_t i = 0; i < s->gather->source.slab->count && rc == LCAP_OK; i++) {
        const uint32_t block = lists->order[i];
        if (!is_in_window(window, block))
            continue;
        const uint64_t place = lists->places[block];
        rc = is_in_file(place) ? add_block(s, i, &piece, error) : pass_held(s, i, place, error);
    }
    return rc == LCAP_OK ? pass_on(s, &piece, error) : rc;
}

static int scatter(const struct scattering *s, struct lcap_error *error)
{
    struct gather *g = s->gather;
    struct window window = {0, 0};
    int rc = LCAP_OK;
    while (rc == LCAP_OK && window.end < g->source.slab->count) {
        window = next_window(g, window.end);
        plan_window(g, &window);
        rc = gather_read(g, error);
        if (rc == LCAP_OK)
            rc = write_window(s, &window, error);
    }
    return rc < 0 ? rc : 1;
}

int gather_scatter(struct gather *g, uint32_t longest, sorted_piece *take, void *context,
                   struct lcap_error *error)
{
    const struct slab_lists before = g->source.lists;
    const struct scattering scattering = {g, list_starts(g), take, context};
    if (scattering.starts && longest <= g->source.lists.free_len &&
        are_pieces_long(g, scattering.starts))
        return scatter(&scattering, error);
    g->source.lists = before;
    return 0;
}
