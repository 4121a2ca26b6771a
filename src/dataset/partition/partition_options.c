/* Checks the options of a partition. */
#include "dataset/partition/partition_options.h"

#include "base/io/output_place.h"
#include "base/text/text.h"
#include "base/text/text_part.h"
#include "label/rule_kind.h"
#include <string.h>

#define GROUP_BY_METADATA_PREFIX "metadata:"

static int read_within(const char *text, int64_t *within_ns, struct lcap_error *error)
{
    struct rule_kind kind = {.each = 0};
    size_t at;
    const int rc = rule_kind_take_each(&kind, text, strlen(text), &at, error);
    *within_ns = kind.flow_ns;
    return rc;
}

int partition_grouping_read(const char *text, struct partition_grouping *grouping,
                            struct lcap_error *error)
{
    static const char *const words[] = {"sample", "flow", "host", "file", "day"};
    char found[EXCERPT_TEXT];
    *grouping = (struct partition_grouping){GROUP_BY_METADATA, INT64_MAX};
    if (strncmp(text, GROUP_BY_METADATA_PREFIX, strlen(GROUP_BY_METADATA_PREFIX)) == 0)
        return LCAP_OK;
    grouping->kind = GROUP_BY_FLOW;
    if (strncmp(text, "flow:", strlen("flow:")) == 0)
        return read_within(text, &grouping->within_ns, error);
    for (int i = 0; i < (int)(sizeof words / sizeof *words); i++) {
        grouping->kind = (enum partition_group_kind)i;
        if (strcmp(text, words[i]) == 0)
            return LCAP_OK;
    }
    text_excerpt(text, strlen(text), found);
    return lcap_error_set(
        error, LCAP_ERR_ARGUMENT,
        "expected sample, flow, flow:SECONDS, host, file, day or metadata:REGEX, found '%s'",
        found);
}

static int check_shares(const struct partition_options *options, struct lcap_error *error)
{
    uint64_t sum = 0;
    for (int i = 0; i < SHARES; i++)
        sum += options->shares[i];
    if (options->folds == 1 || options->folds > MOST_FOLDS)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT, "expected 2 to %u folds, found %u",
                              MOST_FOLDS, options->folds);
    if (options->folds > 0 && (sum > 0 || options->balance_train))
        return lcap_error_set(error, LCAP_ERR_ARGUMENT, "folds are equal, and none is train");
    if (options->folds == 0 && sum != SHARE_WHOLE)
        return lcap_error_set(
            error, LCAP_ERR_ARGUMENT,
            "the shares of train, validation and test add up to %.6g %%, not to 100 %%%s",
            (double)sum * 100 / SHARE_WHOLE,
            sum == SHARE_WHOLE / 100 ? ": they are in percent, such as 80 and 20" : "");
    return LCAP_OK;
}

static int check_grouping(const struct partition_options *options, struct lcap_error *error)
{
    struct partition_grouping grouping;
    const int rc = partition_grouping_read(options->group, &grouping, error);
    if (rc < 0)
        return lcap_error_prefix(error, "--group: ");
    if ((grouping.kind == GROUP_BY_HOST) == (options->local != NULL))
        return LCAP_OK;
    if (options->local)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT, "--local needs --group host");
    return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                          "--group host needs --local: the networks of the hosts");
}

static int check_pattern(const char *pattern, struct lcap_error *error)
{
    struct text_part part;
    const int rc = text_part_init(&part, pattern, error);
    if (rc == LCAP_OK)
        text_part_release(&part);
    return rc;
}

/* Before the data is read, which may take long. */
static int check_patterns(const struct partition_options *options, struct lcap_error *error)
{
    const size_t prefix = strlen(GROUP_BY_METADATA_PREFIX);
    const bool grouped = strncmp(options->group, GROUP_BY_METADATA_PREFIX, prefix) == 0;
    const int rc = check_pattern(grouped ? options->group + prefix : NULL, error);
    return rc == LCAP_OK ? check_pattern(options->stratify, error) : rc;
}

static int check_challenge(const struct partition_options *options, struct lcap_error *error)
{
    const struct output_place secrets[] = {{"the answers", options->answers},
                                           {"the key", options->challenge_key}};
    if (options->challenge == 0)
        return LCAP_OK;
    if (options->challenge > UINT32_MAX)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT, "a challenge has fewer than 2^32 samples");
    if (!options->challenge_key || !options->answers)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                              "a challenge needs a file for its key, and one for its answers");
    return output_place_check_all(secrets, sizeof secrets / sizeof *secrets, error);
}

int partition_options_check(const struct partition_options *options, struct lcap_error *error)
{
    int rc = check_shares(options, error);
    if (rc == LCAP_OK)
        rc = check_grouping(options, error);
    if (rc == LCAP_OK)
        rc = check_patterns(options, error);
    return rc == LCAP_OK ? check_challenge(options, error) : rc;
}
