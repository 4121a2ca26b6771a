/* The list of profiles. */
#include "base/sized.h"
#include "features/profile.h"
#include <string.h>

static const struct lcap_profile *const profiles[] = {
    &profile_labelcap, &profile_nexusflowmeter, &profile_netflowmeter, &profile_pcap2json, NULL,
};

const struct lcap_profile *lcap_profile_at(size_t index)
{
    return index < sizeof profiles / sizeof *profiles ? profiles[index] : NULL;
}

const struct lcap_profile *lcap_profile_find(const char *name)
{
    for (size_t i = 0; profiles[i]; i++)
        if (strcmp(profiles[i]->name, name) == 0)
            return profiles[i];
    return NULL;
}

const char *lcap_profile_name(const struct lcap_profile *profile)
{
    return profile->name;
}

const char *lcap_profile_summary(const struct lcap_profile *profile)
{
    return profile->summary;
}

static const struct profile_column *columns_of(const struct lcap_profile *profile, bool compat)
{
    return compat ? profile->compat_columns : profile->columns;
}

size_t lcap_profile_columns(const struct lcap_profile *profile, bool compat)
{
    const struct profile_column *columns = columns_of(profile, compat);
    size_t count = 0;
    while (columns && columns[count].column.name)
        count++;
    return count;
}

const struct lcap_column *lcap_profile_column(const struct lcap_profile *profile, bool compat,
                                              size_t index)
{
    return &columns_of(profile, compat)[index].column;
}

void lcap_flow_defaults(struct lcap_flow_options *options, const struct lcap_profile *profile,
                        bool compat)
{
    struct lcap_flow_options defaults = compat ? profile->compat_defaults : profile->defaults;
    defaults.profile = profile;
    defaults.compat = compat;
    /* A size that is not set is told by whoever takes the options. */
    (void)sized_give(options, &defaults, sizeof defaults, "lcap_flow_options", NULL);
}
