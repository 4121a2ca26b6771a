/* Finds a part of a text. */
#include "base/text/text_part.h"

int text_part_init(struct text_part *part, const char *pattern, struct lcap_error *error)
{
    char why[128];
    *part = (struct text_part){.used = pattern != NULL};
    const int failure = pattern ? regcomp(&part->pattern, pattern, REG_EXTENDED) : 0;
    if (failure == 0)
        return LCAP_OK;
    part->used = false;
    regerror(failure, &part->pattern, why, sizeof why);
    return lcap_error_set(error, LCAP_ERR_ARGUMENT, "the regular expression \"%s\": %s", pattern,
                          why);
}

bool text_part_find(const struct text_part *part, const char *text, size_t len, const char **found,
                    size_t *found_len)
{
    regmatch_t matches[2];
    *found = text;
    *found_len = len;
    if (!part->used)
        return true;
    if (regexec(&part->pattern, text, 2, matches, 0) != 0)
        return false;
    const regmatch_t *match = &matches[matches[1].rm_so >= 0];
    *found = text + match->rm_so;
    *found_len = (size_t)(match->rm_eo - match->rm_so);
    return true;
}

void text_part_release(struct text_part *part)
{
    if (part->used)
        regfree(&part->pattern);
}
