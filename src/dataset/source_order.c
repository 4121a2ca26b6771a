/* Looks at the first packet of each file, and sorts. */
#include "dataset/source_order.h"

#include "base/io/file.h"
#include "base/memory.h"
#include <stdlib.h>
#include <string.h>

struct placed {
    size_t number; /* in the list as it was */
    int64_t first_ns;
};

bool sources_are_regular(const struct sources *sources, const char **other)
{
    for (size_t i = 0; i < sources->count; i++)
        if (!file_is_regular(sources->items[i].path)) {
            *other = sources->items[i].path;
            return false;
        }
    return true;
}

/* Ends the walk at the first packet that has a time. */
static int stop_at_time(void *context, const struct lcap_block *block, struct lcap_error *error)
{
    int64_t *first_ns = context;
    (void)error;
    if (block->kind != LCAP_BLOCK_PACKET || !block->packet.has_time)
        return 0;
    *first_ns = block->packet.time_ns;
    return 1;
}

static int64_t first_time(const char *path, const struct input_options *options)
{
    const struct input_options quiet = {.pcapml_times = options->pcapml_times,
                                        .nanoseconds = options->nanoseconds};
    struct input_pass input = {.reader = NULL};
    struct lcap_error ignored = {0};
    int64_t first_ns = INT64_MIN;
    if (input_pass_open(&input, path, true, &quiet, &ignored) == 0 &&
        input_pass_walk(&input, stop_at_time, &first_ns, &ignored) < 0)
        first_ns = INT64_MIN;
    input_pass_close(&input);
    return first_ns;
}

static int compare(const void *left, const void *right)
{
    const struct placed *a = left, *b = right;
    if (a->first_ns != b->first_ns)
        return a->first_ns < b->first_ns ? -1 : 1;
    return (a->number > b->number) - (a->number < b->number);
}

/* Puts the sources in the order of `placed`, and follows them with `repeats`. */
static void rearrange(struct sources *sources, const struct placed *placed, struct source *copy,
                      size_t *places)
{
    memcpy(copy, sources->items, sources->count * sizeof *copy);
    for (size_t i = 0; i < sources->count; i++)
        places[placed[i].number] = i;
    for (size_t i = 0; i < sources->count; i++) {
        struct source *source = &sources->items[i];
        *source = copy[placed[i].number];
        if (source->repeats != SOURCE_NONE)
            source->repeats = places[source->repeats];
    }
}

int sources_order_by_time(struct sources *sources, const struct input_options *options,
                          struct lcap_error *error)
{
    const size_t count = sources->count;
    struct placed *placed = memory_new(count, sizeof *placed, error);
    struct source *copy = memory_new(count, sizeof *copy, error);
    size_t *places = memory_new(count, sizeof *places, error);
    const bool made = placed && copy && places;
    for (size_t i = 0; made && i < count; i++)
        placed[i] = (struct placed){i, first_time(sources->items[i].path, options)};
    if (made && count > 0) {
        qsort(placed, count, sizeof *placed, compare);
        rearrange(sources, placed, copy, places);
    }
    free(placed);
    free(copy);
    free(places);
    return made ? LCAP_OK : LCAP_ERR_MEMORY;
}

/* ---- inputs as they are read ---- */

/* Longer numbers are no counters and no dates: sampleIDs. */
#define MOST_DIGITS 14

#define DIGITS "0123456789"

/* Whether the names are those of two captures of one rotation. */
static bool differ_in_numbers(const char *a, const char *b)
{
    while (*a || *b) {
        const size_t digits_a = strspn(a, DIGITS), digits_b = strspn(b, DIGITS);
        if (digits_a > MOST_DIGITS || digits_b > MOST_DIGITS)
            return false;
        a += digits_a;
        b += digits_b;
        if (*a != *b)
            return false;
        a += *a != '\0';
        b += *b != '\0';
    }
    return true;
}

void order_watch_add(struct order_watch *watch, const struct input_outcome *outcome)
{
    if (!outcome->has_time)
        return;
    if (watch->name && outcome->first_ns < watch->first_ns &&
        differ_in_numbers(watch->name, outcome->name) && watch->backwards++ == 0) {
        watch->early = outcome->name;
        watch->in_front = watch->name;
    }
    watch->name = outcome->name;
    watch->first_ns = outcome->first_ns;
}

void order_find(const struct order_watch *watch, struct result *result)
{
    if (watch->backwards)
        result_find(result, LCAP_SEVERITY_WARNING, watch->backwards,
                    "%s begins before %s, which is read first: --order time reads regular files "
                    "in the order of their first packets",
                    watch->early, watch->in_front);
}
