/* Labels the packets of a shard by what all shards have decided. */
#include "dataset/labelling/label_decisions.h"

#include "base/memory.h"
#include "base/varint.h"
#include "dataset/labelling/label_buckets.h"
#include "dataset/labelling/label_numbers.h"
#include "dataset/labelling/label_shard.h"
#include "dataset/shard/bucket_file.h"
#include "label/labeller/labeller_shares.h"
#include "label/rule.h"
#include <stdlib.h>

struct label_decisions {
    struct parts parts;
    struct bucket_reader **readers; /* by who has decided */
    struct shard shard;             /* about whose packets */
};

/* ---- packets ---- */

static int refuse(const struct label_decisions *decisions, uint32_t share, const char *found,
                  struct lcap_error *error)
{
    const struct shard shard = decisions->shard;
    return lcap_error_set(error, LCAP_ERR_FORMAT,
                          "%s: expected a decision about each packet of shard %u/%u, found %s: "
                          "remove it and run shard %u/%u with --buckets=read again",
                          decisions->parts.items[share].path, shard.number, shard.count, found,
                          share, shard.count);
}

/* A rule, and the ID of a sample, are not longer. */
enum { DECISION_MOST = 20 };

/* Takes the next decision of a shard. */
static int take(const struct label_decisions *decisions, const struct lcap_rules *rules,
                uint32_t share, uint32_t *rule, uint64_t *id, struct lcap_error *error)
{
    struct bucket_reader *reader = decisions->readers[share];
    const uint8_t *bytes;
    uint64_t number;
    const int64_t have = bucket_reader_peek(reader, DECISION_MOST, &bytes, error);
    if (have < 0)
        return (int)have;
    if (have == 0)
        return refuse(decisions, share, "too few", error);
    struct cursor in = {.at = bytes, .left = (size_t)have};
    if (!varint_take(&in, &number) || number > lcap_rules_count(rules) ||
        (number > 0 && !lcap_rule_sample_id(lcap_rules_get(rules, number - 1), id) &&
         !varint_take(&in, id)))
        return refuse(decisions, share, "something else", error);
    *rule = number > 0 ? (uint32_t)number - 1 : NO_RULE;
    bucket_reader_skip(reader, (size_t)have - in.left);
    return LCAP_OK;
}

int label_decisions_label(struct label_pass *pass, uint32_t file, const struct lcap_packet *packet,
                          const struct lcap_sample **sample, struct lcap_error *error)
{
    const struct label_decisions *decisions = pass->decisions;
    uint32_t share, rule = NO_RULE;
    uint64_t id = 0;
    if (!labeller_find_share(pass->labeller, packet, decisions->shard.count, &share))
        return labeller_label_unshared(pass->labeller, file, packet, sample, error);
    const int rc = take(decisions, pass->rules, share, &rule, &id, error);
    return rc == LCAP_OK ? labeller_label_decided(pass->labeller, file, rule, id, sample, error)
                         : rc;
}

int label_decisions_check_end(const struct label_decisions *decisions, struct lcap_error *error)
{
    for (uint32_t share = 0; share < decisions->shard.count; share++) {
        const uint8_t *bytes;
        const int64_t have = bucket_reader_peek(decisions->readers[share], 1, &bytes, error);
        if (have != 0)
            return have < 0 ? (int)have : refuse(decisions, share, "more", error);
    }
    return LCAP_OK;
}

/* ---- the files ---- */

static int read_joints(struct label_decisions *decisions, const struct label_pass *pass,
                       struct lcap_error *error)
{
    int rc = parts_read_beside(&decisions->parts, decisions->shard.count, LABEL_DECISIONS_COMMAND,
                               pass->options.output, error);
    if (rc == LCAP_OK)
        rc =
            label_shard_check_run(pass, LABEL_DECISIONS_COMMAND, &decisions->parts.items[0], error);
    return rc < 0 ? lcap_error_prefix(error, "rules with SCOPE:flow or EACH:flow need a run of all "
                                             "shards with --buckets=read first: ")
                  : rc;
}

static int open_files(struct label_decisions *decisions, struct lcap_error *error)
{
    const struct parts *parts = &decisions->parts;
    const bool closes = parts_sparing(parts->count).stays_closed;
    int rc = LCAP_OK;
    decisions->readers = memory_new(parts->count, sizeof(struct bucket_reader *), error);
    if (!decisions->readers)
        return LCAP_ERR_MEMORY;
    for (size_t i = 0; i < parts->count && rc == LCAP_OK; i++) {
        struct bucket_reader **reader = &decisions->readers[i];
        rc = bucket_reader_open(reader, parts->items[i].path, decisions->shard.number, error);
        if (rc == LCAP_OK && closes)
            bucket_reader_close_between(*reader);
    }
    return rc;
}

/* The buckets were the first to know where the shard begins, and how many packets come before its
 * own. */
static int take_beginning(struct label_pass *pass, struct lcap_error *error)
{
    struct parts buckets = {0};
    const int rc = label_buckets_read(pass, &buckets, error);
    if (rc == LCAP_OK)
        label_numbers_take_from(pass, &buckets);
    parts_release(&buckets);
    return rc;
}

int label_decisions_open(struct label_pass *pass, struct lcap_error *error)
{
    struct label_decisions *made = memory_new(1, sizeof *made, error);
    if (!made)
        return LCAP_ERR_MEMORY;
    pass->decisions = made;
    made->shard = pass->options.shard;
    int rc = take_beginning(pass, error);
    if (rc == LCAP_OK)
        rc = read_joints(made, pass, error);
    return rc == LCAP_OK ? open_files(made, error) : rc;
}

const struct buffer *label_decisions_notes(const struct label_decisions *decisions)
{
    return &decisions->parts.items[decisions->shard.number].joint.about;
}

void label_decisions_free(struct label_decisions *decisions)
{
    if (!decisions)
        return;
    for (size_t i = 0; decisions->readers && i < decisions->parts.count; i++)
        bucket_reader_free(decisions->readers[i]);
    free(decisions->readers);
    parts_release(&decisions->parts);
    free(decisions);
}
