/* Collects the facts about a published set, and writes the files that say them. */
#include "dataset/publish/publish_set.h"

#include "base/io/file.h"
#include "base/io/output.h"
#include "dataset/catalogue/index_pass.h"
#include "dataset/publish/publish_directory.h"
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

int publish_set_init(struct publish_set *set, struct lcap_error *error)
{
    *set = (struct publish_set){.source = NULL};
    const int rc = survey_init(&set->data, error);
    return rc == LCAP_OK ? survey_init(&set->challenge, error) : rc;
}

void publish_set_release(struct publish_set *set)
{
    publish_listing_release(&set->listing);
    split_lists_release(&set->lists);
    survey_release(&set->data);
    survey_release(&set->challenge);
}

/* ---- files ---- */

int publish_set_add(struct publish_set *set, const char *directory, const char *name,
                    struct lcap_error *error)
{
    char *path = file_join(directory, name, error);
    const int rc =
        path ? publish_listing_add(&set->listing, AT_FDCWD, path, name, error) : LCAP_ERR_MEMORY;
    free(path);
    return rc < 0 ? rc : LCAP_OK;
}

static int write_text(const char *path, const struct buffer *text, struct lcap_error *error)
{
    const struct output_options placing = {.no_sync = true}; /* the directory is synced at last */
    struct output *out = NULL;
    int rc = output_open(&out, path, &placing, error);
    if (rc < 0)
        return rc;
    output_write(out, text->data, text->len);
    return output_close(out, error);
}

int publish_set_write(struct publish_set *set, const char *name, const struct buffer *text,
                      struct lcap_error *error)
{
    char *path = file_join(set->target, name, error);
    int rc = path ? write_text(path, text, error) : LCAP_ERR_MEMORY;
    free(path);
    return rc == LCAP_OK ? publish_set_add(set, set->target, name, error) : rc;
}

const char *publish_set_list_of(const struct publish_set *set, uint64_t sample_id)
{
    const uint16_t list = set->has_lists ? split_lists_of(&set->lists, sample_id) : SPLIT_NO_LIST;
    return list == SPLIT_NO_LIST ? NULL : set->lists.folder.names[list];
}

uint64_t publish_set_samples_of(const struct publish_set *set, const char *list)
{
    uint64_t samples = 0;
    size_t number;
    if (strcmp(list, SPLIT_CHALLENGE) == 0)
        return sample_registry_count(&set->challenge.registry);
    if (split_folder_find(&set->lists.folder, list, &number, NULL) < 0)
        return 0;
    for (uint32_t i = 0; i < sample_registry_count(&set->data.registry); i++)
        samples +=
            split_lists_of(&set->lists, sample_registry_id(&set->data.registry, i)) == number;
    return samples;
}

int publish_append_list_path(const char *list, struct buffer *out, struct lcap_error *error)
{
    return buffer_printf(out, error, PUBLISH_SPLITS "/%s.csv", list);
}

/* ---- what others made ---- */

static const char *const from_others[] = {
    PUBLISH_DATA,
    PUBLISH_CHALLENGE,
    PUBLISH_PARTITION,
    PUBLISH_RULES,
};

static int add_files_of_others(struct publish_set *set, struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (size_t i = 0; i < sizeof from_others / sizeof *from_others && rc == LCAP_OK; i++)
        rc = publish_set_add(set, set->source, from_others[i], error);
    return rc;
}

/* ---- the catalogue ---- */

static int write_catalogue(struct publish_set *set, struct lcap_error *error)
{
    struct index_pass_result done;
    char *data = file_join(set->source, PUBLISH_DATA, error);
    char *catalogue = file_join(set->target, PUBLISH_CATALOGUE, error);
    const struct index_pass_options options = {.placing.no_sync = true, .catalogue = catalogue};
    int rc = data && catalogue ? index_pass_run(data, &options, &done, error) : LCAP_ERR_MEMORY;
    if (rc == LCAP_OK && done.damage.code < 0)
        rc = lcap_error_set(error, done.damage.code, "%s", done.damage.text);
    free(data);
    free(catalogue);
    return rc == LCAP_OK ? publish_set_add(set, set->target, PUBLISH_CATALOGUE, error) : rc;
}

