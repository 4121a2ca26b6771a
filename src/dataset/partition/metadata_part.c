/* Finds a part of the metadata. */
#include "dataset/partition/metadata_part.h"

int metadata_part_init(struct metadata_part *part, const char *pattern, struct lcap_error *error)
{
    char why[128];
    *part = (struct metadata_part){.used = pattern != NULL};
    const int failure = pattern ? regcomp(&part->pattern, pattern, REG_EXTENDED) : 0;
    if (failure == 0)
        return LCAP_OK;
    part->used = false;
    regerror(failure, &part->pattern, why, sizeof why);
    return lcap_error_set(error, LCAP_ERR_ARGUMENT, "the regular expression \"%s\": %s", pattern,
                          why);
}

bool metadata_part_find(const struct metadata_part *part, const struct sample *sample,
                        const char **text, size_t *len)
{
    regmatch_t matches[2];
    *text = sample->metadata;
    *len = sample->metadata_len;
    if (!part->used)
        return true;
    if (regexec(&part->pattern, sample->metadata, 2, matches, 0) != 0)
        return false;
    const regmatch_t *found = &matches[matches[1].rm_so >= 0];
    *text = sample->metadata + found->rm_so;
    *len = (size_t)(found->rm_eo - found->rm_so);
    return true;
}

void metadata_part_release(struct metadata_part *part)
{
    if (part->used)
        regfree(&part->pattern);
}
