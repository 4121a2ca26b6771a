/* Notes how a published set was made. */
#include "dataset/publish/publish_provenance.h"

#include "base/codec/bgzf.h"
#include "base/codec/zstd_packer.h"
#include "base/io/database.h"
#include "base/text/json.h"
#include "base/text/json_reader.h"
#include <labelcap/version.h>
#include <string.h>

static const char *const names[PROVENANCE_LISTS] = {
    [PROVENANCE_LIBRARIES] = "libraries",
    [PROVENANCE_OPTIONS] = "options",
    [PROVENANCE_INPUTS] = "inputs",
    [PROVENANCE_RULES] = "rules",
};

static const char *copy_text(struct publish_provenance *provenance, const char *text,
                             struct lcap_error *error)
{
    const size_t len = strlen(text) + 1;
    char *copy = arena_take(&provenance->memory, len, error);
    return copy ? memcpy(copy, text, len) : NULL;
}

static int add_library(struct publish_provenance *provenance, const char *name, const char *version,
                       struct lcap_error *error)
{
    struct buffer text = {0};
    int rc = buffer_printf(&text, error, "%s %s", name, version);
    if (rc == LCAP_OK)
        rc = buffer_append(&text, "", 1, error);
    if (rc == LCAP_OK)
        rc = publish_provenance_add(provenance, PROVENANCE_LIBRARIES, (const char *)text.data,
                                    error);
    buffer_release(&text);
    return rc;
}

int publish_provenance_begin(struct publish_provenance *provenance, struct lcap_error *error)
{
    *provenance = (struct publish_provenance){.labelcap = lcap_version()};
    int rc = add_library(provenance, "libdeflate", bgzf_library_version(), error);
    if (rc == LCAP_OK)
        rc = add_library(provenance, "zstd", zstd_library_version(), error);
    const char *sqlite_version;
    if (rc == LCAP_OK)
        rc = database_library_version(&sqlite_version, error);
    return rc == LCAP_OK ? add_library(provenance, "SQLite", sqlite_version, error) : rc;
}

int publish_provenance_add(struct publish_provenance *provenance, enum provenance_list list,
                           const char *text, struct lcap_error *error)
{
    if (provenance->counts[list] == PROVENANCE_MOST)
        return lcap_error_set(error, LCAP_ERR_FORMAT, "%s: expected at most %d", names[list],
                              PROVENANCE_MOST);
    const char *copy = copy_text(provenance, text, error);
    if (!copy)
        return LCAP_ERR_MEMORY;
    provenance->texts[list][provenance->counts[list]++] = copy;
    return LCAP_OK;
}

/* ---- the file ---- */

static int read_list(struct publish_provenance *provenance, const struct json_document *file,
                     enum provenance_list list, struct lcap_error *error)
{
    const char *text;
    int rc = LCAP_OK;
    for (size_t i = 0;
         rc >= 0 && (rc = json_document_item(file, names[list], i, &text, error)) == 1; i++)
        rc = publish_provenance_add(provenance, list, text, error);
    return rc;
}

static int take_version(struct publish_provenance *provenance, const struct json_document *file,
                        struct lcap_error *error)
{
    const char *version = "";
    const int rc = json_document_text(file, "labelcap", &version, error);
    if (rc < 0)
        return rc;
    const char *copy = copy_text(provenance, version, error);
    if (!copy)
        return LCAP_ERR_MEMORY;
    provenance->labelcap = copy;
    return LCAP_OK;
}

int publish_provenance_read(struct publish_provenance *provenance, const char *path,
                            struct lcap_error *error)
{
    struct json_document *file = NULL;
    *provenance = (struct publish_provenance){.labelcap = ""};
    int rc = json_document_load(&file, path, error);
    if (rc == LCAP_OK)
        rc = take_version(provenance, file, error);
    for (int list = 0; list < PROVENANCE_LISTS && rc == LCAP_OK; list++) {
        rc = read_list(provenance, file, list, error);
        if (rc == LCAP_ERR_FORMAT && !strstr(error ? error->text : "", path))
            lcap_error_prefix(error, "%s: ", path);
    }
    json_document_free(file);
    return rc;
}

static void write_list(struct json_writer *json, const struct publish_provenance *provenance,
                       enum provenance_list list)
{
    json_open_array(json, names[list]);
    for (size_t i = 0; i < provenance->counts[list]; i++)
        json_text(json, NULL, provenance->texts[list][i], strlen(provenance->texts[list][i]));
    json_close_array(json);
}

int publish_provenance_write(const struct publish_provenance *provenance, struct buffer *out,
                             struct lcap_error *error)
{
    struct json_writer json;
    json_begin(&json, out, error);
    json_open_object(&json, NULL);
    json_text(&json, "labelcap", provenance->labelcap, strlen(provenance->labelcap));
    for (int list = 0; list < PROVENANCE_LISTS; list++)
        write_list(&json, provenance, list);
    json_close_object(&json);
    return json_end(&json);
}

/* ---- questions ---- */

static bool has_same_libraries(const struct publish_provenance *one,
                               const struct publish_provenance *other)
{
    bool same = one->counts[PROVENANCE_LIBRARIES] == other->counts[PROVENANCE_LIBRARIES];
    for (size_t i = 0; same && i < one->counts[PROVENANCE_LIBRARIES]; i++)
        same =
            strcmp(one->texts[PROVENANCE_LIBRARIES][i], other->texts[PROVENANCE_LIBRARIES][i]) == 0;
    return same;
}

bool publish_provenance_is_ours(const struct publish_provenance *provenance)
{
    struct publish_provenance ours;
    const bool same = publish_provenance_begin(&ours, NULL) == LCAP_OK &&
                      strcmp(provenance->labelcap, ours.labelcap) == 0 &&
                      has_same_libraries(provenance, &ours);
    publish_provenance_release(&ours);
    return same;
}

const char *publish_provenance_option(const struct publish_provenance *provenance,
                                      const char *option)
{
    const size_t len = strlen(option);
    for (size_t i = 0; i < provenance->counts[PROVENANCE_OPTIONS]; i++) {
        const char *text = provenance->texts[PROVENANCE_OPTIONS][i];
        if (strncmp(text, option, len) == 0 && (text[len] == ' ' || text[len] == '\0'))
            return text + len + (text[len] == ' ');
    }
    return NULL;
}

void publish_provenance_release(struct publish_provenance *provenance)
{
    arena_release(&provenance->memory);
    *provenance = (struct publish_provenance){.labelcap = ""};
}
