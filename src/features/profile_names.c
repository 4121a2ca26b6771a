/* The names of profiles and of their columns, and what was meant by a wrong one. */
#include "base/text/spelling.h"
#include "features/profile.h"
#include <string.h>

const char *profile_meant(const char *name)
{
    struct spelling spelling = {.word = name, .len = strlen(name)};
    for (size_t i = 0; lcap_profile_at(i); i++)
        spelling_try(&spelling, lcap_profile_name(lcap_profile_at(i)));
    return spelling.meant;
}

static bool is_text(const char *text, const char *name, size_t len)
{
    return strlen(text) == len && memcmp(text, name, len) == 0;
}

const char *column_alias_of(const struct lcap_profile *profile, const struct lcap_column *column)
{
    const struct column_alias *known = profile->aliases;
    while (known && known->alias && strcmp(known->name, column->name) != 0)
        known++;
    return known ? known->alias : NULL;
}

bool column_has_name(const struct lcap_profile *profile, const struct lcap_column *column,
                     const char *name, size_t len)
{
    const char *alias = column_alias_of(profile, column);
    return is_text(column->name, name, len) || (alias && is_text(alias, name, len));
}

typedef void spelling_function(struct spelling *spelling, const char *name);

static const char *nearest_column(const struct lcap_flow_options *flow, const char *name,
                                  size_t len, spelling_function *try)
{
    struct spelling spelling = {.word = name, .len = len};
    for (size_t i = 0; i < lcap_profile_columns(flow->profile, flow->compat); i++) {
        const struct lcap_column *column = lcap_profile_column(flow->profile, flow->compat, i);
        const char *alias = column_alias_of(flow->profile, column);
        try(&spelling, column->name);
        if (alias)
            try(&spelling, alias);
    }
    return spelling.meant;
}

const char *profile_meant_column(const struct lcap_flow_options *flow, const char *name, size_t len)
{
    const char *meant = nearest_column(flow, name, len, spelling_try);
    return meant ? meant : nearest_column(flow, name, len, spelling_try_words);
}

const struct lcap_profile *profile_named(const char *name, struct lcap_error *error)
{
    if (!name)
        return lcap_profile_at(0);
    const struct lcap_profile *profile = lcap_profile_find(name);
    if (profile)
        return profile;
    const char *meant = profile_meant(name);
    if (meant)
        lcap_error_set(error, LCAP_ERR_ARGUMENT, "unknown profile '%s'; did you mean %s?", name,
                       meant);
    else
        lcap_error_set(error, LCAP_ERR_ARGUMENT,
                       "unknown profile '%s' (labelcap flows --list-profiles lists them)", name);
    return NULL;
}
