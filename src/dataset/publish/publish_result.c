/* Describes what `publish` has done. */
#include "base/text/text.h"
#include "dataset/losses.h"
#include "dataset/publish/publish_license.h"
#include "dataset/publish/publish_pass.h"

/* The samples of lists that the data do not have. */
static uint64_t missing_samples(const struct publish_set *set)
{
    uint64_t missing = 0;
    for (size_t i = 0; i < set->lists.ids.count; i++) {
        const uint64_t id = set->lists.ids.ids[i];
        missing += idmap_find(&set->data.registry.numbers, id) == IDMAP_NONE &&
                   idmap_find(&set->challenge.registry.numbers, id) == IDMAP_NONE;
    }
    return missing;
}

static void find_matters(const struct publish_pass *pass, struct result *result)
{
    const matter_set refused = publish_pass_refused(pass);
    char places[COUNTED_TEXT];
    for (int i = 0; i < MATTER_COUNT; i++) {
        if (pass->found[i] == 0)
            continue;
        const bool is_refused = refused & matter_bit(i);
        result_find(result, is_refused ? LCAP_SEVERITY_ERROR : LCAP_SEVERITY_NOTE, pass->found[i],
                    "%s %s public, in %s (%s)", matter_description(i),
                    is_refused ? "would go" : "go", text_counted(pass->found[i], "place", places),
                    matter_name(i));
    }
}

static void find_left_out(const struct publish_pass *pass, struct result *result)
{
    char counted[COUNTED_TEXT];
    const uint64_t missing = missing_samples(&pass->set);
    if (pass->unlabelled > 0)
        result_find(result, LCAP_SEVERITY_NOTE, pass->unlabelled, "%s left out: no label",
                    text_counted(pass->unlabelled, "packet", counted));
    if (pass->unlisted > 0)
        result_find(result, LCAP_SEVERITY_NOTE, pass->unlisted,
                    "%s left out: of samples in no list",
                    text_counted(pass->unlisted, "packet", counted));
    if (pass->partition_fault.code < 0)
        result_find(result, LCAP_SEVERITY_WARNING, 1, PUBLISH_PARTITION " is left out: %s",
                    pass->partition_fault.text);
    if (missing > 0)
        result_find(result, LCAP_SEVERITY_WARNING, missing, "%s of the lists not in the data set",
                    text_counted(missing, "sample", counted));
}

static void find_license(const struct publish_pass *pass, struct result *result)
{
    const char *license = pass->metadata.values[PUBLISH_LICENSE];
    const char *meant = publish_license_meant(license);
    if (meant)
        result_find(result, LCAP_SEVERITY_WARNING, 1,
                    "license: '%s' is no SPDX identifier that labelcap knows%s%s%s", license,
                    *meant ? "; did you mean " : " (see https://spdx.org/licenses)", meant,
                    *meant ? "?" : "");
}

void publish_describe(const struct publish_pass *pass, const char *directory, struct result *result)
{
    char packets[COUNTED_TEXT], samples[COUNTED_TEXT];
    const struct publish_set *set = &pass->set;
    const uint64_t count = sample_registry_count(&set->data.registry);
    const bool published = publish_pass_refused(pass) == 0;
    result_add(result, "published", NULL, result_truth(published));
    result_add_count(result, "packets", set->data.all.packets);
    result_add_count(result, "samples", count);
    result_add_count(result, "challenge_packets", set->challenge.all.packets);
    result_add_count(result, "challenge_samples", sample_registry_count(&set->challenge.registry));
    result_add_count(result, "files", set->listing.count);
    result_place_findings(result, "findings", NULL);
    find_license(pass, result);
    losses_find(&pass->losses, result);
    find_left_out(pass, result);
    find_matters(pass, result);
    if (published)
        result_say(result, NULL, "published %s of %s in %s",
                   text_counted(set->data.all.packets, "packet", packets),
                   text_counted(count, "sample", samples), directory);
    else
        result_say(result, NULL,
                   "nothing is published: --allow names what may go public; --remove, --payload "
                   "none and --snaplen leave some of it out");
}
