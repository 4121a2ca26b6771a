/* Data sets whose samples are read one by one. */
#include <labelcap/dataset.h>

#include "base/idmap.h"
#include "base/io/tempfile.h"
#include "base/memory.h"
#include "base/sized.h"
#include "dataset/catalogue/index_pass.h"
#include "dataset/catalogue/ordered_copy.h"
#include "dataset/catalogue/range_walk.h"
#include <stdlib.h>
#include <string.h>

struct lcap_dataset {
    char *path;
    enum lcap_pcapml_times pcapml_times;
    struct catalogue *catalogue;
    struct lcap_reader *reader;
    struct range_walk walk;
    struct lcap_dataset_sample sample; /* the one that was asked for last */
};

int lcap_dataset_index(const char *path, const struct lcap_index_options *options,
                       struct lcap_error *error)
{
    struct lcap_index_options taken;
    struct index_pass_result done;
    int rc = sized_take(&taken, sizeof taken, options, "lcap_index_options", error);
    if (rc < 0)
        return rc;
    const struct index_pass_options indexing = {
        .placing = {.overwrite = taken.overwrite, .no_sync = taken.no_sync},
        .hash = taken.hash,
        .catalogue = taken.catalogue,
        .input = {.pcapml_times = taken.pcapml_times, .watcher = taken.watcher}};
    rc = index_pass_run(path, &indexing, &done, error);
    if (rc == LCAP_OK && done.damage.code < 0)
        rc = lcap_error_copy(error, &done.damage);
    return rc;
}

/* Several programs may make it at once; each replaces the same by the same. */
static int make_catalogue(struct lcap_dataset *set, const struct lcap_dataset_options *options,
                          struct lcap_error *error)
{
    const struct lcap_index_options indexing = {.size = sizeof indexing,
                                                .pcapml_times = options->pcapml_times,
                                                .overwrite = true,
                                                .catalogue = options->catalogue,
                                                .watcher = options->watcher};
    const int rc = lcap_dataset_index(set->path, &indexing, error);
    return rc < 0 ? rc
                  : catalogue_open(&set->catalogue, set->path, options->catalogue,
                                   options->pcapml_times, error);
}

static int open_all(struct lcap_dataset *set, const struct lcap_dataset_options *options,
                    struct lcap_error *error)
{
    const struct lcap_reader_options reading = {.size = sizeof reading,
                                                .pcapml_times = options->pcapml_times};
    int rc = catalogue_open(&set->catalogue, set->path, options->catalogue, options->pcapml_times,
                            error);
    if (rc == 0 && options->make_catalogue)
        rc = make_catalogue(set, options, error);
    if (rc == 0)
        return lcap_error_set(error, LCAP_ERR_IO, "%s: has no catalogue; 'labelcap index' makes it",
                              set->path);
    return rc < 0 ? rc : lcap_reader_open(&set->reader, set->path, &reading, error);
}

int lcap_dataset_open(struct lcap_dataset **dataset, const char *path,
                      const struct lcap_dataset_options *options, struct lcap_error *error)
{
    struct lcap_dataset_options taken;
    int rc = sized_take(&taken, sizeof taken, options, "lcap_dataset_options", error);
    if (rc < 0)
        return rc;
    struct lcap_dataset *set = memory_new(1, sizeof *set, error);
    if (!set)
        return LCAP_ERR_MEMORY;
    set->pcapml_times = taken.pcapml_times;
    set->path = memory_copy_text(path, strlen(path), error);
    rc = set->path ? open_all(set, &taken, error) : LCAP_ERR_MEMORY;
    if (rc < 0)
        lcap_dataset_free(set);
    else
        *dataset = set;
    return rc;
}

bool lcap_dataset_is_sorted(const struct lcap_dataset *dataset)
{
    return catalogue_is_sorted(dataset->catalogue);
}

size_t lcap_dataset_samples(const struct lcap_dataset *dataset)
{
    return catalogue_samples(dataset->catalogue);
}

static int check_position(const struct lcap_dataset *set, size_t position, struct lcap_error *error)
{
    const size_t count = lcap_dataset_samples(set);
    if (position < count)
        return LCAP_OK;
    return lcap_error_set(error, LCAP_ERR_ARGUMENT, "%s: no sample at position %zu: there are %zu",
                          set->path, position, count);
}

int lcap_dataset_sample(struct lcap_dataset *dataset, size_t position,
                        const struct lcap_dataset_sample **sample, struct lcap_error *error)
{
    struct catalogue_sample found;
    int rc = check_position(dataset, position, error);
    if (rc < 0)
        return rc;
    rc = catalogue_sample_by_number(dataset->catalogue, (uint32_t)position, &found, error);
    if (rc == 0)
        rc = catalogue_damaged(dataset->catalogue, error);
    if (rc < 0)
        return rc;
    dataset->sample = (struct lcap_dataset_sample){
        .id = found.id,
        .metadata = found.metadata,
        .metadata_len = found.metadata_len,
        .packets = found.packets,
        .bytes = found.bytes,
        .has_time = found.has_time,
        .first_ns = found.first_ns,
        .last_ns = found.last_ns,
        .linktype = found.linktype,
        .source = found.source,
    };
    *sample = &dataset->sample;
    return LCAP_OK;
}

int lcap_dataset_find(struct lcap_dataset *dataset, uint64_t sample_id, size_t *position,
                      struct lcap_error *error)
{
    struct catalogue_sample found;
    uint32_t number;
    int rc = catalogue_sample_by_id(dataset->catalogue, sample_id, &number, &found, error);
    if (rc == 1)
        *position = number;
    return rc;
}

