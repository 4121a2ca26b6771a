/*
 * Sorts the digests of both files together, and matches those that are equal. Files that are
 * in the order of time already are no exception: sorting takes an eighth of the time, with as
 * little memory as is allowed, and reading two files in step would be a second way to do all.
 */
#include "dataset/compare/compare_pass.h"

#include "base/io/tempfile.h"
#include "dataset/compare/content_match.h"
#include "dataset/packet_digest.h"
#include <labelcap/label.h>

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
    *label = CONFUSION_UNLABELLED;
    return lcap_packet_label(packet, &found)
               ? intern_add(comparing->result->confusion.labels, found.metadata, found.metadata_len,
                            label, error)
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
            rc = content_match_settle(&match, &comparing->result->confusion, error);
        last = block.key;
        if (rc >= 0)
            rc = content_match_add(&match, (enum compare_side)(block.key.secondary >> 32),
                                   (uint32_t)block.key.secondary, error);
    }
    if (rc == 0)
        rc = content_match_settle(&match, &comparing->result->confusion, error);
    content_match_release(&match);
    return rc;
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
        rc = confusion_init(&comparing->result->confusion, error);
    return rc == 0 ? sorter_new(&comparing->sorter, &sorting, error) : rc;
}

int compare_pass_run(const char *const paths[2], const struct compare_pass_options *options,
                     struct compare_pass_result *result, struct lcap_error *error)
{
    struct comparing comparing = {.result = result};
    *result = (struct compare_pass_result){.names = {NULL, NULL}};
    int rc = open_comparing(&comparing, options, error);
    if (rc == 0)
        rc = read_side(&comparing, COMPARE_TRUTH, paths[COMPARE_TRUTH], &options->input, error);
    if (rc == 0)
        rc = read_side(&comparing, COMPARE_TEST, paths[COMPARE_TEST], &options->input, error);
    if (rc == 0)
        rc = match_all(&comparing, error);
    if (rc == 0)
        rc = confusion_add_up(&result->confusion, error);
    sorter_free(comparing.sorter);
    return rc;
}

void compare_pass_release(struct compare_pass_result *result)
{
    confusion_release(&result->confusion);
}
