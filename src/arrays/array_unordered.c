/* Rows of samples whose packets are anywhere. */
#include "arrays/array_unordered.h"

#include "base/memory.h"
#include "capture/parts/reader_guess.h"
#include "dataset/catalogue/range_walk.h"
#include <labelcap/label.h>
#include <stdlib.h>

/* ---- by the catalogue ---- */

/* A sample, and where it stands in the catalogue. */
struct place {
    uint64_t id;
    uint32_t number;
};

static int compare_places(const void *a, const void *b)
{
    const uint64_t left = ((const struct place *)a)->id, right = ((const struct place *)b)->id;
    return (left > right) - (left < right);
}

static int list_places(struct catalogue *catalogue, struct place *places, struct lcap_error *error)
{
    const uint32_t count = catalogue_samples(catalogue);
    struct catalogue_sample sample;
    for (uint32_t i = 0; i < count; i++) {
        const int rc = catalogue_sample_by_number(catalogue, i, &sample, error);
        if (rc <= 0)
            return rc < 0 ? rc : catalogue_damaged(catalogue, error);
        places[i] = (struct place){sample.id, i};
    }
    qsort(places, count, sizeof *places, compare_places);
    return LCAP_OK;
}

static int begin_ranges(struct range_walk *walk, struct catalogue *catalogue, uint32_t number,
                        struct lcap_reader *reader, struct lcap_error *error)
{
    sqlite3_stmt *ranges = NULL;
    uint64_t packets;
    int rc = catalogue_sample_packets(catalogue, number, &packets, error);
    if (rc == LCAP_OK)
        rc = catalogue_sample_ranges(catalogue, number, &ranges, error);
    if (rc == LCAP_OK)
        range_walk_begin(walk, catalogue, ranges, packets, reader);
    return rc;
}

static int read_sample(struct array_reading *r, struct catalogue *catalogue, uint32_t number,
                       struct lcap_reader *reader, struct lcap_error *error)
{
    struct range_walk walk = {.catalogue = NULL};
    const struct lcap_block *block;
    struct lcap_label label;
    int rc = begin_ranges(&walk, catalogue, number, reader, error);
    while (rc >= 0 && (rc = range_walk_next(&walk, &block, error)) == 1)
        if (lcap_packet_label(&block->packet, &label)) /* range_walk_next() has looked */
            rc = array_reading_packet(r, &block->packet, &label, error);
    range_walk_release(&walk);
    return rc;
}

/* Ranges are often short. */
#define RANGE_READ ((size_t)16 << 10)

static int read_places(struct array_reading *r, struct catalogue *catalogue,
                       struct input_pass *input, struct lcap_error *error)
{
    const uint32_t count = catalogue_samples(catalogue);
    struct place *places = memory_new(count, sizeof *places, error);
    int rc = places ? list_places(catalogue, places, error) : LCAP_ERR_MEMORY;
    reader_limit_reads(input->reader, RANGE_READ);
    for (uint32_t i = 0; i < count && rc == LCAP_OK; i++) {
        if (array_reading_output(r, places[i].id) != ARRAY_NO_OUTPUT)
            rc = read_sample(r, catalogue, places[i].number, input->reader, error);
        if (rc == LCAP_OK && i % 1024 == 0)
            rc = input_pass_tell(input, error);
    }
    free(places);
    return rc;
}

/* ---- by a copy ---- */

/* The copy has only samples that have an output. */
static int place_of(void *context, uint64_t sample_id, uint64_t *place, struct lcap_error *error)
{
    const struct array_reading *r = context;
    (void)error;
    *place = sample_id;
    return array_reading_output(r, sample_id) != ARRAY_NO_OUTPUT;
}

static int make_copy(struct array_reading *r, struct input_pass *input, struct lcap_error *error)
{
    const struct ordered_copy_options options = {r->collector->directory, place_of, r};
    if (r->copy.path)
        return 1;
    return ordered_copy_make(&r->copy, input, r->dataset, &options, error);
}

static int read_copy(struct array_reading *r, struct lcap_error *error)
{
    const struct input_options options = ordered_copy_reading(r->input);
    struct array_reading of_copy = *r;
    struct input_pass input;
    of_copy.dataset = r->copy.path;
    of_copy.input = &options;
    int rc = input_pass_open(&input, r->copy.path, false, &options, error);
    input.phase = "pass 3 of 3: make rows";
    if (rc == LCAP_OK)
        rc = array_reading_walk(&of_copy, &input, error);
    if (rc == LCAP_OK && input.outcome.status < 0)
        rc = lcap_error_copy(error, &input.outcome.error);
    of_copy.dataset = r->dataset;
    of_copy.input = r->input;
    *r = of_copy;
    input_pass_close(&input);
    return rc;
}

/* Adds the sample to those chosen, if it has an output. */
static int consider(struct array_reading *r, struct catalogue *catalogue, uint32_t number,
                    struct lcap_error *error)
{
    struct catalogue_sample sample;
    const int rc = catalogue_sample_by_number(catalogue, number, &sample, error);
    if (rc <= 0)
        return rc < 0 ? rc : catalogue_damaged(catalogue, error);
    if (array_reading_output(r, sample.id) != ARRAY_NO_OUTPUT)
        return catalogue_choose(catalogue, number, error);
    r->unlisted++;
    return LCAP_OK;
}

static int count_ranges(struct array_reading *r, struct catalogue *catalogue, uint64_t *ranges,
                        struct lcap_error *error)
{
    int rc = LCAP_OK;
    if (!r->lists)
        return catalogue_range_count(catalogue, ranges, error);
    for (uint32_t i = 0; i < catalogue_samples(catalogue) && rc == LCAP_OK; i++)
        rc = consider(r, catalogue, i, error);
    return rc == LCAP_OK ? catalogue_chosen_range_count(catalogue, ranges, error) : rc;
}

int array_unordered_read(struct array_reading *r, struct catalogue *catalogue,
                         struct input_pass *input, struct lcap_error *error)
{
    uint64_t ranges;
    int rc = count_ranges(r, catalogue, &ranges, error);
    r->collector->counts.unlabelled = catalogue_unlabelled(catalogue);
    if (rc == LCAP_OK && ordered_copy_pays(input->reader, ranges))
        rc = make_copy(r, input, error);
    if (rc == LCAP_OK)
        return read_places(r, catalogue, input, error);
    return rc == 1 ? read_copy(r, error) : rc;
}
