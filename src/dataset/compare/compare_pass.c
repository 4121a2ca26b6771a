/* Sorts the digests of both files together, and matches those that are equal. */
#include "dataset/compare/compare_pass.h"

#include "base/io/tempfile.h"
#include "base/memory.h"
#include "dataset/compare/content_match.h"
#include "dataset/packet_digest.h"
#include <labelcap/label.h>
#include <stdlib.h>
#include <string.h>

struct comparing {
    struct compare_pass_result *result;
    struct sorter *sorter;
    uint8_t key[HASH_KEY_LEN];
    enum compare_side side; /* of the file being read */
};

/* ---- reading ---- */

static int label_of(struct comparing *comparing, const struct lcap_packet *packet, uint32_t *label,
                    struct lcap_error *error)
{
    struct lcap_label found;
    *label = COMPARE_UNLABELLED;
    return lcap_packet_label(packet, &found) ? intern_add(comparing->result->labels, found.metadata,
                                                          found.metadata_len, label, error)
                                             : LCAP_OK;
}

/* Sorted by content, then side and label. */
static int add_block(void *context, const struct lcap_block *block, struct lcap_error *error)
{
    struct comparing *comparing = context;
    uint32_t label;
    if (block->kind != LCAP_BLOCK_PACKET)
        return LCAP_OK;
    const int rc = label_of(comparing, &block->packet, &label, error);
    if (rc < 0)
        return rc;
    if (!sorter_reserve(comparing->sorter, 0, error))
        return error ? error->code : LCAP_ERR_IO;
    const struct packet_digest digest = packet_digest_of(&block->packet, comparing->key);
    const int64_t secondary = (int64_t)comparing->side << 32 | label;
    sorter_commit(comparing->sorter, (struct sort_key){digest.high, digest.low, secondary}, 0);
    comparing->result->packets[comparing->side]++;
    return LCAP_OK;
}

static int read_side(struct comparing *comparing, enum compare_side side, const char *path,
                     const struct input_options *options, struct lcap_error *error)
{
    struct input_pass input;
    int rc = input_pass_open(&input, path, false, options, error);
    input.number = side;
    input.phase = side == COMPARE_TRUTH ? "read TRUTH" : "read TEST";
    comparing->side = side;
    comparing->result->names[side] = input.outcome.name;
    if (rc == 0)
        rc = input_pass_walk(&input, add_block, comparing, error);
    if (rc == 0)
        input_pass_settle(&input, &comparing->result->inputs);
    input_pass_close(&input);
    return rc;
}

/* ---- matching ---- */

static bool same_content(const struct sort_key *a, const struct sort_key *b)
{
    return a->rank == b->rank && a->primary == b->primary;
}

static int match_all(struct comparing *comparing, struct lcap_error *error)
{
    struct content_match match = {0};
    struct sorted_block block;
    struct sort_key last = {0};
    int rc = sorter_finish(comparing->sorter, error);
    while (rc >= 0 && (rc = sorter_next(comparing->sorter, &block, error)) == 1) {
        if (!same_content(&block.key, &last))
            rc = content_match_settle(&match, comparing->result, error);
        last = block.key;
        if (rc >= 0)
            rc = content_match_add(&match, (enum compare_side)(block.key.secondary >> 32),
                                   (uint32_t)block.key.secondary, error);
    }
    if (rc == 0)
        rc = content_match_settle(&match, comparing->result, error);
    content_match_release(&match);
    return rc;
}

/* ---- the sums ---- */

const char *compare_label_text(const struct compare_pass_result *result, uint32_t metadata,
                               size_t *len)
{
    return intern_get(result->labels, metadata, len);
}

/* By text; metadata may hold NUL bytes, which end it here, and then numbers decide. */
static int compare_texts(const struct compare_pass_result *result, uint32_t a, uint32_t b)
{
    if (a >= COMPARE_UNLABELLED || b >= COMPARE_UNLABELLED)
        return (a > b) - (a < b);
    const int order =
        strcmp(compare_label_text(result, a, NULL), compare_label_text(result, b, NULL));
    return order ? order : (a > b) - (a < b);
}

static int compare_labels(const void *a, const void *b, void *result)
{
    const struct compare_label *x = a, *y = b;
    return compare_texts(result, x->metadata, y->metadata);
}