int lcap_dataset_begin(struct lcap_dataset *dataset, size_t position, struct lcap_error *error)
{
    sqlite3_stmt *ranges = NULL;
    uint64_t packets = 0;
    int rc = check_position(dataset, position, error);
    if (rc == LCAP_OK)
        rc = catalogue_sample_packets(dataset->catalogue, (uint32_t)position, &packets, error);
    if (rc == LCAP_OK)
        rc = catalogue_sample_ranges(dataset->catalogue, (uint32_t)position, &ranges, error);
    if (rc < 0)
        return rc;
    range_walk_release(&dataset->walk);
    range_walk_begin(&dataset->walk, dataset->catalogue, ranges, packets, dataset->reader);
    return LCAP_OK;
}

int lcap_dataset_next(struct lcap_dataset *dataset, const struct lcap_packet **packet,
                      struct lcap_error *error)
{
    const struct lcap_block *block;
    *packet = NULL;
    if (!dataset->walk.ranges)
        return 0;
    const int rc = range_walk_next(&dataset->walk, &block, error);
    if (rc == 1)
        *packet = &block->packet;
    else
        range_walk_release(&dataset->walk);
    return rc;
}

/* ---- many samples ---- */

/* The samples that are gathered: the number of each in the map is its place. */
struct gathering {
    struct lcap_dataset *set;
    const size_t *positions;
    size_t first;
    struct idmap numbers;
    uint64_t ranges;
    bool repeats; /* one of them */
};

static int add_sample(struct gathering *gathering, size_t position, struct lcap_error *error)
{
    const struct lcap_dataset_sample *sample;
    const size_t before = gathering->numbers.count;
    uint32_t number = 0;
    int rc = lcap_dataset_sample(gathering->set, position, &sample, error);
    if (rc == LCAP_OK)
        rc = catalogue_choose(gathering->set->catalogue, (uint32_t)position, error);
    if (rc == LCAP_OK)
        rc = idmap_add(&gathering->numbers, sample->id, &number, error);
    gathering->repeats |= rc == LCAP_OK && number != before;
    return rc;
}

static int add_samples(struct gathering *gathering, size_t count, struct lcap_error *error)
{
    struct catalogue *catalogue = gathering->set->catalogue;
    if (!gathering->positions)
        return catalogue_range_count(catalogue, &gathering->ranges, error);
    int rc = catalogue_choose_none(catalogue, error);
    for (size_t i = gathering->first; i < count && rc == LCAP_OK; i++)
        rc = add_sample(gathering, gathering->positions[i], error);
    return rc == LCAP_OK ? catalogue_chosen_range_count(catalogue, &gathering->ranges, error) : rc;
}

/* All samples have the positions in which they come. */
static int find_place(void *context, uint64_t sample_id, uint64_t *place, struct lcap_error *error)
{
    struct gathering *gathering = context;
    uint32_t number = idmap_find(&gathering->numbers, sample_id);
    if (number == IDMAP_NONE && gathering->positions)
        return 0;
    if (number == IDMAP_NONE && idmap_add(&gathering->numbers, sample_id, &number, error) < 0)
        return LCAP_ERR_MEMORY;
    *place = number;
    return gathering->positions || number >= gathering->first;
}

/* Of a damaged file there is none: whoever looks samples up learns which are not affected. */
static int make_copy(struct gathering *gathering, struct ordered_copy *copy,
                     const struct input_options *options, struct lcap_error *error)
{
    const struct ordered_copy_options copying = {tempfile_default_directory(), find_place,
                                                 gathering};
    const char *path = gathering->set->path;
    struct input_pass input;
    int rc = input_pass_open(&input, path, false, options, error);
    if (rc == LCAP_OK && input.reader && ordered_copy_pays(input.reader, gathering->ranges))
        rc = ordered_copy_make(copy, &input, path, &copying, error);
    if (rc == 1 && input.outcome.status < 0)
        rc = 0;
    input_pass_close(&input);
    return rc;
}

static int open_copy(const struct ordered_copy *copy, const struct input_options *options,
                     struct lcap_reader **reader, struct lcap_error *error)
{
    const struct input_options input = ordered_copy_reading(options);
    const struct lcap_reader_options reading = {
        .size = sizeof reading, .pcapml_times = input.pcapml_times, .watcher = input.watcher};
    const int rc = lcap_reader_open(reader, copy->path, &reading, error);
    return rc < 0 ? rc : 1;
}

int lcap_dataset_gather(struct lcap_dataset *dataset, const size_t *positions, size_t first,
                        size_t count, const struct lcap_watcher *watcher,
                        struct lcap_reader **reader, struct lcap_error *error)
{
    struct gathering gathering = {.set = dataset, .positions = positions, .first = first};
    struct ordered_copy copy = {.path = NULL};
    struct input_options options = {.pcapml_times = dataset->pcapml_times};
    if (watcher)
        options.watcher = *watcher;
    int rc = add_samples(&gathering, count, error);
    if (rc == LCAP_OK && !gathering.repeats)
        rc = make_copy(&gathering, &copy, &options, error);
    if (rc == 1)
        rc = open_copy(&copy, &options, reader, error);
    ordered_copy_release(&copy);
    idmap_release(&gathering.numbers);
    return rc;
}

void lcap_dataset_free(struct lcap_dataset *dataset)
{
    if (!dataset)
        return;
    range_walk_release(&dataset->walk);
    lcap_reader_free(dataset->reader);
    catalogue_free(dataset->catalogue);
    free(dataset->path);
    free(dataset);
}
