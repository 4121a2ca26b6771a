/* Pages about profiles. */
#include "cmd/flows/flows_describe.h"

#include "cmd/command.h"
#include "features/profile.h"
#include "features/profile_page.h"
#include <stdio.h>

const struct lcap_profile *flows_find_profile(const char *name, struct lcap_error *error)
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

int flows_list_profiles(void)
{
    for (size_t i = 0; lcap_profile_at(i); i++) {
        const struct lcap_profile *profile = lcap_profile_at(i);
        const bool compat = lcap_profile_columns(profile, true) > 0;
        printf("%-16s %s%s\n", lcap_profile_name(profile), lcap_profile_summary(profile),
               compat ? " (--compat)" : "");
    }
    return LCAP_OK;
}

int flows_describe(const char *name, struct lcap_error *error)
{
    const struct lcap_profile *profile = flows_find_profile(name, error);
    struct buffer page = {0};
    if (!profile)
        return COMMAND_USAGE;
    const int rc = profile_page_append(&page, profile, error);
    if (rc == LCAP_OK)
        fwrite(page.data, 1, page.len, stdout);
    buffer_release(&page);
    return rc;
}