/* ---- flows and report ---- */

static int make_file(struct publish_set *set, publish_maker *make, const char *name,
                     const struct publish_sources *from, struct lcap_error *error)
{
    char *path = file_join(set->target, name, error);
    const int rc = path ? make(from, path, error) : LCAP_ERR_MEMORY;
    free(path);
    return rc == LCAP_OK ? publish_set_add(set, set->target, name, error) : rc;
}

/* After the lists. */
static int make_side_files(struct publish_set *set, struct lcap_error *error)
{
    char *data = file_join(set->source, PUBLISH_DATA, error);
    char *lists = file_join(set->target, PUBLISH_SPLITS, error);
    const struct publish_sources from = {
        .data = data,
        .splits = set->has_lists ? lists : NULL,
        .name = set->metadata->values[PUBLISH_NAME],
        .input = &set->input,
    };
    int rc = data && lists ? LCAP_OK : LCAP_ERR_MEMORY;
    if (rc == LCAP_OK && set->makers.flows)
        rc = make_file(set, set->makers.flows, PUBLISH_FLOWS, &from, error);
    if (rc == LCAP_OK && set->makers.report)
        rc = make_file(set, set->makers.report, PUBLISH_REPORT, &from, error);
    free(data);
    free(lists);
    return rc;
}

/* ---- descriptions ---- */

typedef int describer(const struct publish_set *set, struct buffer *out, struct lcap_error *error);

static int describe_metadata(const struct publish_set *set, struct buffer *out,
                             struct lcap_error *error)
{
    return publish_metadata_write(set->metadata, out, error);
}

static int describe_provenance(const struct publish_set *set, struct buffer *out,
                               struct lcap_error *error)
{
    return publish_provenance_write(set->provenance, out, error);
}

/* As sha256sum(1) prints them, and checks them with -c. */
static int describe_sums(const struct publish_set *set, struct buffer *out,
                         struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (size_t i = 0; i < set->listing.count && rc == LCAP_OK; i++) {
        const struct publish_file *file = &set->listing.files[i];
        rc = buffer_printf(out, error, "%s  %s\n", file->sha256, file->name);
    }
    return rc;
}

static int write_described(struct publish_set *set, const char *name, describer *describe,
                           struct lcap_error *error)
{
    struct buffer text = {0};
    publish_listing_sort(&set->listing);
    int rc = describe(set, &text, error);
    if (rc == LCAP_OK)
        rc = publish_set_write(set, name, &text, error);
    buffer_release(&text);
    return rc;
}

/* Each of them knows those before it. */
static const struct {
    const char *name;
    describer *describe;
} descriptions[] = {
    {PUBLISH_METADATA, describe_metadata},  {PUBLISH_PROVENANCE, describe_provenance},
    {PUBLISH_CROISSANT, publish_croissant}, {PUBLISH_DATACITE, publish_datacite},
    {PUBLISH_CARD, publish_card},           {PUBLISH_SUMS, describe_sums},
};

int publish_set_describe(struct publish_set *set, struct lcap_error *error)
{
    int rc = add_files_of_others(set, error);
    if (rc == LCAP_OK)
        rc = write_catalogue(set, error);
    if (rc == LCAP_OK)
        rc = publish_samples_write(set, error);
    if (rc == LCAP_OK && set->has_lists)
        rc = publish_lists_write(set, error);
    if (rc == LCAP_OK)
        rc = make_side_files(set, error);
    for (size_t i = 0; i < sizeof descriptions / sizeof *descriptions && rc == LCAP_OK; i++)
        rc = write_described(set, descriptions[i].name, descriptions[i].describe, error);
    return rc;
}