static bool is_matched(const struct compare_cell *cell)
{
    return cell->truth != COMPARE_ABSENT && cell->test != COMPARE_ABSENT;
}

static int compare_cells(const void *a, const void *b, void *result)
{
    const struct compare_cell *x = a, *y = b;
    if (is_matched(x) != is_matched(y))
        return is_matched(x) ? -1 : 1;
    const int order = compare_texts(result, x->truth, y->truth);
    return order ? order : compare_texts(result, x->test, y->test);
}

static void add_cell(struct compare_pass_result *result, const struct compare_cell *cell)
{
    const bool in_truth = cell->truth < COMPARE_UNLABELLED;
    const bool in_test = cell->test < COMPARE_UNLABELLED;
    struct compare_label *truth = in_truth ? &result->by_label[cell->truth] : NULL;
    struct compare_label *test = in_test ? &result->by_label[cell->test] : NULL;
    if (is_matched(cell)) {
        result->matched += cell->packets;
        result->matched_cells++;
    }
    if (cell->truth == cell->test)
        result->agreed += cell->packets;
    if (truth) {
        truth->truth += cell->packets;
        truth->agreed += cell->truth == cell->test ? cell->packets : 0;
        truth->missing += cell->test == COMPARE_ABSENT ? cell->packets : 0;
        truth->unlabelled += cell->test == COMPARE_UNLABELLED ? cell->packets : 0;
    }
    if (test) {
        test->test += cell->packets;
        test->additional += cell->truth == COMPARE_ABSENT ? cell->packets : 0;
    }
}

static int add_up(struct compare_pass_result *result, struct lcap_error *error)
{
    result->label_count = intern_count(result->labels);
    result->by_label = memory_new(result->label_count + 1, sizeof *result->by_label, error);
    if (!result->by_label)
        return LCAP_ERR_MEMORY;
    for (size_t i = 0; i < result->label_count; i++)
        result->by_label[i].metadata = (uint32_t)i;
    for (size_t i = 0; i < result->cell_count; i++)
        add_cell(result, &result->cells[i]);
    qsort_r(result->by_label, result->label_count, sizeof *result->by_label, compare_labels,
            result);
    if (result->cell_count > 0)
        qsort_r(result->cells, result->cell_count, sizeof *result->cells, compare_cells, result);
    return LCAP_OK;
}

static double share_of(uint64_t part, uint64_t whole)
{
    return whole == 0 ? -1 : (double)part / (double)whole;
}

double compare_precision(const struct compare_label *label)
{
    return share_of(label->agreed, label->test);
}

double compare_recall(const struct compare_label *label)
{
    return share_of(label->agreed, label->truth);
}

double compare_f1(const struct compare_label *label)
{
    return share_of(2 * label->agreed, label->truth + label->test);
}

/* ---- the run ---- */

static int open_comparing(struct comparing *comparing, const struct compare_pass_options *options,
                          struct lcap_error *error)
{
    struct sorter_options sorting = options->sorter;
    if (!sorting.directory)
        sorting.directory = tempfile_default_directory();
    int rc = hash_random_key(comparing->key, sizeof comparing->key, error);
    if (rc == 0)
        rc = intern_new(&comparing->result->labels, error);
    return rc == 0 ? sorter_new(&comparing->sorter, &sorting, error) : rc;
}

int compare_pass_run(const char *const paths[2], const struct compare_pass_options *options,
                     struct compare_pass_result *result, struct lcap_error *error)
{
    struct comparing comparing = {.result = result};
    *result = (struct compare_pass_result){.labels = NULL};
    int rc = open_comparing(&comparing, options, error);
    if (rc == 0)
        rc = read_side(&comparing, COMPARE_TRUTH, paths[COMPARE_TRUTH], &options->input, error);
    if (rc == 0)
        rc = read_side(&comparing, COMPARE_TEST, paths[COMPARE_TEST], &options->input, error);
    if (rc == 0)
        rc = match_all(&comparing, error);
    if (rc == 0)
        rc = add_up(result, error);
    sorter_free(comparing.sorter);
    return rc;
}

void compare_pass_release(struct compare_pass_result *result)
{
    intern_free(result->labels);
    idmap_release(&result->cell_numbers);
    free(result->cells);
    free(result->by_label);
}
